"""A passage sentence by sentence, with bars of what each adds to the score; strong tokens of meaning are marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.getters import query_one
from textual.widgets import Static

from ...display import plain
from ..frame import follow_theme
from .part_bars import bar

_BAR = 10
# Tokens that add at least this share of the strongest one's part are marked, or marked more.
_SOME, _MUCH = 0.45, 0.75


class SentenceShares(VerticalScroll, can_focus=True):
    """The sentences in order; bars of meaning and of language have one scale."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Scroll down", show=False, id="shares.down"),
        Binding("k", "scroll_up", "Scroll up", show=False, id="shares.up"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "shares--meaning",
        "shares--language",
        "shares--words",
        "shares--text",
        "shares--some",
        "shares--much",
    }
    body = query_one("#body", Static)

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="body", markup=False)

    def on_mount(self) -> None:
        """Redraw when the theme changes, since the text contains its colours."""
        self._draw = partial(self._say, "")
        follow_theme(self, self._draw_again)

    def _draw_again(self) -> None:
        self._draw()

    def say(self, words: str) -> None:
        """Show words instead of sentences."""
        self._draw = partial(self._say, words)
        self._draw()

    def _say(self, words: str) -> None:
        self.body.update(Text(words, self.get_component_rich_style("shares--words")))

    def show(self, data: Mapping[str, Any]) -> None:
        """Show an explanation in the child's form."""
        self._draw = partial(self._show, data)
        self._draw()
        self.scroll_to(0, 0, animate=False)

    def _show(self, data: Mapping[str, Any]) -> None:
        style = self.get_component_rich_style
        whole = data["passage"]["text"]
        sentences = data["sentences"]
        most = max((abs(value) for each in sentences for value in each["shares"][1:]), default=0) or 1e-9
        text = Text(end="")
        for each in sentences:
            (start, end), (_, language, meaning) = each["span"], each["shares"]
            for name, value in (("meaning", meaning), ("language", language)):
                text.append(f"{value:+.3f} ", "bold")
                text.append(f"{bar(value / most, _BAR):<{_BAR}} ", style(f"shares--{name}"))
                text.append(f"{name}  ", style("shares--words"))
            text.append("\n")
            text.append_text(_shaded(whole, start, end, data["tokens"], style))
            text.append("\n\n")
        rest = data["rest"][2]
        text.append(f"{rest:+.3f} meaning that no sentence adds: prompt and special tokens\n", style("shares--words"))
        if not data["exact"]:
            text.append("This encoder tells no tokens apart: a sentence's bar is what is lost without it.\n")
        self.body.update(text)


def _shaded(whole: str, start: int, end: int, tokens: Sequence[Mapping[str, Any]], style: Any) -> Text:
    """A sentence with its strongest tokens marked."""
    text = Text(end="")
    most = max((token["shares"][2] for token in tokens), default=0)
    place = start
    for token in tokens:
        first, last = token["span"]
        if first < place or last > end or most <= 0:
            continue
        share = token["shares"][2] / most
        name = "shares--much" if share >= _MUCH else "shares--some" if share >= _SOME else ""
        if not name:
            continue
        # A token includes the space before it, which is not marked.
        first += len(whole[first:last]) - len(whole[first:last].lstrip())
        text.append(_plain(whole[place:first]), style("shares--text"))
        text.append(_plain(whole[first:last]), style(name))
        place = last
    text.append(plain(whole[place:end]), style("shares--text"))
    return text


def _plain(text: str) -> str:
    """Part of a line, as `plain` makes it but with a space kept at each end."""
    ends = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    lead, tail = (" " if each else "" for each in ends)
    return f"{lead}{plain(text.strip())}{tail}" if text.strip() else lead
