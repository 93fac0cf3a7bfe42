"""Draws batches of training: each pair as its question's language above its passage's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from ...display import block, cut, fit, flat

ABOUT = {
    "mono": "one language a batch",
    "cross": "question and passage in different languages",
    "hybrid": "each batch mono or cross at random",
}
_PAIR = 3


class BatchView(Widget):
    """A block for each sampling with its batches side by side; `samplings` is in the child's form."""

    DEFAULT_CSS = "BatchView { height: auto; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"batches--name", "batches--words", "batches--kind"}
    samplings: reactive[Mapping[str, Any]] = reactive(dict, layout=True)
    words: reactive[str] = reactive("", layout=True)

    def _per_line(self, width: int, batches: Sequence[Any]) -> int:
        pairs = max((len(batch["pairs"]) for batch in batches), default=1)
        return max(1, (width + 2) // (pairs * _PAIR + 2))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines drawn at this width."""
        if not self.samplings:
            return super().get_content_height(container, viewport, width)
        return self._draw(width).plain.count("\n") + 1

    def render(self) -> Text:
        """All samplings."""
        return self._draw(self.content_size.width)

    def _draw(self, width: int) -> Text:
        style = self.get_component_rich_style
        if not self.samplings:
            return Text(self.words, style("batches--words"), end="")
        text = Text(no_wrap=True, overflow="crop", end="")
        for name, batches in self.samplings.items():
            text.append(name, style("batches--name"))
            if isinstance(batches, Mapping):
                for line in Text(flat(batches["error"])).wrap(self.app.console, max(1, width - 2)):
                    text.append(f"\n  {line.plain.rstrip()}", style("batches--words"))
                text.append("\n")
                continue
            text.append(f"  {cut(ABOUT.get(name, ''), width - len(name) - 2)}\n", style("batches--words"))
            number = self._per_line(width, batches)
            for start in range(0, len(batches), number):
                self._draw_line(text, batches[start : start + number])
        text.right_crop(1)
        return text

    def _draw_line(self, text: Text, batches: Sequence[Mapping[str, Any]]) -> None:
        for side in ("question", "passage"):
            for index, batch in enumerate(batches):
                if index:
                    text.append("  ")
                for pair in batch["pairs"]:
                    text.append(fit(f"{pair[side]:>2}", _PAIR), block(pair[side]))
            text.append("\n")
        for index, batch in enumerate(batches):
            if index:
                text.append("  ")
            width = len(batch["pairs"]) * _PAIR
            text.append(fit(batch["kind"], width), self.get_component_rich_style("batches--kind"))
        text.append("\n")
