"""Joins lines to paragraphs, up to an empty line or heading, for markup that works line by line."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..building import Builder


@dataclass
class Lines:
    """Gathers lines into a builder's paragraphs."""

    builder: Builder = field(default_factory=Builder)
    _held: list[str] = field(default_factory=list)

    def line(self, line: str) -> None:
        """Add a line; an empty one ends the paragraph."""
        if line.strip():
            self._held.append(line.rstrip())
        else:
            self.end()

    def heading(self, level: int, title: str) -> None:
        """End the paragraph and add a heading."""
        self.end()
        self.builder.heading(level, title)

    def end(self) -> None:
        """End the paragraph."""
        if self._held:
            self.builder.paragraph("\n".join(self._held))
            self._held = []
