"""A PDF becomes the words a person reads in it: pages, forms, gaps between letters; what cannot be read is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, read, running
from hybrid_search.engine.documents.pdf import by_pdfium, reading
from hybrid_search.engine.documents.pdf.by_pdfium import PdfiumFile
from hybrid_search.engine.documents.pdf.by_pypdf import PypdfFile
from hybrid_search.engine.documents.pdf.garbage import GARBAGE, garbage_share
from hybrid_search.engine.documents.pdf.opened import PdfError, PdfTimeout
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import given, settings
from hypothesis import strategies as st

SENTENCE = "Glaciers move slowly over rock"


def pdf(*pages: str, objects: tuple[str, ...] = (), page: str = "", catalog: str = "", font: str = "") -> bytes:
    """A PDF by hand: a content stream a page; `objects` are numbered from 10 on, `page` and `catalog` add entries.

    Objects 1 to 3 are the catalog, the pages and the font; the pages follow after `objects`.
    """
    numbered = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        3: font or "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
    numbered |= dict(enumerate(objects, 10))
    kids = []
    for number, content in enumerate(pages):
        at = 10 + len(objects) + 2 * number
        kids.append(f"{at} 0 R")
        numbered[at] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 500] /Contents {at + 1} 0 R {page} "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        stream = content.encode("cp1252")
        numbered[at + 1] = f"<< /Length {len(stream)} >>\nstream\n{content}\nendstream"
    numbered[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    data = b"%PDF-1.7\n"
    offsets = {}
    for number, body in sorted(numbered.items()):
        offsets[number] = len(data)
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = len(data)
    data += b"xref\n"
    for number, offset in offsets.items():
        data += b"%d 1\n%010d 00000 n \n" % (number, offset)
    return data + b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (max(numbered) + 1, table)


def shown(*lines: str) -> str:
    """A content stream that shows lines of text."""
    return "BT /F1 12 Tf 14 TL 20 400 Td " + " T* ".join(f"({line}) Tj" for line in lines) + " ET"


@pytest.fixture
def the(tmp_path: Path) -> Callable[[bytes], Document]:
    def read_one(data: bytes) -> Document:
        path = tmp_path / "a.pdf"
        path.write_bytes(data)
        (document,) = read(path)
        return document

    return read_one


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[bytes], tuple[list[Document], str]]:
    """The documents that came before the file was told to be unreadable, and what was said."""

    def refuse(data: bytes) -> tuple[list[Document], str]:
        path = tmp_path / "a.pdf"
        path.write_bytes(data)
        found: list[Document] = []
        with pytest.raises(UnreadableDocument) as caught:
            for document in read(path):
                found.append(document)
        return found, caught.value.message

    return refuse


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"])
def test_a_file_encrypted_with_an_empty_user_password_is_read(the, refused, tmp_path, algorithm):
    import pypdf

    for user in ("", "secret"):
        writer = pypdf.PdfWriter()
        writer.append(pypdf.PdfReader(_written(tmp_path, pdf(shown(SENTENCE)))))
        writer.encrypt(user_password=user, owner_password="owner", algorithm=algorithm)
        writer.write(tmp_path / "locked.pdf")
        data = (tmp_path / "locked.pdf").read_bytes()
        if user:
            assert refused(data) == ([], "it is encrypted")
        else:
            assert the(data).text == SENTENCE


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "plain.pdf"
    path.write_bytes(data)
    return path


def test_what_is_typed_into_a_form_is_text(the):
    fields = (
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (purpose) /V (Research on glaciers) /Rect [20 100 250 120] >>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /V <FEFF041C043E0441043A043204300020D83CDF5E> "
        "/Rect [20 80 250 99] >>",
        "<< /Type /Annot /Subtype /Widget /FT /Ch /T (country) /Opt [(Norway) (Peru)] /V (Norway) "
        "/Rect [20 60 99 79] >>",
        "<< /Type /Annot /Subtype /Widget /FT /Btn /T (agree) /TU (I agree) /V /Yes /AS /Yes /Rect [20 40 30 50] "
        "/AP << /N << /Yes 18 0 R /Off 18 0 R >> >> >>",
        "<< /Type /Annot /Subtype /Widget /FT /Btn /T (news) /TU (Send news) /V /Off /AS /Off /Rect [20 20 30 30] "
        "/AP << /N << /Yes 18 0 R /Off 18 0 R >> >> >>",
        "<< /Type /Annot /Subtype /FreeText /Contents (Typed onto the page) /Rect [20 200 250 220] >>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /Ff 8192 /T (pin) /V (hush) /Rect [20 1 250 9] >>",
        "<< /Type /Annot /Subtype /Text /Contents (a comment of a reader) /Rect [20 200 250 220] >>",
        "<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 0 >>\nstream\n\nendstream",
    )
    references = " ".join(f"{number} 0 R" for number in range(10, 18))
    document = the(
        pdf(
            shown("Application form"),
            objects=fields,
            page=f"/Annots [{references}]",
            catalog=f"/AcroForm << /Fields [{references}] >>",
        )
    )
    assert document.text.split("\n") == [
        "Application form",
        "",
        "Research on glaciers",
        "Москва 🍞",
        "Norway",
        "☑ I agree",
        "☐ Send news",
        "Typed onto the page",
    ]


def test_a_form_without_any_other_text_is_no_scan(the):
    field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (Only a value) /Rect [20 100 250 120] >>"
    data = pdf("", objects=(field,), page="/Annots [10 0 R]", catalog="/AcroForm << /Fields [10 0 R] >>")
    assert the(data).text == "Only a value"


def letters(between: str, word_gap: str) -> str:
    parts = (f"({letter})" if letter != " " else word_gap for letter in SENTENCE)
    return f"BT /F1 12 Tf 20 400 Td [{between.join(parts)}] TJ ET"


@pytest.mark.parametrize(
    "content",
    [
        letters(" -300 ", "-400"),
        f"BT /F1 12 Tf 5 Tc 20 400 Td ({SENTENCE}) Tj ET",
        f"BT /F1 12 Tf 20 400 Td ({'   '.join(' '.join(word) for word in SENTENCE.split())}) Tj ET",
        "BT /F1 12 Tf 20 400 Td " + " ".join(f"({letter}) Tj 10 0 Td" for letter in SENTENCE) + " ET",
    ],
    ids=["kerning", "character spacing", "spaces", "a grid"],
)
def test_words_set_letter_by_letter_are_joined(the, content):
    assert the(pdf(content)).text == SENTENCE


@pytest.mark.parametrize("line", ["A B C D E F G H I J", "1 2 3 4 5 6 7 8", "x y z k m n p q"])
def test_single_letters_that_are_no_words_stay_apart(the, line):
    assert the(pdf(shown(line))).text == line


def test_words_that_only_gaps_part_are_parted(the):
    words = "the glaciers move slowly over the rock and then melt in the valley"
    for gap in ("-200", "-130"):
        shift = f" {gap} "
        drawn = shift.join(f"({word})" for word in words.split())
        assert the(pdf(f"BT /F1 12 Tf 20 400 Td [{drawn}] TJ ET")).text == words


def test_a_long_word_is_one_word(the):
    assert the(pdf(shown("Rechtsschutzversicherungsgesellschaften"))).text == "Rechtsschutzversicherungsgesellschaften"


def test_hyphens_at_line_ends_and_accents_drawn_apart_are_mended(the):
    assert the(pdf(shown("fer-", "mentation in K\\250oln"))).text == "fermentation in Köln"
    assert the(pdf(shown("self\\255made fer\\255", "mented"))).text == "self-made fermented"


@pytest.mark.parametrize("page", [0, 90, 180, 270])
@pytest.mark.parametrize("text", ["1 0 0 1 20 400", "0 1 -1 0 100 20", "-1 0 0 -1 480 100", "0 -1 1 0 100 480"])
def test_lines_are_in_their_order_however_page_and_text_are_turned(the, page, text):
    content = shown("Glaciers move", "slowly over rock").replace("20 400 Td", f"{text} Tm")
    assert the(pdf(content, page=f"/Rotate {page}")).text == "Glaciers move\nslowly over rock"


@pytest.mark.parametrize("broken", ["] >> foo", "/F9 12 Tf", "1 0 0 rg Q Q Q", "<zz> Tj", "BT BT 3 Tr 0 Tr"])
def test_a_wrong_operator_costs_neither_the_page_nor_the_others(the, broken):
    content = f"{shown('before')} {broken} BT /F1 12 Tf 20 300 Td (after) Tj ET"
    text = the(pdf(content, shown("next page"))).text
    assert "before" in text and text.endswith("next page")


def test_a_page_that_no_reader_can_read_is_named_and_the_others_stay(refused, monkeypatch):
    page = PdfiumFile.page

    def failing(self, number):
        if number == 1:
            raise PdfError("broken")
        return page(self, number)

    def failing_too(self, number, end):
        raise PdfError("broken")

    monkeypatch.setattr(PdfiumFile, "page", failing)
    monkeypatch.setattr(PypdfFile, "page", failing_too)
    (document,), said = refused(pdf(shown("one"), shown("two"), shown("three")))
    assert document.text == "one\n\nthree"
    assert len(document.pages) == 3
    assert said == "1 of its 3 pages cannot be read (page 2); the rest is indexed"


def test_a_page_that_the_first_reader_cannot_read_is_read_by_the_second(the, monkeypatch):
    def failing(self, number):
        raise PdfError("broken")

    monkeypatch.setattr(PdfiumFile, "page", failing)
    assert the(pdf(shown("one"), shown("two"))).text == "one\n\ntwo"


def test_a_document_that_takes_too_long_is_read_as_far_as_the_limit_and_says_so(refused, monkeypatch):
    page = PdfiumFile.page
    clock = [time.monotonic()]

    def slow(self, number):
        clock[0] += 100
        return page(self, number)

    monkeypatch.setattr(PdfiumFile, "page", slow)
    monkeypatch.setattr(reading.time, "monotonic", lambda: clock[0])
    (document,), said = refused(pdf(shown("one"), shown("two"), shown("three"), shown("four")))
    assert document.text == "one\n\ntwo"
    assert said == "the last 2 of its 4 pages were left out: reading it took too long; the rest is indexed"


def test_the_second_reader_stops_within_a_page_at_its_limit():
    opened = PypdfFile(pdf(shown("one")))
    with pytest.raises(PdfTimeout):
        opened.page(0, time.monotonic() - 1)


PRIVATE = """<< /Type /Font /Subtype /TrueType /BaseFont /Odd /FirstChar 65 /LastChar 90 /ToUnicode 10 0 R
/Widths [600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600 600] >>"""


def private_map() -> str:
    """A map from letters to characters of the private area, as fonts of their own encoding have."""
    stream = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        "1 beginbfrange <41> <5A> <E041> endbfrange endcmap end"
    )
    return f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream"


def test_fonts_that_do_not_say_which_letters_they_draw_are_told(refused):
    garbled = shown("THE GLACIERS MOVE SLOWLY OVER THE ROCK AND MELT IN THE VALLEY")
    found, said = refused(pdf(garbled, objects=(private_map(),), font=PRIVATE))
    assert found == []
    assert said == "its fonts do not map glyphs to letters, so the text would be garbage"


@pytest.mark.parametrize(
    "text",
    [
        "Glaciers move slowly over rock, and then they melt in the valley (see https://example.org/a_b).",
        "Der Ofen ist heiß; sehr heiß, sagt sie über die Öfen. Größe: 5 µm, 20 °C, ½ Liter, 30 € « gut ».",
        "Гоголь жил в Петербурге, а потом в Риме: «Мёртвые души» вышли в 1842 году.",
        "Οι παγετώνες κινούνται αργά πάνω στον βράχο και λιώνουν στην κοιλάδα.",
        "تتحرك الأنهار الجليدية ببطء فوق الصخور ثم تذوب في الوادي مع PDF و HTML.",
        "हिमनद चट्टान पर धीरे-धीरे चलते हैं और फिर घाटी में पिघल जाते हैं।",
        "氷河はPDFのように岩の上をゆっくり動き、そして谷で溶けます。とても静かです。氷河はゆっくり動きます。",
        "ธารน้ำแข็งเคลื่อนตัวช้าๆบนหินด้วยPDFแล้วละลายในหุบเขา",
        "• Été à Genève • naïve façade • Œuvre • coöperation • Ångström • El Niño • São Paulo • Łódź",
    ],
)
def test_text_in_any_script_is_no_garbage(text):
    assert garbage_share(text) < GARBAGE / 4


@pytest.mark.parametrize(
    "text",
    [
        "îäíàæäû ëåòîì ïîåçä øåë ÷åðåç ëåñ è ïîëå, à ïîòîì îñòàíîâèëñÿ",
        "àÍ¡ÊÒÃ©ºÑº¹Õà»¹ ÊÒ¸ÒÃ³ÊÁºÑµÔ ÊÒÁÒÃ¶¨Ð¨Ñ´·Ó«ÓËÃ×Íá¨¡¨èÒÂâ´ÂäÁè",
        "Yl خrيTW تCwW الAtkبT الإبdاعTy العrبTy فwh كAتب واحdة من أولY الrوايA",
        "3HRSOH ZKR OLYH WKHUH KDYH XVHG WKH ZDWHU IRU KXQGUHGV RI \\HDUV DQG HYHU\\ VSULQJ WKH\\ ZDWFK WKH ULYHU " * 4,
        "\ufffd" * 3 + " bread " + "\ufffd" * 5 + " water " + "\ufffd" * 12 + " and " + "\ufffd" * 6,
    ],
)
def test_text_of_fonts_with_an_encoding_of_their_own_is_garbage(text):
    assert garbage_share(text) > GARBAGE


def outline(titles: list[str], first: int) -> tuple[str, ...]:
    """An outline whose bookmarks all point to the first page; `first` is the number of the page's object."""
    last = 10 + len(titles)
    root = f"<< /Type /Outlines /First 11 0 R /Last {last} 0 R /Count {len(titles)} >>"
    items = []
    for number, title in enumerate(titles, 11):
        following = f"/Next {number + 1} 0 R" if number < last else ""
        items.append(f"<< /Title ({title}) /Parent 10 0 R {following} /Dest [{first} 0 R /Fit] >>")
    return (root, *items)


