"""The kinds of document: the name of each, how its files are recognised, and the reader that opens them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .decoding import looks_binary

# Messages in a mail folder (Maildir, MH) and mailboxes often have no suffix.
_MAIL_START = re.compile(rb"(?:Return-Path|Received|Delivered-To|X-[\w-]{2,40}|Message-I[dD]): ")
_MAIL_HEADER = re.compile(rb"^From: [^\n]{1,400}$", re.MULTILINE)
_MB = 1024 * 1024
# The most bytes of a file, after unpacking: for most kinds, and for those read with little extra memory.
LIMIT = 100 * _MB
LIMIT_OF_TEXTS = 256 * _MB
# The first bytes of an OLE file: an old Office format, or a docx with a password.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Kind:
    """A kind of document; a new format needs only an entry in `KINDS` and its reader.

    `reader` is "module:function" below this package, imported when the first such file is read; the function takes a
    `Source` and yields its documents. `suffixes` are lower case, with the dot. `zip_marks`: one of these byte strings
    is near the start of a zip file of this kind; `starts`: the bytes that every file of this kind begins with, if there
    are any. If a file's name and its bytes disagree, the bytes decide its kind. `reads` and `library` are the kind's
    row in the README's table of formats. `limit`: the most bytes of such a file, after unpacking. `long_reader`: the
    reader for files of several megabytes, if there is one; it takes blocks and yields pieces.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    reads: str
    library: str
    zip_marks: tuple[bytes, ...] = ()
    starts: tuple[bytes, ...] = ()
    limit: int = LIMIT
    long_reader: str = ""

    def fits(self, head: bytes) -> bool:
        """Whether a file of this kind can begin with these bytes."""
        if self.zip_marks:
            return head.startswith((b"PK", OLE))
        return not self.starts or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(self.starts)


