"""RTF in the code pages of its fonts, with tables, notes, headings and title."""

from __future__ import annotations

from pathlib import Path

import pytest
from hybrid_search.engine.documents import FoundFile, SkippedFile, walk
from hybrid_search.engine.errors import UnreadableDocument

from tests.support.office import headings, paragraph, the, word


def rtf(folder: Path, inside: str | bytes, start: bytes = b"{\\rtf1") -> Path:
    path = folder / "a.rtf"
    path.write_bytes(start + (inside.encode("ascii") if isinstance(inside, str) else inside) + b"}")
    return path


def escaped(text: str, page: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(page))


FONTS = (
    r"{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fcharset204 Arial CYR;}"
    r"{\f2\fcharset128 Mincho;}{\f3\fcharset2 Wingdings;}}"
)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r"\ansi\ansicpg1251 " + escaped("Привет", "cp1251"), "Привет"),
        (r"\ansi\ansicpg1251{\fonttbl{\f0\fcharset0 Arial;}}\f0 " + escaped("Привет", "cp1251"), "Привет"),
        (r"\ansi\ansicpg1251" + FONTS + r"\f0 " + escaped("süß", "cp1252"), "süß"),
        (r"\ansi" + FONTS + r"\f1 " + escaped("Привет", "cp1251") + r"\f0  " + escaped("süß", "cp1252"), "Привет süß"),
        (r"\ansi\deff1" + FONTS + escaped("Привет", "cp1251"), "Привет"),
        (r"\ansi" + FONTS + r"{\f2 " + escaped("日本語表", "cp932") + "}", "日本語表"),
        (r"\ansi" + FONTS + r"\f3 lJ\f0 x", "x"),
        (r"\mac " + escaped("süß", "mac_roman"), "süß"),
        (r"\pc " + escaped("süß", "cp437"), "süß"),
        (r"\ansi\ansicpg99999 " + escaped("süß", "cp1252"), "süß"),
    ],
)
def test_bytes_are_read_in_the_page_of_their_font_or_document(tmp_path, inside, text):
    assert the(rtf(tmp_path, inside)).text == text


def test_bytes_that_are_not_escaped_are_read_in_the_same_pages(tmp_path):
    assert the(rtf(tmp_path, b"\\ansi\\ansicpg1251 " + "Привет".encode("cp1251"))).text == "Привет"
    assert the(rtf(tmp_path, b"\\ansi\\ansicpg65001 " + "Привет".encode())).text == "Привет"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r"\uc1 \u1055?\u1088\'70", "Пр"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\uc2 \u12354\'82\'a0x", "あx"),
        (r"{\uc0 \u228 b}\u228?c", "äbäc"),
        (r"\uc9 \u228 b}", "ä"),
        (r"\u55357?", "\ufffd"),
    ],
)
def test_characters_by_number_leave_their_substitutes_out(tmp_path, inside, text):
    assert the(rtf(tmp_path, inside)).text == text


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r"one\par two\line three\tab four", "one\n\ntwo\nthree\tfour"),
        ("one\\\ntwo", "one\n\ntwo"),
        (r"\ldblquote a\rdblquote\emdash b\~c\_d\-e\{\}", "“a”—b\u00a0c-de{}"),
        (r"kept {\deleted gone}new", "kept new"),
        (r'{\field{\*\fldinst{HYPERLINK "http://x"}}{\fldrslt the link}}', "the link"),
        (r"{\header top}{\footer bottom}{\*\unknown more}{\pict ffd8}Body", "Body"),
        ("{\\pict\\bin5 a}}{\\}Body", "Body"),
        (r"{\upr{old}{\*\ud{\u228?}}}", "ä"),
        (
            r"Bread{\footnote\pard\s1 See yeast.\par Twice.} rises.\par End",
            "Bread rises.\n\nSee yeast.\n\nTwice.\n\nEnd",
        ),
        (r"a{\shp{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt in the box\par}}{\shprslt in the box}} b", "a b\n\nin the box"),
        (r"\trowd a\cell b\cell\row\trowd\intbl c\par d\cell e\cell\row\pard x", "a\tb\nc d\te\n\nx"),
        (r"{\listtext 1.\tab}item", "item"),
    ],
)
def test_the_text_is_read_and_what_is_none_is_not(tmp_path, inside, text):
    assert the(rtf(tmp_path, inside)).text == text


