"""TeX sources: sections and text; commands, comments and the preamble are left out, formulas stay as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ..building import Builder
from ..decoding import decode
from ..model import Document, Heading, Source

_LEVELS = {
    name: level
    for level, names in enumerate(
        ("part", "chapter", "section frametitle", "subsection", "subsubsection", "paragraph", "subparagraph"), 1
    )
    for name in names.split()
}
# Commands whose arguments are no words of the text.
_SILENT_NAMES = """
    label ref eqref pageref autoref cref Cref nameref cite citep citet citeauthor citeyear parencite textcite autocite
    footcite nocite index glossary includegraphics input include bibliography bibliographystyle usepackage
    documentclass vspace hspace vskip hskip setlength addtolength setcounter addtocounter newcommand renewcommand
    providecommand newenvironment renewenvironment DeclareMathOperator newtheorem pagestyle thispagestyle hypersetup
    definecolor color textcolor colorbox graphicspath geometry lstset tikzset hyphenation selectlanguage
    foreignlanguage rule bibitem end RequirePackage def let phantom vphantom hphantom addbibresource author date thanks
"""
_SILENT = frozenset(_SILENT_NAMES.split())
# Of these the first arguments are silent and the last one is text.
_LAST_IS_TEXT = {"textcolor": 1, "colorbox": 1, "foreignlanguage": 1, "href": 1}
_ACCENTS = {
    **{"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307"},
    **{"u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "d": "\u0323", "b": "\u0331"},
    **{"r": "\u030a", "t": "\u0361"},
}
_LETTERS = {
    **{"ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å"},
    **{"AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ"},
    **{"dots": "…", "ldots": "…", "textellipsis": "…", "S": "§", "P": "¶", "copyright": "©", "pounds": "£"},
    **{"textendash": "–", "textemdash": "—", "textbackslash": "\\", "textasciitilde": "~", "euro": "€"},
    **{"guillemotleft": "«", "guillemotright": "»", "og": "«", "fg": "»", "quad": " ", "qquad": " ", "TeX": "TeX"},
    **{"LaTeX": "LaTeX", "newline": "\n", "par": "\n\n", "item": "\0", "linebreak": "\n", "glqq": "„", "grqq": "“"},
}
_VERBATIM = ("verbatim", "verbatim*", "lstlisting", "minted", "Verbatim")
_FORMULA_NAMES = "equation align gather multline eqnarray displaymath math alignat flalign"
_FORMULAS = frozenset(_FORMULA_NAMES.split())
_LEFT_OUT = frozenset(("comment", "tikzpicture", "pspicture", "filecontents"))
_TOKEN = re.compile(
    r"(?P<comment>%[^\n]*(?:\n[ \t]*(?!\s))?)"
    r"|\\(?P<command>[A-Za-z@]{1,60})\*?[ \t]*\n?(?!\n)"
    r"|(?P<formula>\$\$[^$]{1,4000}\$\$|\$[^$\n]{1,1000}(?:\n[^$\n]{1,1000}){0,5}\$)"
    r"|\\(?P<open>[\[(])"
    r"|\\(?P<sign>[^A-Za-z])"
    r"|(?P<brace>[{}])|(?P<dash>---?)|(?P<quote>``|'')|(?P<tie>[~&])"
)
_LONGEST = 50_000
_ENVIRONMENT = re.compile(r"\s{0,5}\{([^{}\n]{1,60})\}")
# An item begins a line, and no paragraph; clean text holds no NUL, so that it can stand for one.
_ITEM = re.compile(r"\s*\0\s*")
_TITLE = re.compile(r"\\title[ \t]{0,20}(?=[\[{])")
_DOCUMENT = re.compile(r"\\begin\s{0,5}\{document\}")


def read_tex(source: Source) -> Iterator[Document]:
    r"""A TeX or LaTeX source, titled by its `\title`."""
    text = decode(source.data)
    start = _DOCUMENT.search(text)
    preamble = text[: start.start()] if start else text[:20_000]
    title = ""
    if named := _TITLE.search(preamble) or _TITLE.search(text):
        title = "".join(piece for _, piece in _pieces(_argument(text, named.end())[0]))
    builder = Builder()
    _build(builder, text[start.end() :] if start else text)
    # Without chapters a section is the highest heading.
    lowest = min((heading.level for heading in builder.headings), default=1)
    builder.headings = [Heading(each.start, each.level - lowest + 1, each.title) for each in builder.headings]
    yield builder.document(source.path, title)


def _build(builder: Builder, text: str) -> None:
    held: list[str] = []
    for level, piece in _pieces(text):
        if not level:
            held.append(piece)
            continue
        _paragraphs(builder, "".join(held))
        held = []
        builder.heading(level, "".join(words for _, words in _pieces(piece)))
    _paragraphs(builder, "".join(held))


def _paragraphs(builder: Builder, text: str) -> None:
    text = _ITEM.sub("\n", text)
    for paragraph in re.split(r"\n[ \t]*\n\s*", text):
        builder.paragraph("\n".join(" ".join(line.split()) for line in paragraph.split("\n") if line.strip()))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(0, text) for text, (level, TeX) for a heading's words."""
    place = 0
    while match := _TOKEN.search(text, place):
        yield 0, text[place : match.start()]
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "command":
            level, piece, place = _command(match["command"], text, place)
            yield level, piece
            if match["command"] == "end" and text.startswith("{document}", match.end()):
                return
        elif kind == "open":
            close = "\\]" if match["open"] == "[" else "\\)"
            end = text.find(close, place, place + 4000)
            end = end + 2 if end >= 0 else place
            yield 0, text[match.start() : end]
            place = max(place, end)
        elif kind == "sign":
            piece, place = _sign(match["sign"], text, place)
            yield 0, piece
        else:
            yield 0, _plain(kind, match[0])
    yield 0, text[place:]


