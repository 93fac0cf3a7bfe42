"""A comparison taken away from the screen: to the clipboard, or to a file that one names."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from ..state import markdown, refusal, save
from .choose import AskText

HINT = "The ending decides: .md, .json, or .svg for a picture of the screen."


def copy(screen: Screen[Any], comparison: dict[str, Any]) -> None:
    """Copy it as Markdown."""
    if not comparison["rankings"]:
        screen.notify("There is no comparison to copy yet.", markup=False)
        return
    screen.app.copy_to_clipboard(markdown(comparison))
    screen.notify("Comparison copied as Markdown.", markup=False)


def ask_where(screen: Screen[Any], comparison: dict[str, Any]) -> None:
    """Ask for a file's name until it can be saved there, and save it."""
    if not comparison["rankings"]:
        screen.notify("There is no comparison to save yet.", markup=False)
        return

    async def named(name: str | None) -> None:
        if name is not None:
            await save_as(screen, comparison, name)

    screen.app.push_screen(AskText("Save the comparison as", "comparison.md", HINT, refusal), named)


async def save_as(screen: Screen[Any], comparison: dict[str, Any], name: str) -> None:
    """Save it in the form that the name's ending says."""
    # A picture is of the comparison, not of what was said about the last one.
    screen.app.clear_notifications()
    await screen.query("Toast").remove()
    screen.call_after_refresh(_write, screen, comparison, name)


def _write(screen: Screen[Any], comparison: dict[str, Any], name: str) -> None:
    try:
        path = save(name, comparison, screen.app.export_screenshot)
    except OSError as error:
        screen.notify(f"Not saved: {error.strerror or error}.", severity="error", markup=False)
    else:
        screen.notify(f"Saved as {path}", markup=False)