def test_bookmarks_are_headings_where_their_words_are_a_line_of_the_page(the):
    titles = ["Bread", "not there", "water  and salt"]
    objects = outline(titles, 14)
    document = the(pdf(shown("Bread", "is good", "2.1 Water and salt"), objects=objects, catalog="/Outlines 10 0 R"))
    assert [heading.title for heading in document.headings] == ["Bread", "water and salt"]
    assert [document.text[heading.start :].split("\n")[0] for heading in document.headings] == [
        "Bread",
        "2.1 Water and salt",
    ]


def test_thousands_of_bookmarks_take_no_longer_than_the_page_has_lines(the):
    titles = [f"Bookmark {number}" for number in range(5000)]
    lines = [f"Line {number} of a long page" for number in range(2000)]
    began = time.process_time()
    document = the(pdf(shown(*lines, "Bookmark 4999"), objects=outline(titles, 10 + 5001), catalog="/Outlines 10 0 R"))
    assert [heading.title for heading in document.headings] == ["Bookmark 4999"]
    # Looking each one up in the whole page took longer than this for a tenth of them.
    assert time.process_time() - began < 20


def test_bookmarks_in_a_circle_end(the):
    circle = (
        "<< /Type /Outlines /First 11 0 R /Last 11 0 R >>",
        "<< /Title (Bread) /Parent 10 0 R /Next 11 0 R /First 11 0 R /Dest [12 0 R /Fit] >>",
    )
    assert the(pdf(shown("Bread"), objects=circle, catalog="/Outlines 10 0 R")).text == "Bread"


