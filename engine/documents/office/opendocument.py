"""Reads OpenDocument (odt, ods, odp, their templates and flat files) and its predecessor of OpenOffice.org."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from ...errors import UnreadableDocument
from ..archive import Archive
from ..building import Builder
from ..model import Document, Source
from .events import Events, Opening, Title
from .flow import BOX, CELL, PARAGRAPH, ROW, TABLE, Block, Flow
from .names import attribute, number
from .package import NO_TEXT, finished, has_pictures, refuse_ole

_SPACE = re.compile(r"[ \t\r\n]+")
# Comments, deleted text, tables of contents, indexes and hints for cells are not text of the document; the others are
# styling and numbering.
_LEFT_OUT = """
    office:annotation office:annotation-end text:tracked-changes table:tracked-changes text:table-of-content
    text:illustration-index text:table-index text:object-index text:user-index text:alphabetical-index
    table:content-validations text:number
    text:note-citation text:footnote-citation text:endnote-citation text:ruby-text office:styles
    office:master-styles office:font-face-decls office:settings office:scripts office:forms
    office:binary-data table:covered-table-cell draw:glue-point text:script
"""
_FRAMES = {
    "text:note-body": BOX,
    "text:footnote-body": BOX,
    "text:endnote-body": BOX,
    "table:table-row": ROW,
    "table:table-cell": CELL,
}
# Content that every slide repeats.
_FURNITURE = ("page-number", "header", "footer", "date-time")
_NUMBERS = ("float", "percentage", "currency", "date", "time", "boolean")


def read_odf(source: Source) -> Iterator[Document]:
    """A text, sheet, presentation or drawing in OpenDocument."""
    if source.data.startswith(b"PK"):
        yield _read_archive(source)
    else:
        yield from read_flat(source)


def read_flat(source: Source) -> Iterator[Document]:
    """The same in a single XML file."""
    builder = Builder()
    content = _Content(builder, None)
    content.read((source.data,), "it")
    content.finish()
    yield finished(source, builder, content.title, pictures=content.pictures, numbers=content.numbers)


def _read_archive(source: Source) -> Document:
    refuse_ole(source.data)
    archive = Archive(source.data, source.limit)
    archive.refuse_if_encrypted_odf()
    builder = Builder()
    content = _Content(builder, archive)
    name = archive.find("content.xml") or "content.xml"
    if name not in archive and archive.find("styles.xml"):
        raise UnreadableDocument(NO_TEXT)
    content.read(archive.stream(name), name)
    content.finish()
    title = Title()
    if meta := archive.find("meta.xml"):
        with suppress(UnreadableDocument):
            title.read(archive.stream(meta), meta)
    pictures = content.pictures or has_pictures(archive)
    return finished(source, builder, "".join(title.pieces), pictures=pictures, numbers=content.numbers)


class _Formula(Events):
    """The text of a formula object, without its source (the annotation)."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.ignore("math:annotation")
        self.take("math:mi", "math:mn", "math:mo", "math:mtext")

    def text(self, data: str) -> None:
        self.pieces.append(data.strip())


