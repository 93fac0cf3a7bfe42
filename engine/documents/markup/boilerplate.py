"""Decides which elements of a page are not part of its text: menus, page headers and footers, hidden elements.

An element's class or id alone does not decide: `class="contents"` is a menu on one page and the body on another. Such
a class counts only if the element is mostly links, or a list of short entries. An element with more than half of the
page's text that is not mostly links is kept, however it is marked.
"""

from __future__ import annotations

from collections.abc import Iterator

from .tree import Node, words

NEVER = words(
    """
    script style template noscript svg iframe object applet textarea noembed noframes canvas audio video annotation
    annotation-xml head
    """
)
_LISTS = words("ul ol menu dl dir")
_ENTRIES = words("li dt dd")
_MENU_ROLES = words("navigation search menu menubar directory tablist toolbar doc-toc")
_FRAME_ROLES = words("banner contentinfo")
_ASIDE_ROLES = words("complementary doc-pagelist doc-index")
_MENU_CLASSES = words(
    """
    sphinxsidebar navheader navfooter breadcrumb breadcrumbs navbar noprint mw-jump-link printfooter catlinks
    vector-dropdown msotoc1 msotoc2 msotoc3 msotoc4 msotoc5
    """
)
_PERHAPS_MENU_CLASSES = words(
    "toc contents related sidebar menu nav navigation footer header toc-list table-of-contents tableofcontents"
)
_NEVER_LEFT_OUT = words("html body main article")
_PARTS = words("article main section")
_PROSE = words("p h1 h2 h3 h4 h5 h6 pre table blockquote article section")
# Left out, unless they hold prose: then they were left unclosed, and only their own text is left out.
_ASIDE_TEXT = words("select option optgroup datalist rt rp rtc")
_TELLING = NEVER | _ASIDE_TEXT | words("nav header footer aside")
_HEADINGS = words("h1 h2 h3 h4 h5 h6")
# Elements that hold lines of text: a link in one belongs to the text.
_LINES = words("p h1 h2 h3 h4 h5 h6 pre table blockquote dt dd")
_CONTAINERS = words(
    "div section article ul ol dl dir menu li dt dd table tbody tr td details form center p header footer"
)
# What a style says besides `display:none` of an element that nothing will show.
_NEVER_SHOWN = ("max-height:0", "font-size:0", "font-size:1px", "opacity:0", "visibility:hidden")
_SHORT = 80
_FOOTER = 300
_PAGE = 500
_TELLING_NOSCRIPT = 200