CJK = {
    "90ms-RKSJ-H": ("Japan1", "氷河はゆっくり動く", "cp932"),
    "UniJIS-UCS2-H": ("Japan1", "氷河はゆっくり動く", "utf-16-be"),
    "EUC-H": ("Japan1", "氷河はゆっくり動く", "euc_jp"),
    "GBK-EUC-H": ("GB1", "冰川缓慢移动", "gbk"),
    "ETen-B5-H": ("CNS1", "冰川緩慢移動", "big5"),
    "KSCms-UHC-H": ("Korea1", "빙하는 천천히 움직인다", "cp949"),
}


@pytest.mark.parametrize("map_name", CJK)
def test_the_predefined_maps_of_chinese_japanese_and_korean_are_known(the, map_name):
    collection, text, encoding = CJK[map_name]
    descendant = (
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ming /DW 1000 /CIDSystemInfo "
        f"<< /Registry (Adobe) /Ordering ({collection}) /Supplement 2 >> >>"
    )
    font = f"<< /Type /Font /Subtype /Type0 /BaseFont /Ming /Encoding /{map_name} /DescendantFonts [{descendant}] >>"
    assert the(pdf(f"BT /F1 12 Tf 20 400 Td <{text.encode(encoding).hex()}> Tj ET", font=font)).text == text