def test_headings_and_the_title_are_known(tmp_path):
    inside = (
        r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 Kapitel;}{\s2 heading 2;}}{\info{\title Brot}{\author Me}}"
        r"\pard\s1 Ofen\par\pard\s2 Glut\par\pard\outlinelevel2 Asche\par\pard Text\par"
    )
    document = the(rtf(tmp_path, inside))
    assert headings(document) == [(1, "Ofen"), (2, "Glut"), (3, "Asche")]
    assert (document.title, document.text) == ("Brot", "Ofen\n\nGlut\n\nAsche\n\nText")


def test_lists_of_what_is_where_are_left_out_and_a_style_may_have_several_names(tmp_path):
    inside = (
        r"{\stylesheet{\s1 heading 1,Kapitel;}{\s2\outlinelevel0 TOC Heading;}{\s3 toc 1;}{\s4 Title;}}"
        r"\pard\s4 Brot\par\pard\s2 Inhalt\par\pard\s3 Ofen 3\par\pard\s1 Ofen\par\pard Text\par"
    )
    document = the(rtf(tmp_path, inside))
    assert headings(document) == [(1, "Brot"), (1, "Ofen")]
    assert (document.title, document.text) == ("Brot", "Brot\n\nOfen\n\nText")


def test_a_file_that_only_has_the_name_is_what_its_content_says(tmp_path):
    assert the(rtf(tmp_path, "", start=b"just text {")).text == "just text {}"


def test_what_is_called_a_doc_or_xls_and_is_not_is_read(tmp_path):
    (tmp_path / "letter.doc").write_bytes(b"{\\rtf1 Brot}")
    (tmp_path / "table.xls").write_text("<html><body><table><tr><td>Brot</td></tr></table></body></html>")
    word(tmp_path / "page.docx", paragraph("Brot")).rename(tmp_path / "page.doc")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    (tmp_path / "drawing.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\nshowpage\n")
    seen = {each.path.name: each for each in walk(tmp_path)}
    for name in ("letter.doc", "table.xls", "page.doc"):
        assert isinstance(seen[name], FoundFile)
        assert the(tmp_path / name).text == "Brot"
    for name in ("old.doc", "drawing.eps"):
        assert isinstance(seen[name], SkippedFile)
        with pytest.raises(UnreadableDocument, match="no reader"):
            the(tmp_path / name)


def test_a_file_without_its_name_is_known(tmp_path):
    (tmp_path / "letter").write_bytes(b"{\\rtf1 Brot}")
    assert the(tmp_path / "letter").text == "Brot"


def test_a_file_without_text_says_what_there_is(tmp_path):
    with pytest.raises(UnreadableDocument, match="only pictures"):
        the(rtf(tmp_path, r"{\pict ffd8}"))
    with pytest.raises(UnreadableDocument, match=r"^it holds no text$"):
        the(rtf(tmp_path, r"\par"))


BROKEN = {
    "opened": "{" * 200_000,
    "closed": "}" * 200_000,
    "notes in notes": "{\\footnote x" * 20_000,
    "a backslash": "\\",
    "half a byte": "\\'",
    "no byte": "\\'g",
    "no number": "\\u",
    "bytes beyond the end": "\\bin99999999999",
    "numbers below nothing": "\\f-1\\s-5 x",
}


@pytest.mark.parametrize("inside", BROKEN.values(), ids=BROKEN)
def test_broken_files_end_in_words(tmp_path, inside):
    try:
        the(rtf(tmp_path, inside))
    except UnreadableDocument as error:
        assert error.message
