"""Shows bias as a distance: the question's language's share of a ranking against its share of the library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from ...display import fit, stroke


@dataclass(frozen=True)
class Share:
    """A language's share of the ranking and of the library, both 0 to 1."""

    language: str
    here: float
    library: float


class ShareGauge(Widget):
    """Two lines: the numbers, and a scale from 0 to 100 % with a line from the library's share to the ranking's."""

    DEFAULT_CSS = "ShareGauge { height: 2; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"gauge--number", "gauge--words", "gauge--scale"}
    share: reactive[Share | None] = reactive(None)

    def render(self) -> Text:
        """The words and the scale."""
        width, share = self.content_size.width, self.share
        text = Text(no_wrap=True, overflow="crop", end="")
        if share is None or width < 12:
            return text
        number, words = self.get_component_rich_style("gauge--number"), self.get_component_rich_style("gauge--words")
        mark = stroke(share.language, dark=self.app.current_theme.dark)
        here, library = f"{share.here:.0%}", f"{share.library:.0%}"
        long = [("● ", mark), (share.language, mark), (f" {here}", number), (" here", words)]
        tail = [("◇ ", words), (f"{library} of the library", words)]
        if width < 36:
            long, tail = [("● ", mark), (f"{share.language} {here}", number)], [(f"◇ {library}", words)]
        gap = width - sum(len(part) for part, _ in long + tail)
        for part, style in [*long, (" " * max(1, gap), words), *tail]:
            text.append(part, style)
        text.append("\n")
        left, right = sorted((position(share.library, width), position(share.here, width)))
        scale = self.get_component_rich_style("gauge--scale")
        text.append("╌" * left, scale)
        text.append("━" * (right - left + 1), mark)
        text.append("╌" * (width - right - 1), scale)
        line_start = text.plain.index("\n") + 1
        text = _put(text, line_start + position(share.library, width), "◇", words)
        return _put(text, line_start + position(share.here, width), "●", mark)


def position(share: float, width: int) -> int:
    """The cell of a share on a scale of `width` cells."""
    return round(max(0.0, min(1.0, share)) * (width - 1))


def _put(text: Text, index: int, mark: str, style: object) -> Text:
    changed = text[:index]
    changed.append(fit(mark, 1), style)  # type: ignore[arg-type]
    changed.append_text(text[index + 1 :])
    changed.no_wrap, changed.end = True, ""
    return changed