def test_a_page_of_more_pieces_of_text_than_the_first_reader_should_take_goes_to_the_second(the, monkeypatch):
    monkeypatch.setattr(by_pdfium, "_MOST_PARTS", 2)
    lines = ["one", "two", "three"]
    assert the(pdf(shown(*lines))).text == "\n".join(lines)
    monkeypatch.setattr(PypdfFile, "page", lambda *_: "read by the second")
    assert the(pdf(shown(*lines))).text == "read by the second"
    assert the(pdf(shown(*lines[:2]))).text == "one\ntwo"


def test_pages_start_where_their_text_does(the):
    document = the(pdf(shown("one"), "", shown("three")))
    assert document.text == "one\n\nthree"
    assert [document.text[start:][:3] for start in document.pages] == ["one", "thr", "thr"]


def test_a_file_without_text_or_pages_and_a_damaged_one_say_so(refused):
    assert refused(pdf(""))[1] == "its pages hold no text; they may be scans"
    assert refused(b"%PDF-1.4\nnothing")[1].startswith("it is damaged: ")
    assert refused(pdf(shown("x"))[:150])[1].startswith("it is damaged: ")


def test_a_file_with_a_wrong_table_of_its_objects_is_read(the):
    assert the(pdf(shown(SENTENCE)).replace(b"xref", b"xxxx")).text == SENTENCE


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), at=st.integers(0, 900), whole=st.booleans())
def test_no_bytes_raise_anything_but_unreadable(tmp_path_factory, data, at, whole):
    sound = pdf(shown("Bread and water"), shown("Moon"))
    path = tmp_path_factory.mktemp("any") / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + data if whole else sound[:at] + data + sound[at + len(data) :])
    try:
        for document in read(path):
            document.text.encode()
            assert all(0 <= start <= len(document.text) for start in document.pages)
    except UnreadableDocument as error:
        assert error.message and "reader failed" not in error.message


def test_a_head_that_runs_through_the_pages_is_found_where_it_stands(the: Callable[[bytes], Document]) -> None:
    words = ("ice", "rock", "sand", "rain", "snow", "wind")
    pages = [
        shown(f"Annual report - {number}", *(f"{word} {SENTENCE} {end}" for end in ("now", "then", "here", "there")))
        for number, word in enumerate(words, 1)
    ]
    document = the(pdf(*pages))
    assert [document.text[start:end] for start, end in running(document)] == [
        f"Annual report - {number}" for number in range(2, 7)
    ]
