"""Word documents: found by their manifest, read in order, each thing once, what is no text of theirs left out."""

from __future__ import annotations

import pytest
from hybrid_search.engine.errors import UnreadableDocument

from tests.support.office import OPEN, STRICT, W, headings, packed, paragraph, relations, the, word


def styles(*named: str) -> str:
    return f"<w:styles {W}>{''.join(named)}</w:styles>"


def style(name: str, called: str = "", inside: str = "") -> str:
    return f'<w:style w:styleId="{name}"><w:name w:val="{called or name}"/>{inside}</w:style>'


def styled(text: str, name: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{name}"/>')


@pytest.mark.parametrize("suffix", [".docx", ".docm", ".dotx", ".dotm"])
def test_documents_and_templates_with_and_without_macros_are_read(tmp_path, suffix):
    assert the(word(tmp_path / f"a{suffix}", paragraph("Brot"))).text == "Brot"


def test_a_main_part_that_is_moved_is_found_by_the_relationships(tmp_path):
    body = f"<w:document {W}><w:body>{paragraph('moved')}</w:body></w:document>"
    parts = {"_rels/.rels": relations(r1="officeDocument /other/Main.xml"), "other/main.xml": body}
    assert the(packed(tmp_path / "a.docx", parts)).text == "moved"


def test_a_main_part_that_is_moved_is_found_by_its_content_type(tmp_path):
    types = (
        f'<Types xmlns="{OPEN}/package/2006/content-types"><Override PartName="/text/here.xml" ContentType='
        '"application/vnd.ms-word.document.macroEnabled.main+xml"/><Override PartName="/text/here.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    body = f"<w:document {W}><w:body>{paragraph('moved')}</w:body></w:document>"
    assert the(packed(tmp_path / "a.docx", {"[Content_Types].xml": types, "text/here.xml": body})).text == "moved"


def test_strict_documents_are_read_like_others(tmp_path):
    body = (
        f'<w:document xmlns:w="{STRICT}/wordprocessingml/main"><w:body>'
        '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Ofen</w:t></w:r></w:p></w:body></w:document>'
    )
    assert headings(the(packed(tmp_path / "a.docx", {"word/document.xml": body}))) == [(1, "Ofen")]


def test_headings_are_told_by_names_outline_levels_and_the_styles_they_are_based_on(tmp_path):
    own = styles(
        style("berschrift2", "heading 2"),
        style("Titel", "Title"),
        style("Mine", "Kapitel", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'),
        style("Derived", "Derived", '<w:basedOn w:val="Mine"/>'),
        style("Circle", "Circle", '<w:basedOn w:val="Circle"/>'),
        style("Text"),
    )
    body = "".join(styled(name, name) for name in ("Titel", "berschrift2", "Derived", "Circle", "Text", "Unknown"))
    body += paragraph("no heading", '<w:pStyle w:val="Mine"/><w:outlineLvl w:val="9"/>')
    document = the(word(tmp_path / "a.docx", body, {"word/styles.xml": own}))
    assert headings(document) == [(1, "Titel"), (2, "berschrift2"), (3, "Derived")]


@pytest.mark.parametrize("level", ["²", "", "-1", "99999999999999999999", "x"])
def test_an_odd_outline_level_makes_no_heading_and_no_trouble(tmp_path, level):
    assert headings(the(word(tmp_path / "a.docx", paragraph("x", f'<w:outlineLvl w:val="{level}"/>')))) == []


def test_the_lines_of_a_table_of_contents_are_left_out(tmp_path):
    body = styled("Chapter one 5", "TOC1") + paragraph("Chapter one is here.")
    own = styles(style("TOC1", "toc 1"))
    assert the(word(tmp_path / "a.docx", body, {"word/styles.xml": own})).text == "Chapter one is here."


def control(properties: str, content: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    "contents",
    [
        styled("Contents", "TOCHeading") + styled("Oven 3", "TOC1"),
        control(
            '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>',
            paragraph("Contents") + "<w:p><w:hyperlink><w:r><w:t>Oven</w:t></w:r></w:hyperlink></w:p>",
        ),
        styled("Figure 1 3", "Figures") + styled("oven, 3", "Index1") + styled("Index", "IndexHeading"),
    ],
    ids=["Word", "Google Docs", "figures and index"],
)
def test_lists_of_what_is_where_are_neither_text_nor_title(tmp_path, contents):
    own = styles(
        *(style("Heading1", "heading 1"), style("TOC1", "toc 1"), style("Figures", "table of figures")),
        style("TOCHeading", "TOC Heading", '<w:basedOn w:val="Heading1"/>'),
        *(style("Index1", "index 1"), style("IndexHeading", "index heading")),
    )
    body = contents + styled("Oven", "Heading1") + paragraph("It is hot.")
    document = the(word(tmp_path / "a.docx", body, {"word/styles.xml": own}))
    assert (document.title, document.text, headings(document)) == ("Oven", "Oven\n\nIt is hot.", [(1, "Oven")])


def test_what_a_form_asks_for_is_no_text_and_what_is_typed_into_it_is(tmp_path):
    body = control("<w:showingPlcHdr/>", paragraph("Click or tap here to enter text."))
    body += f"<w:p>{control('', '<w:r><w:t>Ann</w:t></w:r>')}<w:r><w:t> bakes.</w:t></w:r></w:p>"
    body += control('<w:showingPlcHdr w:val="0"/>', paragraph("Bread."))
    body += "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr></w:sdt>" + control("", paragraph("Salt."))
    assert the(word(tmp_path / "a.docx", body)).text == "Ann bakes.\n\nBread.\n\nSalt."


def test_places_where_a_word_may_be_hyphenated_part_no_word(tmp_path):
    body = paragraph("Glet\u00adscher") + "<w:p><w:r><w:t>Eis</w:t><w:softHyphen/><w:t>zeit</w:t></w:r></w:p>"
    assert the(word(tmp_path / "a.docx", body)).text == "Gletscher\n\nEiszeit"
    (tmp_path / "a.rtf").write_bytes(b"{\\rtf1\\ansi Glet\\-scher Glet\\'adscher\\par}")
    assert the(tmp_path / "a.rtf").text == "Gletscher Gletscher"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{paragraph(each)}</w:tc>' for each in cells)}</w:tr>"


def test_a_table_has_a_line_a_row_and_tabs_between_cells(tmp_path):
    body = paragraph("before") + f"<w:tbl>{row('Flour', '500 g')}{row('Salt', '10 g')}</w:tbl>" + paragraph("after")
    assert the(word(tmp_path / "a.docx", body)).text == "before\n\nFlour\t500 g\nSalt\t10 g\n\nafter"


def test_a_page_laid_out_by_a_table_keeps_its_paragraphs_and_headings(tmp_path):
    cell = paragraph("Oven", '<w:outlineLvl w:val="0"/>') + paragraph("Heat it.") + paragraph("Wait.")
    document = the(word(tmp_path / "a.docx", f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>"))
    assert (document.text, headings(document)) == ("Oven\n\nHeat it.\n\nWait.", [(1, "Oven")])


def test_a_table_in_a_table_is_read_in_its_place(tmp_path):
    inner = f"<w:tbl>{row('c', 'd')}</w:tbl>"
    body = f"<w:tbl><w:tr><w:tc>{paragraph('a')}{inner}</w:tc><w:tc>{paragraph('b')}</w:tc></w:tr></w:tbl>"
    assert the(word(tmp_path / "a.docx", body)).text.split() == ["a", "c", "d", "b"]


BOX = "<w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent>"


@pytest.mark.parametrize(
    "boxes",
    [
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{BOX}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback></mc:AlternateContent>",
        f'<mc:AlternateContent><mc:Choice Requires="new"><w:drawing/></mc:Choice>'
        f"<mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback></mc:AlternateContent>",
        f'<mc:AlternateContent><mc:Choice Requires="a">{BOX}</mc:Choice><mc:Choice Requires="b">{BOX}</mc:Choice>'
        "</mc:AlternateContent>",
        f"<w:pict>{BOX}</w:pict>",
    ],
)
def test_a_text_box_comes_once_after_the_paragraph_it_stands_in(tmp_path, boxes):
    body = f"<w:p><w:r><w:t>Before</w:t></w:r><w:r>{boxes}</w:r><w:r><w:t>after</w:t></w:r></w:p>"
    assert the(word(tmp_path / "a.docx", body)).text == "Before after\n\nin the box"


def test_deleted_and_moved_text_is_where_it_is_now(tmp_path):
    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    body = (
        f"<w:p><w:moveFrom>{run('moved')}</w:moveFrom>{run('middle ')}<w:moveTo>{run('moved')}</w:moveTo></w:p>"
        f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:ins>{run('new')}</w:ins>"
        f"<w:del><w:r><w:delText>old</w:delText><w:t>old</w:t></w:r></w:del></w:p>"
        f'<w:p><w:pPr><w:pPrChange><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:pPrChange></w:pPr>{run("text")}</w:p>'
    )
    document = the(word(tmp_path / "a.docx", body))
    assert (document.text, headings(document)) == ("middle moved\n\nnew\n\ntext", [])


def formula(inside: str) -> str:
    return f"<m:oMath>{inside}</m:oMath>"


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r("a+b=c"), "a+b=c"),
        (f"<m:f><m:num>{r('a')}</m:num><m:den>{r('b')}</m:den></m:f>", "a/b"),
        (f"<m:sSup><m:e>{r('x')}</m:e><m:sup>{r('2')}</m:sup></m:sSup>", "x^2"),
        (f"<m:sSub><m:e>{r('x')}</m:e><m:sub>{r('i')}</m:sub></m:sSub>", "x_i"),
        (f"<m:rad><m:deg/><m:e>{r('x')}</m:e></m:rad>", "√x"),
        (f"<m:d><m:e>{r('x')}</m:e></m:d>", "(x)"),
        (f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{r("x")}</m:e></m:d>', "[x]"),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{r("i")}</m:sub><m:sup/>'
            f"<m:e>{r('x')}</m:e></m:nary>",
            "∑_ix",
        ),
    ],
)
def test_formulas_are_text(tmp_path, inside, text):
    body = f"<w:p><w:r><w:t>So </w:t></w:r>{formula(inside)}</w:p>"
    assert the(word(tmp_path / "a.docx", body)).text == f"So {text}"


def test_formulas_on_lines_of_their_own_are_lines(tmp_path):
    body = f"<m:oMathPara>{formula(r('a=b'))}{formula(r('c=d'))}</m:oMathPara>"
    assert the(word(tmp_path / "a.docx", body)).text.split() == ["a=b", "c=d"]
    body = f"<w:p>{body}</w:p>"
    assert the(word(tmp_path / "b.docx", body)).text == "a=b\nc=d"


def test_breaks_and_tabs_part_words_and_hyphens_do_not(tmp_path):
    run = "<w:t>a</w:t><w:br/><w:t>b</w:t><w:cr/><w:t>c</w:t><w:tab/><w:t>d</w:t><w:noBreakHyphen/><w:t>e</w:t>"
    run += "<w:softHyphen/><w:t>f</w:t>"
    body = f'<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r>{run}</w:r></w:p>'
    assert the(word(tmp_path / "a.docx", body)).text == "a\nb\nc\td-ef"


def test_fields_show_their_result_and_not_their_code(tmp_path):
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    code = '<w:r><w:instrText> HYPERLINK "http://x" </w:instrText></w:r>'
    body = (
        f"<w:p>{mark('begin')}{code}{mark('separate')}<w:r><w:t>the link</w:t></w:r>{mark('end')}</w:p>"
        "<w:p><w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink><w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>"
        "<w:r><w:t> in a control</w:t></w:r></w:sdtContent></w:sdt><w:smartTag><w:r><w:t> and a tag</w:t></w:r>"
        '</w:smartTag><w:fldSimple w:instr="DATE"><w:r><w:t> today</w:t></w:r></w:fldSimple></w:p>'
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>かんじ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢字</w:t></w:r></w:rubyBase>"
        "</w:ruby></w:r></w:p>"
    )
    assert the(word(tmp_path / "a.docx", body)).text == "the link\n\na link in a control and a tag today\n\n漢字"


def test_notes_follow_the_paragraph_that_refers_to_them(tmp_path):
    def notes(kind: str, *texts: str) -> str:
        each = (f'<w:{kind} w:id="{number}">{paragraph(text)}</w:{kind}>' for number, text in enumerate(texts))
        return f"<w:{kind}s {W}>{''.join(each)}</w:{kind}s>"

    body = (
        '<w:p><w:r><w:t>Bread rises</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:t> slowly.</w:t></w:r>'
        '</w:p><w:p><w:r><w:t>Salt</w:t></w:r><w:r><w:endnoteReference w:id="0"/></w:r></w:p>'
    )
    parts = {
        "word/_rels/document.xml.rels": relations(r1="footnotes notes/foot.xml", r2="endnotes endnotes.xml"),
        "word/notes/foot.xml": notes("footnote", "", "See yeast.", "Nobody refers to this."),
        "word/endnotes.xml": notes("endnote", "At the end."),
    }
    assert the(word(tmp_path / "a.docx", body, parts)).text.split("\n\n") == [
        "Bread rises slowly.",
        "See yeast.",
        "Salt",
        "At the end.",
        "Nobody refers to this.",
    ]


def test_comments_headers_and_footers_are_left_out(tmp_path):
    body = paragraph("text") + '<w:p><w:r><w:commentReference w:id="0"/></w:r></w:p>'
    parts = {
        f"word/{kind}.xml": f'<w:{kind} {W}><w:comment w:id="0">{paragraph("beside")}</w:comment></w:{kind}>'
        for kind in ("comments", "header1", "footer1")
    }
    assert the(word(tmp_path / "a.docx", body, parts)).text == "text"


def test_diagrams_and_charts_are_text(tmp_path):
    body = (
        '<w:p><w:r><w:drawing><dgm:relIds r:dm="d"/></w:drawing><w:drawing><c:chart r:id="c"/></w:drawing></w:r></w:p>'
    )
    point = "<dgm:pt{0}><dgm:t><a:p><a:r><a:t>{1}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    points = point.format("", "Knead") + point.format(' type="pres"', "Look")
    parts = {
        "word/_rels/document.xml.rels": relations(d="diagramData diagrams/data1.xml", c="chart charts/chart1.xml"),
        "word/diagrams/data1.xml": f"<dgm:dataModel {W}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>",
        "word/charts/chart1.xml": f"<c:chartSpace {W}><a:p><a:r><a:t>Harvest</a:t></a:r></a:p><c:cat><c:strRef>"
        "<c:strCache><c:pt><c:v>Rye</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt><c:v>7</c:v></c:pt>"
        "</c:numCache></c:numRef></c:val></c:chartSpace>",
    }
    assert the(word(tmp_path / "a.docx", body, parts)).text == "Knead\n\nHarvest\nRye"


MAIL = (
    "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html; charset=utf-8\n"
    "Content-Transfer-Encoding: quoted-printable\n\n<h1>Ofen</h1><p>Hei=C3=9F</p>\n--x--\n"
)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("chunk.htm", "<h1>Ofen</h1><p>Heiß</p>", "Ofen\n\nHeiß"),
        ("chunk.mht", MAIL, "Ofen\n\nHeiß"),
        ("chunk.txt", "Ofen\n\nHeiß", "Ofen\n\nHeiß"),
        ("chunk.rtf", r"{\rtf1\ansi Ofen\par Hei\'df}", "Ofen\n\nHeiß"),
    ],
)
def test_a_chunk_in_another_format_is_part_of_the_document(tmp_path, name, content, text):
    parts = {"word/_rels/document.xml.rels": relations(r9=f"aFChunk /word/{name}"), f"word/{name}": content}
    body = paragraph("first") + '<w:altChunk r:id="r9"/>' + paragraph("last")
    document = the(word(tmp_path / "a.docx", body, parts))
    assert document.text == f"first\n\n{text}\n\nlast"


