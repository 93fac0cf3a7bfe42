"""Each kind of file becomes text with its title, headings and pages."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import zipfile
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, read
from hybrid_search.engine.documents.kinds import BY_NAME, BY_SUFFIX
from hybrid_search.engine.documents.texts import plain
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import given, settings
from hypothesis import strategies as st


def the(path: Path, **options) -> Document:
    (document,) = read(path, **options)
    return document


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def titles(document: Document) -> list[tuple[int, str]]:
    for heading in document.headings:
        assert heading.title in document.text[heading.start :].split("\n\n")[0]
    return [(heading.level, heading.title) for heading in document.headings]


def test_plain_text_is_kept_as_it_is(tmp_path):
    text = "  Erste Zeile\n\n\tZweite\n"
    document = the(written(tmp_path, "notiz.txt", text))
    assert (document.text, document.title, document.part) == (text, "notiz", "")


def test_windows_and_old_mac_line_ends_become_newlines(tmp_path):
    assert the(written(tmp_path, "a.txt", b"one\r\ntwo\rthree")).text == "one\ntwo\nthree"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.srt", "a.csv"])
def test_places_where_a_word_may_be_hyphenated_are_no_text(tmp_path, name):
    said = "Der Brot\u00adteig ruht lange"
    content = {"a.html": f"<p>{said}", "a.srt": f"00:01,0 --> 00:02,0\n{said}", "a.csv": f"id,text\n1,{said}\n"}
    assert the(written(tmp_path, name, content.get(name, said))).text == "Der Brotteig ruht lange"


def test_a_form_feed_starts_a_page(tmp_path):
    document = the(written(tmp_path, "a.txt", "one\ftwo"))
    assert [document.text[start:][:3] for start in document.pages] == ["one", "two"]


def test_markdown_headings_outside_code(tmp_path):
    text = (
        "---\ntitle: 'Brot backen'\n---\n# Brot\n\ntext\n\n```\n# no heading\n```\n\nTeig\n----\n\n### Ofen ###\n#tag\n"
    )
    document = the(written(tmp_path, "a.md", text))
    assert document.title == "Brot backen"
    assert titles(document) == [(1, "Brot"), (2, "Teig"), (3, "Ofen")]
    assert document.text.lstrip() == text[text.index("# Brot") :]


def test_rst_headings_by_their_marks(tmp_path):
    text = "=====\nTitle\n=====\n\nintro\n\nPart one\n--------\n\ntext\n\nDetail\n~~~~~~\n\nx\n\nPart two\n--------\n"
    assert titles(the(written(tmp_path, "a.rst", text))) == [
        (1, "Title"),
        (2, "Part one"),
        (3, "Detail"),
        (2, "Part two"),
    ]


def test_html_gives_paragraphs_headings_and_no_menus(tmp_path):
    html = """<!doctype html><html><head><title>Das &amp; Brot</title><style>p{}</style></head><body>
    <nav><ul><li>Home</ul></nav><div class="navheader">Next</div>
    <h1>Das Brot<a class="headerlink" href="#x">¶</a></h1><p>Mehl,
    Wasser &ndash; und Salz.<p>Zweiter<br>Absatz<script>var x = "<p>no</p>"</script>
    <h2>Ofen</h2><ul><li>heiß<li>groß</ul><table><tr><td>a<td>b</table>
    <ruby>漢字<rt>かんじ</rt></ruby></body></html>"""
    document = the(written(tmp_path, "a.html", html))
    assert document.title == "Das & Brot"
    assert titles(document) == [(1, "Das Brot"), (2, "Ofen")]
    assert "Mehl, Wasser – und Salz." in document.text and "Zweiter\nAbsatz" in document.text
    for absent in ("Home", "Next", "var x", "¶", "かんじ", "p{}"):
        assert absent not in document.text


def test_html_takes_the_main_part_alone_and_everything_where_that_is_empty(tmp_path):
    page = "<body><p>menu</p><main><p>the text</p></main></body>"
    assert the(written(tmp_path, "a.html", page)).text == "the text"
    assert the(written(tmp_path, "b.html", "<nav><p>only a menu</p></nav>")).text == "only a menu"


def test_html_joins_japanese_lines_without_a_space(tmp_path):
    assert the(written(tmp_path, "a.html", "<p>日本\n語です。")).text == "日本語です。"


@pytest.mark.parametrize(
    "broken", ["<![foo", "<!-- never ends", "<p", "<<<>>>", "<nav><p>x", "<pre>" * 3000 + "x", "&#xD800;&#0;"]
)
def test_broken_html_keeps_what_follows(tmp_path, broken):
    assert the(written(tmp_path, "a.html", broken + "<p>word")).text.endswith("word")


def test_docx_with_localised_heading_styles(tmp_path):
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    styles = f'<w:styles {w}><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>'
    body = (
        f'<w:document {w}><w:body><w:p><w:pPr><w:pStyle w:val="berschrift2"/></w:pPr><w:r><w:t>Ofen</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>Heiß</w:t><w:tab/><w:t>und</w:t><w:br/><w:t>groß</w:t></w:r>"
        "<w:del><w:r><w:t>weg</w:t></w:r></w:del></w:p>"
        "</w:body></w:document>"
    )
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", body)
        archive.writestr("word/styles.xml", styles)
    document = the(tmp_path / "a.docx")
    assert titles(document) == [(2, "Ofen")]
    assert document.text == "Ofen\n\nHeiß\tund\ngroß"


def test_odt(tmp_path):
    namespace = "urn:oasis:names:tc:opendocument:xmlns"
    x = f'xmlns:o="{namespace}:office:1.0" xmlns:t="{namespace}:text:1.0"'
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f'<o:body {x}><t:h t:outline-level="1">Брот</t:h><t:p>один<t:s/>два <t:span>три</t:span></t:p></o:body>',
        )
    assert the(tmp_path / "a.odt").text == "Брот\n\nодин два три"


def test_pptx_slides_are_pages(tmp_path):
    x = (
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    )
    title = (
        '<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr>'
        "<a:p><a:r><a:t>Slide {0}</a:t></a:r></a:p></p:sp>"
    )
    text = "<p:sp><a:p><a:r><a:t>text {0}</a:t></a:r></a:p></p:sp>"
    with zipfile.ZipFile(tmp_path / "a.pptx", "w") as archive:
        for number in (10, 2, 1):
            archive.writestr(f"ppt/slides/slide{number}.xml", f"<p:sld {x}>{(title + text).format(number)}</p:sld>")
    document = the(tmp_path / "a.pptx")
    assert [document.text[page:].split("\n")[0] for page in document.pages] == ["Slide 1", "Slide 2", "Slide 10"]
    assert [title for _, title in titles(document)] == ["Slide 1", "Slide 2", "Slide 10"]


def epub(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", '<c xmlns="x"><rootfile full-path="OPS/b.opf"/></c>')
        archive.writestr(
            "OPS/b.opf",
            '<package xmlns="y" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Brotbuch</dc:title>'
            '<manifest><item id="b" href="kapitel%202.xhtml"/><item id="a" href="k1.xhtml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="lost"/></spine></package>',
        )
        archive.writestr("OPS/k1.xhtml", "<html><body><h1>Eins</h1><p>Mehl.</p></body></html>")
        archive.writestr("OPS/kapitel 2.xhtml", "<html><body><h1>Zwei</h1><p>Wasser.</p></body></html>")
    return path


def test_epub_chapters_in_the_order_of_the_spine(tmp_path):
    document = the(epub(tmp_path / "a.epub"))
    assert document.title == "Brotbuch"
    assert document.text == "Eins\n\nMehl.\n\nZwei\n\nWasser."
    assert [document.text[page:][:4] for page in document.pages] == ["Eins", "Zwei"]
    assert titles(document) == [(1, "Eins"), (1, "Zwei")]


def pdf(path: Path, pages: list[str], *, password: str = "") -> Path:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
        font_object = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font_object})}
        )
        content = DecodedStreamObject()
        lines = " T* ".join(f"({line}) Tj" for line in text.split("\n"))
        content.set_data(f"BT /F1 12 Tf 14 TL 20 200 Td {lines} ET".encode("cp1252"))
        page[NameObject("/Contents")] = writer._add_object(content)
    if any(pages):
        writer.add_outline_item("Bread", 0)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


def test_pdf_pages_bookmarks_and_hyphens(tmp_path):
    document = the(pdf(tmp_path / "a.pdf", ["Bread\nfer-\nmentation\nLinux-\nKernel . . . . . . 7", "Größe"]))
    assert document.text == "Bread\nfermentation\nLinux-Kernel … 7\n\nGröße"
    assert [document.text[page:][:5] for page in document.pages] == ["Bread", "Größe"]
    assert titles(document) == [(1, "Bread")]


def test_pdf_words_are_set_apart_where_only_gaps_part_them(tmp_path):
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DecodedStreamObject, NameObject

    writer = PdfWriter(clone_from=PdfReader(pdf(tmp_path / "plain.pdf", ["x"])))
    content = DecodedStreamObject()
    sentence = "Wir raten Ihnen nicht diese Foren zu benutzen sondern lieber andere"
    words = " -200 ".join(f"({word})" for word in sentence.split())
    content.set_data(f"BT /F1 12 Tf 20 200 Td [{words}] TJ ET".encode())
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    font = writer.pages[0]["/Resources"]["/Font"]["/F1"]
    font[NameObject("/BaseFont")] = NameObject("/Courier")  # a space of 600: half of it is more than the gaps
    writer.write(tmp_path / "gaps.pdf")
    assert the(tmp_path / "gaps.pdf").text.startswith("Wir raten Ihnen nicht")


def test_pdf_without_text_and_damaged_ones_say_so(tmp_path):
    for path, reason in (
        (pdf(tmp_path / "scan.pdf", [""]), "scans"),
        (written(tmp_path, "cut.pdf", pdf(tmp_path / "b.pdf", ["x"]).read_bytes()[:200]), "damaged"),
        (pdf(tmp_path / "locked.pdf", ["x"], password="secret"), "encrypted"),
    ):
        with pytest.raises(UnreadableDocument, match=reason):
            the(path)


def test_rows_of_a_table_are_documents(tmp_path):
    path = written(tmp_path, "a.csv", 'id;title;text\n1;Brot;"Mehl; und\nWasser"\n2;;\n3;Mond;Der Mond\n')
    rows = list(read(path))
    assert [(row.part, row.title, row.text) for row in rows] == [
        ("row 1", "Brot", "Mehl; und\nWasser"),
        ("row 3", "Mond", "Der Mond"),
    ]
    assert [row.text for row in read(path, text_column="title")] == ["Brot", "Mond"]


def test_the_longest_column_is_the_text_where_no_name_says_so(tmp_path):
    path = written(tmp_path, "a.tsv", "id\tbemerkung\n1\tein langer Satz\n")
    assert the(path).text == "ein langer Satz"


def test_json_lines_keep_their_line_numbers_and_name_bad_lines(tmp_path):
    lines = [json.dumps({"text": "хлеб \ud800"}), "", "not json", '{"other": 1}', json.dumps("just text")]
    rows = read(written(tmp_path, "a.jsonl", "\n".join(lines)))
    assert (first := next(rows)).text == "хлеб \ufffd" and first.part == "row 1"
    assert next(rows).part == "row 5"
    with pytest.raises(UnreadableDocument, match="1 of its lines cannot be read \\(line 3\\)"):
        next(rows)


def test_a_text_column_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(UnreadableDocument, match=r"no column 'body'.*id, text"):
        the(written(tmp_path, "a.csv", "id,text\n1,x\n"), text_column="body")


def test_compressed_files_of_any_kind(tmp_path):
    assert the(written(tmp_path, "a.html.gz", gzip.compress(b"<h1>Brot</h1>"))).headings[0].title == "Brot"
    packed = written(tmp_path, "changelog.gz", gzip.compress("Änderung".encode("cp1252") * 20))
    assert "Änderung" in the(packed).text and the(packed).title == "changelog"
    with pytest.raises(UnreadableDocument, match="compressed data is damaged"):
        the(written(tmp_path, "b.txt.gz", gzip.compress(b"x" * 1000)[:-9]))


def test_what_unpacks_to_more_than_the_limit_is_refused(tmp_path):
    with pytest.raises(UnreadableDocument, match="unpacks to more than"):
        the(written(tmp_path, "a.txt.gz", gzip.compress(b"a" * 5000)), size_limit=1000)
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<a>" + " " * 100_000 + "</a>")
    with pytest.raises(UnreadableDocument, match="unpacks to more"):
        the(tmp_path / "a.docx", size_limit=10_000)


def test_a_file_over_the_size_limit_is_refused_unread(tmp_path):
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(UnreadableDocument, match="too large: 300 MB, the limit for text is 256 MB"):
        the(path)
    with pytest.raises(UnreadableDocument, match="too large: 300 MB, the limit for pdf is 100 MB"):
        the(path.rename(tmp_path / "huge.pdf"))


def test_an_empty_file_is_an_empty_document(tmp_path):
    assert the(written(tmp_path, "a.txt", b"")).text == ""


def test_unreadable_files_say_why(tmp_path):
    binary = written(tmp_path, "thing", bytes(range(256)) * 10)
    with pytest.raises(UnreadableDocument, match="binary"):
        the(binary)
    with pytest.raises(UnreadableDocument, match="gone"):
        the(tmp_path / "missing.txt")
    with pytest.raises(UnreadableDocument, match=r"no reader for \.xls"):
        the(written(tmp_path, "a.xls", b"PK"))
    with pytest.raises(UnreadableDocument, match="damaged"):
        the(written(tmp_path, "a.docx", b"PK\x03\x04nothing"))
    if os.geteuid():
        binary.chmod(0)
        with pytest.raises(UnreadableDocument, match="permission"):
            the(binary)


def test_a_file_named_after_another_kind_is_read_by_its_content(tmp_path):
    assert the(written(tmp_path, "README", "# not markdown")).text == "# not markdown"
    assert the(written(tmp_path, "page", "<!DOCTYPE html><p>Brot</p>")).text == "Brot"
    assert the(written(tmp_path, "really.docx", "just text")).text == "just text"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("odd\nvalue"), r"its reader failed \(ValueError: odd value\)"),
        (KeyError("x"), "its reader failed"),
        (RecursionError(), "nested too deeply"),
        (MemoryError(), "more memory than there is"),
        (type("PanicException", (BaseException,), {})("index out of bounds"), "PanicException"),
        (UnreadableDocument("it is encrypted"), "it is encrypted"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, BaseException) else "",
)
def test_whatever_a_reader_raises_is_the_reason(tmp_path, monkeypatch, error, reason):
    def reader(source):
        yield Document(source.path, "", "", "before")
        raise error

    monkeypatch.setattr(plain, "read_text", reader)
    documents = read(written(tmp_path, "a.txt", "x"))
    assert next(documents).text == "before"
    with pytest.raises(UnreadableDocument, match=reason):
        next(documents)


def test_stopping_is_no_reason(tmp_path, monkeypatch):
    def reader(source):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(plain, "read_text", reader)
    with pytest.raises(KeyboardInterrupt):
        list(read(written(tmp_path, "a.txt", "x")))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", "<html><head><title>Brot</title></head><body><img src=a.png></body></html>"),
        ("a.txt", "\x1b[0m"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n\n"),
        ("a.tex", "\\documentclass{article}\n\\begin{document}\\includegraphics{a}\\end{document}"),
        ("a.adoc", "// only a comment"),
        ("a.org", "#+TITLE: Brot\n"),
        ("a.po", 'msgid ""\nmsgstr "Language: de\\n"\n'),
        ("a.ipynb", '{"cells": []}'),
    ],
)
def test_a_file_without_text_is_unreadable(tmp_path, name, content):
    with pytest.raises(UnreadableDocument, match="no text"):
        list(read(written(tmp_path, name, content)))


def test_what_is_no_file_is_named_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(UnreadableDocument, match="not a regular file"):
        list(read(tmp_path / "pipe.txt"))
    with pytest.raises(UnreadableDocument, match="folder"):
        list(read(tmp_path))
    for name in ("a" * 300, "nul\0byte"):
        with pytest.raises(UnreadableDocument):
            list(read(tmp_path / name))


def zipped(data: bytes, kind: str) -> bytes:
    """Bytes as every part of an archive that a kind's reader looks for."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", {"odt": "application/vnd.oasis.opendocument.text"}.get(kind, ""))
        if kind == "epub":
            archive.writestr("META-INF/container.xml", '<c><rootfile full-path="content.xml"/></c>')
        for part in ("content.xml", "word/document.xml", "word/styles.xml", "ppt/slides/slide1.xml"):
            archive.writestr(part, data)
    return packed.getvalue()


