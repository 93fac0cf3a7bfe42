"""Formats that are text themselves come out as what was written, without the format's own marks."""

from __future__ import annotations

import json
import time
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, read
from hybrid_search.engine.errors import UnreadableDocument

PICTURE = "data:image/png;base64," + "iVBORw0KGgo" * 40


def documents(folder: Path, name: str, content: str | bytes) -> list[Document]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(path))


def the(folder: Path, name: str, content: str | bytes) -> Document:
    (document,) = documents(folder, name, content)
    return document


def titles(document: Document) -> list[tuple[int, str]]:
    for heading in document.headings:
        assert heading.title in document.text[heading.start :].split("\n")[0]
    return [(heading.level, heading.title) for heading in document.headings]


def notebook(*cells: dict, **more: object) -> str:
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": list(cells), **more}, ensure_ascii=False)


def markdown(*lines: str) -> dict:
    return {"cell_type": "markdown", "source": list(lines)}


def test_a_notebook_is_its_cells_and_not_their_outputs(tmp_path):
    plot = {"output_type": "display_data", "data": {"image/png": "A" * 4000, "text/plain": "<Figure>"}}
    document = the(
        tmp_path,
        "a.ipynb",
        notebook(
            markdown("# Brot backen\n", "\n", f"Mehl ![Bild]({PICTURE})"),
            {"cell_type": "code", "source": "ofen.heize(240)", "outputs": [plot]},
            markdown("## Größe\n", "Text"),
        ),
    )
    assert document.text == "# Brot backen\n\nMehl ![Bild]()\n\nofen.heize(240)\n\n## Größe\nText"
    assert document.title == "Brot backen"
    assert titles(document) == [(1, "Brot backen"), (2, "Größe")]


def test_an_old_notebook_has_its_cells_in_worksheets(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Teig"]},
        {"cell_type": "code", "input": ["knete()"], "outputs": []},
    ]
    document = the(tmp_path, "a.ipynb", json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}))
    assert document.text == "## Teig\n\nknete()" and titles(document) == [(2, "Teig")]


def test_a_notebook_may_be_titled_by_its_metadata_or_its_front_matter(tmp_path):
    assert the(tmp_path, "a.ipynb", notebook(markdown("x"), metadata={"title": "Brot"})).title == "Brot"
    raw = {"cell_type": "raw", "source": "---\ntitle: Quarto\n---\n"}
    document = the(tmp_path, "b.ipynb", notebook(raw, markdown("x")))
    assert (document.title, document.text) == ("Quarto", "x")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (notebook(), "no text"),
        (notebook({"cell_type": "code", "source": []}), "no text"),
        ('{"cells": 3, "worksheets": [1, {"cells": [null]}]}', "no text"),
        ("[1, 2]", "not a notebook"),
        ("{not json", "damaged"),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=["no cells", "empty cells", "odd cells", "no object", "no json", "deep"],
)
def test_a_notebook_without_text_says_why(tmp_path, content, reason):
    with pytest.raises(UnreadableDocument, match=reason):
        documents(tmp_path, "a.ipynb", content)


