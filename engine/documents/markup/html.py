"""Reads HTML and XHTML pages: the tree of the HTML standard, without menus and hidden elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..building import Builder, one_line
from ..decoding import decode
from ..model import Document, Source
from ..xmltree import Malformed
from .boilerplate import Page
from .flow import Names, flow, is_mark
from .tree import Node, from_html, from_xml, words
from .washing import wash

_BLOCKS = words(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form header hgroup hr html legend li main menu nav ol optgroup option p search section select shadow-root
    summary table tbody tfoot thead tr ul h1 h2 h3 h4 h5 h6
    """
)
NAMES = Names(
    blocks=_BLOCKS,
    code=frozenset(("pre", "xmp", "listing", "plaintext")),
    breaks=frozenset(("br",)),
    spaces=frozenset(("button",)),
)
_LONGEST_BUTTON = 20
_OPENS = frozenset(("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle"))
_OPENING = re.compile("accordion|collaps|toggle")
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_NAV_OPENS = {
    name: re.compile(rf"<{name}\b", re.IGNORECASE) for name in ("nav", "aside", "header", "footer", "div", "ul")
}
_NAV_ENDS = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in _NAV_OPENS}
_XHTML = re.compile(r"\A\s*(?:<\?xml|<!DOCTYPE\s+html\s[^>]*XHTML|<html\s[^>]*xmlns)", re.IGNORECASE)
_EMPTY_RAW = re.compile(r"<(title|script|style|textarea|iframe|noscript|a|div|span|p)\b([^<>]*)/>", re.IGNORECASE)


def read_html(source: Source) -> Iterator[Document]:
    """A page as a document, titled by its title element, else by its first heading."""
    builder, title = extract(decode(source.data))
    yield builder.document(source.path, title)


def extract(text: str, *, book: bool = False) -> tuple[Builder, str]:
    """(text with headings, title) of a page.

    If the page marks a main part, only that is taken. A page whose text would be empty is read again with everything in
    it. `book`: the page is a chapter, and only what no reader would see is left out.

    Raises:
        UnreadableDocument: it has more than `MOST_TAGS` tags.

    """
    return flow_of_page(_tree(text), _unclosed(text), book=book)


def flow_of_page(root: Node, unclosed: frozenset[str] = frozenset(), *, book: bool = False) -> tuple[Builder, str]:
    """Like `extract`, for a tree; `unclosed` as in `Page`."""
    title = one_line(_title(root))
    page = Page(root, unclosed)
    if not book:
        builder = _flow(_main(root), page.menus())
        if builder.parts:
            return builder, title
    return _flow(root, page.unseen(menus=not book)), title


def _tree(text: str) -> Node:
    """The tree of a page: by XML rules if it is XML, else by the HTML standard."""
    if _XHTML.search(text[:1000]):
        try:
            return from_xml(text, entities=True)
        except Malformed:
            text = _EMPTY_RAW.sub(r"<\1\2></\1>", text)
    return from_html(wash(text))


def _flow(root: Node, left_out: set[Node]) -> Builder:
    headings: dict[Node, int] = {}
    inside: set[Node] = set()
    for node in root.nodes():
        if level := _heading_level(node):
            headings[node] = level
            if node not in inside:
                inside.update(node.nodes())
        elif is_mark(node) or (node not in inside and _is_button(node)) or _is_comment(node):
            left_out.add(node)
    return flow(root, NAMES, headings, left_out)


def _heading_level(node: Node) -> int:
    if node.name in _LEVELS:
        return _LEVELS[node.name]
    if node.name == "p" and _is_title(node):
        return 1
    if node.fact("role") != "heading":
        return 0
    level = node.fact("aria-level")
    return int(level) if level in {str(number) for number in range(1, 10)} else 2


def _is_title(paragraph: Node) -> bool:
    """Whether a paragraph is the title of a text that Word or Google Docs saved as a page."""
    classes = paragraph.fact("class").split()
    return "msotitle" in classes or ("title" in classes and paragraph.fact("id").startswith("h."))


def _is_button(node: Node) -> bool:
    """Whether an element only does something ("Copy", "Share"); one that opens a text is that text's title."""
    if node.name != "button" and node.fact("role") != "button":
        return False
    opens = any(fact in _OPENS for fact in node.facts) or _OPENING.search(node.fact("class"))
    return not opens and len(one_line(node.text())) <= _LONGEST_BUTTON


def _is_comment(node: Node) -> bool:
    """Whether an element is a comment beside a text that Word or Google Docs saved as a page, or was deleted in it."""
    if node.facts and (
        "mso-element:comment-list" in node.fact("style").replace(" ", "")
        or (node.name == "del" and not node.facts.keys().isdisjoint(("cite", "datetime")))
    ):
        return True
    for name in ("p", "a"):
        node = next((kid for kid in node.kids if isinstance(kid, Node)), node)
        if node.name != name:
            return False
    return node.facts.get("href", "").startswith("#cmnt_ref")


def _main(root: Node) -> Node:
    """The part that the page marks as main, else the page."""
    mains = [
        node
        for node in root.nodes()
        if (node.name == "main" or node.fact("role") == "main") and "hidden" not in node.facts
    ]
    if not mains:
        return root
    if len(mains) == 1:
        return mains[0]
    both = Node("body")
    inside: set[Node] = set()
    for main in mains:
        if main not in inside:
            both.kids.append(main)
            inside.update(main.nodes())
    return both


def _title(root: Node) -> str:
    todo = [root]
    while todo:
        node = todo.pop()
        if node.name == "title":
            return node.text()
        todo += [kid for kid in reversed(node.kids) if isinstance(kid, Node) and kid.name not in ("svg", "math")]
    return ""


def _unclosed(text: str) -> frozenset[str]:
    return frozenset(
        name for name, opens in _NAV_OPENS.items() if len(opens.findall(text)) > len(_NAV_ENDS[name].findall(text))
    )
