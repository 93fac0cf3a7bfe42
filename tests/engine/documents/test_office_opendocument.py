"""OpenDocument texts, sheets and presentations, their templates and flat files."""

from __future__ import annotations

import pytest
from hybrid_search.engine.errors import UnreadableDocument

from tests.support.office import O, headings, odf, packed, the


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


@pytest.mark.parametrize("suffix", [".odt", ".ott", ".odm"])
def test_texts_and_templates_are_read(tmp_path, suffix):
    assert the(odf(tmp_path / f"a{suffix}", p("Brot"))).text == "Brot"


@pytest.mark.parametrize(
    ("suffix", "kind", "body"),
    [
        (".fodt", "text", p("flat")),
        (
            ".fods",
            "spreadsheet",
            f"<table:table><table:table-row><table:table-cell>{p('flat')}</table:table-cell></table:table-row></table:table>",
        ),
        (".fodp", "presentation", f"<draw:page><draw:text-box>{p('flat')}</draw:text-box></draw:page>"),
    ],
)
def test_flat_files_are_read_under_their_own_name_and_another(tmp_path, suffix, kind, body):
    content = (
        f'<?xml version="1.0"?>\n<office:document {O} office:mimetype="x"><office:meta><dc:title>Title</dc:title>'
        f"</office:meta><office:styles>{p('no text')}</office:styles><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document>"
    )
    for name in (f"a{suffix}", "nameless"):
        (tmp_path / name).write_text(content)
        assert (the(tmp_path / name).text, the(tmp_path / name).title) == ("flat", "Title")


@pytest.mark.parametrize(
    ("told", "level"), [("2", 2), ("12", 9), ("0", 1), ("²", 1), ("", 1), ("-3", 1), ("9" * 5000, 1)]
)
def test_any_outline_level_makes_a_heading(tmp_path, told, level):
    path = odf(tmp_path / "a.odt", f'<text:h text:outline-level="{told}">Ofen</text:h>')
    assert headings(the(path)) == [(level, "Ofen")]


def test_the_forerunner_of_opendocument_is_read(tmp_path):
    old = (
        '<!DOCTYPE office:document-content PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "office.dtd">'
        '<office:document-content xmlns:office="http://openoffice.org/2000/office" '
        'xmlns:text="http://openoffice.org/2000/text"><office:body><text:h text:level="2">Ofen</text:h>'
        "<text:p>a<text:tab-stop/>b</text:p></office:body></office:document-content>"
    )
    document = the(packed(tmp_path / "a.sxw", {"mimetype": "application/vnd.sun.xml.writer", "content.xml": old}))
    assert (document.text, headings(document)) == ("Ofen\n\na\tb", [(2, "Ofen")])


def test_white_space_is_what_the_elements_say(tmp_path):
    body = p('one<text:s text:c="2"/>two\n   three<text:line-break/>four<text:tab/>five')
    assert the(odf(tmp_path / "a.odt", body)).text == "one  two three\nfour\tfive"


def test_notes_are_paragraphs_of_their_own_without_their_mark(tmp_path):
    body = f"<text:note-body>{p('See yeast.')}</text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{body}</text:note>"
    assert the(odf(tmp_path / "a.odt", p(f"Bread rises{note} slowly."))).text == "Bread rises slowly.\n\nSee yeast."


def test_comments_and_deleted_text_are_left_out(tmp_path):
    comment = (
        f"<office:annotation><dc:creator>Reviewer</dc:creator><dc:date>2020</dc:date>{p('Check!')}</office:annotation>"
    )
    changes = f"<text:tracked-changes><text:changed-region>{p('deleted')}</text:changed-region></text:tracked-changes>"
    contents = f"<text:table-of-content><text:index-body>{p('Chapter 1')}</text:index-body></text:table-of-content>"
    ruby = "<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>"
    body = changes + contents + p(f"The price{comment} is high.") + p(ruby)
    document = the(odf(tmp_path / "a.odt", body))
    assert (document.text, document.title) == ("The price is high.\n\n漢字", "a")