def message(subject: str, text: str = "", html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "ann@example.org", subject, "Thu, 01 Jan 2026 10:00:00 +0000"
    if text:
        mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html") if text else mail.set_content(html, subtype="html")
    return mail


def test_mail_is_its_text_titled_by_its_subject(tmp_path):
    mail = message("Grüße aus Wien", "Liebe Frau Groß,\n\ndas Brot ist da.\n", "<p>Liebe Frau <b>Groß</b></p>")
    mail.add_attachment(b"PNG", maintype="image", subtype="png", filename="a.png")
    mail.add_attachment("not this", filename="notes.txt")
    document = the(tmp_path, "a.eml", bytes(mail))
    assert document.title == "Grüße aus Wien"
    assert document.text == "Liebe Frau Groß,\n\ndas Brot ist da."


def test_mail_of_html_alone_is_read_as_a_page(tmp_path):
    html = "<html><head><style>p{}</style></head><body><p>Größe <b>zählt</b></p></body></html>"
    assert the(tmp_path, "a.eml", bytes(message("x", html=html))).text == "Größe zählt"


@pytest.mark.parametrize("suffix", [".mht", ".mhtml"])
def test_a_page_that_a_browser_saved_with_its_pictures_is_a_page(tmp_path, suffix):
    saved = (
        "From: <Saved by Blink>\nSubject: =?utf-8?Q?Br=C3=B6tchen?=\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; type="text/html"; boundary="x"\n\n--x\nContent-Type: text/html\n'
        "Content-Transfer-Encoding: quoted-printable\n\n<meta charset=3Dutf-8><h1>Br=C3=B6tchen</h1><p>Mehl</p>\n"
        "--x\nContent-Type: text/css\n\np { color: red }\n--x--\n"
    )
    document = the(tmp_path, f"a{suffix}", saved)
    assert (document.title, document.text) == ("Brötchen", "Brötchen\n\nMehl")


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("iso-8859-1", "Größe", "Größe"),
        ("koi8-r", "Хлеб и соль", "Хлеб и соль"),
        ("iso-2022-jp", "パンの生地", "パンの生地"),
        ("ks_c_5601-1987", "반죽은 밤새", "반죽은 밤새"),
        ("undefined", "Größe überall", "Größe überall"),
    ],
)
def test_mail_in_any_charset(tmp_path, charset, body, text):
    encoding = {"ks_c_5601-1987": "cp949", "undefined": "cp1252"}.get(charset, charset)
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    assert the(tmp_path, "a.eml", head.encode() + body.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?IGF1cw==?=\n Wien", "Grüße aus Wien"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
        (b"=?no-such-charset?Q?Brot?=", "Brot"),
        (b"=?utf-8?B?!!?=", "a"),
    ],
    ids=["two words", "raw utf-8", "raw cp1252", "unknown", "damaged"],
)
def test_subjects_however_they_are_encoded(tmp_path, raw, subject):
    assert the(tmp_path, "a.eml", b"Subject: " + raw + b"\n\ntext").title == subject


def test_flowed_lines_are_whole_paragraphs_again(tmp_path):
    mail = "Subject: x\nContent-Type: text/plain; format=flowed\n\nA long \nline.\nAnother.\n"
    assert the(tmp_path, "a.eml", mail).text == "A long line.\nAnother."


def test_files_and_signatures_within_the_text_of_mail_are_no_text(tmp_path):
    packed = "begin 644 a.gif\nM1TE&.#EA`0`!`(```/___R'Y!`$`+``!``$```(\n`\nend\n"
    signature = "-----BEGIN PGP SIGNATURE-----\nVersion: x\n\niQEzBAEBCAAd\n=abcd\n-----END PGP SIGNATURE-----\n"
    signed = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBrot geht auf.\n{signature}"
    assert the(tmp_path, "a.eml", f"Subject: x\n\n{packed}\n{signed}").text == "Brot geht auf."


def test_mail_whose_parts_are_nowhere_parted_is_one_text(tmp_path):
    mail = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nBrot geht auf.\n"
    assert the(tmp_path, "a.eml", mail).text == "Brot geht auf."


def test_mail_without_text_is_unreadable(tmp_path):
    mail = EmailMessage()
    mail["Subject"] = "scan"
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    with pytest.raises(UnreadableDocument, match="holds no text"):
        documents(tmp_path, "a.eml", bytes(mail))


def mbox(*mails: bytes) -> bytes:
    return b"".join(b"From ann@example.org Thu Jan  1 10:00:00 2026\n" + mail + b"\n\n" for mail in mails)


@pytest.mark.parametrize("name", ["a.mbox", "inbox"])
def test_each_message_of_an_mbox_is_a_document(tmp_path, name):
    empty = b"Subject: nothing\nFrom: a\nContent-Type: image/png\n\nx"
    quoted = b"Subject: zwei\nFrom: a\n\n>From here on\nFrom nowhere\nFrom 10:00 on"
    found = documents(tmp_path, name, mbox(b"Subject: eins\nFrom: a\n\ntext", empty, quoted))
    assert [(each.part, each.title, each.text) for each in found] == [
        ("message 1", "eins", "text"),
        ("message 3", "zwei", "From here on\nFrom nowhere\nFrom 10:00 on"),
    ]


def test_an_mbox_without_text_says_so(tmp_path):
    with pytest.raises(UnreadableDocument, match="no text"):
        documents(tmp_path, "a.mbox", mbox(b"Content-Type: image/png\n\nx"))


def test_a_message_in_a_mail_folder_has_no_suffix(tmp_path):
    mail = b"Return-Path: <a@b>\nReceived: from c\nFrom: a@b\nSubject: Brot\n\nMehl"
    document = the(tmp_path, "1767261600.M1P2.host:2,S", mail)
    assert (document.title, document.text) == ("Brot", "Mehl")


