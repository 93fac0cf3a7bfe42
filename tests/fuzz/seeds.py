"""Makes small files of every kind of document, which the fuzzing command changes."""

# ruff: noqa: E501
from __future__ import annotations

import json
from pathlib import Path

from tests.engine.documents.test_pdf import outline, pdf, shown
from tests.support import office

_PROSE = "Bread is baked of water and flour. Brot wird gebacken! Хлеб пекут из муки. パンを焼く。 ขนมปังอบ\n\nThe moon rises — over the house."


def documents(folder: Path) -> dict[str, list[bytes]]:
    """Small files by suffix."""
    made: dict[str, list[bytes]] = {suffix: [text.encode()] for suffix, text in _TEXTS.items()}
    table = [{"id": 1, "text": "bread", "title": "a"}, {"id": 2, "text": 'water, "moon"', "title": "b"}]
    made[".jsonl"] = ["".join(json.dumps(row) + "\n" for row in table).encode()]
    made[".json"] = [json.dumps(table).encode(), json.dumps({"data": table, "n": {"a": [1, 2.5, None]}}).encode()]
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "bread"], "metadata": {}},
        {"cell_type": "code", "source": "print(1)", "outputs": [], "metadata": {}},
    ]
    notebook = {"cells": cells, "nbformat": 4, "metadata": {"kernelspec": {"language": "python"}}}
    made[".ipynb"] = [json.dumps(notebook).encode()]
    made[".txt"] += [
        _PROSE.encode("utf-16"),
        "Brot für alle, süß".encode("cp1252"),
        "パンを焼く。水".encode("shift_jis"),
    ]
    content = shown("Glaciers move slowly over rock", "and bread", "bakes in the house")
    made[".pdf"] = [
        pdf(content, content),
        pdf(content, objects=outline(["Glaciers", "and bread"], 10), catalog="/Outlines 10 0 R"),
    ]
    made |= {suffix: [path.read_bytes() for path in paths] for suffix, paths in _office(folder).items()}
    return made


def _office(folder: Path) -> dict[str, list[Path]]:
    styles = (
        f'<w:styles {office.W}><w:style w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
        "</w:style></w:styles>"
    )
    table = "<w:tbl><w:tr><w:tc>" + office.paragraph("cell") + "</w:tc></w:tr></w:tbl>"
    body = office.paragraph("Title", '<w:pStyle w:val="H1"/>') + office.paragraph("bread") + table
    notes = f'<w:footnotes {office.W}><w:footnote w:id="2">{office.paragraph("note")}</w:footnote></w:footnotes>'
    body += '<w:p><w:r><w:t>water</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    word = office.word(folder / "a.docx", body, {"word/styles.xml": styles, "word/footnotes.xml": notes})
    deck = office.deck(
        folder / "a.pptx",
        [office.slide(office.shape("Title", "title"), office.shape("bread")), office.slide(office.shape("moon"))],
    )
    sheet = (
        f'<worksheet {office.X}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>bread</t>'
        '</is></c></row><row r="2"><c r="A2"><v>1</v></c><c r="C2" t="s"><v>1</v></c></row></sheetData></worksheet>'
    )
    book = office.packed(
        folder / "a.xlsx",
        {
            "xl/workbook.xml": f'<workbook {office.X}><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": office.relations(
                rId1="worksheet worksheets/sheet1.xml", rId2="sharedStrings sharedStrings.xml"
            ),
            "xl/worksheets/sheet1.xml": sheet,
            "xl/sharedStrings.xml": f"<sst {office.X}><si><t>moon</t></si><si><r><t>wa</t></r><r><t>ter</t></r></si></sst>",
        },
    )
    text = (
        '<text:h text:outline-level="1">Title</text:h><text:p>bread<text:s text:c="3"/><text:line-break/>water</text:p>'
        "<text:list><text:list-item><text:p>moon</text:p></text:list-item></text:list>"
    )
    cells = (
        '<table:table table:name="T"><table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-repeated="3"><text:p>bread</text:p></table:table-cell></table:table-row></table:table>'
    )
    page = '<draw:page draw:name="p"><draw:frame><draw:text-box><text:p>bread</text:p></draw:text-box></draw:frame></draw:page>'
    flat = (
        f'<?xml version="1.0"?><office:document {office.O}><office:body><office:text>{text}{cells}</office:text>'
        "</office:body></office:document>"
    )
    (folder / "a.fodt").write_text(flat)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T'
        '</dc:title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" '
        'href="b.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    chapter = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Chapter</h1><p>bread &amp; water</p></body></html>'
    epub = office.packed(
        folder / "a.epub",
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": package,
            "a.xhtml": chapter,
            "b.xhtml": chapter,
        },
    )
    return {
        ".docx": [word],
        ".pptx": [deck],
        ".xlsx": [book],
        ".odt": [office.odf(folder / "a.odt", text + cells)],
        ".ods": [office.odf(folder / "a.ods", cells, "spreadsheet")],
        ".odp": [office.odf(folder / "a.odp", page, "presentation")],
        ".fodt": [folder / "a.fodt"],
        ".epub": [epub],
    }