def packed_in(kind: str, data: bytes) -> bytes:
    if kind.endswith((".gz", ".bz2", ".xz")):
        return {"gz": gzip, "z2": bz2, "xz": lzma}[kind[-2:]].compress(data)
    return zipped(data, kind[1:]) if BY_NAME[BY_SUFFIX[kind]].zip_marks else data


STARTS = (
    *(b"", b"<p>", b"<?xml version='1.0'?><a>", b"%PDF-1.7\n", b"PK\x03\x04", b"From a 10:00\nFrom: b\n\n"),
    *(b'{"cells": [{"cell_type": "code", "source": "', b"\\begin{", b"WEBVTT\n\n00:01.000 --> 00:02.000\n"),
    *(b"---\ntitle:", b'msgid "', b"* a\n:a:\n", b"= a\n----\n", b"a,b\n1,", b'{"'),
    b"Content-Type: multipart/mixed; boundary=a\n\n--a\n",
)
PACKED = (".txt.gz", ".md.bz2", ".html.xz")


@settings(max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    start=st.sampled_from(STARTS),
    kind=st.sampled_from([*sorted(BY_SUFFIX), *PACKED]),
    whole=st.booleans(),
)
def test_no_bytes_raise_anything_but_unreadable(tmp_path_factory, data, start, kind, whole):
    path = tmp_path_factory.mktemp("any") / f"a{kind}"
    path.write_bytes(packed_in(kind, start + data) if whole else start + data)
    try:
        for document in read(path):
            assert "\x00" not in document.text
            document.text.encode()
            assert all(0 <= heading.start <= len(document.text) for heading in document.headings)
            assert all(0 <= page <= len(document.text) for page in document.pages)
    except UnreadableDocument as error:
        assert error.message and "reader failed" not in error.message


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    content=st.sampled_from(["text", "# a\n\nb", "<p>x</p>"]),
    kind=st.sampled_from([".gz", ".bz2", ".xz"]),
)
def test_no_damage_to_a_packed_file_raises_anything_but_unreadable(tmp_path_factory, data, content, kind):
    packed = bytearray(packed_in(f".txt{kind}", content.encode() * 20))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("any") / f"a{kind}"
    path.write_bytes(packed[: data.draw(st.integers(0, len(packed)))])
    try:
        list(read(path))
    except UnreadableDocument as error:
        assert error.message and "reader failed" not in error.message


def test_a_few_kilobytes_that_unpack_to_megabytes_are_refused_and_real_texts_are_not(tmp_path):
    rows = tmp_path / "rows.csv.gz"
    rows.write_bytes(gzip.compress(b"text\n" + b"x\n" * 2_000_000))
    with pytest.raises(UnreadableDocument, match="500 times its size"):
        list(read(rows))
    sentence = "Row {}: bread rises over night, and glaciers move over rock.\n"
    honest = tmp_path / "long.txt.gz"
    honest.write_bytes(gzip.compress("".join(map(sentence.format, range(50_000))).encode()))
    (document,) = read(honest)
    assert document.text.count("\n") == 50_000
