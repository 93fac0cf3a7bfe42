"""Reads PowerPoint decks (pptx, pptm, potx, ppsx): slides in order, with tables, diagrams and notes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..building import Builder
from ..model import Document, Source
from .drawing import Inline, diagram
from .events import Events
from .flow import CELL, PARAGRAPH, ROW, TABLE, Block, Flow
from .names import attribute
from .package import Package, missing

_TITLES = ("title", "ctrTitle")
# Placeholders that repeat on each slide.
_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_FURNITURE_FIELDS = ("slidenum", "datetime")


def read_pptx(source: Source) -> Iterator[Document]:
    """The slides of a PowerPoint file; a slide is a page."""
    package = Package(source.data, source.limit)
    main = package.main("ppt/presentation.xml", "presentationml")
    builder = Builder()
    slides = _slides(package, main)
    if not slides and not package.archive.find(main):
        raise missing(main)
    bare = not any(package.has_relationships(slide) for slide in slides)
    for slide in slides:
        builder.page()
        blocks = _shapes(package, slide)
        # A heading applies to the text after it, and a slide's title need not be its first shape.
        for block in (*(each for each in blocks if each.level), *(each for each in blocks if not each.level)):
            if block.level:
                builder.heading(block.level, block.text)
            else:
                builder.paragraph(block.text)
        for notes in _notes(package, slide, bare):
            for block in _shapes(package, notes):
                builder.paragraph(block.text)
    if bare:
        for part in package.numbered(r"ppt/diagrams/data([0-9]*)\.xml"):
            for block in diagram(package, part):
                builder.paragraph(block.text)
    yield package.document(source, builder)


class _Order(Events):
    """The slides that a presentation shows, as ids of relationships."""

    def __init__(self) -> None:
        super().__init__()
        self.has_list = False
        self.ids: dict[str, None] = {}
        self.opening["p:sldIdLst"] = self._list
        self.opening["p:sldId"] = self._slide

    def _list(self, _: dict[str, str]) -> None:
        self.has_list = True

    def _slide(self, facts: dict[str, str]) -> None:
        self.ids[attribute(facts, "r:id")] = None


def _slides(package: Package, main: str) -> list[str]:
    """The slides' parts in the order of the deck, or of their numbers if the deck has no order."""
    order = _Order()
    package.read(main, order)
    related = package.related(main)
    slides = list(dict.fromkeys(related[each].target for each in order.ids if each in related))
    if slides or (order.has_list and not order.ids):
        return slides
    return package.of_type(main, "slide") or package.numbered(r"ppt/slides/slide([0-9]*)\.xml")


def _notes(package: Package, slide: str, bare: bool) -> list[str]:
    """The notes of a slide; in a deck without relationships, those with the slide's number."""
    if not bare:
        return package.of_type(slide, "notesSlide")
    name = package.archive.find(slide.replace("/slides/slide", "/notesSlides/notesSlide"))
    return [name] if name and name != slide else []


def _shapes(package: Package, part: str) -> deque[Block]:
    found: deque[Block] = deque()
    shapes = _Shapes(package, part, Flow(found.append))
    package.read(part, shapes)
    shapes.flow.finish()
    return found


class _Shapes(Inline):
    """The shapes of a slide or of its notes: each is a block of lines, a title is a heading."""

    def __init__(self, package: Package, part: str, flow: Flow) -> None:
        super().__init__(package, part, flow)
        self._shapes = 0
        self._lines: list[bool] = []
        frames = {"a:tbl": TABLE, "a:tr": ROW, "a:tc": CELL}
        self.opening |= {name: self._opener(kind) for name, kind in frames.items()}
        self.closing |= dict.fromkeys(frames, self.flow.close)
        self.opening |= {
            "p:sp": self._open_shape,
            "p:ph": self._placeholder,
            "a:p": self._open_line,
            "a:br": lambda _: self.flow.write("\n"),
            "a:tab": lambda _: self.flow.write("\t"),
            "a:fld": self._field,
        }
        self.closing |= {"p:sp": self._close_shape, "a:p": self._close_line}
        self.ignore("a:tabLst", "p:extLst", "a:extLst", "p:nvPicPr")
        self.take("a:t")

    def _open_shape(self, _: dict[str, str]) -> None:
        self.flow.open(PARAGRAPH)
        self._shapes += 1

    def _close_shape(self) -> None:
        self._shapes -= 1
        self.flow.close()

    def _placeholder(self, facts: dict[str, str]) -> None:
        kind = facts.get("type", "")
        shape = self.flow.paragraph
        if shape is None or not self._shapes:
            return
        if kind in _TITLES:
            shape.level = 1
        elif kind in _FURNITURE:
            shape.style = "furniture"

    def _open_line(self, _: dict[str, str]) -> None:
        shape = self.flow.paragraph
        if shape is not None and shape.style == "furniture":
            self.skip()
            return
        self._lines.append(shape is None)
        if shape is None:
            self.flow.open(PARAGRAPH)
        elif shape.pieces:
            self.flow.write("\n")

    def _close_line(self) -> None:
        if self._lines.pop():
            self.flow.close()

    def _field(self, facts: dict[str, str]) -> None:
        if facts.get("type", "").lower().startswith(_FURNITURE_FIELDS):
            self.skip()
