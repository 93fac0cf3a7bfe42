"""Builds a document's text piece by piece, with the offsets of its headings and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .decoding import clean
from .model import Document, Heading

_CJK = "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_CJK_LINE_END = re.compile(f"(?<=[{_CJK}])[ \t]*\n[ \t]*(?=[{_CJK}])")


# What programs write as a title before the text that a person gave the file, and instead of it.
_BY_PROGRAM = re.compile(r"\(?Microsoft (?:Office )?(?:Word|PowerPoint|Excel|Publisher) - (.*?)\)?", re.IGNORECASE)
_FILE_NAME = re.compile(
    r".*\.(?:docx?|dotx?|odt|ods|odp|rtf|tex|dvi|indd|qxd|pub|pptx?|ppsx?|xlsx?|wpd|pdf|html?|txt)", re.IGNORECASE
)
_NO_TITLE = re.compile(
    r"(?:untitled|unbenannt|ohne titel|sans titre|sin título|senza titolo|sem título|без имени)\b.*|(?:无标题|無題).*"
    r"|(?:document|dokument|documento|presentation|präsentation|présentation|presentación|presentazione|apresentação)"
    r" ?\d*|(?:slide|folie|diapositive|diapositiva|new page) \d+"
    r"|power ?point[ -]?(?:presentation|präsentation|演示文稿|プレゼンテーション|프레젠테이션)"
    r"|(?:présentation|presentación de|presentazione di|apresentação do|презентация) power ?point",
    re.IGNORECASE,
)


def useful_title(title: str) -> str:
    """A title in a file's properties, "" if a program wrote it there: the file's name, or that it has no title."""
    title = one_line(clean(title))
    if named := _BY_PROGRAM.fullmatch(title):
        title = named[1]
    return "" if _FILE_NAME.fullmatch(title) or _NO_TITLE.fullmatch(title) else title


def one_line(text: str) -> str:
    """Collapse white space to single spaces; a line end between Chinese or Japanese characters becomes nothing."""
    return " ".join(_CJK_LINE_END.sub("", text).split())


@dataclass
class Builder:
    """Collects paragraphs, headings and page starts; an empty line separates paragraphs."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    headings: list[Heading] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)

    def paragraph(self, text: str) -> None:
        """Add a paragraph; an empty one changes nothing."""
        text = clean(text).strip()
        if text:
            self._add(text)

    def heading(self, level: int, title: str) -> None:
        """Add a heading as a paragraph of its own."""
        title = one_line(clean(title))
        if title:
            start = self.length + (2 if self.parts else 0)
            self.headings.append(Heading(start, max(1, min(level, 9)), title))
            self._add(title)

    def marked(self, text: str, headings: Iterable[Heading]) -> None:
        """Add a text that is already clean, with its own headings, whose offsets count from its start."""
        leading = len(text) - len(text.lstrip())
        if text := text.strip():
            start = self.length + (2 if self.parts else 0) - leading
            self.headings += [Heading(start + each.start, each.level, each.title) for each in headings]
            self._add(text)

    def page(self) -> None:
        """Start a page at the text that is added next."""
        self.pages.append(self.length + (2 if self.parts else 0))

    def document(self, path: Path, title: str = "", part: str = "") -> Document:
        """The collected document, titled by `title` if useful, else by the first heading, else by the file's name."""
        text = "\n\n".join(self.parts)
        return Document(
            path=path,
            part=part,
            title=useful_title(title) or (self.headings[0].title if self.headings else stem(path)),
            text=text,
            headings=tuple(self.headings),
            pages=tuple(min(page, len(text)) for page in self.pages),
        )

    def _add(self, text: str) -> None:
        self.length += len(text) + (2 if self.parts else 0)
        self.parts.append(text)


def stem(path: Path) -> str:
    """A file's name without its suffixes: the title if nothing better is known."""
    from .kinds import BY_SUFFIX, COMPRESSED
    from .walking import storable

    name = Path(storable(path.name))
    while name.suffix.lower() in COMPRESSED or name.suffix.lower() in BY_SUFFIX:
        name = Path(name.stem)
    return name.name