class _Content(Events):
    """The content of a document, put into a builder in reading order."""

    def __init__(self, builder: Builder, archive: Archive | None) -> None:
        super().__init__()
        self.pictures = False
        self._builder = builder
        self._archive = archive
        self._flow = Flow(self._put)
        self._title: list[str] = []
        self._in_title = 0
        self._slide: deque[Block] | None = None
        self._titles = 0
        # The style of a text's title, and those made from it by changing it in place.
        self._title_styles = {"Title"}
        self._frames: list[bool] = []
        self._sheets = False
        self._sheet = ""
        self._rows: list[bool] = []
        self._in_number = False
        self.numbers = False
        self._read_objects: set[str] = set()
        self.ignore(*_LEFT_OUT.split(), "svg:title", "svg:desc", "math:annotation")
        for name, kind in _FRAMES.items():
            self.opening[name] = self._opener(kind)
            self.closing[name] = self._flow.close
        self.opening |= {
            "draw:text-box": self._open_box,
            "text:p": self._open_plain,
            "style:style": self._style,
            "text:h": self._open_heading,
            "text:s": self._spaces,
            "text:tab": lambda _: self._flow.write("\t"),
            "text:tab-stop": lambda _: self._flow.write("\t"),
            "text:line-break": lambda _: self._flow.write("\n"),
            "office:spreadsheet": self._open_sheets,
            "table:table": self._open_table,
            "draw:page": self._open_slide,
            "draw:frame": self._open_frame,
            "draw:image": self._picture,
            "draw:object": self._object,
            "dc:title": self._open_title,
        }
        self.closing |= {
            "text:p": self._close_paragraph,
            "text:h": self._close_paragraph,
            "draw:text-box": self._flow.close,
            "table:table": self._flow.close,
            "draw:page": self._close_slide,
            "draw:frame": self._close_frame,
            "dc:title": self._close_title,
        }
        self.opening["table:table-cell"] = self._open_cell
        self.opening["table:table-row"] = self._open_row
        self.closing["table:table-row"] = self._close_row
        self.take("math:mi", "math:mn", "math:mo", "math:mtext")

    @property
    def title(self) -> str:
        """The title in the file's properties, of a flat file."""
        return "".join(self._title)

    def finish(self) -> None:
        """Close what is still open."""
        self._flow.finish()
        self._close_slide()

    def text(self, data: str) -> None:
        """Collapse white space to one space: the format writes further spaces as elements."""
        if self._in_title:
            self._title.append(data)
            return
        if self._sheets and self._rows and any(map(str.isalpha, data)):
            self._rows[-1] |= not self._in_number
        self._flow.write(_SPACE.sub(" ", data))

    def _open_box(self, _: dict[str, str]) -> None:
        self._flow.part()
        self._flow.open(BOX)

    def _opener(self, kind: str) -> Opening:
        return lambda _: self._flow.open(kind)

    def _put(self, block: Block) -> None:
        if self._sheet:
            name, self._sheet = self._sheet, ""
            self._builder.heading(1, name)
        if self._slide is not None:
            self._slide.append(block)
        elif block.level:
            self._builder.heading(block.level, block.text)
        else:
            self._builder.paragraph(block.text)

    # Paragraphs

    def _open_paragraph(self, level: int) -> None:
        self.taking += 1
        self._flow.open(PARAGRAPH)
        if paragraph := self._flow.paragraph:
            paragraph.level = level or (1 if self._titles else 0)

    def _style(self, facts: dict[str, str]) -> None:
        if attribute(facts, "style:parent-style-name") == "Title":
            self._title_styles.add(attribute(facts, "style:name"))

    def _open_plain(self, facts: dict[str, str]) -> None:
        self._open_paragraph(1 if attribute(facts, "text:style-name") in self._title_styles else 0)

    def _open_heading(self, facts: dict[str, str]) -> None:
        told = attribute(facts, "text:outline-level") or attribute(facts, "text:level")
        self._open_paragraph(max(1, min(number(told, 1), 9)))

    def _close_paragraph(self) -> None:
        self.taking -= 1
        self._flow.close()

    def _spaces(self, facts: dict[str, str]) -> None:
        self._flow.write(" " * max(1, min(number(attribute(facts, "text:c"), 1), 8)))

    def _open_title(self, _: dict[str, str]) -> None:
        self._in_title += 1
        self.taking += 1

    def _close_title(self) -> None:
        self._in_title -= 1
        self.taking -= 1

    # Tables and sheets

    def _open_sheets(self, _: dict[str, str]) -> None:
        self._sheets = True

    def _open_table(self, facts: dict[str, str]) -> None:
        name = attribute(facts, "table:name")
        if self._sheets and name and not self._rows:
            self._sheet = name
        self._flow.open(TABLE)

    def _open_row(self, _: dict[str, str]) -> None:
        self._rows.append(False)
        self._flow.open(ROW)

    def _close_row(self) -> None:
        has_text = self._rows.pop()
        if self._sheets and not has_text:
            self._flow.drop_row()
        self._flow.close()

    def _open_cell(self, facts: dict[str, str]) -> None:
        kind = attribute(facts, "office:value-type") or attribute(facts, "table:value-type")
        self._in_number = kind in _NUMBERS
        self.numbers |= self._in_number
        self._flow.open(CELL)

    # Slides, frames and what is in them

    def _open_slide(self, _: dict[str, str]) -> None:
        self._close_slide()
        self._builder.page()
        self._slide = deque()

    def _close_slide(self) -> None:
        """Put the slide's blocks, its titles first, since a heading applies to the text after it."""
        blocks, self._slide = self._slide, None
        for level in (True, False):
            for block in blocks or ():
                if bool(block.level) == level:
                    self._put(block)

    def _open_frame(self, facts: dict[str, str]) -> None:
        kind = attribute(facts, "presentation:class")
        if kind in _FURNITURE:
            self.skip()
            return
        self._frames.append(kind == "title")
        self._titles += kind == "title"

    def _close_frame(self) -> None:
        self._titles -= self._frames.pop()

    def _picture(self, _: dict[str, str]) -> None:
        self.pictures = True

    def _object(self, facts: dict[str, str]) -> None:
        """Read an embedded object: a formula is a separate document in the file."""
        folder = attribute(facts, "xlink:href")
        if self._archive is None or not folder or folder in self._read_objects:
            return
        self._read_objects.add(folder)
        name = self._archive.find(posixpath.normpath(posixpath.join(folder, "content.xml")))
        if name is None:
            return
        formula = _Formula()
        formula.read(self._archive.stream(name), name)
        if formula.pieces:
            self._flow.write("".join(formula.pieces))