def test_srt_is_what_is_said(tmp_path):
    srt = (
        "1\n00:00:01,000 --> 00:00:02,000 X1:10 X2:20\n<i>Guten</i> Tag,\n{\\an8}liebe Leute.\n\n"
        "2\n00:00:02,500 --> 00:00:04,000\nWie geht es?\n\n"
        "3\n00:01:00,000 --> 00:01:02,000\n1945\n"
    )
    assert the(tmp_path, "a.srt", srt).text == "Guten Tag, liebe Leute. Wie geht es?\n\n1945"


@pytest.mark.parametrize(
    ("entity", "letter"), [("&#00065;", "A"), ("&#" + "0" * 5000 + "66", "B"), ("&#" + "9" * 5000 + ";", "\ufffd")]
)
def test_a_numbered_letter_of_a_subtitle_may_have_any_number_of_digits(tmp_path, entity, letter):
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\na {entity}\n"
    assert the(tmp_path, "a.vtt", text).text == f"a {letter}"


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_srt_without_empty_lines_and_with_some_inside(tmp_path, ends):
    srt = "1\n00:00:01,000 --> 00:00:02,000\nA\n2\n00:00:02,000 --> 00:00:03,000\nB\n\nC\n"
    assert the(tmp_path, "a.srt", srt.replace("\n", ends)).text == "A B C"


def test_japanese_subtitles_are_joined_without_spaces(tmp_path):
    assert the(tmp_path, "a.srt", "1\n00:00:01,000 --> 00:00:02,000\n日本\n語です。\n").text == "日本語です。"


def test_readings_in_subtitles_are_left_out(tmp_path):
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>を読む\n"
    assert the(tmp_path, "a.vtt", vtt).text == "漢字を読む"


def test_vtt_without_notes_styles_names_and_repeated_lines(tmp_path):
    vtt = (
        "WEBVTT - Brot\nKind: captions\n\nNOTE nicht\ndieses\n\nSTYLE\n::cue {}\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start position:0%\n<v Ann>Mehl &amp; <c.red>Wasser</c>\n\n"
        "2\n00:02.000 --> 00:03.000\nMehl &amp; <00:02.100><c>Wasser</c>\nund Salz\n"
    )
    assert the(tmp_path, "a.vtt", vtt).text == "Mehl & Wasser und Salz"


def test_numbers_that_are_said_are_no_numbers_of_cues(tmp_path):
    cues = "".join(f"\n00:0{n}.000 --> 00:0{n + 1}.000\n{said}\n" for n, said in enumerate(["3", "2", "1", "Los!"]))
    assert the(tmp_path, "a.vtt", "WEBVTT\n" + cues).text == "3 2 1 Los!"
    assert the(tmp_path, "a.srt", cues.replace(" 00:", " 00:00:").replace("\n00:", "\n00:00:")).text == "3 2 1 Los!"


def test_roll_up_captions_have_lines_of_a_space_in_their_cues(tmp_path):
    vtt = (
        "WEBVTT\n\n00:00.000 --> 00:02.000\n \nMehl<00:01.000><c> und</c>\n\n00:02.000 --> 00:02.010\nMehl und\n \n\n"
        "00:02.010 --> 00:04.000\nMehl und\nWasser\n\n00:04.000 --> 00:06.000\n \nSalz\n\nNOTE no\n \ntext\n"
    )
    assert the(tmp_path, "a.vtt", vtt).text == "Mehl und Wasser Salz"


