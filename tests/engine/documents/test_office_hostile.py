"""Office files that are made to harm end in a reason, within a second and some megabytes; so do damaged ones."""

from __future__ import annotations

import resource
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hybrid_search.engine.documents import read
from hybrid_search.engine.documents.model import Source
from hybrid_search.engine.documents.office.word import read_docx
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.office import O, P, W, X, deck, odf, packed, paragraph, relations, shape, slide, the, word


def nested(name: str, depth: int, inside: str) -> str:
    return f"<{name}>" * depth + inside + f"</{name}>" * depth


DEEP = 20_000


@pytest.mark.parametrize(
    "name", ["w:sdt", "w:p", "w:tbl", "w:tr", "w:tc", "w:r", "w:txbxContent", "mc:AlternateContent", "m:oMath", "m:d"]
)
def test_a_word_document_may_be_nested_as_deep_as_it_likes(tmp_path, name):
    assert "Brot" in the(word(tmp_path / "a.docx", nested(name, DEEP, paragraph("Brot")))).text


@pytest.mark.parametrize(
    "name", ["text:section", "table:table", "text:note-body", "draw:text-box", "draw:frame", "text:p"]
)
def test_an_opendocument_may_be_nested_as_deep_as_it_likes(tmp_path, name):
    assert "Brot" in the(odf(tmp_path / "a.odt", nested(name, DEEP, "<text:p>Brot</text:p>"))).text


@pytest.mark.parametrize("name", ["p:grpSp", "p:sp", "a:p", "a:tbl", "a:tc"])
def test_a_slide_may_be_nested_as_deep_as_it_likes(tmp_path, name):
    assert "Brot" in the(deck(tmp_path / "a.pptx", [slide(nested(name, DEEP, shape("Brot")))])).text


def test_beyond_any_use_it_is_nested_too_deeply(tmp_path):
    with pytest.raises(UnreadableDocument, match="nested too deeply"):
        the(word(tmp_path / "a.docx", nested("w:p", 200_000, "")))


def test_millions_of_empty_elements_take_no_memory(tmp_path):
    path = word(tmp_path / "a.docx", "<w:r/>" * 400_000 + paragraph("Brot"))
    source = Source(path, path.read_bytes(), 100 * 1024 * 1024)
    tracemalloc.start()
    assert [document.text for document in read_docx(source)] == ["Brot"]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024


CHAIN = "".join(f'<!ENTITY e{place} "&e{place + 1};">' for place in range(1000))


@pytest.mark.parametrize(
    "declared",
    [
        f'<!DOCTYPE x [{CHAIN}<!ENTITY e1000 "x">]>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ATTLIST w:p a CDATA "swollen">]>',
    ],
)
def test_declarations_of_entities_and_defaults_are_refused(tmp_path, declared):
    body = f"{declared}<w:document {W}><w:body>{paragraph('&e0;')}</w:body></w:document>"
    with pytest.raises(UnreadableDocument, match="declares entities"):
        the(packed(tmp_path / "a.docx", {"word/document.xml": body}))
    flat = f"<?xml version='1.0'?>{declared}<office:document {O}/>"
    (tmp_path / "a.fodt").write_text(flat)
    with pytest.raises(UnreadableDocument, match="declares entities"):
        the(tmp_path / "a.fodt")


def test_names_without_end_are_refused(tmp_path):
    with pytest.raises(UnreadableDocument, match="different names"):
        the(word(tmp_path / "a.docx", "".join(f"<a{place}/>" for place in range(60_000))))


