"""Copies a comparison to the clipboard, or saves it to a file that the user names."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.screen import Screen

from .. import state
from . import dialogs

HINT = "The ending decides: .md, .json, .html for a page to send, .svg for a picture of the screen."
FORMS = (
    ("markdown", "Markdown: tables of bias and results"),
    ("command", "a command for a terminal that compares again"),
    ("python", "Python that compares again"),
    ("html", "one page of HTML that needs nothing else"),
)


def copy(screen: Screen[Any], comparison: dict[str, Any]) -> None:
    """Copy the comparison as Markdown."""
    if not comparison["rankings"]:
        screen.notify("There is no comparison to copy yet.", markup=False)
        return
    screen.app.copy_to_clipboard(state.markdown(comparison))
    screen.notify("Comparison copied as Markdown.", markup=False)


def copy_as(screen: Screen[Any], comparison: dict[str, Any], library: str) -> None:
    """Ask for a form, and copy the comparison in it."""
    if not comparison["rankings"]:
        screen.notify("There is no comparison to copy yet.", markup=False)
        return
    made = {
        "markdown": lambda: state.markdown(comparison),
        "command": lambda: state.command(comparison, library),
        "python": lambda: state.python(comparison, library),
        "html": lambda: state.page(comparison),
    }

    def chosen(form: str | None) -> None:
        if form is not None:
            screen.app.copy_to_clipboard(made[form]())
            screen.notify(f"Comparison copied as {'a command' if form == 'command' else form}.", markup=False)

    options = [(form, Text(words, no_wrap=True)) for form, words in FORMS]
    screen.app.push_screen(dialogs.Choose("Copy the comparison as", options), chosen)


def ask_where(screen: Screen[Any], comparison: dict[str, Any]) -> None:
    """Ask for a file's name until it is usable, and save the comparison."""
    if not comparison["rankings"]:
        screen.notify("There is no comparison to save yet.", markup=False)
        return

    async def named(name: str | None) -> None:
        if name is not None:
            await save_as(screen, comparison, name)

    screen.app.push_screen(dialogs.AskText("Save the comparison as", "comparison.md", HINT, state.refusal), named)


async def save_as(screen: Screen[Any], comparison: dict[str, Any], name: str) -> None:
    """Save the comparison in the form given by the name's ending."""
    # Keeps notifications out of a picture.
    screen.app.clear_notifications()
    await screen.query("Toast").remove()
    screen.call_after_refresh(_write, screen, comparison, name)


def _write(screen: Screen[Any], comparison: dict[str, Any], name: str) -> None:
    try:
        path = state.save(name, comparison, screen.app.export_screenshot)
    except OSError as error:
        screen.notify(f"Not saved: {error.strerror or error}.", severity="error", markup=False)
    else:
        screen.notify(f"Saved as {path}", markup=False)