def _plain(kind: str, token: str) -> str:
    if kind == "formula":
        return token
    if kind == "dash":
        return "—" if len(token) == 3 else "–"
    if kind == "quote":
        return "“" if token == "``" else "”"
    return " " if kind == "tie" else ""


def _sign(sign: str, text: str, place: int) -> tuple[str, int]:
    if sign in _ACCENTS:
        return _accented(_ACCENTS[sign], text, place)
    if sign == "\\":
        return "\n", place
    return (" " if sign in " ,;:!/\n" else "" if sign in "-/@" else sign), place


def _command(name: str, text: str, place: int) -> tuple[int, str, int]:
    """(level of a heading or 0, its words or text, where to go on) for a command whose name ends at `place`."""
    if name in _LEVELS:
        words, end = _argument(text, place)
        return (_LEVELS[name], words, end) if end > place else (0, "", place)
    if name == "verb" and place < len(text):
        end = text.find(text[place], place + 1, place + 1000)
        return (0, text[place + 1 : end], end + 1) if end >= 0 else (0, "", place)
    if name in ("footnote", "caption"):
        return 0, " " if name == "footnote" else "\n", _behind_option(text, place)
    if name == "begin":
        return 0, *_environment(text, place)
    if name in _LETTERS:
        # `\ss{}`: the braces only end the name.
        return 0, _LETTERS[name], place + 2 if text.startswith("{}", place) else place
    if name in _ACCENTS and (text.startswith("{", place) or name not in "btr"):
        return 0, *_accented(_ACCENTS[name], text, place)
    if name == "title" or name in _SILENT or name == "href":
        return 0, "\n" if name == "end" else "", _behind_arguments(text, place, _LAST_IS_TEXT.get(name, 9))
    return 0, "", _behind_option(text, place)


def _environment(text: str, place: int) -> tuple[str, int]:
    match = _ENVIRONMENT.match(text, place)
    if not match:
        return "", place
    name = match[1].strip()
    end = text.find(f"\\end{{{name}}}", match.end(), match.end() + _LONGEST)
    if name in _VERBATIM and end >= 0:
        return f"\n\n{text[_behind_option(text, match.end()) : end].strip()}\n\n", end + len(name) + 6
    if name.rstrip("*") in _FORMULAS and end >= 0:
        return f"\n{text[place - 6 : end + len(name) + 6]}\n", end + len(name) + 6
    if name in _LEFT_OUT and end >= 0:
        return "", end + len(name) + 6
    place = _behind_option(text, match.end())
    if name.startswith(("tabular", "array", "longtable", "minipage", "thebibliography", "multicols", "wrapfigure")):
        place = _behind_arguments(text, place, 3)
    return "\n", place


def _accented(accent: str, text: str, place: int) -> tuple[str, int]:
    match = _ACCENTED.match(text, place)
    if not match:
        return "", place
    letter = (match[1] or match[2]).replace("ı", "i")
    return unicodedata.normalize("NFC", letter + accent), match.end()


def _argument(text: str, place: int) -> tuple[str, int]:
    """The words in the braces at `place` behind an option, and where they end; ("", place) where there are none."""
    start = _behind_option(text, place)
    if not text.startswith("{", start):
        return "", place
    end = _closing(text, start)
    return text[start + 1 : end - 1], end


def _behind_arguments(text: str, place: int, most: int) -> int:
    for _ in range(most):
        place = _behind_option(text, place)
        if not text.startswith("{", place):
            break
        place = _closing(text, place)
    return place


def _behind_option(text: str, place: int) -> int:
    while text.startswith("[", place):
        place = _closing(text, place)
    return place


_ACCENTED = re.compile(r"\s{0,3}(?:\{\\?([^\W\d_])\}|\\?([^\W\d_]))")
_BRACKETS = re.compile(r"\\.|[\[\]{}]|\n[ \t]*\n")


def _closing(text: str, start: int, longest: int = 4000) -> int:
    """Where the bracket that opens at `start` has closed; right behind it if it does not close within `longest`."""
    pair = {"[": "]", "{": "}"}[text[start]]
    depth = 0
    for match in _BRACKETS.finditer(text, start, start + longest):
        if match[0] == text[start]:
            depth += 1
        elif match[0] == pair:
            depth -= 1
            if depth == 0:
                return match.end()
        elif match[0][0] == "\n" and pair == "]":
            break
    return start + 1