KINDS: tuple[Kind, ...] = (
    Kind(
        "text",
        (".txt", ".text", ".log"),
        "texts.plain:read_text",
        "text as it is, pages",
        "own",
        limit=LIMIT_OF_TEXTS,
        long_reader="texts.long:read_long_text",
    ),
    Kind(
        "markdown",
        (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd"),
        "texts.plain:read_markdown",
        "text, headings, title",
        "own",
    ),
    Kind("rst", (".rst", ".rest"), "texts.plain:read_rst", "text, headings, title", "own"),
    Kind("asciidoc", (".adoc", ".asciidoc"), "texts.asciidoc:read_asciidoc", "text, headings, title", "own"),
    Kind("org", (".org",), "texts.org:read_org", "text, headings, title", "own"),
    Kind("tex", (".tex", ".latex", ".ltx"), "texts.tex:read_tex", "text, formulas, headings, title", "own"),
    Kind("notebook", (".ipynb",), "texts.notebook:read_notebook", "cells' sources, headings, title", "json"),
    Kind("mail", (".eml", ".mht", ".mhtml"), "texts.mail:read_mail", "text, subject", "email"),
    Kind("mbox", (".mbox", ".mbx"), "texts.mail:read_mbox", "a document a message: text, subject", "email"),
    Kind("subtitles", (".srt", ".vtt"), "texts.subtitles:read_subtitles", "what is said", "own"),
    Kind("messages", (".po", ".pot"), "texts.messages:read_messages", "translations, else originals", "own"),
    Kind(
        "html",
        (".html", ".htm", ".xhtml", ".xht", ".shtml"),
        "markup:read_html",
        "text, headings, title",
        "selectolax",
    ),
    Kind(
        "xml",
        (".xml", ".dbk", ".docbook", ".tei", ".nxml", ".fb2"),
        "markup:read_xml",
        "text, headings, title (DocBook, JATS, TEI, DTBook, FictionBook, feeds); a document a page (MediaWiki)",
        "expat",
    ),
    Kind("pdf", (".pdf",), "pdf:read_pdf", "text, pages, bookmarks, form values", "pypdfium2, pypdf"),
    Kind(
        "docx",
        (".docx", ".docm", ".dotx", ".dotm"),
        "office.word:read_docx",
        "text, headings, tables, notes, text boxes, formulas, SmartArt, chunks (altChunk), title;"
        " deleted text, comments, headers, footers and the table of contents left out",
        "own",
        (b"word/document",),
    ),
    Kind(
        "pptx",
        (".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm"),
        "office.slides:read_pptx",
        "slides in order (hidden ones too), titles, tables, SmartArt, notes, title; comments left out",
        "own",
        (b"ppt/",),
    ),
    Kind(
        "xlsx",
        (".xlsx", ".xlsm", ".xltx", ".xltm"),
        "office.sheets:read_xlsx",
        "sheets as headings, rows with words as lines, title; rows of numbers alone left out",
        "own",
        (b"xl/workbook", b"xl/worksheets"),
    ),
    Kind(
        "odf",
        (".odt", ".ott", ".odm", ".ods", ".ots", ".odp", ".otp", ".odg", ".otg", ".sxw", ".stw", ".sxc", ".sxi"),
        "office.opendocument:read_odf",
        "text, headings, tables, sheets, slides, notes, text boxes, formulas, title;"
        " deleted text, comments and the table of contents left out",
        "own",
        (b"vnd.oasis.opendocument", b"vnd.sun.xml"),
    ),
    Kind(
        "flat odf",
        (".fodt", ".fods", ".fodp", ".fodg"),
        "office.opendocument:read_flat",
        "as OpenDocument",
        "own",
        starts=(b"<?xml", b"<office:document"),
    ),
    Kind(
        "rtf",
        (".rtf",),
        "office.rich_text:read_rtf",
        "text, headings, tables, notes, text boxes, title; any code page; deleted text, headers and footers left out",
        "own",
        starts=(b"{\\rtf",),
    ),
    Kind("epub", (".epub",), "epub:read_epub", "chapters, headings, title", "selectolax, expat", (b"epub+zip",)),
    Kind("csv", (".csv",), "tables:read_csv", "a document a row", "own", limit=LIMIT_OF_TEXTS),
    Kind("tsv", (".tsv", ".tab"), "tables:read_tsv", "a document a row", "own", limit=LIMIT_OF_TEXTS),
    Kind("jsonl", (".jsonl", ".ndjson"), "tables:read_jsonl", "a document a row", "own", limit=LIMIT_OF_TEXTS),
    Kind(
        "json",
        (".json",),
        "tables:read_json",
        "a document a row of a table; else text as it is",
        "own",
        limit=LIMIT_OF_TEXTS,
    ),
)
# Larger files are not read, whatever their kind.
LARGEST = max(kind.limit for kind in KINDS)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_SUFFIX = {suffix: kind.name for kind in KINDS for suffix in kind.suffixes}
COMPRESSED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz"}

# Formats with text that a person would expect to find, without a reader here.
_NO_READER = """
    .doc .xls .xlt .xlsb .ppt .pps .pages .numbers .key .mobi .azw .azw3 .djvu .ps .eps .chm .one .msg .wpd
"""
# Skipped without a message: they hold no prose.
_NOT_PROSE = """
    .png .jpg .jpeg .gif .bmp .tif .tiff .webp .ico .svg .svgz .heic .avif .psd .xcf
    .mp3 .ogg .oga .opus .wav .flac .m4a .aac .mp4 .mkv .webm .avi .mov .wmv .ogv
    .zip .tar .tgz .tbz2 .txz .7z .rar .zst .lz4 .jar .war .deb .rpm .apk .dmg .iso .img .cab .whl .egg
    .so .a .o .obj .dll .exe .dylib .class .pyc .pyo .wasm .bin .dat .elf .ko
    .woff .woff2 .ttf .otf .eot .pfb .afm .css .js .mjs .map .inv .mo .qm
    .db .sqlite .sqlite3 .npy .npz .pt .pth .safetensors .onnx .gguf .h5 .hdf5 .parquet .arrow .feather .pkl .pickle
    .lock .sum .sig .asc .sha256 .md5
"""
NO_READER = frozenset(_NO_READER.split())
NOT_PROSE = frozenset(_NOT_PROSE.split())


def suffixes(path: Path) -> tuple[str, str]:
    """(suffix of the content, suffix of the compression), lower case: `faq.de.html.gz` gives (".html", ".gz")."""
    outer = path.suffix.lower()
    if outer in COMPRESSED:
        return Path(path.stem).suffix.lower(), outer
    return outer, ""


def kind_by_name(path: Path) -> str:
    """The kind by a file's name: a reader's name, "no reader", "not prose", or "" if the name does not tell."""
    suffix, _ = suffixes(path)
    if path.name.endswith((".min.json", "~")):
        return "not prose"
    if suffix in BY_SUFFIX:
        return BY_SUFFIX[suffix]
    if suffix in NO_READER:
        return "no reader"
    return "not prose" if suffix in NOT_PROSE else ""


def kind_by_content(head: bytes) -> str:
    """The kind by a file's first bytes: a name of `KINDS`, or "" for a binary file."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return next((kind.name for kind in KINDS if any(mark in head for mark in kind.zip_marks)), "")
    if looks_binary(head):
        return ""
    if head.startswith(b"From ") and _MAIL_HEADER.search(head):
        return "mbox"
    if _MAIL_START.match(head) and _MAIL_HEADER.search(head):
        return "mail"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2048].lower()
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if start.startswith((b"<?xml", b"<office:document")) and b"<office:document" in start:
        return "flat odf"
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<?xml") and b"<html" in start):
        return "html"
    return "xml" if start.startswith(b"<?xml") else "text"


def kind_under_another_name(head: bytes) -> str:
    """The kind by its first bytes of a file whose name has no reader; "" if they are of no other kind.

    Many .doc files are RTF, docx or HTML; many .xls files are HTML or xlsx.
    """
    kind = kind_by_content(head)
    return kind if kind != "text" else ""
