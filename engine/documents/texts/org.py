"""Reads Org files: headlines and text; drawers, planning lines, keywords and comments are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..decoding import decode, without_embedded
from ..model import Document, Source
from .lines import Lines

_HEADLINE = re.compile(r"^(\*{1,30})[ \t]+(\S.*)$")
_STATE = re.compile(r"^(?:TODO|DONE|NEXT|WAITING|HOLD|CANCELL?ED)[ \t]+")
_PRIORITY = re.compile(r"^\[#[A-Z0-9]\][ \t]*")
_COMMENTED = re.compile(r"COMMENT(?=[ \t]|$)")
_COUNTED = re.compile(r"[ \t]*\[(?:\d*/\d*|\d*%)\]")
_TARGET = re.compile(r"<<<?[^<>\n]{1,200}>>>?")
# Blocks of lines that are not Org's own.
_BLOCKS_OF_THEIR_OWN = frozenset(("src", "example", "export", "comment"))
_TAGS = re.compile(r"[ \t]:[\w@#%:]{1,200}:$")
_DRAWER = re.compile(r"^[ \t]*:[A-Za-z][\w-]{0,40}:[ \t]*$")
_PLANNING = re.compile(r"^[ \t]*(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):[ \t]*[<\[]")
_KEYWORD = re.compile(r"^[ \t]*#\+([A-Za-z_]{1,40})(?:\[[^\]\n]{0,200}\])?:[ \t]*(.*)$")
_BLOCK = re.compile(r"^[ \t]*#\+(begin|end)_(\w{1,40})", re.IGNORECASE)
_COMMENT = re.compile(r"^[ \t]*#(?:[ \t]|$)")
_TABLE_RULE = re.compile(r"^[ \t]*\|[-+]{1,1000}\|?[ \t]*$")
_LINK = re.compile(r"\[\[([^\[\]\n]{1,2000})\](?:\[([^\[\]\n]{1,2000})\])?\]")
_FOOTNOTE = re.compile(r"\[fn:[\w-]{0,80}\]")


def read_org(source: Source) -> Iterator[Document]:
    """An Org document, titled by its `#+TITLE:`."""
    lines, title = Lines(), ""
    for line, verbatim in _seen(without_embedded(decode(source.data))):
        if verbatim:
            lines.line(line)
        elif headline := _HEADLINE.match(line):
            lines.heading(len(headline[1]), _words(_headline(headline[2])))
        elif keyword := _KEYWORD.match(line):
            if keyword[1].lower() == "title":
                title = f"{title} {_words(keyword[2])}".strip()
            elif keyword[1].lower() == "caption":
                lines.line(_words(keyword[2]))
        elif not (_PLANNING.match(line) or _COMMENT.match(line) or _TABLE_RULE.match(line)):
            lines.line(_words(line))
    lines.end()
    yield lines.builder.document(source.path, title)


def _seen(text: str) -> Iterator[tuple[str, bool]]:
    """The lines outside drawers, comments and headlines that are commented out; whether each is one of a program."""
    inside = ""
    left_out = 0
    for line in text.split("\n"):
        if headline := _HEADLINE.match(line):
            # Nothing that never ends hides a headline; what is commented out is so with all headlines below it.
            inside, level = "", len(headline[1])
            if not 0 < left_out < level:
                left_out = level if _COMMENTED.match(headline[2]) else 0
        if block := _BLOCK.match(line):
            name = block[2].lower()
            if block[1].lower() == "end":
                inside = "" if inside == name else inside
            elif not inside and name in _BLOCKS_OF_THEIR_OWN:
                inside = name
        elif inside != "comment" and _DRAWER.match(line) and inside in ("", "drawer"):
            inside = "" if line.strip().upper() == ":END:" else "drawer"
        elif not (left_out or inside in ("comment", "drawer")):
            yield line, bool(inside)


def _headline(text: str) -> str:
    text = _TAGS.sub("", f" {text.rstrip()}").strip()
    return _COUNTED.sub("", _PRIORITY.sub("", _STATE.sub("", text)))


def _words(line: str) -> str:
    if "<<" in line:
        line = _TARGET.sub("", line)
    if "[" not in line:
        return line
    return _FOOTNOTE.sub("", _LINK.sub(lambda link: link[2] or link[1].removeprefix("file:").lstrip("*#"), line))
