"""The app's own light and dark themes: quiet neutrals, one accent, so that the languages carry the colour."""

from __future__ import annotations

from textual.theme import Theme

NIGHT = Theme(
    name="hybrid-night",
    primary="#7aa2f7",
    secondary="#9aa5ce",
    accent="#e0af68",
    warning="#e0af68",
    error="#f7768e",
    success="#73daca",
    foreground="#d5daea",
    background="#12151d",
    surface="#171b26",
    panel="#1f2533",
    dark=True,
    variables={
        "border": "#39415a",
        "border-blurred": "#2a3145",
        "footer-background": "#171b26",
        "footer-key-foreground": "#e0af68",
        "footer-description-foreground": "#9aa3bd",
        "block-cursor-background": "#2b3450",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#222a3f",
        "block-cursor-blurred-foreground": "#d5daea",
        "input-selection-background": "#7aa2f7 35%",
        "scrollbar": "#2a3145",
        "scrollbar-hover": "#39415a",
        "scrollbar-active": "#7aa2f7",
        "scrollbar-background": "#171b26",
        "scrollbar-background-hover": "#171b26",
        "scrollbar-background-active": "#171b26",
        "scrollbar-corner-color": "#171b26",
    },
)

DAY = Theme(
    name="hybrid-day",
    primary="#2e5cb8",
    secondary="#5a6788",
    accent="#a15c00",
    warning="#a15c00",
    error="#b3263e",
    success="#107a68",
    foreground="#232838",
    background="#eceef3",
    surface="#f7f8fb",
    panel="#e1e5ee",
    dark=False,
    variables={
        "border": "#aeb7cb",
        "border-blurred": "#ccd3e0",
        "footer-background": "#e1e5ee",
        "footer-key-foreground": "#a15c00",
        "footer-description-foreground": "#4d5670",
        "block-cursor-background": "#cfdbf5",
        "block-cursor-foreground": "#10141b",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e0e6f3",
        "block-cursor-blurred-foreground": "#232838",
        "input-selection-background": "#2e5cb8 30%",
        "scrollbar": "#c3cad9",
        "scrollbar-hover": "#aeb7cb",
        "scrollbar-active": "#2e5cb8",
        "scrollbar-background": "#f7f8fb",
        "scrollbar-background-hover": "#f7f8fb",
        "scrollbar-background-active": "#f7f8fb",
        "scrollbar-corner-color": "#f7f8fb",
    },
)

THEMES = (NIGHT, DAY)
