"""Shows a passage in full, with its source and its neighbours in the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.getters import query_one
from textual.widgets import Static

from ...engine.languages import name as language_name
from ..display import flat, plain
from .charts import tag
from .frame import follow_theme

# The label of a judged passage, by grade.
JUDGED = {2: "★ a right answer", 1: "☆ answers partly", 0: "✗ no answer"}


class PassageView(VerticalScroll, can_focus=True):
    """The passage under the cursor, or words if there is none yet or an error."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Scroll down", show=False, id="passage.down"),
        Binding("k", "scroll_up", "Scroll up", show=False, id="passage.up"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "passage--title",
        "passage--facts",
        "passage--text",
        "passage--sentence",
        "passage--neighbour",
    }
    body = query_one("#body", Static)

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="body", markup=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        """Redraw when the theme changes, since the text contains its colours."""
        follow_theme(self, self._draw_again)

    def _draw_again(self) -> None:
        self._draw()

    def say(self, words: str) -> None:
        """Show words instead of a passage."""
        self._draw = partial(self._say, words)
        self._draw()

    def _say(self, words: str) -> None:
        self.body.update(Text(words, style=self.get_component_rich_style("passage--facts")))

    def show(self, data: Mapping[str, Any], span: tuple[int, int] | None, folders: Sequence[str] = ()) -> None:
        """Show a passage in the child's form, with the sentence that matched; paths are relative to `folders`."""
        self._draw = partial(self._show, data, span, folders)
        self._draw()
        self.scroll_to(0, 0, animate=False)

    def _show(self, data: Mapping[str, Any], span: tuple[int, int] | None, folders: Sequence[str]) -> None:
        passage = data["passage"]
        style = self.get_component_rich_style
        text = Text(end="")
        text.append(*tag(passage["language"]))
        title = flat(passage["title"]) or flat(passage["path"])
        heading = flat(passage["heading"])
        text.append(f" {title}", style("passage--title"))
        if heading and heading.casefold() != title.casefold():
            text.append(f" › {heading}", style("passage--title"))
        text.append("\n" + facts(passage, folders), style("passage--facts"))
        text.append(f"\n{JUDGED[data['grade']]}" if data.get("grade") in JUDGED else "", style("passage--sentence"))
        text.append("\n\n")
        for each in data["before"]:
            text.append(plain(each["text"]).strip() + "\n\n", style("passage--neighbour"))
        full, (start, end) = passage["text"], span or (0, 0)
        text.append(plain(full[:start]) + _gap(full[:start]), style("passage--text"))
        text.append(plain(full[start:end]) + _gap(full[start:end]), style("passage--sentence"))
        text.append(plain(full[end:]).rstrip(), style("passage--text"))
        for each in data["after"]:
            text.append("\n\n" + plain(each["text"]).strip(), style("passage--neighbour"))
        self.body.update(text)


def _gap(text: str) -> str:
    """The white space that `plain` removed from the end of a part inside a text."""
    tail = text[len(text.rstrip()) :]
    return "\n" * tail.count("\n") or (" " if tail else "")


def facts(passage: Mapping[str, Any], folders: Sequence[str] = ()) -> str:
    """A passage's file (relative to its indexed folder), characters, and language with confidence."""
    path = str(passage["path"])
    inside = [path[len(folder) :].lstrip("/") for folder in folders if path.startswith(folder.rstrip("/") + "/")]
    place = flat(min(inside, key=len, default=path))
    part = f", {passage['part']}" if passage.get("part") else ""
    language = f"{language_name(passage['language'])} {passage['confidence']:.0%}"
    return f"{place}{part} · characters {passage['start']:,}–{passage['end']:,} · {language}"
