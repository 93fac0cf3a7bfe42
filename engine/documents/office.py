"""DOCX, ODT and PPTX by the standard library: they are zip files of XML."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from ..errors import UnreadableDocument
from .building import Builder
from .model import Document, Source

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_OT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"


class _Archive:
    """A zip file whose parts together may not unpack to more than the limit."""

    def __init__(self, data: bytes, limit: int) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError) as error:
            raise UnreadableDocument(f"it is damaged: {error}") from error
        self.left = limit

    def names(self) -> list[str]:
        return self.zip.namelist()

    def read(self, name: str) -> bytes:
        try:
            size = self.zip.getinfo(name).file_size
        except KeyError as error:
            raise UnreadableDocument(f"it is damaged: {name} is missing") from error
        self.left -= size
        if self.left < 0:
            raise UnreadableDocument("it unpacks to more than the size limit")
        try:
            return self.zip.read(name)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            reason = "it is encrypted" if "encrypt" in str(error) else f"it is damaged: {error}"
            raise UnreadableDocument(reason) from error
        except Exception as error:  # zlib.error has no common base with the others
            raise UnreadableDocument(f"it is damaged: {error}") from error

    def xml(self, name: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(self.read(name))
        except (ElementTree.ParseError, ValueError) as error:
            raise UnreadableDocument(f"it is damaged: {name} is no valid XML ({error})") from error


def read_docx(source: Source) -> Iterator[Document]:
    """A Word document."""
    yield _docx(source.path, _Archive(source.data, source.limit))


def read_odt(source: Source) -> Iterator[Document]:
    """A text in OpenDocument."""
    yield _odt(source.path, _Archive(source.data, source.limit))


def read_pptx(source: Source) -> Iterator[Document]:
    """The slides of a PowerPoint file."""
    yield _pptx(source.path, _Archive(source.data, source.limit))


def _core_title(archive: _Archive, name: str) -> str:
    if name not in archive.names():
        return ""
    found = next(archive.xml(name).iter(f"{_DC}title"), None)
    return (found.text or "") if found is not None else ""


def _docx(path: Path, archive: _Archive) -> Document:
    builder = Builder()
    levels = _docx_levels(archive)
    for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
        if name != "word/document.xml" and name not in archive.names():
            continue
        for paragraph in archive.xml(name).iter(f"{_W}p"):
            text = "".join(_docx_pieces(paragraph))
            properties = paragraph.find(f"{_W}pPr")
            level = 0
            if properties is not None:
                style = properties.find(f"{_W}pStyle")
                outline = properties.find(f"{_W}outlineLvl")
                if style is not None:
                    level = levels.get(style.get(f"{_W}val", ""), 0)
                if outline is not None and (outline.get(f"{_W}val") or "9").isdigit():
                    level = int(outline.get(f"{_W}val") or 9) + 1
            if 1 <= level <= 9:
                builder.heading(level, text)
            else:
                builder.paragraph(text)
    return builder.document(path, _core_title(archive, "docProps/core.xml"))


def _docx_levels(archive: _Archive) -> dict[str, int]:
    """Heading level by style id; ids are translated in localised Word, the names behind them are not."""
    levels: dict[str, int] = {}
    if "word/styles.xml" not in archive.names():
        return levels
    for style in archive.xml("word/styles.xml").iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        match = (
            re.fullmatch(r"(?:heading (\d)|(title))", (name.get(f"{_W}val") or "").lower())
            if name is not None
            else None
        )
        if match:
            levels[style.get(f"{_W}styleId", "")] = int(match[1] or 1)
    return levels


def _docx_pieces(paragraph: ElementTree.Element) -> Iterator[str]:
    """Text runs of a paragraph, without paragraphs nested in text boxes (they come on their own) and deleted text."""
    for element in paragraph:
        if element.tag in (f"{_W}p", f"{_W}del", f"{_W}txbxContent", f"{_W}instrText"):
            continue
        if element.tag == f"{_W}t":
            yield element.text or ""
        elif element.tag in (f"{_W}tab", f"{_W}ptab"):
            yield "\t"
        elif element.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif element.tag != f"{_W}pPr":
            yield from _docx_pieces(element)


def _odt(path: Path, archive: _Archive) -> Document:
    builder = Builder()
    _odt_blocks(archive.xml("content.xml"), builder)
    return builder.document(path, _core_title(archive, "meta.xml"))


def _odt_blocks(element: ElementTree.Element, builder: Builder) -> None:
    for child in element:
        if child.tag == f"{_OT}h":
            level = child.get(f"{_OT}outline-level") or "1"
            builder.heading(int(level) if level.isdigit() else 1, "".join(_odt_pieces(child)))
        elif child.tag == f"{_OT}p":
            builder.paragraph("".join(_odt_pieces(child)))
        elif child.tag != f"{_OT}tracked-changes":
            _odt_blocks(child, builder)


def _odt_pieces(element: ElementTree.Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == f"{_OT}s":
            yield " "
        elif child.tag == f"{_OT}tab":
            yield "\t"
        elif child.tag == f"{_OT}line-break":
            yield "\n"
        else:
            yield from _odt_pieces(child)
        yield child.tail or ""


def _pptx(path: Path, archive: _Archive) -> Document:
    builder = Builder()
    slides = (re.fullmatch(r"ppt/slides/slide(\d+)\.xml", name) for name in archive.names())
    for match in sorted(filter(None, slides), key=lambda match: int(match[1])):
        builder.page()
        for shape in archive.xml(match[0]).iter(f"{_P}sp"):
            kind = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
            texts = ["".join(piece.text or "" for piece in p.iter(f"{_A}t")) for p in shape.iter(f"{_A}p")]
            if kind is not None and kind.get("type") in ("title", "ctrTitle"):
                builder.heading(1, " ".join(texts))
            else:
                builder.paragraph("\n".join(texts))
    return builder.document(path, _core_title(archive, "docProps/core.xml"))