def test_long_talk_is_cut_into_paragraphs_at_sentences(tmp_path):
    cues = [f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{'word ' * 20}{n}.\n" for n in range(10)]
    paragraphs = the(tmp_path, "a.srt", "\n".join(cues)).text.split("\n\n")
    assert len(paragraphs) == 3 and all(each.endswith(".") for each in paragraphs)


def test_subtitles_without_times_are_a_text_and_without_words_unreadable(tmp_path):
    assert the(tmp_path, "a.srt", "only notes").text == "only notes"
    with pytest.raises(UnreadableDocument, match="no text"):
        documents(tmp_path, "b.srt", "1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n")


def test_org(tmp_path):
    org = (
        "#+TITLE: Das Brot\n#+OPTIONS: toc:nil\n# a comment\n* TODO [#A] Teig :küche:\n:PROPERTIES:\n:ID: 7\n:END:\n"
        "SCHEDULED: <2026-01-01 Thu>\nMehl aus der [[https://example.org][Mühle]].[fn:1]\n\n#+begin_quote\nRuhe\n"
        "#+end_quote\n| a | b |\n|---+---|\n** Ofen\nheiß\n#+begin_comment\nnicht\n#+end_comment\n"
    )
    document = the(tmp_path, "a.org", org)
    assert document.title == "Das Brot"
    assert document.text == "Teig\n\nMehl aus der Mühle.\n\nRuhe\n| a | b |\n\nOfen\n\nheiß"
    assert titles(document) == [(1, "Teig"), (2, "Ofen")]


def test_an_org_drawer_that_never_ends_hides_no_headline(tmp_path):
    assert "Ofen" in the(tmp_path, "a.org", "* Teig\n:NOTES:\nx\n* Ofen\nheiß\n").text


def test_lines_of_programs_in_org_are_kept_and_what_is_commented_out_is_not(tmp_path):
    org = (
        "* Teig [1/2] [50%]\n<<ziel>>Siehe [[*Ofen]].\n#+BEGIN_SRC python\n# knead\n:a:\n| x |\n#+END_SRC\n# no\n"
        "* COMMENT Entwurf\nno\n** auch\nno\n#+begin_src\nno\n#+end_src\n* Ofen\n#+begin_src\nnever ends\n"
        "** Rost\nheiß\n"
    )
    document = the(tmp_path, "a.org", org)
    assert document.text == "Teig\n\nSiehe Ofen.\n# knead\n:a:\n| x |\n\nOfen\n\nnever ends\n\nRost\n\nheiß"
    assert titles(document) == [(1, "Teig"), (1, "Ofen"), (2, "Rost")]


def test_asciidoc(tmp_path):
    adoc = (
        "= Das Brot\n:toc: left\n:!sectnums:\n// no\n////\nhidden\n////\n\n[[teig]]\n== Teig\n\n.Mehl\n[source,py]\n"
        "----\nknete()\n:a: b\n----\n\ninclude::x.adoc[]\nimage::x.png[Ein Laib,300]\n"
        "Siehe link:https://example.org[hier] und <<teig,oben>>.\n+\nWeiter.\n"
    )
    document = the(tmp_path, "a.adoc", adoc)
    assert document.title == "Das Brot"
    assert document.text == ("Das Brot\n\nTeig\n\nMehl\n\nknete()\n:a: b\n\nEin Laib\nSiehe hier und oben.\nWeiter.")
    assert titles(document) == [(1, "Das Brot"), (2, "Teig")]


def test_tex(tmp_path):
    tex = (
        "\\documentclass[a4paper]{article}\n\\usepackage[utf8]{inputenc}\n\\title{Das \\emph{gute} Brot}\n"
        '\\begin{document}\n\\maketitle\n\\section{Gr\\"o{\\ss}e} \\label{sec:g}\n'
        'Das Br\\"{o}tchen wiegt 5\\,g% nicht das\n  und kostet 3\\,\\%.\n\n'
        "Siehe~\\ref{sec:g} und \\cite[S.~3]{knuth}: $a^2+b^2$ \\textcolor{red}{rot}.\n"
        "\\begin{equation}\nE=mc^2\n\\end{equation}\n\\begin{itemize}\n\\item eins\n\\item zwei\n\\end{itemize}\n"
        "\\begin{verbatim}\n\\foo{bar} % bleibt\n\\end{verbatim}\n\\subsection*{Ofen}\n``hei\\ss'' --- \\v{c} \\'\\i\n"
        "\\begin{tikzpicture}\\draw (0,0);\\end{tikzpicture}\n\\end{document}\nnach dem Ende"
    )
    document = the(tmp_path, "a.tex", tex)
    assert document.title == "Das gute Brot"
    assert titles(document) == [(1, "Größe"), (2, "Ofen")]
    assert "Das Brötchen wiegt 5 gund kostet 3 %." in document.text
    assert "Siehe und : $a^2+b^2$ rot." in document.text
    assert "\\begin{equation}\nE=mc^2\n\\end{equation}" in document.text
    assert "eins\nzwei" in document.text and "\\foo{bar} % bleibt" in document.text
    assert "“heiß” — č í" in document.text
    for absent in ("a4paper", "sec:g", "knuth", "nicht das", "draw", "nach dem Ende", "maketitle"):
        assert absent not in document.text


def test_spaces_labels_and_second_forms_in_tex_are_no_text(tmp_path):
    tex = (
        "\\begin{document}\\section{Brot \\texorpdfstring{$x^2$}{hoch zwei}}\nMehl\\\\[2mm] Salz\\\\*[1ex]\n"
        "\\begin{description}\\item[Hefe] lebt\n\\item ruht\\end{description}\\end{document}"
    )
    document = the(tmp_path, "a.tex", tex)
    assert document.text == "Brot hoch zwei\n\nMehl\nSalz\nHefe lebt\nruht"


def test_the_words_of_own_commands_in_tex_are_text(tmp_path):
    tex = (
        '\\newcommand{\\bread}{Brot\\xspace}\\def\\mill{M\\"uhle}\\newcommand*\\both{\\bread{} \\& \\mill}'
        "\\newcommand{\\two}[1]{zwei}\\title{\\bread}\n\\begin{document}"
        "\\section{\\mill}\\bread geht auf. Ein \\bread. Die \\mill{} steht\\two{x}: \\both\\end{document}"
    )
    document = the(tmp_path, "a.tex", tex)
    assert (document.title, document.headings[0].title) == ("Brot", "Mühle")
    assert document.text == "Mühle\n\nBrot geht auf. Ein Brot. Die Mühle stehtx: Brot & Mühle"


def test_own_commands_in_tex_that_double_each_other_take_no_memory(tmp_path):
    names = "abcdefghijklmnopqrstuvwxyz"
    doubling = "".join(f"\\def\\x{one}{{\\x{before}\\x{before}}}" for before, one in pairwise(names))
    tex = f"\\def\\xa{{word}}{doubling}\\begin{{document}}\\xb, \\xz\\end{{document}}"
    assert the(tmp_path, "a.tex", tex).text == "wordword,"


def test_a_piece_of_tex_without_a_preamble(tmp_path):
    assert the(tmp_path, "a.tex", "\\chapter{Teig}\nMehl \\& Wasser").text == "Teig\n\nMehl & Wasser"


@pytest.mark.parametrize(
    "tex", ["\\begin{verbatim}" * 3000, "\\section{" * 20000, "$" * 20001, "{" * 100_000, "\\" * 9999, "\\emph" * 20000]
)
def test_broken_tex_takes_no_time(tmp_path, tex):
    start = time.process_time()
    assert "word" in the(tmp_path, "a.tex", f"word\n\n{tex}").text
    assert time.process_time() - start < 20


def test_translations_of_a_program(tmp_path):
    po = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=ISO-8859-1\\n"\n\n#: x.c:1\n#, fuzzy\nmsgctxt "menu"\n'
        'msgid "Open"\nmsgstr "Öffnen"\n\nmsgid "one file"\nmsgid_plural "%d files"\nmsgstr[0] "eine Datei"\n'
        'msgstr[1] "%d Dateien"\n\nmsgid ""\n"new\\n"\n"line"\nmsgstr ""\n"neue\\n"\n"\\"Zeile\\""\n\n'
        'msgid "untranslated"\nmsgstr ""\n\n#~ msgid "old"\n#~ msgstr "alt"\n'
    )
    assert the(tmp_path, "de.po", po.encode("iso-8859-1")).text == (
        'Öffnen\n\neine Datei\n\n%d Dateien\n\nneue\n"Zeile"\n\nuntranslated'
    )


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("---\ntitle: Brot\n---\n", "Brot"),
        ("---\nauthor: x\ntitle: \"Das: 'Brot'\"\n...\n", "Das: 'Brot'"),
        ("---\ntitle: 'Ann''s Brot'\n---\n", "Ann's Brot"),
        ("---\ntitle: >-\n  Das\n  Brot\nauthor: x\n---\n", "Das Brot"),
        ('+++\ntitle = "Brot"\n+++\n', "Brot"),
        ("---\nsubtitle: Brot\n---\n", "Teig"),
        ("---\ntitle: never closed\n", "Teig"),
    ],
)
@pytest.mark.parametrize("suffix", [".md", ".qmd", ".Rmd"])
def test_front_matter_titles_a_markdown_text(tmp_path, front, title, suffix):
    document = the(tmp_path, "a" + suffix, front + "\n# Teig {#t}\n\n## C#\n\n### Ofen ###\n")
    assert document.title == title
    assert titles(document) == [(1, "Teig"), (2, "C#"), (3, "Ofen")]


