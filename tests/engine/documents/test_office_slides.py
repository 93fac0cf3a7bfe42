"""PowerPoint decks: the slides that the deck shows, in its order, with their tables, diagrams and notes."""

from __future__ import annotations

import pytest
from hybrid_search.engine.documents import Document
from hybrid_search.engine.errors import UnreadableDocument

from tests.support.office import OPEN, P, deck, headings, packed, relations, shape, slide, the


def pages(document: Document) -> list[str]:
    ends = [*document.pages[1:], len(document.text)]
    return [document.text[start:end].strip() for start, end in zip(document.pages, ends, strict=True)]


@pytest.mark.parametrize("suffix", [".pptx", ".pptm", ".potx", ".ppsx"])
def test_slides_come_in_the_order_of_the_deck_and_deleted_ones_do_not(tmp_path, suffix):
    slides = [slide(shape("second")), slide(shape("first")), slide(shape("deleted"))]
    assert pages(the(deck(tmp_path / f"a{suffix}", slides, [2, 1]))) == ["first", "second"]


def test_a_hidden_slide_is_read(tmp_path):
    hidden = slide(shape("kept back")).replace("<p:sld ", '<p:sld show="0" ')
    assert pages(the(deck(tmp_path / "a.pptx", [hidden]))) == ["kept back"]


def test_a_slide_that_is_listed_twice_or_missing_is_no_trouble(tmp_path):
    path = deck(tmp_path / "a.pptx", [slide(shape("one"))], [1, 1, 9])
    assert pages(the(path)) == ["one"]


def test_without_a_list_slides_come_in_the_order_of_their_numbers(tmp_path):
    parts = {f"ppt/slides/slide{number}.xml": slide(shape(f"slide {number}")) for number in (10, 2, "9" * 4301)}
    texts = pages(the(packed(tmp_path / "a.pptx", parts)))
    assert texts[:2] == ["slide 2", "slide 10"]


def test_a_moved_deck_is_found_by_its_relationships(tmp_path):
    parts = {
        "_rels/.rels": relations(r="officeDocument deck/main.xml"),
        "deck/main.xml": f'<p:presentation {P}><p:sldIdLst><p:sldId id="256" r:id="s"/></p:sldIdLst></p:presentation>',
        "deck/_rels/main.xml.rels": relations(s="slide ../a%20slide.xml"),
        "a slide.xml": slide(shape("found")),
    }
    assert pages(the(packed(tmp_path / "a.pptx", parts))) == ["found"]


def test_strict_decks_are_read_like_others(tmp_path):
    def strict(xml: str) -> str:
        for name in ("presentationml", "drawingml"):
            xml = xml.replace(f"{OPEN}/{name}/2006/main", f"http://purl.oclc.org/ooxml/{name}/main")
        return xml

    assert pages(the(deck(tmp_path / "a.pptx", [strict(slide(shape("strict")))]))) == ["strict"]


def test_titles_are_headings_and_stand_before_their_slide(tmp_path):
    document = the(
        deck(tmp_path / "a.pptx", [slide(shape("text"), shape("Oven", "title")), slide(shape("B", "ctrTitle"))])
    )
    assert (document.text, headings(document)) == ("Oven\n\ntext\n\nB", [(1, "Oven"), (1, "B")])


def test_line_breaks_part_words(tmp_path):
    broken = "<a:r><a:t>Annual</a:t></a:r><a:br/><a:r><a:t>Report</a:t></a:r>"
    document = the(deck(tmp_path / "a.pptx", [slide(shape(broken, "title"), shape(broken))]))
    assert document.text == "Annual Report\n\nAnnual\nReport"


TABLE = (
    "<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>".format(
        "".join(
            "<a:tr>"
            + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in row)
            + "</a:tr>"
            for row in (("Flour", "500 g"), ("Salt", "10 g"))
        )
    )
)


def test_tables_and_groups_are_text(tmp_path):
    group = f"<p:grpSp>{shape('in a group')}<p:grpSp>{shape('and deeper')}</p:grpSp></p:grpSp>"
    document = the(deck(tmp_path / "a.pptx", [slide(TABLE, group)]))
    assert document.text == "Flour\t500 g\nSalt\t10 g\n\nin a group\n\nand deeper"


