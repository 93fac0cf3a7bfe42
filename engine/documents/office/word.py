"""Word documents (docx, docm, dotx, dotm): text, headings, tables, notes, boxes, formulas, embedded chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..building import Builder
from ..model import Document, Source
from .chunks import chunk_blocks
from .drawing import Inline
from .events import Closing, Opening
from .flow import BOX, CELL, PARAGRAPH, ROW, TABLE, Block, Flow
from .names import attribute
from .package import Package, missing
from .styles import CONTENTS, Styles, outline_level

# The parts read besides the text, by relationship, and the element of one note. Comments ("comments": "w:comment") are
# about the text, headers and footers repeat on every page: they are left out.
NOTES = {"footnotes": "w:footnote", "endnotes": "w:endnote"}
# A chunk may be a Word document with chunks of its own; without a limit, one that contains itself would not end.
MOST_CHUNKS_IN_CHUNKS = 3

_LEFT_OUT = (
    *("w:moveFrom", "w:tabs", "w:rt", "w:instrText", "w:delText", "w:delInstrText"),
    *(
        "w:pPrChange",
        "w:rPrChange",
        "w:sectPrChange",
        "w:tblPrChange",
        "w:tcPrChange",
        "w:trPrChange",
        "w:tblGridChange",
    ),
)


def read_docx(source: Source) -> Iterator[Document]:
    """A Word document."""
    package = Package(source.data, source.limit)
    builder = Builder()

    def put(block: Block) -> None:
        if block.level:
            builder.heading(block.level, block.text)
        else:
            builder.paragraph(block.text)

    tell(package, put_into=Flow(put), depth=0)
    yield package.document(source, builder)


def tell(package: Package, *, put_into: Flow, depth: int) -> None:
    """Read the document of a package into a flow; `depth` counts the documents around it, of which it is a chunk."""
    main = package.main("word/document.xml", "word")
    styles = Styles()
    for part in package.of_type(main, "styles") or ["word/styles.xml"]:
        package.look(part, styles)
    notes: dict[tuple[str, str], deque[Block]] = {}
    for kind, element in NOTES.items():
        for part in package.of_type(main, kind) or [f"word/{kind}.xml"]:
            package.read(part, _Notes(package, part, styles, kind, element, notes))
    if not package.read(main, _Story(package, main, styles, put_into, notes, depth)):
        raise missing(main)
    put_into.finish()
    for blocks in notes.values():
        put_into.add(blocks)


class _Story(Inline):
    """A part with paragraphs: the document itself, or its notes."""

    def __init__(
        self,
        package: Package,
        part: str,
        styles: Styles,
        flow: Flow,
        notes: dict[tuple[str, str], deque[Block]] | None = None,
        depth: int = 0,
    ) -> None:
        super().__init__(package, part, flow)
        self._styles = styles
        self._notes = {} if notes is None else notes
        self._chunk_depth = depth
        self._in_properties = 0
        self._skip_control = False
        self.ignore(*_LEFT_OUT)
        self.opening |= self._openings()
        self.closing |= self._closings()
        self.take("w:t", "a:t")

    def _openings(self) -> dict[str, Opening]:
        frames = {"w:tbl": TABLE, "w:tr": ROW, "w:tc": CELL}
        marks = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
        return {
            **{name: self._opener(kind) for name, kind in frames.items()},
            **{name: self._writer(mark) for name, mark in marks.items()},
            "w:p": lambda _: self.flow.open(PARAGRAPH),
            "a:p": lambda _: self.flow.open(PARAGRAPH),
            "a:br": lambda _: self.flow.write("\n"),
            "w:txbxContent": self._open_box,
            "w:pPr": lambda _: self._count_properties(1),
            "w:pStyle": self._style,
            "w:outlineLvl": self._outline,
            "w:del": self._deleted,
            "w:sym": self._symbol,
            "w:footnoteReference": lambda facts: self._note("footnotes", facts),
            "w:endnoteReference": lambda facts: self._note("endnotes", facts),
            "w:altChunk": self._chunk,
            "w:docPartGallery": self._gallery,
            "w:showingPlcHdr": self._placeholder,
            "w:sdt": self._control,
            "w:sdtContent": self._open_control,
        }

    def _closings(self) -> dict[str, Closing]:
        return {
            **dict.fromkeys(("w:txbxContent", "w:tbl", "w:tr", "w:tc"), self.flow.close),
            "w:p": self._close_paragraph,
            "a:p": self.flow.close,
            "w:pPr": lambda: self._count_properties(-1),
        }

    def _open_box(self, _: dict[str, str]) -> None:
        self.flow.part()
        self.flow.open(BOX)

    def _close_paragraph(self) -> None:
        paragraph = self.flow.paragraph
        if paragraph is not None and paragraph.level == CONTENTS:
            paragraph.pieces.clear()
        self.flow.close()

    def _count_properties(self, step: int) -> None:
        self._in_properties += step

    def _style(self, facts: dict[str, str]) -> None:
        if (paragraph := self.flow.paragraph) and not paragraph.style:
            paragraph.style = attribute(facts, "w:val")
            paragraph.level = self._styles.level(paragraph.style)

    def _outline(self, facts: dict[str, str]) -> None:
        level = outline_level(facts)
        if (paragraph := self.flow.paragraph) and level is not None and paragraph.level != CONTENTS:
            paragraph.level = level

    def _control(self, _: dict[str, str]) -> None:
        self._skip_control = False

    def _gallery(self, facts: dict[str, str]) -> None:
        self._skip_control |= attribute(facts, "w:val") == "Table of Contents"

    def _placeholder(self, facts: dict[str, str]) -> None:
        """Note that a control shows what to type into it, not what was typed."""
        self._skip_control |= attribute(facts, "w:val") not in ("0", "false", "off")

    def _open_control(self, _: dict[str, str]) -> None:
        if self._skip_control:
            self._skip_control = False
            self.skip()

    def _deleted(self, _: dict[str, str]) -> None:
        """Skip text that was deleted with change tracking; in properties the element is only a mark."""
        if not self._in_properties:
            self.skip()

    def _symbol(self, facts: dict[str, str]) -> None:
        code = attribute(facts, "w:char")
        try:
            value = int(code[:8], 16)
        except ValueError:
            return
        # F000 to F0FF are glyphs of a symbol font, without meaning in other fonts.
        if 0x20 < value < 0xD800:
            self.flow.write(chr(value))

    def _note(self, kind: str, facts: dict[str, str]) -> None:
        if blocks := self._notes.pop((kind, attribute(facts, "w:id")), None):
            self.flow.add(blocks)

    def _chunk(self, facts: dict[str, str]) -> None:
        target = self.package.related(self.part).get(attribute(facts, "r:id"))
        if target is None or self._chunk_depth >= MOST_CHUNKS_IN_CHUNKS:
            return
        inner, blocks = chunk_blocks(self.package, target.target)
        self.flow.add(blocks)
        if inner is not None:
            found: deque[Block] = deque()
            tell(inner, put_into=Flow(found.append), depth=self._chunk_depth + 1)
            self.package.archive.spend(inner.archive)
            self.flow.add(found)


class _Notes(_Story):
    """The notes of a document, each with its own flow, stored until the document refers to them."""

    def __init__(
        self,
        package: Package,
        part: str,
        styles: Styles,
        kind: str,
        element: str,
        notes: dict[tuple[str, str], deque[Block]],
    ) -> None:
        self._found: deque[Block] = deque()
        super().__init__(package, part, styles, Flow(lambda block: self._found.append(Block(0, block.text))))
        self._kept = notes
        self._key = (kind, "")
        self._kind = kind
        self.opening[element] = self._open_note
        self.closing[element] = self._close_note

    def _open_note(self, facts: dict[str, str]) -> None:
        self._key = (self._kind, attribute(facts, "w:id"))
        self._found = deque()

    def _close_note(self) -> None:
        if self._found:
            self._kept.setdefault(self._key, self._found)
