"""The user's own themes: one TOML file each, read again when it changes; an invalid one is refused with a reason."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from ...engine import paths
from ...engine.errors import reason
from ...engine.files import read_regular
from .theme import THEMES

SUFFIX = ".toml"
# More than any theme has; a larger file is refused.
_MOST_BYTES = 100_000
_TAKEN = frozenset((*BUILTIN_THEMES, *(each.name for each in THEMES)))
_STYLES = frozenset(("none", "bold", "dim", "italic", "reverse", "strike", "underline"))
_COLOURS = frozenset(each.name for each in fields(Theme) if each.type in ("str", "str | None") and each.name != "name")
_NUMBERS = frozenset(("luminosity_spread", "text_alpha"))


def themes_folder() -> Path:
    """The folder of the user's themes."""
    return paths.config_folder() / "themes"


class OwnThemes:
    """The themes in a folder, followed as their files change.

    Args:
        folder: one file for each theme, named after it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, tuple[int, int]] = {}

    def register(self, app: App[Any]) -> list[str]:
        """Register new and changed themes with the app; returns a sentence about each that cannot be used."""
        themes, problems = self._changed()
        for theme in themes:
            if theme.name in _TAKEN:
                problems.append(f"{theme.name} is a theme of the program: give the file another name.")
                continue
            app.register_theme(theme)
            if app.is_running and theme.name == app.theme:
                # The name is unchanged, so Textual would not redraw.
                app.refresh_css(animate=False)
        return problems

    def _changed(self) -> tuple[list[Theme], list[str]]:
        """Themes whose files are new or changed since the last call, and a sentence about each invalid one."""
        themes: list[Theme] = []
        problems: list[str] = []
        for path, state in self._files().items():
            if self._seen.get(path) != state:
                self._seen[path] = state
                try:
                    themes.append(read(path))
                except (OSError, ValueError, RecursionError) as error:
                    problems.append(f"The theme {path} is not used: {reason(error)}")
        return themes, problems

    def _files(self) -> dict[Path, tuple[int, int]]:
        found = {}
        try:
            for path in sorted(self._folder.glob(f"*{SUFFIX}")):
                about = path.stat()
                found[path] = (about.st_mtime_ns, about.st_size)
        except OSError:
            # No folder, or a file that was just removed: the next call finds the rest.
            return found
        return found


def read(path: Path) -> Theme:
    """The theme in a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not a theme; the message says why.
    """
    values = tomllib.loads(read_regular(path, _MOST_BYTES).decode("utf-8"))
    variables = values.pop("variables", {})
    if not isinstance(variables, dict):
        raise ValueError("variables is no table.")
    known = {*_COLOURS, *_NUMBERS, "dark"}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"{name} is not one of {', '.join(sorted(known))}, variables.")
        if name == "dark" and not isinstance(value, bool):
            raise ValueError("dark must be true or false.")
        if name in _NUMBERS and (not isinstance(value, float) or not 0 <= value <= 1):
            raise ValueError(f"{name} must be a number from 0.0 to 1.0.")
        if name in _COLOURS:
            _check_colour(name, value)
    if "primary" not in values:
        raise ValueError("it names no colour for primary.")
    theme = Theme(name=path.stem, **values)
    _check_variables(theme, variables)
    theme.variables = variables
    return theme


def _check_variables(theme: Theme, variables: dict[str, Any]) -> None:
    generated = theme.to_color_system().generate()
    for name, value in variables.items():
        if name not in generated:
            raise ValueError(f"there is no variable {name}.")
        if not name.endswith("-style"):
            _check_colour(name, value, share=True)
        elif not isinstance(value, str) or not set(value.split()) <= _STYLES:
            raise ValueError(f"{name} is made of {', '.join(sorted(_STYLES))}.")


def _check_colour(name: str, value: Any, *, share: bool = False) -> None:
    """Refuse a value that is not a colour; with `share`, one with a percentage, as in "#ff0000 30%", is valid."""
    colour, _, percent = value.partition(" ") if isinstance(value, str) and share else (value, "", "")
    try:
        Color.parse(str(colour))
        good = isinstance(value, str) and 0 <= float(percent.removesuffix("%") or 0) <= 100
    except (ColorParseError, ValueError):
        good = False
    if not good:
        raise ValueError(f"{name} is a colour such as #5b8def, not {str(value)[:40]!r}.")
