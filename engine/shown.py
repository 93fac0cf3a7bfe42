"""Makes untrusted text safe for terminals, Markdown, SVG, JSON and UTF-8; all output of such text goes through here."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

# C0 and C1 controls except line feed and tab, marks that change the direction of text, lone surrogates.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
_LINE_END_AND_TAB = {0x09: None, 0x0A: None}
_SPACES = re.compile(r"\s+")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~])")
_AT_START = re.compile(r"^([#+>=-]|\d+[.)])")
# JSON itself escapes the C0 controls only.
_RAW_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def one_line(text: str) -> str:
    """The text on one line: white space is one space; control characters and direction marks are removed."""
    return _SPACES.sub(" ", _CONTROLS.sub(" ", text)).strip()


def why_no_array(error: Exception) -> str:
    """NumPy's reason for not reading a file, shortened, without its advice to allow pickles."""
    said = one_line(str(error))[:200]
    return "it holds no array of numbers" if "pickle" in said else said.rstrip(".") or type(error).__name__


def lines(text: str) -> str:
    """The text with its line ends and tabs, and without other control characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def printable(text: str) -> str:
    """The text without any control character, line ends and tabs included, and without direction marks."""
    return _CONTROLS.sub("", text.translate(_LINE_END_AND_TAB))


def in_markdown(text: str) -> str:
    """The text on one line, escaped so that Markdown shows it without markup, HTML or further table cells."""
    plain = escape(one_line(text), quote=False)
    return _AT_START.sub(r"\\\1", _MARKDOWN.sub(r"\\\1", plain))


def in_xml(text: str) -> str:
    """The text on one line as the content or an attribute of XML, SVG or HTML."""
    return escape(one_line(text).replace("\ufffe", "").replace("\uffff", ""))


def without_surrogates(text: str) -> str:
    """The text with a question mark for each lone surrogate, which file names and broken JSON bring and UTF-8 lacks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def counted(number: int, one: str) -> str:
    """A number of things: "1 passage", "1,200 passages"."""
    return f"{number:,} {one}{'s' * (number != 1)}"


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON with every script readable and every control character escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _RAW_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