def test_a_box_comes_once_after_the_paragraph_it_stands_in(tmp_path):
    lines = p("First line") + p("Second line")
    frame = f"<draw:frame><draw:text-box>{lines}</draw:text-box><svg:title>alt</svg:title></draw:frame>"
    document = the(odf(tmp_path / "a.odt", p(f"Before{frame}after") + p(f"面{frame}包")))
    assert document.text == "Before after\n\nFirst line\n\nSecond line\n\n面包\n\nFirst line\n\nSecond line"


def cells(*texts: str, kind: str = "string") -> str:
    each = (f'<table:table-cell office:value-type="{kind}">{p(text)}</table:table-cell>' for text in texts)
    return f"<table:table-row>{''.join(each)}<table:covered-table-cell/></table:table-row>"


def test_lists_and_tables_are_text(tmp_path):
    items = f"<text:list><text:list-item>{p('one')}<text:list><text:list-item>{p('two')}</text:list-item></text:list>"
    items += "</text:list-item></text:list>"
    table = f"<table:table table:name='T'>{cells('Flour', '500 g')}{cells('1', '2', kind='float')}</table:table>"
    assert the(odf(tmp_path / "a.odt", items + table)).text == "one\n\ntwo\n\nFlour\t500 g\n1\t2"


@pytest.mark.parametrize("kind", ["table-of-content", "illustration-index", "table-index", "alphabetical-index"])
def test_lists_of_what_is_where_are_left_out_and_numbers_of_headings_too(tmp_path, kind):
    body = f"<text:{kind}><text:index-body>{p('Ofen 3')}</text:index-body></text:{kind}>"
    body += f'<text:h text:outline-level="1"><text:number>1.1</text:number>Ofen</text:h>{p("Er ist heiß.")}'
    assert the(odf(tmp_path / "a.odt", body)).text == "Ofen\n\nEr ist heiß."


def test_a_paragraph_in_the_style_of_titles_is_one_even_if_it_was_changed_in_place(tmp_path):
    for name in ("Title", "P1"):
        own = '<style:style style:name="P1" style:parent-style-name="Title"/><style:style style:name="P2"/>'
        content = (
            f'<office:document {O} xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
            f"<office:automatic-styles>{own}</office:automatic-styles>"
            f'<office:body><office:text><text:p text:style-name="{name}">Brot</text:p>'
            f'<text:p text:style-name="P2">Mehl</text:p></office:text></office:body></office:document>'
        )
        (tmp_path / "a.fodt").write_text(content)
        document = the(tmp_path / "a.fodt")
        assert (document.title, headings(document)) == ("Brot", [(1, "Brot")])


def test_hints_for_the_cells_of_a_sheet_are_left_out(tmp_path):
    hint = (
        f"<table:content-validation><table:error-message>{p('Wrong')}</table:error-message></table:content-validation>"
    )
    row = f"<table:table-row><table:table-cell>{p('Brot')}</table:table-cell></table:table-row>"
    body = f"<table:content-validations>{hint}</table:content-validations><table:table>{row}</table:table>"
    assert the(odf(tmp_path / "a.ods", body, "spreadsheet")).text == "Brot"


def test_sheets_are_headings_and_rows_of_numbers_are_left_out(tmp_path):
    mixed = cells("Flour")[: -len("<table:covered-table-cell/></table:table-row>")] + cells("500", kind="float")[17:]
    body = f'<table:table table:name="Bread">{cells("1", "2", kind="float")}{mixed}<table:table-row><table:table-cell/>'
    body += "</table:table-row></table:table>"
    document = the(odf(tmp_path / "a.ods", body, "spreadsheet"))
    assert (document.text, headings(document)) == ("Bread\n\nFlour\t500", [(1, "Bread")])


def test_a_sheet_of_numbers_says_so(tmp_path):
    body = f'<table:table table:name="Bread">{cells("1", kind="float")}</table:table>'
    with pytest.raises(UnreadableDocument, match="only numbers"):
        the(odf(tmp_path / "a.ods", body, "spreadsheet"))