def test_front_matter_is_no_text_and_moves_no_offset(tmp_path):
    yaml = '---\ntitle: Brot\ntags:\n- süß\n\n# für später\n"a b": {\nx: 1\n}\n---\n'
    for front in (yaml, '+++\ntags = ["süß"]\n+++\n'):
        document = the(tmp_path, "a.md", front + "Teig ruht.\n")
        assert document.text.strip() == "Teig ruht." and document.text.index("Teig") == len(front)
    for prose in ("---\nHonig fließt.\n\n---\nTeig ruht.\n", "---\n\nHonig: er fließt.\n\n---\nTeig ruht.\n"):
        assert the(tmp_path, "b.md", prose).text == prose
    assert "Brot" in the(tmp_path, "c.md", "---\ntitle: Brot\n---\n").text


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# Brot [![Build](https://a.b/x.svg)](https://a.b) ![npm](y)", "Brot"),
        ("# ![Brot](logo.png)", "Brot"),
        ("## [Brot](http://x 'y') und [[Salz|Meersalz]]", "Brot und Meersalz"),
        ('## <a name="x"></a>Der `<div>` ist **fett** & *schräg*', "Der <div> ist fett & schräg"),
        ("## C\\# <brot@example.org> x < y", "C# <brot@example.org> x < y"),
        ("## List<String> __init__.py a * b * c", "List<String> __init__.py a * b * c"),
        ("## [1.0.0] - 2020", "[1.0.0] - 2020"),
        ("**Brot** `ofen`\n===", "Brot ofen"),
    ],
)
def test_the_titles_of_markdown_are_their_words(tmp_path, line, title):
    assert [heading.title for heading in the(tmp_path, "a.md", f"{line}\n\nx\n").headings] == [title]
    assert the(tmp_path, "b.md", "# ![](logo.png)\n\nx\n").headings == ()


