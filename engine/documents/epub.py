"""Reads EPUB: the chapters that the package names, in the order of its spine."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from ..errors import UnreadableDocument
from .archive import ENCRYPTED, Archive
from .building import Builder, one_line
from .decoding import Undecodable, decode
from .markup import Node, extract_xml, forgiving_tree
from .model import Document, Source
from .xmltree import Malformed

# A spine that names more different chapters is refused; long books have a few hundred.
MOST_CHAPTERS = 5000
_CONTAINER = "META-INF/container.xml"
_LOCKS = ("META-INF/encryption.xml", "META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")
_MARKUP_SUFFIXES = (".xhtml", ".html", ".htm", ".xml", ".xht", ".svg")


def read_epub(source: Source) -> Iterator[Document]:
    """The book as one document; each chapter with text starts a page.

    Raises:
        UnreadableDocument: it is encrypted, damaged, or names more than `MOST_CHAPTERS` chapters.

    """
    archive = Archive(source.data, source.limit)
    package_name = _package_name(archive)
    package = _tree(archive, package_name)
    chapters = _chapters(archive, package, posixpath.dirname(package_name))
    try:
        encrypted = archive.encrypted_parts()
    except (Malformed, Undecodable):
        encrypted = set()
    if encrypted is None or not encrypted.isdisjoint(chapters):
        raise UnreadableDocument(ENCRYPTED)
    if len(chapters) > MOST_CHAPTERS:
        raise UnreadableDocument(f"it names more than {MOST_CHAPTERS:,} chapters")
    builder = Builder()
    for name in chapters:
        try:
            chapter, _ = extract_xml(decode(archive.read(name)), book=True)
        except Undecodable:  # a picture, or a part that is not text
            continue
        if chapter.parts:
            builder.page()
            _append(builder, chapter)
    if not builder.parts and any(archive.find(name) for name in _LOCKS):
        raise UnreadableDocument(ENCRYPTED)
    yield builder.document(source.path, _title(package))


def _append(book: Builder, chapter: Builder) -> None:
    titles = {heading.start: heading for heading in chapter.headings}
    offset = 0
    for part in chapter.parts:
        if heading := titles.get(offset):
            book.heading(heading.level, heading.title)
        else:
            book.paragraph(part)
        offset += len(part) + 2


def _package_name(archive: Archive) -> str:
    """The package document that the container names, if the file has it, else the first in the file."""
    if container := archive.find(_CONTAINER):
        for node in _tree(archive, container).nodes():
            if node.name == "rootfile" and (name := archive.find(node.facts.get("full-path", "").strip())):
                return name
    name = next((each for each in archive.names() if each.lower().endswith(".opf")), "")
    if not name:
        raise UnreadableDocument("it is damaged: its container names no book")
    return name


def _tree(archive: Archive, name: str) -> Node:
    return forgiving_tree(decode(archive.read(name)), name)


def _chapters(archive: Archive, package: Node, folder: str) -> list[str]:
    """The members that hold the book's text, each once, in reading order; all documents if the book has no spine."""
    items: dict[str, Node] = {}
    spine: dict[str, None] = {}
    for node in package.nodes():
        if node.name.endswith("itemref"):
            spine.setdefault(node.facts.get("idref", "").strip())
        elif node.name.endswith("item"):
            items.setdefault(node.facts.get("id", "").strip(), node)
    named = _members(archive, [items[each] for each in spine if each in items], folder)
    return named or _members(archive, list(items.values()), folder)


def _members(archive: Archive, items: list[Node], folder: str) -> list[str]:
    found: dict[str, None] = {}
    for item in items:
        if "nav" in item.fact("properties").split() or not _may_be_text(item):
            continue
        reference = item.facts.get("href", "").strip()
        for href in (reference, reference.partition("#")[0]):
            if href and (name := archive.find(posixpath.join(folder, href))):
                found.setdefault(name)
                break
    return list(found)


def _may_be_text(item: Node) -> bool:
    """Whether an item can be a document: any type is accepted unless it, or the item's name, says otherwise."""
    kind = item.fact("media-type")
    if "ncx" in kind or kind.startswith(
        ("font/", "audio/", "video/", "application/font", "application/vnd.ms-opentype")
    ):
        return False
    if kind in ("text/css", "application/javascript", "text/javascript", "application/smil+xml", "application/pls+xml"):
        return False
    if kind.startswith("image/"):
        return "svg" in kind
    return not kind or "ml" in kind or "oeb1" in kind or "dtbook" in kind or _is_named_markup(item)


def _is_named_markup(item: Node) -> bool:
    return item.fact("href").partition("#")[0].endswith(_MARKUP_SUFFIXES)


def _title(package: Node) -> str:
    """The first title, or the one that EPUB 3 names the main one."""
    main = {
        node.fact("refines").removeprefix("#")
        for node in package.nodes()
        if node.name == "meta" and node.fact("property") == "title-type" and node.text().strip() == "main"
    }
    titles = [node for node in package.nodes() if node.name in ("title", "dc:title") and node.text().strip()]
    titles.sort(key=lambda node: node.fact("id") not in main)
    return one_line(titles[0].text()) if titles else ""