def frame(text: str, kind: str = "") -> str:
    return f'<draw:frame presentation:class="{kind}"><draw:text-box>{p(text)}</draw:text-box></draw:frame>'


def test_slides_are_pages_with_titles_and_notes(tmp_path):
    notes = f"<presentation:notes>{frame('said', 'notes')}{frame('3', 'page-number')}</presentation:notes>"
    body = f"<draw:page>{frame('text')}{frame('Oven', 'title')}{notes}</draw:page>"
    body += f"<draw:page><draw:custom-shape>{p('a shape')}</draw:custom-shape></draw:page>"
    document = the(odf(tmp_path / "a.odp", body, "presentation"))
    assert document.text == "Oven\n\ntext\n\nsaid\n\na shape"
    assert headings(document) == [(1, "Oven")]
    assert [document.text[start:].split("\n")[0] for start in document.pages] == ["Oven", "a shape"]


def test_a_formula_is_text_inside_the_file_or_beside_it(tmp_path):
    math = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>a</mi><mo>=</mo><mn>1</mn></mrow>'
        '<annotation encoding="StarMath 5.0">a = 1</annotation></semantics></math>'
    )
    body = p('So <draw:frame><draw:object xlink:href="./Object 1"/><draw:image/></draw:frame>')
    assert the(odf(tmp_path / "a.odt", body, parts={"Object 1/content.xml": math})).text == "So a=1"
    assert the(odf(tmp_path / "b.odt", p(f"So <draw:object>{math}</draw:object>"))).text == "So a=1"


def test_an_encrypted_file_is_encrypted_and_not_damaged(tmp_path):
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<m:file-entry m:full-path="content.xml">'
        "<m:encryption-data/></m:file-entry></m:manifest>"
    )
    parts: dict[str, str | bytes] = {"META-INF/manifest.xml": manifest, "content.xml": b"\x9f\x01\x02"}
    with pytest.raises(UnreadableDocument, match=r"^it is encrypted$"):
        the(packed(tmp_path / "a.odt", parts))


def test_a_manifest_whose_namespace_stands_elsewhere_is_no_damage(tmp_path):
    manifest = '<!DOCTYPE manifest:manifest SYSTEM "Manifest.dtd"><manifest:manifest>{}</manifest:manifest>'
    path = odf(tmp_path / "a.ott", p("x"), parts={"META-INF/manifest.xml": manifest.format("")})
    assert the(path).text == "x"
    parts = {"META-INF/manifest.xml": manifest.format("<manifest:encryption-data/>")}
    with pytest.raises(UnreadableDocument, match="encrypted"):
        the(odf(tmp_path / "b.ott", p("x"), parts=parts))


def test_a_file_without_text_says_what_there_is(tmp_path):
    with pytest.raises(UnreadableDocument, match="only pictures"):
        the(odf(tmp_path / "a.odt", p("<draw:frame><draw:image xlink:href='x'/></draw:frame>")))
    with pytest.raises(UnreadableDocument, match=r"^it holds no text$"):
        the(odf(tmp_path / "b.odt", p(""), parts={"Thumbnails/thumbnail.png": b"x"}))


def test_the_title_is_that_of_the_properties(tmp_path):
    meta = f"<office:document-meta {O}><office:meta><dc:title>Bread</dc:title></office:meta></office:document-meta>"
    assert the(odf(tmp_path / "a.odt", p("x"), parts={"meta.xml": meta})).title == "Bread"


def test_a_table_with_a_column_for_each_language_is_read_language_by_language(tmp_path):
    def row(*cells: str) -> str:
        told = "".join(f"<table:table-cell>{p(each)}</table:table-cell>" for each in cells)
        return f"<table:table-row>{told}</table:table-row>"

    table = row("Deutsch", "English") + row("Brot geht auf.", "Bread rises.") + row("Eis schmilzt.", "Ice melts.")
    document = the(odf(tmp_path / "a.odt", f"<table:table>{table}</table:table>"))
    assert document.text == "Brot geht auf.\nEis schmilzt.\n\nBread rises.\nIce melts."
