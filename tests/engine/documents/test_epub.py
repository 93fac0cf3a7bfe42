"""Books are read by their package: every chapter of the spine, whatever its type is called, and nothing twice."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, epub, read
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import given, settings
from hypothesis import strategies as st

XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
    "<dc:title>Brotbuch</dc:title></metadata><manifest>{}</manifest><spine>{}</spine></package>"
)
CONTAINER = '<container><rootfiles><rootfile full-path="OPS/b.opf"/></rootfiles></container>'


def item(name: str, kind: str = "application/xhtml+xml", **facts: str) -> str:
    more = "".join(f' {key}="{value}"' for key, value in facts.items())
    return f'<item id="{name.partition("#")[0]}" href="{name}" media-type="{kind}"{more}/>'


def spine(*names: str) -> str:
    return "".join(f'<itemref idref="{name}"/>' for name in names)


def book(folder: Path, members: dict[str, str], package: str, container: str = CONTAINER) -> Path:
    path = folder / "book.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("OPS/b.opf", package)
        for name, content in members.items():
            archive.writestr(name if "/" in name else f"OPS/{name}", content)
    return path


def the(path: Path) -> Document:
    (document,) = read(path)
    return document


@pytest.mark.parametrize(
    "kind",
    [
        "application/xhtml+xml",
        "text/xml",
        "application/xml",
        "APPLICATION/XHTML+XML",
        "text/html",
        "",
        "text/x-oeb1-document",
    ],
)
def test_a_chapter_is_read_whatever_its_type_is_called(tmp_path, kind):
    path = book(tmp_path, {"a": XHTML.format("<p>Mehl.</p>")}, PACKAGE.format(item("a", kind), spine("a")))
    assert the(path).text == "Mehl."


def test_a_book_is_titled_by_its_main_title(tmp_path):
    titles = (
        "<dc:title id='S'>Backen lernen</dc:title><dc:title id='M'>Brotbuch</dc:title>"
        "<meta refines='#M' property='title-type'>main</meta><meta refines='#S' property='title-type'>subtitle</meta>"
    )
    package = PACKAGE.replace("<dc:title>Brotbuch</dc:title>", titles).format(item("a"), spine("a"))
    assert the(book(tmp_path, {"a": XHTML.format("<p>Mehl.</p>")}, package)).title == "Brotbuch"


def test_svg_and_dtbook_chapters_are_read(tmp_path):
    members = {
        "a.svg": '<svg xmlns="http://www.w3.org/2000/svg"><text>Mehl</text></svg>',
        "b.xml": "<dtbook><book><level1><h1>Zwei</h1><p>Salz</p></level1></book></dtbook>",
    }
    items = item("a.svg", "image/svg+xml") + item("b.xml", "application/x-dtbook+xml")
    document = the(book(tmp_path, members, PACKAGE.format(items, spine("a.svg", "b.xml"))))
    assert document.text == "Mehl\n\nZwei\n\nSalz"
    assert [document.text[page:] for page in document.pages] == [document.text, "Zwei\n\nSalz"]
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "Zwei")]


def test_chapters_are_found_in_spite_of_fragments_escapes_and_letter_case(tmp_path):
    members = {"Kapitel 1.xhtml": XHTML.format("<p>Eins</p>"), "Zwei#b.xhtml": XHTML.format("<p>Zwei</p>")}
    items = item("kapitel%201.XHTML#start") + item("x").replace('href="x"', 'href="Zwei%23b.xhtml"')
    assert the(book(tmp_path, members, PACKAGE.format(items, spine("kapitel%201.XHTML", "x")))).text == "Eins\n\nZwei"


def test_a_chapter_named_twice_is_read_once(tmp_path):
    items = item("a.xhtml") + item("a.xhtml#two").replace('id="a.xhtml"', 'id="two"')
    path = book(
        tmp_path, {"a.xhtml": XHTML.format("<p>Mehl</p>")}, PACKAGE.format(items, spine("a.xhtml", "two", "two"))
    )
    assert the(path).text == "Mehl"


def test_a_book_without_a_spine_is_read_in_the_order_of_its_manifest(tmp_path):
    members = {"b.xhtml": XHTML.format("<p>Erst</p>"), "a.xhtml": XHTML.format("<p>Dann</p>"), "c.css": "p {}"}
    items = item("b.xhtml") + item("c.css", "text/css") + item("a.xhtml")
    assert the(book(tmp_path, members, PACKAGE.format(items, ""))).text == "Erst\n\nDann"
    assert the(book(tmp_path, members, PACKAGE.format(items, spine("lost")))).text == "Erst\n\nDann"


def test_the_tables_of_contents_are_no_prose(tmp_path):
    members = {
        "nav.xhtml": XHTML.format("<nav><ol><li><a href='a.xhtml'>Kapitel</a></li></ol></nav>"),
        "toc.ncx": "<ncx><navMap><navPoint><navLabel><text>Kapitel</text></navLabel></navPoint></navMap></ncx>",
        "a.xhtml": XHTML.format("<p>Mehl</p>"),
    }
    items = item("nav.xhtml", properties="nav") + item("toc.ncx", "application/x-dtbncx+xml") + item("a.xhtml")
    assert the(book(tmp_path, members, PACKAGE.format(items, spine("nav.xhtml", "toc.ncx", "a.xhtml")))).text == "Mehl"


def test_a_class_removes_no_chapter(tmp_path):
    chapter = XHTML.format('<section class="contents"><p>Mehl</p></section><header><p>Salz</p></header>')
    assert the(book(tmp_path, {"a": chapter}, PACKAGE.format(item("a"), spine("a")))).text == "Mehl\n\nSalz"


@pytest.mark.parametrize("before", ["\n", "\ufeff", "\ufeff\n", " <!-- made by hand -->\n"])
def test_what_stands_before_the_prolog_is_forgiven(tmp_path, before):
    prolog = before + '<?xml version="1.0"?><!DOCTYPE x PUBLIC "-//X//DTD X//EN" "x.dtd">'
    path = book(
        tmp_path,
        {"a": prolog + XHTML.format("<p>Caf&eacute;&nbsp;&mdash; Brot</p>")},
        prolog + PACKAGE.format(item("a"), spine("a")).replace("Brotbuch", "Brot &amp; Caf&eacute;"),
        prolog + CONTAINER,
    )
    document = the(path)
    assert (document.title, document.text) == ("Brot & Café", "Café — Brot")


def test_a_chapter_and_a_package_that_are_no_valid_xml_are_read(tmp_path):
    package = PACKAGE.format(item("a"), spine("a")).replace("Brotbuch", "Brot & Buch").replace("</metadata>", "<x>")
    document = the(book(tmp_path, {"a": XHTML.format("<p>Mehl<br>und <b>Salz</p><p>Zwei")}, package))
    assert (document.title, document.text) == ("Brot & Buch", "Mehl\nund Salz\n\nZwei")


@pytest.mark.parametrize("container", ["<container/>", CONTAINER.replace("b.opf", "lost.opf")])
def test_a_package_is_found_without_the_container(tmp_path, container):
    package = PACKAGE.format(item("a"), spine("a"))
    assert the(book(tmp_path, {"a": XHTML.format("Mehl")}, package, container)).text == "Mehl"


@pytest.mark.parametrize(
    "encryption",
    [
        "<encryption><EncryptedData/></encryption>",
        "<encryption>",
        "<encryption><EncryptedData><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes256-cbc'/>"
        "<CipherData><CipherReference URI='OPS/a'/></CipherData></EncryptedData></encryption>",
    ],
)
def test_a_book_under_lock_is_called_encrypted(tmp_path, encryption):
    members = {"a": "\x12\x99\x00\x07" * 300, "META-INF/encryption.xml": encryption}
    with pytest.raises(UnreadableDocument, match="it is encrypted"):
        the(book(tmp_path, members, PACKAGE.format(item("a"), spine("a"))))


@pytest.mark.parametrize(
    ("method", "name"), [("http://www.idpf.org/2008/embedding", "OPS/font"), ("http://example.org/x", "OPS/f.otf")]
)
def test_a_book_of_which_only_fonts_are_obfuscated_is_read(tmp_path, method, name):
    encryption = (
        f"<encryption><EncryptedData><EncryptionMethod Algorithm='{method}'/><CipherData>"
        f"<CipherReference URI='{name}'/></CipherData></EncryptedData></encryption>"
    )
    members = {"a": XHTML.format("Mehl"), "META-INF/encryption.xml": encryption}
    assert the(book(tmp_path, members, PACKAGE.format(item("a"), spine("a")))).text == "Mehl"


def test_a_spine_may_name_a_chapter_often_and_only_so_many_chapters(tmp_path, monkeypatch):
    often = PACKAGE.format(item("a"), spine(*["a"] * 20_000))
    assert the(book(tmp_path, {"a": XHTML.format("Mehl")}, often)).text == "Mehl"
    monkeypatch.setattr(epub, "MOST_CHAPTERS", 3)
    names = ["a", "b", "c", "d"]
    many = PACKAGE.format("".join(map(item, names)), spine(*names))
    with pytest.raises(UnreadableDocument, match="more than 3 chapters"):
        the(book(tmp_path, dict.fromkeys(names, "<p>x</p>"), many))


def test_a_book_that_declares_entities_is_refused(tmp_path):
    chain = "".join(f'<!ENTITY a{number} "&a{number - 1};">' for number in range(1, 1000))
    with pytest.raises(UnreadableDocument, match="declares entities"):
        the(book(tmp_path, {"a": "x"}, PACKAGE, f"<!DOCTYPE x [{chain}]><x>&a999;</x>"))


def test_the_chapters_together_may_not_unpack_to_more_than_the_limit(tmp_path):
    members = dict.fromkeys(["a", "b"], XHTML.format("x" * 6000))
    path = book(tmp_path, members, PACKAGE.format(item("a") + item("b"), spine("a", "b")))
    with pytest.raises(UnreadableDocument, match="unpacks to more than the size limit"):
        list(read(path, size_limit=10_000))


def test_a_book_without_a_package_is_damaged(tmp_path):
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    with pytest.raises(UnreadableDocument, match="damaged: its container names no book"):
        the(path)


TEXTS = st.lists(
    st.sampled_from(
        ["<", ">", "/", "<item", "<itemref", " id='a'", " href='a'", " idref='a'", "&x;", "&#0;", "%", "../", "a"]
    ),
    max_size=20,
).map("".join)


@settings(max_examples=80, deadline=None)
@given(container=TEXTS, package=TEXTS, chapter=TEXTS, encryption=TEXTS)
def test_no_package_raises_anything_but_unreadable(tmp_path_factory, container, package, chapter, encryption):
    members = {"a": chapter, "META-INF/encryption.xml": encryption}
    path = book(
        tmp_path_factory.mktemp("any"),
        members,
        PACKAGE.format(item("a") + package, spine("a") + package),
        CONTAINER.replace("</rootfiles>", container),
    )
    try:
        the(path)
    except UnreadableDocument as error:
        assert "reader failed" not in error.message
