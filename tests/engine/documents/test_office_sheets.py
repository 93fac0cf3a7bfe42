"""Excel workbooks: a heading a sheet, a line a row with words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hybrid_search.engine.errors import UnreadableDocument

from tests.support.office import STRICT, P, X, headings, packed, relations, the

STRINGS = f"<sst {X}><si><t>Flour</t></si><si><r><t>Sa</t></r><r><t>lt</t></r><rPh><t>ソルト</t></rPh></si></sst>"
STYLES = (
    f'<styleSheet {X}><numFmts><numFmt numFmtId="164" formatCode="[$-F800]d\\. mmm yyyy"/>'
    '<numFmt numFmtId="165" formatCode="0.0 &quot;days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm"/>'
    '<numFmt numFmtId="167" formatCode="0.0\\ %"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="22"/><xf numFmtId="165"/><xf numFmtId="20"/>'
    '<xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="9"/><xf numFmtId="46"/>'
    "</cellXfs></styleSheet>"
)


def book(path: Path, *sheets: tuple[str, str], properties: str = "", namespaces: str = X) -> Path:
    listed = "".join(f'<sheet name="{name}" sheetId="1" r:id="s{place}"/>' for place, (name, _) in enumerate(sheets))
    targets = {f"s{place}": f"worksheet worksheets/part{place}.xml" for place in range(len(sheets))}
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f"<workbook {namespaces}>{properties}<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(**targets, t="sharedStrings sharedStrings.xml", f="styles styles.xml"),
        "xl/sharedStrings.xml": STRINGS.replace(X, namespaces),
        "xl/styles.xml": STYLES.replace(X, namespaces),
    }
    for place, (_, rows) in enumerate(sheets):
        parts[f"xl/worksheets/part{place}.xml"] = f"<worksheet {namespaces}><sheetData>{rows}</sheetData></worksheet>"
    return packed(path, parts)


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


def cell(value: str, kind: str = "n", style: int = 0) -> str:
    return f'<c t="{kind}" s="{style}"><v>{value}</v></c>'


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm", ".xltx"])
def test_sheets_are_headings_and_rows_are_lines(tmp_path, suffix):
    first = row(cell("0", "s"), cell("500")) + row(cell("1", "s"), '<c t="inlineStr"><is><t>a pinch</t></is></c>')
    document = the(book(tmp_path / f"a{suffix}", ("Bread", first), ("Notes", row(cell("Bake it.", "str")))))
    assert document.text == "Bread\n\nFlour\t500\nSalt\ta pinch\n\nNotes\n\nBake it."
    assert headings(document) == [(1, "Bread"), (1, "Notes")]


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [
        ("44197", 1, "2021-01-01"),
        ("44197.5", 2, "2021-01-01 12:00"),
        ("0.25", 4, "06:00"),
        ("44197", 3, "44197"),
        ("0.30000000000000004", 0, "0.3"),
        ("1E+3", 0, "1000"),
        ("99999999999", 1, "99999999999"),
        ("1.5", 5, "36:00"),
        ("0.07", 6, "7%"),
        ("1.234", 7, "123.4%"),
        ("0.0007", 8, "0:01"),
    ],
)
def test_numbers_beside_words_are_shown_as_numbers_or_dates(tmp_path, value, style, shown):
    path = book(tmp_path / "a.xlsx", ("S", row(cell("0", "s"), cell(value, style=style))))
    assert the(path).text == f"S\n\nFlour\t{shown}"


@pytest.mark.parametrize(
    ("written", "text"),
    [("one_x000D_\ntwo", "one two"), ("a_x0041__x005F_x0042_", "aA_x0042_"), ("max_xylem", "max_xylem")],
)
@pytest.mark.parametrize("kind", ["str", "inlineStr"])
def test_characters_that_xml_cannot_hold_are_read_from_their_codes(tmp_path, written, text, kind):
    cells = f'<c t="inlineStr"><is><t>{written}</t></is></c>' if kind == "inlineStr" else cell(written, kind)
    assert the(book(tmp_path / "a.xlsx", ("S", row(cells)))).text == f"S\n\n{text}"


def test_dates_may_count_from_1904(tmp_path):
    rows = row(cell("0", "s"), cell("0", style=1)) + row(cell("0", "s"), cell("366", style=1))
    path = book(tmp_path / "a.xlsx", ("S", rows), properties='<workbookPr date1904="1"/>')
    assert the(path).text.endswith("Flour\t1905-01-01")


def test_rows_without_words_formulas_and_errors_are_left_out(tmp_path):
    rows = row(cell("1"), cell("2")) + row(cell("1", "b")) + row(cell("#N/A", "e"), cell("0", "s"), cell("1", "b"))
    rows += "<row><c><f>SUM(A1:A9)</f><v>9</v></c></row>"
    assert the(book(tmp_path / "a.xlsx", ("S", rows))).text == "S\n\nFlour\tTRUE"


def test_the_text_of_shapes_on_a_sheet_is_read(tmp_path):
    drawing = f"<d {P}><a:p><a:r><a:t>in a shape</a:t></a:r></a:p></d>"
    path = book(tmp_path / "a.xlsx", ("S", row(cell("1"))))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/_rels/part0.xml.rels", relations(d="drawing ../drawings/drawing1.xml"))
        archive.writestr("xl/drawings/drawing1.xml", drawing)
    assert the(path).text == "S\n\nin a shape"


def test_strict_workbooks_are_read_like_others(tmp_path):
    strict = f'xmlns="{STRICT}/spreadsheetml/main" xmlns:r="{STRICT}/officeDocument/relationships"'
    assert the(book(tmp_path / "a.xlsx", ("S", row(cell("0", "s"))), namespaces=strict)).text == "S\n\nFlour"


def test_a_workbook_of_numbers_says_so_and_an_empty_one_too(tmp_path):
    with pytest.raises(UnreadableDocument, match=r"^it holds no text, only numbers$"):
        the(book(tmp_path / "a.xlsx", ("Numbers", row(cell("1")))))
    with pytest.raises(UnreadableDocument, match=r"^it holds no text$"):
        the(book(tmp_path / "b.xlsx", ("Empty", "")))
    with pytest.raises(UnreadableDocument, match="missing"):
        the(packed(tmp_path / "c.xlsx", {"x": "y"}))


def test_a_cell_that_refers_to_no_string_is_empty(tmp_path):
    rows = row(cell("7", "s"), cell("-1", "s"), cell("²", "s"), cell("0", "s"))
    assert the(book(tmp_path / "a.xlsx", ("S", rows))).text == "S\n\nFlour"


def test_columns_of_several_languages_are_read_one_after_the_other(tmp_path):
    def sheet(*lines: str) -> str:
        return "".join(row(*(cell(each, "str") for each in line.split("|"))) for line in lines)

    lines = sheet(
        "id|text_de|text_en|Note", "a1|Brot geht auf.|Bread rises.|short", "a2|Eis schmilzt.|Ice melts.|cold", "b"
    )
    text = "Text\n\nid\tNote\na1\tshort\na2\tcold\n\nBrot geht auf.\nEis schmilzt.\n\nBread rises.\nIce melts.\n\nb"
    assert the(book(tmp_path / "a.xlsx", ("Text", lines))).text == text
    figures = sheet("Land|DE|FR", "Umsatz|3|4", "Bedarf|5|6")
    assert the(book(tmp_path / "b.xlsx", ("A", figures))).text == "A\n\nLand\tDE\tFR\nUmsatz\t3\t4\nBedarf\t5\t6"


def test_thousands_of_columns_of_languages_take_no_time(tmp_path):
    lines = row(*(cell("de", "str") for _ in range(9000))) * 20
    assert the(book(tmp_path / "a.xlsx", ("A", lines))).text.startswith("A\n\nde\nde\n")
    names = row(*(cell("-".join(["de"] * 4000), "str") for _ in range(20)))
    assert the(book(tmp_path / "b.xlsx", ("A", names))).text.startswith("A\n\nde-de-")