class Page:
    """A page's tree with the lengths of its texts, which decide what is left out.

    Args:
        root: the tree.
        unclosed: names of elements that the page opens more often than it closes: they may contain what follows them.

    """

    def __init__(self, root: Node, unclosed: frozenset[str] = frozenset()) -> None:
        self.root = root
        self._unclosed = unclosed
        self._lengths: dict[Node, tuple[int, int]] = {}
        self._prose: set[Node] = set()
        self._measure()
        self._whole = max(1, self._lengths[root][0])

    def menus(self) -> set[Node]:
        """The elements to leave out, found from the top down; elements inside them are not listed."""
        left_out: set[Node] = set()
        # (element, whether it is in an article, main or section, whether it is in a frame, where only prose is kept)
        todo: list[tuple[Node, bool, bool]] = [(self.root, False, False)]
        while todo:
            node, in_part, in_frame = todo.pop()
            verdict = self._verdict(node, in_part, in_frame)
            if verdict == "out":
                left_out.add(node)
                continue
            _without_own_text(node)
            in_part = in_part or node.name in _PARTS
            in_frame = (in_frame or verdict == "frame") and node.name not in _LINES
            todo += [(kid, in_part, in_frame) for kid in node.kids if isinstance(kid, Node)]
        return left_out

    def unseen(self, *, menus: bool) -> set[Node]:
        """The elements that no reader of the page would see; `menus`: navigation counts as seen.

        With `menus`, a noscript element with a longer text is kept, too.
        """
        left_out: set[Node] = set()
        todo = [self.root]
        while todo:
            node = todo.pop()
            if node.name == "noscript":
                seen = menus and len(node.text()) >= _TELLING_NOSCRIPT
            elif node.name in _ASIDE_TEXT:
                seen = node in self._prose
            else:
                seen = node.name not in NEVER and (menus or node.name != "nav")
            if not seen:
                left_out.add(node)
            elif node.name != "noscript":
                _without_own_text(node)
                todo += [kid for kid in node.kids if isinstance(kid, Node)]
        return left_out

    def _verdict(self, node: Node, in_part: bool, in_frame: bool) -> str:
        """One of "out", "frame" (prose in it is kept, menus are not) and "keep"."""
        if not (node.facts or in_frame or node.name in _TELLING):
            return "keep"
        if node.name in NEVER:
            return "out"
        if node.name in _ASIDE_TEXT:
            return "frame" if node in self._prose else "out"
        if node.name in _NEVER_LEFT_OUT:
            return "keep"
        if in_frame and self._is_menu(node):
            return "out"
        hidden = "hidden" in node.facts and node.fact("hidden") != "until-found"
        if hidden or node.fact("aria-hidden") == "true" or _is_preview(node):
            return "keep" if self._is_the_page(node) else "out"
        role = node.fact("role")
        if node.name == "nav" or role in _MENU_ROLES:
            return self._if_not_the_page(node, "frame" if node.name in self._unclosed else "out")
        if role in _FRAME_ROLES or (node.name in ("header", "footer") and not in_part):
            return self._frame(node)
        if node.name == "aside" or role in _ASIDE_ROLES:
            return "out" if self._mostly_links(node) else "keep"
        return self._by_class(node)

    def _frame(self, node: Node) -> str:
        footer = node.name == "footer" or node.fact("role") == "contentinfo"
        if footer and node.name not in self._unclosed and self._lengths[node][0] <= _FOOTER:
            return self._if_not_the_page(node, "out")
        return "frame"

    def _by_class(self, node: Node) -> str:
        # Older pages mark their parts by ids alone.
        classes = {*node.fact("class").split(), node.fact("id")}
        if not classes.isdisjoint(_MENU_CLASSES):
            return self._if_not_the_page(node, "frame" if node.name in self._unclosed else "out")
        if node.name in _CONTAINERS and not classes.isdisjoint(_PERHAPS_MENU_CLASSES) and self._is_menu(node):
            return "out"
        return "keep"

    def _if_not_the_page(self, node: Node, verdict: str) -> str:
        return "frame" if self._is_the_page(node) else verdict

    def _is_the_page(self, node: Node) -> bool:
        """Whether the element holds more than half of the page's text and is not mostly links."""
        length = self._lengths[node][0]
        return length * 2 > self._whole and not self._mostly_links(node) and (node in self._prose or length > _PAGE)

    def _mostly_links(self, node: Node) -> bool:
        length, linked = self._lengths[node]
        return 0 < length <= 2 * linked

    def _is_menu(self, node: Node) -> bool:
        """Whether the element is mostly links, or a list (or an entry of one) of short entries without prose."""
        if node.name in _HEADINGS:
            return False
        if self._mostly_links(node):
            return True
        if node.name in _LISTS:
            entries = [kid for kid in node.kids if isinstance(kid, Node) and kid.name in _ENTRIES]
            return all(self._lengths[entry][0] <= _SHORT for entry in entries) and node not in self._prose
        return node.name in _ENTRIES and self._lengths[node][0] <= _SHORT and node not in self._prose

    def _measure(self) -> None:
        """Count, from the leaves up, each element's characters and those in links, and find the elements with prose."""
        lengths = self._lengths
        for node, linked_above in reversed(list(_with_links(self.root))):
            length = linked = 0
            prose = node.name in _PROSE
            for kid in node.kids:
                if isinstance(kid, Node):
                    below = lengths[kid]
                    length += below[0]
                    linked += below[1]
                    prose = prose or kid in self._prose
                elif not kid.isspace():
                    length += len(kid)
                    linked += len(kid) if linked_above else 0
            if prose:
                self._prose.add(node)
            lengths[node] = (0, 0) if node.name in NEVER else (length, linked)


def _is_preview(node: Node) -> bool:
    """Whether an element is the hidden line that mail programs show beside the subject of a mail.

    Not everything without display is hidden: a script may show it.
    """
    style = node.fact("style").replace(" ", "")
    return "mso-hide:all" in style or ("display:none" in style and any(each in style for each in _NEVER_SHOWN))


def _without_own_text(node: Node) -> None:
    if node.name in _ASIDE_TEXT:
        node.kids = [kid for kid in node.kids if isinstance(kid, Node)]


def _with_links(root: Node) -> Iterator[tuple[Node, bool]]:
    """Each element with whether it is, or is in, a link."""
    todo = [(root, False)]
    while todo:
        node, linked = todo.pop()
        linked = linked or (node.name == "a" and "href" in node.facts)
        yield node, linked
        todo += [(kid, linked) for kid in node.kids if isinstance(kid, Node)]
