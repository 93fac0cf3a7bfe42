"""A slider from raw to neutral: the share of each language's mean to subtract, and the passage's rank with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import StyleType
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

STEP = 0.1


class Slider(Widget, can_focus=True):
    """A handle on a line from 0 (as trained) to 1 (neutral); below, the passage's rank at each place."""

    DEFAULT_CSS = "Slider { height: 3; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,minus", "slide(-1)", "Towards raw", id="slider.raw", tooltip="Keep more of the language"),
        Binding("right,l,plus", "slide(1)", "Towards neutral", id="slider.neutral", tooltip="Take more of it away"),
        Binding("home", "slide(-10)", "Raw", show=False, id="slider.first", tooltip="As trained"),
        Binding("end", "slide(10)", "Neutral", show=False, id="slider.last", tooltip="Without language"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"slider--line", "slider--handle", "slider--words", "slider--here"}
    strength: reactive[float] = reactive(0.0)
    ranks: reactive[Sequence[int | None]] = reactive(())

    class Moved(Message):
        """The handle was moved."""

        def __init__(self, strength: float) -> None:
            super().__init__()
            self.strength = strength

        def can_replace(self, message: Message) -> bool:
            """Only the last place matters."""
            return isinstance(message, Slider.Moved)

    def action_slide(self, by: int) -> None:
        """Move the handle by tenths."""
        self._go(round(min(1.0, max(0.0, self.strength + by * STEP)), 2))

    def on_click(self, event: events.Click) -> None:
        """Move the handle to the pointer."""
        width = max(2, self.content_size.width)
        self._go(round(min(1.0, max(0.0, event.get_content_offset_capture(self).x / (width - 1))), 1))

    def _go(self, strength: float) -> None:
        if strength != self.strength:
            self.strength = strength
            self.post_message(self.Moved(strength))

    def render(self) -> Text:
        """The ends, the line, the ranks."""
        width = max(12, self.content_size.width)
        style = self.get_component_rich_style
        text = Text(no_wrap=True, overflow="crop", end="")
        middle = f"{self.strength:.0%} of language removed"
        text.append("raw", style("slider--words"))
        text.append(f"{middle:^{max(0, width - 10)}}", style("slider--here"))
        text.append("neutral\n", style("slider--words"))
        here = round(self.strength * (width - 1))
        text.append("━" * here, style("slider--handle"))
        text.append("●", style("slider--handle"))
        text.append("─" * (width - 1 - here) + "\n", style("slider--line"))
        text.append_text(self._ranks(width, style))
        return text

    def _ranks(self, width: int, style: Callable[[str], StyleType]) -> Text:
        """The ranks at as many places as fit; the one at the handle stands out."""
        line = Text(no_wrap=True, end="")
        if not self.ranks:
            return line
        last = len(self.ranks) - 1
        here = round(self.strength * last)
        cells, labels = [" "] * width, {}
        for place in [here, 0, last, *range(len(self.ranks))]:
            label = f"{self.ranks[place]:,}" if self.ranks[place] is not None else "–"
            start = min(width - len(label), max(0, round(place / last * (width - 1)) - len(label) // 2))
            around = cells[max(0, start - 1) : start + len(label) + 1]
            if place not in labels and all(cell == " " for cell in around):
                labels[place] = start, label
                cells[start : start + len(label)] = label
        line.append("".join(cells), style("slider--words"))
        if here in labels:
            start, label = labels[here]
            line.stylize(style("slider--here"), start, start + len(label))
        return line
