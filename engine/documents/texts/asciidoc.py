"""Reads AsciiDoc: titles and text; attributes, comments, block marks, anchors and includes are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..decoding import decode, without_embedded
from ..model import Document, Source
from .lines import Lines

_TITLE = re.compile(r"^(={1,6}|#{1,6})[ \t]+(\S.*)$")
_ATTRIBUTE = re.compile(r"^:!?[\w][\w-]{0,80}!?:(?:[ \t]|$)")
_LIST_OF_ATTRIBUTES = re.compile(r"^\[(?:\[[^\]\n]{1,300}\]|[^\[\]\n]{0,300})\]$")
_BLOCK = re.compile(r"^(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|`{3}\w*|--|\|===|!===|,===|:===)$")
_VERBATIM = ("----", "....", "++++", "```")
_MACRO = re.compile(r"^(include|image|video|audio|toc|ifdef|ifndef|ifeval|endif)::([^\s\[]{0,500})\[(.{0,500})\]$")
_BLOCK_TITLE = re.compile(r"^\.(?=[^\s.])")
_LINK = re.compile(r"\b(?:link:|https?://|mailto:|xref:)[^\s\[\]]{1,500}\[([^\[\]\n]{1,500})\]")
_REFERENCE = re.compile(r"<<[^<>,\n]{1,200}(?:,([^<>\n]{1,200}))?>>")
_INLINE = re.compile(r"\b(?:image|icon|kbd|btn|menu|footnote|anchor):[^\s\[\]]{0,300}\[([^\[\]\n]{0,500})\]")


def read_asciidoc(source: Source) -> Iterator[Document]:
    """An AsciiDoc document, titled by its first heading."""
    lines = Lines()
    verbatim = comment = ""
    for line in without_embedded(decode(source.data)).split("\n"):
        line = line.rstrip()
        if comment or (line.startswith("////") and not line.strip("/") and not verbatim):
            comment = "" if comment == line else comment or line
        elif verbatim:
            if line == verbatim:
                verbatim = ""
                lines.end()
            else:
                lines.line(line)
        elif _BLOCK.match(line):
            lines.end()
            verbatim = line[:3] if line.startswith("```") else line if line.startswith(_VERBATIM) else ""
        elif title := _TITLE.match(line):
            lines.heading(len(title[1]), _words(title[2].removesuffix(title[1]).rstrip()))
        elif macro := _MACRO.match(line):
            lines.line(macro[3].split(",")[0].strip("\"'") if macro[1] in ("image", "video", "audio") else "")
        elif line in ("+", "'''", "<<<") or (line.startswith("//") and not line.startswith("///")):
            continue
        elif not (_ATTRIBUTE.match(line) or _LIST_OF_ATTRIBUTES.match(line)):
            lines.line(_words(_BLOCK_TITLE.sub("", line)))
    lines.end()
    yield lines.builder.document(source.path)


def _words(line: str) -> str:
    if "[" in line:
        line = _INLINE.sub(lambda macro: macro[1], _LINK.sub(lambda link: link[1].rstrip("^"), line))
    return _REFERENCE.sub(lambda link: link[1] or "", line) if "<<" in line else line