def test_a_chunk_that_is_a_word_document_is_read_and_its_own_chunks_end_somewhere(tmp_path):
    content: bytes = word(tmp_path / "0.docx", paragraph("innermost")).read_bytes()
    for level in range(1, 6):
        parts = {"word/_rels/document.xml.rels": relations(r="aFChunk c.docx"), "word/c.docx": content}
        path = word(tmp_path / f"{level}.docx", paragraph(f"level {level}") + '<w:altChunk r:id="r"/>', parts)
        content = path.read_bytes()
    assert the(tmp_path / "2.docx").text == "level 2\n\nlevel 1\n\ninnermost"
    assert the(tmp_path / "5.docx").text == "level 5\n\nlevel 4\n\nlevel 3\n\nlevel 2"


def test_the_title_is_that_of_the_properties(tmp_path):
    core = '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Bread &amp; salt</dc:title></c>'
    assert the(word(tmp_path / "a.docx", paragraph("x"), {"docProps/core.xml": core})).title == "Bread & salt"


def test_shapes_on_a_canvas_are_text(tmp_path):
    canvas = "<a:p><a:r><a:t>on</a:t></a:r><a:br/><a:r><a:t>canvas</a:t></a:r></a:p>"
    body = f"<w:p><w:r><w:t>text</w:t><w:drawing>{canvas}</w:drawing></w:r></w:p>"
    assert the(word(tmp_path / "a.docx", body)).text == "text\n\non\ncanvas"


