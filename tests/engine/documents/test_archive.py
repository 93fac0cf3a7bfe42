"""Zip files and XML of others are read in bounds: no lie, entity or nesting swells, stops or misleads a reader."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hybrid_search.engine.documents.archive import Archive
from hybrid_search.engine.documents.xmltree import parse_xml
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import given, settings
from hypothesis import strategies as st

LIMIT = 1024 * 1024


def packed(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def text_of(data: bytes | str, **options) -> str:
    root = parse_xml(data.encode() if isinstance(data, str) else data, **options)
    return "".join(root.itertext())


def test_members_are_read_by_their_names_and_found_by_what_was_meant():
    archive = Archive(packed({"OPS/Kapitel 1.xhtml": "eins", "OPS\\zwei.xhtml": "zwei"}), LIMIT)
    assert "OPS/Kapitel 1.xhtml" in archive and "ops/kapitel 1.xhtml" not in archive
    assert archive.find("ops/KAPITEL%201.xhtml") == "OPS/Kapitel 1.xhtml"
    assert archive.read(archive.find("OPS/x/../zwei.xhtml") or "") == b"zwei"
    assert archive.find("OPS/drei.xhtml") is None
    with pytest.raises(UnreadableDocument, match=r"drei\.xhtml is missing"):
        archive.read("drei.xhtml")


def test_the_members_share_one_limit():
    archive = Archive(packed({"a": b"x" * 600, "b": b"x" * 600}), 1000)
    archive.read("a")
    with pytest.raises(UnreadableDocument, match="unpacks to more than the size limit"):
        archive.read("b")


def test_a_declared_size_is_not_believed():
    honest = packed({"a": b"x" * LIMIT})
    lying = honest.replace(struct.pack("<L", LIMIT), struct.pack("<L", 0x7FFFFFFF))
    assert lying != honest
    with pytest.raises(UnreadableDocument):
        Archive(lying, 1000).read("a")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_bounded_are_not_read(method):
    with pytest.raises(UnreadableDocument, match="unsupported compression method"):
        Archive(packed({"a": b"x"}, method), LIMIT).read("a")


def test_an_encrypted_member_is_called_so():
    data = bytearray(packed({"a": b"x"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableDocument, match="it is encrypted"):
        Archive(bytes(data), LIMIT).read("a")


def test_an_encrypted_opendocument_file_is_called_so():
    manifest = "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    with pytest.raises(UnreadableDocument, match="it is encrypted"):
        Archive(packed({"META-INF/manifest.xml": manifest}), LIMIT).refuse_if_encrypted_odf()
    Archive(packed({"META-INF/manifest.xml": "<m:manifest xmlns:m='m'/>"}), LIMIT).refuse_if_encrypted_odf()


def test_an_odd_zip_version_and_a_damaged_directory_are_reasons():
    data = bytearray(packed({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 6] = 232
    with pytest.raises(UnreadableDocument, match="it is damaged: zip file version"):
        Archive(bytes(data), LIMIT)
    with pytest.raises(UnreadableDocument, match="damaged"):
        Archive(packed({"a": b"x"})[:-10], LIMIT)


def test_more_members_than_any_document_has_are_refused_before_they_are_listed():
    with pytest.raises(UnreadableDocument, match="more than 65,535 members"):
        Archive(b"PK\x01\x02" * 70_000, LIMIT)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_damaged_byte_raises_anything_but_unreadable(place, byte):
    data = bytearray(packed({"a.xml": "<a>word</a>", "b": b"y" * 50}))
    data[place % len(data)] = byte
    try:
        archive = Archive(bytes(data), LIMIT)
        for name in archive.names():
            archive.read(name)
    except UnreadableDocument as error:
        assert error.message


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY x "bread">]><a>&x;</a>',
        '<?xml version="1.0"?>\n<!-- [ --><!DOCTYPE a SYSTEM "a>b" [ <!-- ]> --> <!ENTITY % x SYSTEM "file:///x">]><a/>',
    ],
)
def test_entity_declarations_are_refused(xml):
    with pytest.raises(UnreadableDocument, match="declares entities"):
        parse_xml(xml.encode())


def test_declared_entities_may_stay_as_they_are_written_and_are_never_expanded():
    chain = "".join(f'<!ENTITY x{number} "&x{number - 1};&x{number - 1};">' for number in range(1, 2000))
    assert text_of(f"<!DOCTYPE a [{chain}]><a>&x1999; bread</a>", entities=True) == "&x1999; bread"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.1//EN' 'x.dtd'><a>Caf&eacute;&nbsp;&lt;</a>", "Café\u00a0<"),
        ("\ufeff\n <?xml version='1.0' encoding='utf-8'?>\n<a>word</a>", "word"),
        ("<a>AT&T &unknown; &#65; &#0; &#xD800;</a>", "AT&T &unknown; A \ufffd \ufffd"),
        ("<a><![CDATA[&nbsp; <b>]]>&amp;</a>", "&nbsp; <b>&"),
        ("<a>&#" + "9" * 4301 + ";</a>", "\ufffd"),
        ("<a>a control\x01 among many letters</a>", "a control among many letters"),
    ],
)
def test_what_is_harmless_in_xml_is_forgiven(xml, text):
    assert text_of(xml) == text


def test_xml_says_its_encoding():
    assert text_of("<?xml version='1.0' encoding='iso-8859-1'?><a>Größe</a>".encode("cp1252")) == "Größe"
    assert text_of("<a>Größe</a>".encode("utf-16")) == "Größe"


@pytest.mark.parametrize("xml", ["", "<a>", "<!DOCTYPE a [", "<!-- ", "<?xml ", "<a><![CDATA[x</a>", "no"])
def test_xml_that_does_not_end_is_damaged(xml):
    with pytest.raises(UnreadableDocument, match=r"not valid XML|does not end"):
        parse_xml(xml.encode())


def test_nesting_and_many_tags_are_bounded(monkeypatch):
    assert text_of("<a>" * 100_000 + "x" + "</a>" * 100_000) == "x"
    monkeypatch.setattr("hybrid_search.engine.documents.xmltree.MOST_TAGS", 10)
    with pytest.raises(UnreadableDocument, match="more than 10 tags"):
        parse_xml(b"<a>" + b"<b/>" * 20 + b"</a>")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>!&;[]-?'\"/aE# \x00", max_size=60))
def test_no_text_makes_xml_raise_anything_but_unreadable(text):
    try:
        parse_xml(text.encode(), entities=True)
    except UnreadableDocument as error:
        assert error.message
