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
    drawer = False
    comment = ""
    for line in without_embedded(decode(source.data)).split("\n"):
        if block := _BLOCK.match(line):
            if block[2].lower() == "comment":
                comment = "comment" if block[1].lower() == "begin" else ""
            continue
        if drawer or comment:
            drawer = drawer and line.strip().upper() != ":END:" and not _HEADLINE.match(line)
            if drawer or comment or not _HEADLINE.match(line):
                continue
        if headline := _HEADLINE.match(line):
            lines.heading(len(headline[1]), _words(_headline(headline[2])))
        elif keyword := _KEYWORD.match(line):
            if keyword[1].lower() == "title":
                title = f"{title} {_words(keyword[2])}".strip()
            elif keyword[1].lower() == "caption":
                lines.line(_words(keyword[2]))
        elif _DRAWER.match(line):
            drawer = line.strip().upper() != ":END:"
        elif not (_PLANNING.match(line) or _COMMENT.match(line) or _TABLE_RULE.match(line)):
            lines.line(_words(line))
    lines.end()
    yield lines.builder.document(source.path, title)


def _headline(text: str) -> str:
    text = _TAGS.sub("", f" {text.rstrip()}").strip()
    return _PRIORITY.sub("", _STATE.sub("", text))


def _words(line: str) -> str:
    if "[" not in line:
        return line
    return _FOOTNOTE.sub("", _LINK.sub(lambda link: link[2] or link[1].removeprefix("file:"), line))