def test_what_each_slide_repeats_is_left_out(tmp_path):
    field = '<a:fld type="slidenum"><a:t>3</a:t></a:fld>'
    shapes = (shape("Brot"), shape("7", "sldNum"), shape("2020", "dt"), shape("ACME", "ftr"), shape(field))
    assert the(deck(tmp_path / "a.pptx", [slide(*shapes)])).text == "Brot"


def notes(text: str) -> str:
    return slide(shape("1", "sldNum"), shape("", "sldImg"), shape(text, "body"), kind="notes")


def test_notes_stand_once_after_their_slide(tmp_path):
    parts = {
        "ppt/notesSlides/notesSlide1.xml": notes("said to the second"),
        "ppt/slides/_rels/slide2.xml.rels": relations(
            r1="notesSlide ../notesSlides/notesSlide1.xml", r2="notesSlide ../notesSlides/notesSlide1.xml"
        ),
    }
    document = the(deck(tmp_path / "a.pptx", [slide(shape("A")), slide(shape("B"))], parts=parts))
    assert pages(document) == ["A", "B\n\nsaid to the second"]


def test_in_a_deck_without_relationships_notes_go_by_their_number(tmp_path):
    parts = {"ppt/slides/slide1.xml": slide(shape("A")), "ppt/notesSlides/notesSlide1.xml": notes("said")}
    assert the(packed(tmp_path / "a.pptx", parts)).text == "A\n\nsaid"


DIAGRAM = f"<dgm:dataModel {P}><dgm:pt><dgm:t><a:p><a:r><a:t>Knead</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>"
FRAME = '<p:graphicFrame><a:graphic><a:graphicData><dgm:relIds r:dm="d"/></a:graphicData></a:graphic></p:graphicFrame>'


def test_smartart_is_text(tmp_path):
    parts = {
        "ppt/diagrams/data7.xml": DIAGRAM,
        "ppt/slides/_rels/slide1.xml.rels": relations(d="diagramData ../diagrams/data7.xml"),
    }
    assert the(deck(tmp_path / "a.pptx", [slide(FRAME)], parts=parts)).text == "Knead"
    bare = {"ppt/slides/slide1.xml": slide(FRAME), "ppt/diagrams/data1.xml": DIAGRAM}
    assert the(packed(tmp_path / "b.pptx", bare)).text == "Knead"


def test_a_deck_of_pictures_says_so(tmp_path):
    with pytest.raises(UnreadableDocument, match="only pictures"):
        the(deck(tmp_path / "a.pptx", [slide("<p:pic/>")], parts={"ppt/media/image1.jpeg": "x"}))
    with pytest.raises(UnreadableDocument, match=r"^it holds no text$"):
        the(
            packed(tmp_path / "b.pptx", {"ppt/presentation.xml": f"<p:presentation {P}><p:sldIdLst/></p:presentation>"})
        )
    with pytest.raises(UnreadableDocument, match=r"damaged: ppt/presentation\.xml is missing"):
        the(packed(tmp_path / "c.pptx", {"x": "y"}))


@pytest.mark.parametrize(
    ("written", "title"),
    [
        *[("PowerPoint-Präsentation", "Bread"), ("PowerPoint Presentation", "Bread"), ("Slide 1", "Bread")],
        *[
            ("Présentation PowerPoint", "Bread"),
            ("无标题文档", "Bread"),
            ("Untitled-1", "Bread"),
            ("Dokument1", "Bread"),
        ],
        *[("Microsoft PowerPoint - bread.pptx", "Bread"), ("Microsoft PowerPoint - Loaves", "Loaves")],
        *[("Presentation of loaves", "Presentation of loaves"), ("Loaves 2", "Loaves 2")],
    ],
)
def test_a_title_that_a_program_wrote_by_itself_is_none(tmp_path, written, title):
    core = f'<cp xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{written}</dc:title></cp>'
    path = deck(tmp_path / "a.pptx", [slide(shape("Bread", "title"))], parts={"docProps/core.xml": core})
    assert the(path).title == title
