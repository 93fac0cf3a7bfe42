"""The tree of every markup: elements with local names in lower case, and text between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import UnreadableDocument
from ..xmltree import Element, local, parse_xml_text

# A tag takes about 600 bytes while a page is read: this many take less than a gigabyte.
MOST_TAGS = 1_500_000
_NO_FACTS: Mapping[str, str] = {}


def words(text: str) -> frozenset[str]:
    """The set of words in a text: for names of elements, classes and roles."""
    return frozenset(text.split())


class Node:
    """An element: its name, its attributes (names in lower case), and its children: elements, and text as strings."""

    __slots__ = ("facts", "kids", "name")

    def __init__(self, name: str, facts: Mapping[str, str] = _NO_FACTS) -> None:
        self.name = name
        self.facts = facts
        self.kids: list[Node | str] = []

    def fact(self, name: str) -> str:
        """An attribute's value in lower case, without white space around it; "" if it is missing."""
        return self.facts.get(name, "").strip().lower() if self.facts else ""

    def nodes(self) -> Iterator[Node]:
        """This element and those below it, in the order of the document."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo += [kid for kid in reversed(node.kids) if isinstance(kid, Node)]

    def first(self, *names: str) -> Node | None:
        """The first element of one of these names, which may be this one."""
        return next((node for node in self.nodes() if node.name in names), None)

    def text(self, without: frozenset[str] = frozenset()) -> str:
        """All text below, unchanged; elements whose names are in `without` are left out."""
        pieces: list[str] = []
        todo: list[Node | str] = [self]
        while todo:
            kid = todo.pop()
            if isinstance(kid, str):
                pieces.append(kid)
            elif kid.name not in without:
                todo += reversed(kid.kids)
        return "".join(pieces)


def from_xml(text: str, name: str = "it", *, entities: bool = False) -> Node:
    """The tree of an XML document; `name` and `entities` as in `parse_xml`.

    Raises:
        Malformed: it is not well-formed XML.
        UnreadableDocument: it declares entities, or has more than `MOST_TAGS` tags.

    """
    _refuse_many_tags(text)
    root = parse_xml_text(text, name, entities=entities)
    top = _from_element(root)
    todo = [(root, top)]
    while todo:
        element, node = todo.pop()
        if element.text:
            node.kids.append(element.text)
        for child in element:
            kid = _from_element(child)
            node.kids.append(kid)
            if child.tail:
                node.kids.append(child.tail)
            todo.append((child, kid))
    return top


def _from_element(element: Element) -> Node:
    facts = {name.rpartition("}")[2].lower(): value for name, value in element.items()}
    return Node(local(element).lower(), facts or _NO_FACTS)


def _refuse_many_tags(text: str) -> None:
    if text.count("<") > MOST_TAGS:
        raise UnreadableDocument(f"it has more than {MOST_TAGS:,} tags")


def from_html(text: str) -> Node:
    """The tree of a text by the HTML standard; call `wash` on the text first.

    Raises:
        UnreadableDocument: it has more than `MOST_TAGS` tags.

    """
    from selectolax.lexbor import LexborHTMLParser

    _refuse_many_tags(text)
    top = Node("html")
    place: Any = LexborHTMLParser(text).root
    path: list[tuple[Any, Node]] = []
    kid: Any = place.child if place is not None else None
    parent = top
    while kid is not None:
        below = None
        if kid.is_text_node:
            parent.kids.append(kid.text_content)
        elif kid.is_element_node:
            facts = kid.attributes
            node = Node(kid.tag, {name: value or "" for name, value in facts.items()} if facts else _NO_FACTS)
            parent.kids.append(node)
            below = kid.child
        if below is not None:
            path.append((kid, parent))
            kid, parent = below, node
            continue
        kid = kid.next
        while kid is None and path:
            above, parent = path.pop()
            kid = above.next
    return top