@pytest.mark.parametrize(
    "part",
    ["word/styles.xml", "docProps/core.xml", "[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"],
)
def test_a_damaged_part_beside_the_text_does_not_lose_the_text(tmp_path, part):
    assert the(word(tmp_path / "a.docx", paragraph("Brot"), {part: "<w:styles"})).text == "Brot"


def test_a_damaged_text_is_damaged(tmp_path):
    with pytest.raises(UnreadableDocument, match=r"damaged: word/document\.xml is not valid XML"):
        the(packed(tmp_path / "a.docx", {"word/document.xml": f"<w:document {W}><w:body>{paragraph('x')}"}))


def test_a_document_without_text_says_so(tmp_path):
    with pytest.raises(UnreadableDocument, match=r"^it holds no text$"):
        the(word(tmp_path / "a.docx", "<w:p/>", {"docProps/thumbnail.png": b"x"}))
    with pytest.raises(UnreadableDocument, match=r"^it holds no text, only pictures$"):
        the(word(tmp_path / "b.docx", "<w:p/>", {"word/media/image1.png": b"x"}))


def test_what_word_makes_under_a_password_is_encrypted_and_an_old_file_is_old(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    (tmp_path / "a.docx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableDocument, match=r"^it is encrypted$"):
        the(tmp_path / "a.docx")
    (tmp_path / "b.docx").write_bytes(ole + "WordDocument".encode("utf-16-le"))
    with pytest.raises(UnreadableDocument, match="before 2007"):
        the(tmp_path / "b.docx")