@pytest.mark.parametrize(
    "tag",
    [
        f'<w:p a="{"x" * 20_000_000}"/>',
        "<w:p" + "".join(f' a{place}=""' for place in range(1_000_000)) + "/>",
        f"<!--{'x' * 20_000_000}-->",
        f"<?x {'x' * 20_000_000}?>",
    ],
    ids=["a long attribute", "many attributes", "a comment", "an instruction"],
)
def test_a_tag_as_large_as_the_file_is_refused_at_once(tmp_path, tag):
    path = word(tmp_path / "a.docx", tag + paragraph("Brot"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(UnreadableDocument, match="has a tag of more than 4 MB"):
        the(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5


def test_large_tags_and_long_texts_are_read(tmp_path):
    long = "Brot " * 1_000_000
    body = f'<w:p a="{"x" * 1_000_000}"/><w:p><w:r><w:t>{long}</w:t><w:t><![CDATA[{long}]]></w:t></w:r></w:p>'
    assert the(word(tmp_path / "a.docx", body)).text == (long * 2).strip()


def test_a_member_that_is_larger_than_it_says_is_counted_as_it_unpacks(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/document.xml", " " * 1000)
    with pytest.raises(UnreadableDocument, match="unsupported compression method"):
        the(path)
    path = word(tmp_path / "b.docx", " " * 2_000_000 + paragraph("x"))
    with pytest.raises(UnreadableDocument, match="unpacks to more"):
        list(read(path, size_limit=1_000_000))


def test_one_long_string_in_each_cell_counts_each_time(tmp_path):
    strings = f"<sst {X}><si><t>{'x' * 10_000}</t></si></sst>"
    rows = '<row><c t="s"><v>0</v></c></row>' * 2_000
    parts = {
        "xl/workbook.xml": f'<workbook {X}><sheets><sheet name="S" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(s="worksheet s.xml"),
        "xl/sharedStrings.xml": strings,
        "xl/s.xml": f"<worksheet {X}><sheetData>{rows}</sheetData></worksheet>",
    }
    with pytest.raises(UnreadableDocument, match="unpacks to more"):
        list(read(packed(tmp_path / "a.xlsx", parts), size_limit=1_000_000))


def test_styles_based_on_one_another_by_the_thousand_take_linear_time(tmp_path):
    chain = "".join(
        f'<w:style w:styleId="s{place}"><w:name w:val="n"/><w:basedOn w:val="s{place + 1}"/></w:style>'
        for place in range(20_000)
    )
    body = "".join(paragraph("x", f'<w:pStyle w:val="s{place}"/>') for place in range(0, 20_000, 10))
    path = word(tmp_path / "a.docx", body, {"word/styles.xml": f"<w:styles {W}>{chain}</w:styles>"})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert the(path).text.startswith("x")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5


def _seeds(folder: Path) -> list[Path]:
    body = (
        paragraph("Brot", '<w:outlineLvl w:val="1"/>')
        + "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><m:oMath><m:d><m:e><m:r><m:t>x</m:t></m:r></m:e></m:d>"
        "</m:oMath>"
        '<mc:AlternateContent><mc:Choice Requires="x"/><mc:Fallback/></mc:AlternateContent><w:altChunk r:id="r1"/>'
    )
    chunk = {"word/_rels/document.xml.rels": relations(r1="aFChunk c.htm"), "word/c.htm": "<p>Brot"}
    sheet = {
        "xl/workbook.xml": f'<workbook {X}><sheets><sheet name="S" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(s="worksheet s.xml"),
        "xl/s.xml": f'<worksheet {X}><row><c t="str" s="1"><v>Brot</v></c><c s="0"><v>44197</v></c></row></worksheet>',
        "xl/styles.xml": f'<styleSheet {X}><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    table = "<table:table table:name='T'><table:table-row><table:table-cell><text:p>Brot</text:p></table:table-cell>"
    flat = (
        f'<?xml version="1.0"?><office:document {O}><office:body><text:h>Brot</text:h></office:body></office:document>'
    )
    (folder / "a.fodt").write_text(flat)
    (folder / "a.rtf").write_bytes(
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 A;}}\trowd\intbl \'cf\u1088?\cell\row{\footnote x}\par}"
    )
    return [
        word(folder / "a.docx", body, chunk),
        deck(folder / "a.pptx", [slide(shape("Brot", "title"), shape("<a:br/>"))], parts={"x": P}),
        packed(folder / "a.xlsx", sheet),
        odf(folder / "a.odt", "<text:p>Brot<text:s text:c='3'/></text:p>"),
        odf(folder / "a.ods", f"{table}</table:table-row></table:table>", "spreadsheet"),
        folder / "a.fodt",
        folder / "a.rtf",
    ]


_WORDS = [
    *(b"<", b">", b"&", b'"', b"/", b"\x00", b"\xff", b"]]>", b"<!--", b"<![CDATA[", b"<!DOCTYPE x [", b"&#0;"),
    *(
        b"<w:p>",
        b"</w:p>",
        b"<a:p>",
        b"<text:p>",
        b"<row>",
        b"{",
        b"}",
        b"\\u-1",
        b"\\bin9",
        b"\\cell",
        b"\\'",
        b"\\par",
    ),
]


@st.composite
def _changes(draw):
    """Places, as shares of the length, at which bytes are cut out and others put in."""
    return [
        (draw(st.floats(0, 1)), draw(st.integers(0, 30)), draw(st.sampled_from(_WORDS)))
        for _ in range(draw(st.integers(1, 4)))
    ]


def _changed(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for share, cut, new in changes:
        place = int(share * len(data))
        data = data[:place] + new + data[place + cut :]
    return data


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 6), part=st.integers(0, 5), whole=st.booleans(), changes=_changes())
def test_changed_files_raise_nothing_but_a_reason(tmp_path, seed, part, whole, changes):
    path = _seeds(tmp_path)[seed]
    if whole or not zipfile.is_zipfile(path):
        path.write_bytes(_changed(path.read_bytes(), changes))
    else:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = list(parts)[part % len(parts)]
        packed(path, {**parts, name: _changed(parts[name], changes)})
    try:
        for document in read(path):
            document.text.encode()
            assert all(0 <= heading.start < len(document.text) for heading in document.headings)
    except UnreadableDocument as error:
        assert "its reader failed" not in error.message


def test_a_reader_of_office_files_imports_nothing_heavy():
    program = (
        "import sys; import hybrid_search.engine.documents.office.word, hybrid_search.engine.documents.office.sheets; "
        "print(sorted({'lxml', 'torch', 'numpy', 'pypdf'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
