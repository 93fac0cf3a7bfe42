"""Reads XML by the names of its elements: DocBook, JATS, TEI, DTBook, FictionBook, SVG, feeds; else block by block.

In an unknown vocabulary, an element among text is part of the line, and any other is a paragraph of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from ..building import Builder, one_line
from ..decoding import decode
from ..model import Document, Source
from ..xmltree import Malformed
from .flow import Names, flow
from .html import extract, flow_of_page
from .tree import Node, from_html, from_xml, words
from .washing import wash
from .wiki import pages

# An element of one of these names is a section of its vocabulary, and its title a heading one level below the
# title of the section around it.
_SECTIONS = words(
    """
    article book part chapter appendix preface section sect1 sect2 sect3 sect4 sect5 simplesect reference refentry
    refsection refsect1 refsect2 refsect3 set dedication acknowledgements colophon glossary glossdiv bibliography
    bibliodiv index partintro topic concept task sec abstract trans-abstract ack app boxed-text ref-list notes
    div div0 div1 div2 div3 div4 div5 div6 div7 level level1 level2 level3 level4 level5 level6 body text item channel
    """
)
_TITLES = words("title head article-title bridgehead hd levelhd doctitle book-title h1 h2 h3 h4 h5 h6")
_SUBTITLES = words("subtitle trans-title")
# A title below one of these names that element, not a section.
_UNTITLED = words(
    """
    figure informalfigure table informaltable example note tip warning caution important sidebar fig table-wrap
    disp-quote procedure step list itemizedlist orderedlist variablelist equation formalpara qandaset ref citation
    element-citation mixed-citation bibliomixed biblioentry person-group related-article product svg g symbol
    """
)
_WRAPPERS = words(
    "info articleinfo bookinfo chapterinfo sectioninfo sect1info sect2info title-group article-meta front"
)
_INLINE = words(
    """
    emphasis link ulink xref code literal b i u s em strong italic bold sc sup sub hi ref persname placename q quote
    foreign span a ext-link varname classname methodname application guilabel guimenu guimenuitem guibutton
    menuchoice replaceable parameter userinput computeroutput firstterm trademark acronym abbr abbrev phrase
    superscript subscript styled-content monospace underline strike named-content tspan textpath inline-formula
    citetitle anchor pb lb surname given-names forename keycombo keycap inlinegraphic inlineequation strong-emphasis
    style systemitem envar constant errorcode sgmltag tag
    """
)
_LINES = words("para simpara p title subtitle head hd l line v ab seg td th entry caption article-title term label")
_BLOCKS = words(
    """
    para simpara formalpara p itemizedlist orderedlist variablelist varlistentry listitem list list-item item note tip
    warning caution important blockquote disp-quote quote-block epigraph table informaltable tgroup tbody thead tfoot
    row tr figure informalfigure mediaobject caption example informalexample footnote fn lg l line v stanza poem sp
    speaker stage step procedure substeps qandaentry question answer synopsis cmdsynopsis address abstract sec
    def-list def-item def dl dt dd ul ol li div div1 div2 div3 div4 sidebar text section chapter kwd subject text-author
    disp-formula informalequation equation fig table-wrap
    """
)
_NAMES = Names(
    blocks=_BLOCKS,
    rows=words("row tr"),
    cells=words("entry td th cell"),
    code=words("programlisting screen literallayout synopsis pre preformat codeblock verbatim eg code-block"),
    breaks=words("lb br break"),
)
_LEFT_OUT = words(
    """
    indexterm remark teiheader journal-meta article-id article-categories contrib-group aff author-notes pub-date
    permissions history counts custom-meta-group self-uri object-id volume issue fpage lpage elocation-id title-info
    document-info publish-info binary binarydata bindata script style defs metadata tex-math annotation
    annotation-xml titleabbrev productnumber legalnotice revhistory copyright pubdate edition releaseinfo graphic
    inline-graphic guid rights
    """
)
# Elements whose text is code, even if it looks like a page.
_CODE = _NAMES.code | words("code literal sgmltag tag markup userinput computeroutput tt codeph")
_MARKUP = re.compile(
    r"</?(?:p|br|div|a|b|i|em|strong|ul|ol|li|h[1-6]|img|span|table|blockquote)\b[^<>]*>|&#?\w{2,8};", re.IGNORECASE
)
_MOST_WRAPPERS = 3
# Notes within a line, and references to them; the codes of programs in translation memories; of two readings of one
# word in TEI, the one that was corrected.
_NOTES = words("footnote note fn")
_NOTE_REFERENCES = words("fn table-fn aff corresp author-notes")
_CITATION = re.compile(r"\s*\[?[\d\s,;–-]*\]?\s*")
_MEMORIES = words("tmx xliff")
_CODES = words("bpt ept ph it prop")
_REPLACED = words("sic orig abbr")
# Elements of outlines and mind maps, whose words are attributes.
_OUTLINES = words("outline node")
_WORDS_OF_OUTLINES = ("text", "_note")
_FEEDS = words("rss feed rdf")
# A feed's parts, and what is text in them besides the first of `_TEXTS_OF_FEEDS` that says something; the rest are
# addresses, times, numbers and shorter forms of the same text.
_PARTS_OF_FEEDS = words("channel item entry group comment")
_TEXTS_OF_FEEDS = ("encoded", "content", "description", "summary", "comment_content")
_KEPT_OF_FEEDS = words("title subtitle tagline")
_WIKI = re.compile(r"<mediawiki[\s>]")
_HTML = re.compile(r"<html\b", re.IGNORECASE)


def read_xml(source: Source) -> Iterator[Document]:
    """An XML document, titled by its first title; a page of HTML, or a file that is not XML, is read as HTML.

    A dump of MediaWiki gives a document for each of its pages.
    """
    text = decode(source.data)
    if _WIKI.search(text[:2000]):
        with suppress(Malformed):
            yield from pages(from_xml(text, entities=True), source.path)
            return
    builder, title = extract_xml(text)
    yield builder.document(source.path, title)


def extract_xml(text: str, *, book: bool = False) -> tuple[Builder, str]:
    """(text with headings, title) of an XML document; `book` as in `extract`.

    Declared entities are not expanded: references to them stay as written.

    Raises:
        UnreadableDocument: it has more than `MOST_TAGS` tags.

    """
    try:
        root = from_xml(text, entities=True)
    except Malformed:
        if _HTML.search(text[:2000]):
            return extract(text, book=book)
        root = from_html(wash(text))
        return flow_of_page(root, book=book)
    if root.name == "html":
        return flow_of_page(root, book=book)
    return _extract(root)


def forgiving_tree(text: str, name: str) -> Node:
    """The tree of an XML text; one that is not well-formed is read as HTML, whose parser accepts any text.

    Raises:
        UnreadableDocument: it declares entities, or has too many tags.

    """
    try:
        return from_xml(text, name)
    except Malformed:
        return from_html(wash(text))


def _extract(root: Node) -> tuple[Builder, str]:
    left_out: set[Node] = set()
    if root.name in _FEEDS:
        left_out |= _besides_text(root)
        _unpack_feed(root)
    else:
        _unpack(root)
    _give_words(root)
    _move_notes(root)
    headings, title = _headings(root)
    blocks = _blocks(root)
    left_out |= {node for node in root.nodes() if node.name in _LEFT_OUT or node.fact("encoding") == "base64"}
    left_out.update(_numbers(root))
    left_out.update(_references(root))
    if root.name in _MEMORIES:
        left_out |= {node for node in root.nodes() if node.name in _CODES}
    return flow(root, _NAMES, headings, left_out, blocks), title


def _numbers(root: Node) -> Iterator[Node]:
    """The numbers before the titles of sections, notes and references, and what TEI gives in a better form, too."""
    for node in root.nodes():
        if node.name in _SECTIONS or node.name in ("fn", "ref"):
            yield from (kid for kid in node.kids if isinstance(kid, Node) and kid.name == "label")
        elif node.name == "choice":
            yield from (kid for kid in node.kids if isinstance(kid, Node) and kid.name in _REPLACED)


def _references(root: Node) -> Iterator[Node]:
    """The numbers that lead to notes, and those that lead to references and are raised or in brackets of their own."""
    todo = [(root, False)]
    while todo:
        node, raised = todo.pop()
        kids = [kid for kid in node.kids if isinstance(kid, Node)]
        raised = raised or node.name in ("sup", "superscript")
        if node.name == "xref" and (kind := node.fact("ref-type")):
            text = node.text().strip()
            marked = raised or text.startswith("[") or any(kid.name == "sup" for kid in kids)
            if kind in _NOTE_REFERENCES or (kind == "bibr" and marked and _CITATION.fullmatch(text)):
                yield node
                continue
        todo += [(kid, raised) for kid in kids]


def _give_words(root: Node) -> None:
    """Turn the attributes with the words of an outline into its text."""
    for node in root.nodes():
        if node.name in _OUTLINES:
            for name in filter(node.fact, _WORDS_OF_OUTLINES):
                line = Node("p")
                line.kids.append(node.facts[name])
                node.kids.insert(name != _WORDS_OF_OUTLINES[0], line)


def _move_notes(root: Node) -> None:
    """Move the notes out of each line of text, behind it: they would cut its sentence in two."""
    todo = [root]
    while todo:
        node = todo.pop()
        kids, node.kids = node.kids, []
        for kid in kids:
            node.kids.append(kid)
            if isinstance(kid, Node):
                moved = list(_taken_out(kid)) if kid.name in _LINES else []
                node.kids += moved
                todo += moved if kid.name in _LINES else [kid]


def _taken_out(line: Node) -> Iterator[Node]:
    todo = [line]
    while todo:
        node = todo.pop()
        if node.name in _NOTES:
            yield node
            continue
        todo += [kid for kid in reversed(node.kids) if isinstance(kid, Node)]
        node.kids = [kid for kid in node.kids if isinstance(kid, str) or kid.name not in _NOTES]


def _headings(root: Node) -> tuple[dict[Node, int], str]:
    """(the titles of sections with their levels, the title of the document if no heading gives it)."""
    levels: dict[Node, int] = {}
    title = ""
    # (element, titled sections around it, whether a title in it would name a section, whether it is in a header)
    todo: list[tuple[Node, int, bool, bool]] = [(root, 0, True, False)]
    while todo:
        node, depth, section, header = todo.pop()
        if node.name in _UNTITLED:
            section = False
        elif node.name in _SECTIONS or node is root:
            section = True
            depth += any(True for _ in _titles_of(node))
        header = header or node.name in ("teiheader", "title-info", "metadata", "head")
        for kid in node.kids:
            if not isinstance(kid, Node):
                continue
            if header and kid.name in ("title", "booktitle", "book-title"):
                title = title or one_line(kid.text())
            elif section and (kid.name in _TITLES or kid.name in _SUBTITLES):
                levels[kid] = int(kid.name[1]) if kid.name[1:].isdigit() else depth + (kid.name in _SUBTITLES)
        todo += [(kid, depth, section, header) for kid in reversed(node.kids) if isinstance(kid, Node)]
    return levels, title


def _titles_of(section: Node) -> Iterator[Node]:
    todo = [(section, 0)]
    while todo:
        node, wrapped = todo.pop()
        for kid in node.kids:
            if isinstance(kid, Node):
                if kid.name in _TITLES:
                    yield kid
                elif kid.name in _WRAPPERS and wrapped < _MOST_WRAPPERS:
                    todo.append((kid, wrapped + 1))


def _blocks(root: Node) -> set[Node]:
    """The elements of unknown name that are paragraphs: those that are not among text."""
    found: set[Node] = set()
    todo = [(root, False)]
    while todo:
        node, in_line = todo.pop()
        in_line = in_line or node.name in _LINES or any(isinstance(kid, str) and not kid.isspace() for kid in node.kids)
        for kid in node.kids:
            if isinstance(kid, Node):
                known = kid.name in _INLINE
                if not in_line and not known:
                    found.add(kid)
                todo.append((kid, (in_line and kid.name not in _BLOCKS) or known))
    return found


def _besides_text(feed: Node) -> set[Node]:
    """The elements of a feed that are no text of its own, or say again what another one says."""
    found: set[Node] = set()
    todo = [feed]
    while todo:
        part = todo.pop()
        kids = [kid for kid in part.kids if isinstance(kid, Node)]
        texts = (kid for name in _TEXTS_OF_FEEDS for kid in kids if kid.name == name and kid.text().strip())
        text = next(texts, None)
        for kid in kids:
            if kid.name in _PARTS_OF_FEEDS:
                todo.append(kid)
            elif kid is not text and (kid.name not in _KEPT_OF_FEEDS or part.name == "group"):
                found.add(kid)
    return found


def _unpack(root: Node) -> None:
    """Replace pages that elements hold as text, as notes and exports of programs have them, by their trees."""
    for node in root.nodes():
        if len(node.kids) == 1 and isinstance(text := node.kids[0], str) and node.name not in _CODE:
            text = text.strip()
            if text.startswith("<") and text.endswith(">") and _MARKUP.search(text):
                node.kids = list(from_html(wash(text)).kids)


def _unpack_feed(feed: Node) -> None:
    """Replace the HTML that a feed holds as text by its tree; entries are items, and no cells of tables."""
    for node in feed.nodes():
        if node.name == "entry":
            node.name = "item"
        if len(node.kids) == 1 and isinstance(text := node.kids[0], str) and _MARKUP.search(text):
            node.kids = list(from_html(wash(text)).kids)
