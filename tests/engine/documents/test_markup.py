"""HTML and XML become the text that a reader sees, whatever is unclosed, hidden, nested or broken in them."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, read
from hybrid_search.engine.documents.markup.html import extract
from hybrid_search.engine.documents.markup.tree import Node, from_html
from hybrid_search.engine.documents.markup.washing import DEEPEST, wash
from hybrid_search.engine.documents.markup.xml import extract_xml
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import given, settings
from hypothesis import strategies as st


def paragraphs(page: str) -> list[str]:
    builder, _ = extract(page)
    return builder.parts


def outline(text: str) -> tuple[str, list[tuple[int, str]], list[str]]:
    """(title, headings, paragraphs that are no headings) of an XML document."""
    builder, title = extract_xml(text)
    titles = [heading.title for heading in builder.headings]
    headings = [(heading.level, heading.title) for heading in builder.headings]
    return title, headings, [part for part in builder.parts if part not in titles]


def document(folder: Path, name: str, content: bytes) -> Document:
    path = folder / name
    path.write_bytes(content)
    (found,) = read(path)
    return found


PROSE = "Bread is made of flour, water and salt, and of time, which no baker can do without."
LINKS = "<ul><li><a href='#a'>One</a><li><a href='#b'>Two</a></ul>"


def test_readings_of_ruby_are_left_out_and_the_text_after_them_stays():
    page = "<p>これは<ruby>漢字<rt>かんじ</ruby>です。</p><p>北<ruby>京<rp>(<rt>jing<rp>)</ruby>是首都。</p><p>次。</p>"
    assert paragraphs(page) == ["これは漢字です。", "北京是首都。", "次。"]


@pytest.mark.parametrize(
    "unclosed",
    [
        "<select><option>a<option>b",
        "<nav><ul><li>a</ul>",
        "<ul><li class='toc'>a<li class='toc'>b</ul>",
        "<div class='navheader'><ul><li>a</ul>",
        "<script>var a = 1 ",
        "<style>p {} ",
        "<textarea>",
        "<iframe src='x'>",
        "<!-- a ",
        "<aside><ul><li><a href='x'>a</a></ul>",
        "<ruby>a<rt>b",
        "<noscript></noscript><button>",
    ],
)
def test_what_is_left_out_and_never_ended_takes_no_text_with_it(unclosed):
    page = f"<body><h1>Bread</h1>{unclosed}<p>{PROSE}</p><p>More.</p></body>"
    assert [part for part in paragraphs(page) if len(part) > 2] == ["Bread", PROSE, "More."]


def test_a_title_that_is_never_ended_ends_where_the_next_tag_begins():
    builder, title = extract("<head><title>Bread &amp; salt<body><p>Flour.<p>Water.")
    assert (title, builder.parts) == ("Bread & salt", ["Flour.", "Water."])
    builder, title = extract("<title>Bread<body><p>Flour.<svg><title>picture</title></svg><p>Water.")
    assert (title, builder.parts) == ("Bread", ["Flour.", "Water."])


def test_a_heading_that_is_never_ended_is_the_line_before_the_next_paragraph():
    builder, _ = extract(f"<h2>Bread<p>{PROSE}<p>More.")
    assert [(heading.level, heading.title) for heading in builder.headings] == [(2, "Bread")]
    assert builder.parts == ["Bread", PROSE, "More."]


@pytest.mark.parametrize("name", ["contents", "toc", "related", "sidebar", "menu"])
@pytest.mark.parametrize("element", ["div", "section", "article"])
def test_a_class_alone_removes_no_text(name, element):
    page = f"<h1>Bread</h1><{element} class='{name}'><p>Short.</p></{element}><p>{PROSE}</p>"
    assert paragraphs(page) == ["Bread", "Short.", PROSE]


@pytest.mark.parametrize(
    "menu",
    [
        f"<div class='contents'>{LINKS}</div>",
        f"<div class='toc'><p>Contents</p>{LINKS}<a href='x'>Another chapter</a></div>",
        "<ul class='toc'><li>One</li><li>Two</li></ul>",
        f"<nav>{LINKS}</nav>",
        "<nav><p>Home</p></nav>",
        f"<div role='navigation'>{LINKS}</div>",
        "<form role='search'><label>Find</label></form>",
        f"<aside>{LINKS}</aside>",
        f"<header>{LINKS}</header>",
        "<footer><p>Imprint</p></footer>",
        "<div role='contentinfo'>Imprint</div>",
        "<div hidden>Hidden</div>",
        "<span aria-hidden='true'>expand_more</span>",
        "<div style='display: none; max-height: 0; overflow: hidden'>Preview \u200b\u034f</div>",
        "<span style='mso-hide:all'>Preview</span>",
        "<select><option>a</select>",
        "<datalist><option>a</datalist>",
        "<template><p>Not shown</p></template>",
        "<noscript>Please enable JavaScript</noscript>",
        "<svg><title>Logo</title><text>Logo</text></svg>",
        "<p><img src='data:image/png;base64,AAAA' alt=''></p>",
    ],
)
def test_menus_frames_and_what_is_hidden_are_left_out(menu):
    assert paragraphs(f"<body>{menu}<h1>Bread</h1><p>{PROSE}</p></body>") == ["Bread", PROSE]


def test_links_in_headings_and_in_prose_are_text_whatever_their_class_is():
    page = (
        f"<h1 class='header'><a class='header' href='#a'>Bread</a></h1><p>{PROSE}<a class='toc' href='b'>Salt</a></p>"
    )
    assert paragraphs(page) == ["Bread", f"{PROSE}Salt"]
    header = (
        "<header><a href='/'>Home</a><h1><a href='a'>Bread</a></h1><p>Written by <a href='ann'>Ann</a></p></header>"
    )
    assert paragraphs(f"{header}<p>{PROSE}</p>") == ["Bread", "Written by Ann", PROSE]


@pytest.mark.parametrize(
    "mark",
    [
        "<a class='hash-link' href='#a'>\u200b</a>",
        "<a href='#a'>\u200b#\u200b</a>",
        "<a class='headerlink' href='#a'>\uf0c1</a>",
        "<a href='#a' aria-label='Permalink'><svg><path/></svg></a>",
        "<span class='mw-editsection'>[<a href='x'>Bearbeiten</a>]</span>",
        "<a href='https://a.b/c#note-1'><span>[</span>1<span>]</span></a>",
        "<sup><a href='#n'>[a]</a></sup>",
        "<sup><a href='#n'>*</a></sup>",
        "<sup><a href='#n'>12</a></sup>",
        "<a href='#n' role='doc-noteref'>3</a>",
        "<a href='#n' epub:type='noteref'>iv</a>",
        "<a href='#n'><sup>1</sup></a>",
        "<a href='#back'>↩︎</a>",
        "<span class='pagenum'>[Pg 12]</span>",
        "<span role='doc-pagebreak'>12</span>",
        "<span epub:type='pagebreak'>12</span>",
    ],
)
def test_marks_within_titles_and_prose_are_no_words_of_them(mark):
    builder, _ = extract(f"<h2>Bread{mark}</h2><p>Flour{mark} and salt.</p>")
    assert [heading.title for heading in builder.headings] == ["Bread"]
    assert builder.parts == ["Bread", "Flour and salt."]
    book, _ = extract(f"<h2>Bread{mark}</h2><p>Flour{mark} and salt.</p>", book=True)
    assert book.parts == builder.parts


def test_what_a_script_may_show_is_text():
    page = f"<h2>Why?</h2><div style='display:none'>Because.</div><p>{PROSE}</p>"
    assert paragraphs(page) == ["Why?", "Because.", PROSE]


def test_links_that_say_something_stay_in_the_text():
    page = "<p>See <a href='#a'>Table 3</a>, <a href='#b'>4</a> and <a href='x'>[1]</a> <a>#</a> m<sup>2</sup>.</p>"
    assert paragraphs(page) == ["See Table 3, 4 and [1] # m2."]


def test_numbers_beside_lines_of_code_are_left_out():
    page = (
        "<table><tr><td class=linenos><pre>1\n2</pre></td><td class='code'><pre>import x\nx.f()</pre></td></tr></table>"
        "<pre><span class='lineno'>1 </span>import y</pre>"
    )
    assert paragraphs(page) == ["import x\nx.f()", "import y"]


def test_a_menu_may_be_marked_by_its_id_alone():
    page = f"<div id='menu'>{LINKS}</div><ol id='breadcrumbs'><li>Home</ol><div id='toc'><p>{PROSE}</p></div>"
    assert paragraphs(f"{page}<h1>Bread</h1><p>{PROSE}</p>") == [PROSE, "Bread", PROSE]


@pytest.mark.parametrize(
    ("title", "contents"),
    [
        ("<p class=MsoTitle>Bread</p>", "<p class=MsoToc1><a href='#a'>Flour</a> 3</p>"),
        ("<p class='c1 title' id='h.x1'><span>Bread</span></p>", ""),
    ],
)
def test_pages_saved_by_word_and_google_docs_have_titles_and_no_tables_of_contents(title, contents):
    builder, _ = extract(f"<body>{title}{contents}<h1>Flour</h1><p>{PROSE}</p><p class='title'>Table 1</p></body>")
    assert [heading.title for heading in builder.headings] == ["Bread", "Flour"]
    assert builder.parts == ["Bread", "Flour", PROSE, "Table 1"]


def test_an_aside_and_the_header_of_an_article_are_text():
    page = f"<article><header><h1>Bread</h1><p>By Ann</p></header><p>{PROSE}</p><aside><p>A note.</p></aside></article>"
    assert paragraphs(page) == ["Bread", "By Ann", PROSE, "A note."]


def test_what_holds_most_of_the_text_is_the_page_whatever_it_is_called():
    page = f"<nav><p>{PROSE}</p><p>{PROSE}</p></nav><p>End.</p>"
    assert paragraphs(page) == [PROSE, PROSE, "End."]
    assert paragraphs(f"<div aria-hidden='true'><p>{PROSE}</p></div><p>End.</p>") == [PROSE, "End."]


def test_a_declarative_shadow_root_is_shown():
    page = "<my-page><template shadowrootmode='open'><p>shadow</p></template></my-page><p>light</p>"
    assert paragraphs(page) == ["shadow", "light"]


def test_rows_are_lines_and_cells_are_parted():
    page = "<table><tr><th>Flour<th>Water<tr><td><p>500 g</p><td>300 g<td></table>"
    assert paragraphs(page) == ["Flour\tWater", "500 g\t300 g"]
    layout = f"<table><tr><td><h1>Bread</h1><p>{PROSE}</p><td><p>{PROSE * 8}</p></table>"
    assert paragraphs(layout) == ["Bread", PROSE, PROSE * 8]


def test_code_keeps_its_lines_and_indents():
    assert paragraphs("<pre>if a:\n    b  = c\n</pre>") == ["if a:\n    b  = c"]


def test_entities_and_character_references_of_any_size_are_read():
    assert paragraphs("<p>Caf&eacute; &#66;&amp &#" + "9" * 4301 + ";") == ["Café B& \ufffd"]


def test_data_uris_leave_the_text():
    assert paragraphs("<p>see data:image/png;base64," + "A" * 60 + " here") == ["see here"]


def test_an_undefined_charset_is_guessed(tmp_path):
    page = "<meta charset='undefined'><p>Die Größe der Bäckerei überzeugt</p>".encode("cp1252")
    assert document(tmp_path, "a.html", page).text == "Die Größe der Bäckerei überzeugt"


@pytest.mark.parametrize("broken", ["<![C x", "<!x", "<![foo[ x", "<a" * 50, "</", "<?", "<p x='", "<!---"])
def test_text_before_something_broken_stays(broken):
    assert paragraphs("<p>bread" + broken)[0].startswith("bread")
    assert outline("<p>bread</p>" + broken)[2][0].startswith("bread")


def test_empty_elements_of_xhtml_do_not_swallow_the_page():
    xhtml = (
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title/><style/></head><body><p>Br<a id='x'/>ot</p>{}</html>"
    )
    assert paragraphs(xhtml.format("</body>")) == ["Brot"]
    assert paragraphs(xhtml.format("<p>not ended")) == ["Brot", "not ended"]


def test_docbook_titles_are_headings_by_their_nesting():
    assert outline(
        "<book><info><title>Baking</title><subtitle>At home</subtitle></info><chapter><title>Ovens</title>"
        "<para>Ovens are <emphasis>hot</emphasis>.</para><figure><title>An oven</title></figure>"
        "<section><title>Gas</title><programlisting><![CDATA[if a < b:\n  &nbsp;]]></programlisting></section>"
        "</chapter><chapter><title>Flour</title><para>White.</para></chapter></book>"
    ) == (
        "",
        [(1, "Baking"), (2, "At home"), (2, "Ovens"), (3, "Gas"), (2, "Flour")],
        ["Ovens are hot.", "An oven", "if a < b:\n  &nbsp;", "White."],
    )


def test_the_first_title_is_the_title_of_an_xml_document(tmp_path):
    docbook = b"<article><title>Baking</title><section><title>Ovens</title><para>Hot.</para></section></article>"
    found = document(tmp_path, "a.xml", docbook)
    assert (found.title, found.text) == ("Baking", "Baking\n\nOvens\n\nHot.")


def test_jats_gives_title_abstract_body_and_references():
    assert outline(
        "<article><front><journal-meta><journal-title>J</journal-title></journal-meta><article-meta>"
        "<article-id>7</article-id><title-group><article-title>On <italic>yeast</italic></article-title></title-group>"
        "<abstract><title>Abstract</title><p>It grows.</p></abstract></article-meta></front><body><sec><label>1</label>"
        "<title>Methods</title><p>Warm<sup>2</sup> water.</p></sec></body><back><ref-list><title>References</title>"
        "<ref><mixed-citation>Ann. <article-title>Salt.</article-title></mixed-citation></ref></ref-list></back>"
        "</article>"
    )[1:] == (
        [(1, "On yeast"), (2, "Abstract"), (2, "Methods"), (2, "References")],
        ["It grows.", "Warm2 water.", "Ann. Salt."],
    )


def test_tei_heads_and_verses():
    assert outline(
        "<TEI xmlns='x'><teiHeader><titleStmt><title>Faust</title><author>G</author></titleStmt></teiHeader><text>"
        "<body><div><head>Nacht</head><lg><l>Habe nun, ach!</l><l>Philosophie</l></lg></div></body></text></TEI>"
    ) == ("Faust", [(1, "Nacht")], ["Habe nun, ach!", "Philosophie"])


def test_dtbook_svg_and_fictionbook():
    dtbook = "<dtbook><book><bodymatter><level1><h1>One</h1><p>Text.</p></level1></bodymatter></book></dtbook>"
    assert outline(dtbook)[1:] == ([(1, "One")], ["Text."])
    assert outline("<svg><style>a</style><text>Two <tspan>words</tspan></text></svg>")[2] == ["Two words"]
    section = "<section><title><p>I</p><p>Bread</p></title><p>Text.</p></section>"
    fiction = f"<FictionBook><body>{section}</body><binary>AA</binary></FictionBook>"
    assert outline(fiction)[1:] == ([(1, "I Bread")], ["Text."])


def test_unknown_xml_is_read_block_by_block():
    text = "<shop><ware><name>Bread</name><about>Good <b>white</b> bread</about></ware></shop>"
    assert outline(text)[2] == ["Bread", "Good white bread"]


def test_html_in_a_feed_is_read_as_html():
    item = "<item><title>News</title><description>&lt;p&gt;One&lt;p&gt;Two</description></item>"
    assert outline(f"<rss><channel>{item}</channel></rss>")[2] == ["One", "Two"]


def test_a_feed_is_its_titles_and_texts_each_once():
    feed = (
        "<rss><channel><title>Blog</title><link>http://a.b</link><description>On bread</description><ttl>60</ttl>"
        "<image><title>Blog</title><url>http://a.b/i</url></image>"
        "<item><title>Salt &amp;amp; flour</title><guid>7</guid><pubDate>Mon</pubDate><creator>Ann</creator>"
        "<description>Short […]</description><encoded>&lt;p&gt;Long.&lt;/p&gt;</encoded><comments>3</comments></item>"
        "</channel></rss>"
    )
    assert outline(feed) == ("", [(1, "Blog"), (2, "Salt & flour")], ["On bread", "Long."])
    atom = (
        "<feed><id>1</id><title>Films</title><updated>2020</updated><author><name>Ann</name></author><entry><id>2</id>"
        "<title>Dough</title><group><title>Dough</title><content url='x'/><description>How it rises.</description>"
        "</group></entry><entry><title>Oven</title><summary>Hot</summary><content><p>It is hot.</p></content>"
        "</entry></feed>"
    )
    assert outline(atom) == ("", [(1, "Films"), (2, "Dough"), (2, "Oven")], ["How it rises.", "It is hot."])


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.rss", "<?xml version='1.0'?><rss><channel><title>Blog</title></channel></rss>", "Blog"),
        ("a.tmx", "\ufeff<?xml version='1.0'?><tmx><tu><tuv><seg>Brot</seg></tuv></tu></tmx>", "Brot"),
        ("nameless", "<?xml version='1.0'?><!DOCTYPE html><html><body><p>Brot</p></body></html>", "Brot"),
    ],
)
def test_xml_is_known_whatever_it_is_called(tmp_path, name, content, text):
    assert document(tmp_path, name, content.encode()).text == text


def wiki(*pages: tuple[str, str]) -> str:
    """A dump of a German wiki with these titles and texts."""
    names = "<namespaces><namespace key='6'>Datei</namespace><namespace key='14'>Kategorie</namespace></namespaces>"
    inside = (
        f"<page><title>{title}</title><ns>0</ns><id>7</id><revision><id>8</id><contributor><username>Ann</username>"
        f"</contributor><text>{escape(text)}</text><sha1>x</sha1></revision></page>"
        for title, text in pages
    )
    return f"<mediawiki><siteinfo><sitename>W</sitename>{names}</siteinfo>{''.join(inside)}</mediawiki>"


def test_each_page_of_a_wiki_is_a_document_without_marks_and_templates(tmp_path):
    bread = (
        "{{Infobox|A={{lang|de|x}}\n|B=[[Datei:x.jpg]]}}\n[[Datei:Laib.jpg|mini|Ein [[Laib]] Brot]]\n"
        "'''Brot''' ist ein [[Gebäck|Gebackenes]]<ref name='a'>{{Lit}} Buch</ref> aus [[Teig]]: gut.<ref name='a' />\n"
        "Siehe [https://a.b hier]&nbsp;oder ''dort''.<!-- no -->\n\n== Zutaten ==\n* Mehl\n* [[Salz]]ig\n"
        '{| class="wikitable"\n|+ Gewicht\n! Was !! Wie viel\n|-\n| style="x" | Mehl || [[Kilogramm|kg]]\n|}\n'
        "=== Ofen ===\nHeiß. <ref>nie zu {{nie zu\n\n[[Kategorie:Brot]]\n[[en:Bread]]\n__TOC__\n"
    )
    path = tmp_path / "dewiki-pages.xml"
    path.write_text(wiki(("Brot", bread), ("Leer", "{{x}}"), ("Ofen", "Ein Ofen.")), "utf-8")
    first, second = read(path)
    assert (first.part, first.title, second.part, second.title) == ("page 1", "Brot", "page 3", "Ofen")
    assert [(heading.level, heading.title) for heading in first.headings] == [(2, "Zutaten"), (3, "Ofen")]
    assert first.text.split("\n\n") == [
        "Brot ist ein Gebackenes aus Teig: gut.\nSiehe hier\u00a0oder dort.",
        "Zutaten",
        "Mehl\nSalzig",
        "Gewicht\nWas\tWie viel",
        "Mehl\tkg",
        "Ofen",
        "Heiß. nie zu {{nie zu",
    ]


@pytest.mark.parametrize("unit", ["{{", "[[", "<ref>", "[[a|", "{{}}", "'''", "<!--", "\n=", "[[a]]", "[//a ", "{|\n"])
def test_a_wiki_that_repeats_anything_is_read_in_time_with_its_length(tmp_path, unit):
    path = tmp_path / "a.xml"
    path.write_text(wiki(("Brot", "Mehl. " + unit * 100_000)), "utf-8")
    assert next(iter(read(path))).text.startswith("Mehl.")


def test_pages_that_xml_holds_as_text_are_pages_and_packed_data_and_code_are_not(tmp_path):
    notes = (
        "<?xml version='1.0'?><en-export><note><title>Bread</title><content><![CDATA[<?xml version='1.0'?>"
        "<!DOCTYPE en-note SYSTEM 'x'><en-note><div>Flour &amp; salt</div><p><b>Wa</b>ter</p></en-note>]]></content>"
        "<resource><data encoding='base64'>iVBORw0KGgo=</data></resource></note></en-export>"
    )
    assert document(tmp_path, "notes.enex", notes.encode()).text == "Bread\n\nFlour & salt\n\nWater"
    book = "<article><para>Write:</para><programlisting><![CDATA[<p>x</p>]]></programlisting></article>"
    assert outline(book)[2] == ["Write:", "<p>x</p>"]


def test_an_xml_file_that_is_a_page_is_read_as_one(tmp_path):
    page = f"<!DOCTYPE html><html><body><nav>{LINKS}</nav><p>Bread<br>and salt</body></html>"
    assert document(tmp_path, "a.xml", page.encode()).text == "Bread\nand salt"
    xhtml = page.replace("<br>", "<br/>").replace("<li>", "<li/>").replace("salt", "salt</p>")
    assert document(tmp_path, "b.xml", xhtml.encode()).text == "Bread\nand salt"


def test_declared_entities_are_never_expanded():
    chain = "".join(f'<!ENTITY x{number} "&x{number - 1};&x{number - 1};">' for number in range(1, 2000))
    assert outline(f"<!DOCTYPE a [{chain}]><a>&x1999; bread</a>")[2] == ["&x1999; bread"]


NESTED = {
    "blocks": "<div>",
    "formatting": "<b>",
    "paragraphs in formatting": "<p><b>",
    "different formatting": "<b id='{}'><p>",
    "links around blocks": "<a><div>",
    "misnested": "<b><i><a><div></b></i></a>",
    "tables": "<table><td>",
    "lists": "<ul><li>",
    "ended in the wrong place": "<div><table></div></table>",
    "unknown elements": "<x-{}>",
    "figures": "<svg>",
}


def depth(root: Node) -> int:
    deepest, todo = 0, [(root, 1)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        todo += [(kid, level + 1) for kid in node.kids if isinstance(kid, Node)]
    return deepest


@pytest.mark.parametrize("kind", NESTED)
def test_the_parser_is_never_given_a_page_that_nests_deeply(kind):
    page = "".join(NESTED[kind].format(number) for number in range(3000)) + "<p>bread"
    tree = from_html(wash(page))
    assert depth(tree) <= DEEPEST + 10
    assert sum(1 for _ in tree.nodes()) <= 10 * 3000
    assert "bread" in "".join(paragraphs(page))


def test_the_parser_is_never_given_an_element_with_very_many_attributes():
    page = "<p " + " ".join(f"a{number}=1" for number in range(2000)) + ">bread"
    assert max(len(node.facts) for node in from_html(wash(page)).nodes()) < 10
    assert paragraphs(page) == ["bread"]


def test_more_tags_than_memory_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr("hybrid_search.engine.documents.markup.tree.MOST_TAGS", 10)
    for read_text in (extract, extract_xml):
        for page in ("<p>x" * 20, "<?xml version='1.0'?><a>" + "<b/>" * 20 + "</a>"):
            with pytest.raises(UnreadableDocument, match="more than 10 tags"):
                read_text(page)


def test_an_ordinary_page_is_not_flattened():
    page = "<table><tr><td><p>a<ul><li>b<li>c</ul></table>" + "<p><b>x</b> <font color=red>y<p>z" * 500
    assert "<table>" in wash(page) and "<ul>" in wash(page)


def calls_of(work, *arguments) -> int:
    """Calls, of Python and C functions, that a piece of work takes: a measure of time that does not waver."""
    count = 0

    def counted(frame, event, argument) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work(*arguments)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("work", "page"),
    [
        (extract, "<div class='toc'><ul class='toc'><li>x</ul></div>"),
        (extract, "<a x='"),
        (extract, "<!--"),
        (extract, "<title>x"),
        (extract, "<template shadowrootmode=open>x"),
        (extract, "<main>x"),
        (extract_xml, "<section><title>x</title>"),
        (extract_xml, "<![CDATA["),
        (extract_xml, "<row><entry>x"),
    ],
)
def test_the_work_grows_with_the_length(work, page):
    short, long = calls_of(work, page * 200), calls_of(work, page * 400)
    assert long <= 2.5 * short + 1000


@pytest.mark.parametrize("name", ["div", "main", "noscript", "h1", "title", "info", "row", "ul class='toc'"])
def test_deep_xml_is_read_without_recursion_and_in_time_with_its_length(name):
    def nested(times: int) -> str:
        return "<html>" + f"<{name}>" * times + "bread" + f"</{name.split()[0]}>" * times + "</html>"

    extract_xml(nested(5_000))
    extract_xml(nested(5_000).replace("html>", "book>"))
    for text in (nested, lambda times: nested(times).replace("html>", "book>")):
        assert calls_of(extract_xml, text(2000)) <= 2.5 * calls_of(extract_xml, text(1000)) + 1000


PIECES = [
    *("<p>", "</p>", "<table>", "</table>", "<td>", "<svg>", "<math>", "<title>", "</title>", "<script>", "</script>"),
    *("<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE a [", "]>", "<?xml ", "?>", "<select>", "<option>", "<template>"),
    *("<h1>", "</h1>", "<rt>", "<b id=1>", "</b>", "<a href=x>", "&nbsp;", "&#0;", "&x;", "<nav>", "</nav>", "hidden"),
    *("<html>", "<section>", "<row>", "<pre>", "<main>", "word", "\x00", '"', "'", "<", ">", "=", "\ud800", "\f"),
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.sampled_from([".html", ".xml"]))
def test_no_markup_raises_anything_but_unreadable(tmp_path_factory, text, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(text.encode(errors="surrogatepass"))
    try:
        (found,) = read(path)
    except UnreadableDocument as error:
        assert "reader failed" not in error.message
    else:
        found.text.encode()
        assert "\x00" not in found.text
        for heading in found.headings:
            assert found.text.startswith(heading.title, heading.start)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([".html", ".xml"]))
def test_no_bytes_raise_anything_but_unreadable(tmp_path_factory, data, suffix):
    path = tmp_path_factory.getbasetemp() / f"bytes{suffix}"
    path.write_bytes(data)
    try:
        list(read(path))
    except UnreadableDocument as error:
        assert "reader failed" not in error.message


def test_buttons_comments_and_deleted_text_of_saved_pages_are_no_text():
    page = """<main><h2><button>Baking</button></h2><div><button class="x" data-clipboard-text="y">Copy</button>
    <pre>bake()</pre></div><span>bash</span><a class="y" role="button">Copy code</a><h3>A <a class="copybtn">#</a></h3>
    <button class="accordion">Salt?</button><button aria-expanded="false">Heat?</button>
    <button>What if the dough does not rise?</button></main>"""
    words = "Baking bake() bash A Salt? Heat? What if the dough does not rise?"
    assert " ".join(" ".join(paragraphs(page)).split()) == words
    page = """<p>Bread rises<sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup> slowly.</p>
    <div><p><a href="#ftnt_ref1">[1]</a> A note.</p></div>
    <div><p><a href="#cmnt_ref1" id="cmnt1">[a]</a>Really?</p><p>Sure?</p></div>"""
    assert paragraphs(page) == ["Bread rises slowly.", "A note."]
    page = """<p class=MsoNormal>Bread <del cite="mailto:A" datetime="2024-01-01T10:00">sinks</del><ins>rises</ins>.</p>
    <div style='mso-element: comment-list'><div style='mso-element:comment'><p>Really?</p></div></div>
    <p><del>Old</del></p>"""
    assert paragraphs(page) == ["Bread rises.", "Old"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "<article><para>Bread<footnote><para>Or rolls.</para></footnote> rises.</para></article>",
            "Bread rises.|Or rolls.",
        ),
        (
            "<TEI><text><p>Bread <hi>is<note>N.</note></hi> good<note>M.</note>.</p><p>x</p></text></TEI>",
            "Bread is good.|N.|M.|x",
        ),
        (
            '<a><p>Shown<xref ref-type="bibr">[1,2]</xref> by <xref ref-type="bibr">Ann 1999</xref>.</p></a>',
            "Shown by Ann 1999.",
        ),
        ('<sec><title>T<xref ref-type="fn"><sup>1</sup></xref></title><p>a</p></sec>', "T|a"),
        ("<TEI><p>Es ist <choice><sic>fasch</sic><corr>falsch</corr></choice>.</p></TEI>", "Es ist falsch."),
        (
            "<tmx><tu><prop/><tuv><seg>Sehr <bpt>&lt;b&gt;</bpt>gut<ept>&lt;/b&gt;</ept>.</seg></tuv></tu></tmx>",
            "Sehr gut.",
        ),
        ('<opml><outline text="Bread"><outline text="Bake" _note="Soon"/></outline></opml>', "Bread|Bake|Soon"),
    ],
)
def test_notes_references_codes_and_outlines_of_xml(text, found):
    assert extract_xml(text)[0].parts == found.split("|")


def test_notes_in_lines_without_end_take_no_time():
    text = "<article>" + "<p>" * 40_000 + "<note>" * 3 + "x" + "</note>" * 3 + "</p>" * 40_000 + "</article>"
    assert extract_xml(text)[0].parts == ["x"]
