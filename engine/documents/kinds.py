"""The kinds of document: what each is called, how a file of it is known, which reader opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .decoding import looks_binary

# Messages in a mail folder (Maildir, MH) and mailboxes often have no suffix.
_MAIL_START = re.compile(rb"(?:Return-Path|Received|Delivered-To|X-[\w-]{2,40}|Message-I[dD]): ")
_MAIL_HEADER = re.compile(rb"^From: [^\n]{1,400}$", re.MULTILINE)


@dataclass(frozen=True)
class Kind:
    """A kind of document; adding one to `KINDS` and writing its reader is all that a new format takes.

    `reader` is "module:function" below this package, imported when the first such file is read; the function takes a
    `Source` and gives its documents. `suffixes` are lower case, with the dot. `zip_marks`: bytes of which one stands
    near the start of a zip file of this kind. `reads` and `library` are the kind's row in the README's table of
    formats.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    reads: str
    library: str
    zip_marks: tuple[bytes, ...] = ()


KINDS: tuple[Kind, ...] = (
    Kind(
        "text",
        (".txt", ".text", ".log"),
        "texts.plain:read_text",
        "text as it is, pages",
        "own",
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
    Kind("mail", (".eml",), "texts.mail:read_mail", "text, subject", "email"),
    Kind("mbox", (".mbox", ".mbx"), "texts.mail:read_mbox", "a document a message: text, subject", "email"),
    Kind("subtitles", (".srt", ".vtt"), "texts.subtitles:read_subtitles", "what is said", "own"),
    Kind("messages", (".po", ".pot"), "texts.messages:read_messages", "translations, else originals", "own"),
    Kind(
        "html",
        (".html", ".htm", ".xhtml", ".xht", ".shtml", ".xml", ".dbk", ".docbook", ".tei"),
        "markup:read_markup",
        "text, headings, title",
        "html.parser",
    ),
    Kind("pdf", (".pdf",), "pdf:read_pdf", "text, pages, bookmarks", "pypdf"),
    Kind("docx", (".docx",), "office:read_docx", "text, headings, title", "own", (b"word/document.xml",)),
    Kind("odt", (".odt",), "office:read_odt", "text, headings, title", "own", (b"opendocument.text",)),
    Kind("pptx", (".pptx",), "office:read_pptx", "slides", "own", (b"ppt/",)),
    Kind("epub", (".epub",), "office:read_epub", "chapters, headings, title", "own", (b"epub+zip",)),
    Kind("csv", (".csv",), "tables:read_csv", "a document a row", "csv"),
    Kind("tsv", (".tsv", ".tab"), "tables:read_tsv", "a document a row", "csv"),
    Kind("jsonl", (".jsonl", ".ndjson"), "tables:read_jsonl", "a document a row", "json"),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_SUFFIX = {suffix: kind.name for kind in KINDS for suffix in kind.suffixes}
COMPRESSED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz"}

# Formats that hold text a person would expect to find, and that have no reader here.
_NO_READER = """
    .doc .xls .xlsx .ppt .rtf .pages .numbers .key .mobi .azw .azw3 .djvu .ps .eps .ods .odp .chm .one .msg .wpd
"""
# Passed over without a word of complaint: nothing in them is prose.
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
    """The kind that the name tells: a reader's name, "no reader", "not prose", or "" where it tells nothing."""
    suffix, _ = suffixes(path)
    if suffix in BY_SUFFIX:
        return BY_SUFFIX[suffix]
    if suffix in NO_READER:
        return "no reader"
    return "not prose" if suffix in NOT_PROSE or path.name.endswith((".min.json", "~")) else ""


def kind_by_content(head: bytes) -> str:
    """The kind that the first bytes tell: a name of `KINDS`, or "" for a binary file."""
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
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:256].lower()
    return "html" if start.startswith((b"<!doctype html", b"<html")) else "text"