@pytest.mark.parametrize(
    "between",
    [
        "```pip install brot```",
        "``` no block ``` of code",
        "<!--\n# no heading\n-->",
        "<!-- # x --> <!-- never closed",
        "~~~ `x`\n# no heading\n~~~",
    ],
)
def test_code_in_a_line_and_comments_cost_markdown_no_heading(tmp_path, between):
    document = the(tmp_path, "a.md", f"# Brot\n\n{between}\n\n## Teig\n\nx\n\n<!-- # never closed\n\n## Ofen\n")
    assert titles(document) == [(1, "Brot"), (2, "Teig"), (2, "Ofen")]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: a" + " " * 100_000 + "b\n---\nx",
        "---\n" + "title:" + " " * 100_000 + "\n---\nx",
        ("# " + " " * 390 + "x\n") * 300,
        ("#" * 6 + " #" * 190 + "\n") * 300,
        ("# " + "`" * 390 + "\n") * 20_000,
        ("# " + "[" * 390 + "\n") * 20_000,
    ],
    ids=["title", "no title", "spaces", "marks", "backticks", "brackets"],
)
def test_markdown_made_to_be_slow_is_not(tmp_path, text):
    start = time.process_time()
    the(tmp_path, "a.md", text)
    assert time.process_time() - start < 5


def test_colours_of_a_terminal_leave_the_text(tmp_path):
    log = "\x1b[1;31mFehler\x1b[0m: \x1b]0;Titel\x07\x1b]8;;https://x\x1b\\Datei\x1b]8;;\x1b\\ fehlt\x1b[K\x1b(B\n"
    assert the(tmp_path, "a.log", log).text == "Fehler: Datei fehlt\n"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.rst", "a.org", "a.adoc"])
def test_embedded_pictures_leave_the_text(tmp_path, name):
    text = the(tmp_path, name, f"Das Bild: {PICTURE} hier.\n\nMehr data: viel Mehl.").text
    assert "base64" not in text and "hier." in text and "data: viel Mehl" in text


def test_a_text_of_nothing_but_embedded_data_or_controls_is_unreadable(tmp_path):
    for content in (PICTURE, "\x1b[31m\x1b[0m", "\ufeff\ufeff\u200b\x01"[:2] + "\x1b[0m"):
        with pytest.raises(UnreadableDocument, match="no text"):
            documents(tmp_path, "a.txt", content)


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe \x00"])
def test_an_empty_text_is_an_empty_document_and_no_problem(tmp_path, content):
    assert the(tmp_path, "a.txt", content).text.strip() == ""
