"""HTML, XHTML and DocBook-like XML to text with headings; menus, scripts and tables of contents are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .building import Builder, one_line
from .decoding import decode
from .model import Document, Source

_BLOCK_NAMES = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form header hgroup hr html li main menu ol p pre section summary table tbody tfoot thead tr ul
    para simpara listitem chapter sect1 sect2 sect3 sect4 row entry programlisting screen note tip warning
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NEVER = frozenset(("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "rt", "rp", "select"))
_MENUS = frozenset(("nav",))
_MENU_CLASSES = frozenset(
    ("sphinxsidebar", "navheader", "navfooter", "headerlink", "toc", "contents", "related", "breadcrumbs", "navbar")
)
_MENU_ROLES = frozenset(("navigation", "search", "banner", "contentinfo"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_MAIN = re.compile(r"<main\b|role\s*=\s*[\"']?main\b", re.IGNORECASE)


class _Extractor(HTMLParser):
    """Block elements become paragraphs; what stands inside a left-out element is dropped."""

    def __init__(self, *, menus: bool, only_main: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.builder = Builder()
        self.title: list[str] = []
        self._buffer: list[str] = []
        self._menus = menus
        self._only_main = only_main
        self._left_out: list[str] = []
        self._main: list[str] = []
        self._level = 0
        self._in_title = False
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._left_out:
            if tag == self._left_out[-1] and tag not in _VOID:
                self._left_out.append(tag)
            return
        facts = dict(attrs)
        if tag not in _VOID and self._is_left_out(tag, facts):
            self._left_out.append(tag)
            return
        if self._main:
            if tag == self._main[-1]:
                self._main.append(tag)
        elif tag == "main" or (facts.get("role") or "").lower() == "main":
            self._flush()
            self._main.append(tag)
        self._open(tag)

    def _is_left_out(self, tag: str, facts: dict[str, str | None]) -> bool:
        if tag in _NEVER:
            return True
        if self._menus or tag in ("body", "html", "main", "article"):
            return False
        if tag in _MENUS or (facts.get("role") or "").lower() in _MENU_ROLES:
            return True
        return not _MENU_CLASSES.isdisjoint((facts.get("class") or "").lower().split())

    def _open(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._flush()
            self._level = _HEADINGS[tag]
        elif tag == "title":
            self._in_title = True
        elif tag == "br":
            self._buffer.append("\x00")
        elif tag in ("td", "th"):
            self._buffer.append("\t")
        elif tag in _BLOCKS:
            self._flush()
            self._preformatted += tag in ("pre", "programlisting", "screen")

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            if tag == self._left_out[-1]:
                self._left_out.pop()
            return
        if tag == "title":
            self._in_title = False
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._flush()
            if tag in ("pre", "programlisting", "screen"):
                self._preformatted = max(0, self._preformatted - 1)
        if self._main and tag == self._main[-1]:
            self._flush()
            self._main.pop()

    def handle_data(self, data: str) -> None:
        if self._left_out:
            return
        if self._in_title:
            self.title.append(data)
        elif self._main or not self._only_main:
            self._buffer.append(data.replace("\n", "\x00") if self._preformatted else data)

    def updatepos(self, i: int, j: int) -> int:
        """Line numbers, which nobody asks for, are not kept: that is a tenth of the time."""
        return j

    def _flush(self) -> None:
        raw, self._buffer = "".join(self._buffer).replace("\u00ad", ""), []
        level, self._level = self._level, 0
        if level:
            self.builder.heading(level, raw.replace("\x00", " ").replace("¶", ""))
            return
        lines = [" ".join(one_line(cell) for cell in line.split("\t")).strip() for line in raw.split("\x00")]
        self.builder.paragraph("\n".join(lines))

    def finish(self) -> None:
        """Take in what stood after the last tag."""
        self.close()
        self._in_title = False
        self._flush()


def extract(html: str, *, menus: bool = False) -> tuple[Builder, str]:
    """(text with headings, title) of a page.

    `menus` keeps navigation; without it the main part alone is taken where the page marks one. A page that would come
    out empty is read again with everything in it.
    """
    only_main = not menus and bool(_MAIN.search(html))
    parser = _Extractor(menus=menus, only_main=only_main)
    try:
        parser.feed(html)
        parser.finish()
    except (AssertionError, ValueError):  # html.parser gives up on some malformed declarations
        parser = _Extractor(menus=menus, only_main=False)
        parser.feed(re.sub(r"<![^>]*>|<\?[^>]*>", " ", html))
        parser.finish()
    if not parser.builder.parts and not menus:
        return extract(html, menus=True)
    return parser.builder, one_line("".join(parser.title))


def read_markup(source: Source) -> Iterator[Document]:
    """A page as a document."""
    builder, title = extract(decode(source.data))
    yield builder.document(source.path, title)