_TEXTS = {
    ".txt": _PROSE,
    ".md": f"---\ntitle: A\n---\n# Title\n\n{_PROSE}\n\nTwo\n===\n\n- a\n- b\n\n```py\n# no heading\n```\n\n| a | b |\n|---|---|\n",
    ".rst": f"Title\n=====\n\n{_PROSE}\n\n.. note:: water\n\nTwo\n---\n\nmoon\n",
    ".adoc": f"= Title\n:a: b\n\n{_PROSE}\n\n== Two\n\n----\ncode\n----\n",
    ".org": f"#+TITLE: A\n* One :tag:\n{_PROSE}\n** TODO Two\n#+BEGIN_SRC c\n* no\n#+END_SRC\n",
    ".tex": "\\documentclass{article}\\title{A}\\newcommand{\\b}[1]{bread #1}\\begin{document}\\section{One}\n"
    "Water \\emph{moon} $a^2$ \\b{x} % no\n\\begin{itemize}\\item a\\end{itemize}\\[ x \\]\\end{document}\n",
    ".eml": "From: a@b.c\nSubject: =?utf-8?Q?Br=C3=B6t?=\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n"
    "--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nbr=C3=B6t\n--x\n"
    "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+YnJlYWQ8L3A+\n--x--\n",
    ".mbox": "From a@b.c Mon Jan  1 00:00:00 2024\nFrom: a@b.c\nSubject: one\n\nbread\n\nFrom a@b.c Mon Jan  1 00:00:00 2024\n"
    "From: a@b.c\nSubject: two\n\n>From water\n",
    ".srt": "1\n00:00:01,000 --> 00:00:02,000\n<i>bread</i>\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}water\n",
    ".vtt": "WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE no\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>bread</v>\n",
    ".po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n#, fuzzy\nmsgctxt "c"\nmsgid "bread"\nmsgid_plural "breads"\n'
    'msgstr[0] "Brot"\nmsgstr[1] "Brote"\n',
    ".html": "<!doctype html><html lang=de><head><meta charset=utf-8><title>A</title></head><body><nav>no</nav><main><h1>One</h1>"
    "<p>bread &amp; <b>water</b></p><ul><li>a<li>b</ul><table><tr><th>x<td>y</table><pre>code\n</pre></main></body></html>",
    ".xml": '<?xml version="1.0" encoding="UTF-8"?><article xmlns="http://docbook.org/ns/docbook"><title>A</title><section><title>'
    "One</title><para>bread <emphasis>water</emphasis></para></section></article>",
    ".fb2": '<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info><book-title>A'
    "</book-title></title-info></description><body><section><title><p>One</p></title><p>bread</p></section></body></FictionBook>",
    ".rtf": "{\\rtf1\\ansi\\ansicpg1252\\uc1{\\fonttbl{\\f0\\fcharset204 A;}}{\\stylesheet{\\s1 heading 1;}}{\\info{\\title A}}"
    "\\pard\\s1\\outlinelevel0 One\\par\\pard bread \\u1093?\\'e5{\\*\\x no}\\par\\trowd\\cellx9\\intbl a\\cell b\\cell\\row}",
    ".csv": 'id,title,text\n1,a,"bread, and\nwater"\n2,b,moon\n',
    ".tsv": "id\ttitle\ttext\n1\ta\tbread\n2\tb\twater\n",
}  # fmt: skip
