"""Splits a TeX source into text and headings, and handles commands with their arguments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

_LEVELS = {
    name: level
    for level, names in enumerate(
        ("part", "chapter", "section frametitle", "subsection", "subsubsection", "paragraph", "subparagraph"), 1
    )
    for name in names.split()
}
# Commands whose arguments are not words of the text.
_SILENT_NAMES = """
    label ref eqref pageref autoref cref Cref nameref cite citep citet citeauthor citeyear parencite textcite autocite
    footcite nocite index glossary includegraphics input include bibliography bibliographystyle usepackage
    documentclass vspace hspace vskip hskip setlength addtolength setcounter addtocounter newcommand renewcommand
    providecommand newenvironment renewenvironment DeclareMathOperator newtheorem pagestyle thispagestyle hypersetup
    definecolor color textcolor colorbox graphicspath geometry lstset tikzset hyphenation selectlanguage
    foreignlanguage rule bibitem end RequirePackage def let phantom vphantom hphantom addbibresource author date thanks
"""
_SILENT = frozenset(_SILENT_NAMES.split())
# Commands whose last argument is text, and the number of silent arguments before it.
_LAST_IS_TEXT = {"textcolor": 1, "colorbox": 1, "foreignlanguage": 1, "href": 1, "texorpdfstring": 1}
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
    **{"LaTeX": "LaTeX", "newline": "\n", "par": "\n\n", "linebreak": "\n", "glqq": "„", "grqq": "“"},
}
# The mark of an item, which begins a line, not a paragraph; clean text holds no NUL.
ITEM = "\0"
# Ends the words of a command of the author's own that parts itself from a word behind it.
XSPACE = "\0"
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
_ACCENTED = re.compile(r"\s{0,3}(?:\{\\?([^\W\d_])\}|\\?([^\W\d_]))")
_BRACKETS = re.compile(r"\\.|[\[\]{}]|\n[ \t]*\n")


class Scanner:
    """Splits a TeX text into pieces, in order; `own`: the words of the author's own commands."""

    def __init__(self, text: str, own: Mapping[str, str] | None = None) -> None:
        self._text = text
        self._own = own or {}
        self._closings = _closings(text)

    def pieces(self) -> Iterator[tuple[int, str]]:
        """(0, text) for text, (level, TeX) for a heading's words."""
        place = 0
        while match := _TOKEN.search(self._text, place):
            yield 0, self._text[place : match.start()]
            place = match.end()
            kind = match.lastgroup or ""
            if kind == "command":
                level, piece, place = self._command(match["command"], place)
                yield level, piece
                if match["command"] == "end" and self._text.startswith("{document}", match.end()):
                    return
            elif kind == "open":
                close = "\\]" if match["open"] == "[" else "\\)"
                end = self._text.find(close, place, place + 4000)
                end = end + 2 if end >= 0 else place
                yield 0, self._text[match.start() : end]
                place = max(place, end)
            elif kind == "sign":
                piece, place = self._sign(match["sign"], place)
                yield 0, piece
            else:
                yield 0, _plain(kind, match[0])
        yield 0, self._text[place:]

    def _sign(self, sign: str, place: int) -> tuple[str, int]:
        if sign in _ACCENTS:
            return self._accented(_ACCENTS[sign], place)
        if sign == "\\":
            # The space below the line may be given, as in `\\\\*[2mm]`.
            return "\n", self._behind_option(place + self._text.startswith("*", place))
        return (" " if sign in " ,;:!/\n" else "" if sign in "-/@" else sign), place

    def _command(self, name: str, place: int) -> tuple[int, str, int]:
        """(level of a heading or 0, its words or text, where to continue) for a command whose name ends at `place`."""
        if name in _LEVELS:
            words, end = self.argument(place)
            return (_LEVELS[name], words, end) if end > place else (0, "", place)
        if name == "verb" and place < len(self._text):
            end = self._text.find(self._text[place], place + 1, place + 1000)
            return (0, self._text[place + 1 : end], end + 1) if end >= 0 else (0, "", place)
        if name in ("footnote", "caption"):
            return 0, " " if name == "footnote" else "\n", self._behind_option(place)
        if name == "begin":
            return 0, *self._environment(place)
        if name == "item":
            end = self._behind_option(place)
            return 0, f"{ITEM}{self._text[place + 1 : end - 1]} " if end > place else ITEM, end
        if name in _LETTERS:
            # In `\ss{}`, the braces only end the name.
            return 0, _LETTERS[name], place + 2 if self._text.startswith("{}", place) else place
        if name in _ACCENTS and (self._text.startswith("{", place) or name not in "btr"):
            return 0, *self._accented(_ACCENTS[name], place)
        if name == "title" or name in _SILENT or name in _LAST_IS_TEXT:
            return 0, "\n" if name == "end" else "", self._behind_arguments(place, _LAST_IS_TEXT.get(name, 9))
        if name in self._own:
            words = self._own[name]
            place += 2 * self._text.startswith("{}", place)
            parted = words.endswith(XSPACE) and self._text[place : place + 1].isalnum()
            return 0, words.rstrip(XSPACE) + " " * parted, place
        return 0, "", self._behind_option(place)

    def _environment(self, place: int) -> tuple[str, int]:
        match = _ENVIRONMENT.match(self._text, place)
        if not match:
            return "", place
        name = match[1].strip()
        end = self._text.find(f"\\end{{{name}}}", match.end(), match.end() + _LONGEST)
        if name in _VERBATIM and end >= 0:
            return f"\n\n{self._text[self._behind_option(match.end()) : end].strip()}\n\n", end + len(name) + 6
        if name.rstrip("*") in _FORMULAS and end >= 0:
            return f"\n{self._text[place - 6 : end + len(name) + 6]}\n", end + len(name) + 6
        if name in _LEFT_OUT and end >= 0:
            return "", end + len(name) + 6
        place = self._behind_option(match.end())
        if name.startswith(("tabular", "array", "longtable", "minipage", "thebibliography", "multicols", "wrapfigure")):
            place = self._behind_arguments(place, 3)
        return "\n", place

    def _accented(self, accent: str, place: int) -> tuple[str, int]:
        match = _ACCENTED.match(self._text, place)
        if not match:
            return "", place
        letter = (match[1] or match[2]).replace("ı", "i")
        return unicodedata.normalize("NFC", letter + accent), match.end()

    def argument(self, place: int) -> tuple[str, int]:
        """The words in the braces at `place`, after an option, and where they end; ("", place) without braces."""
        start = self._behind_option(place)
        if not self._text.startswith("{", start):
            return "", place
        end = self._closings.get(start, start + 1)
        return self._text[start + 1 : end - 1], end

    def _behind_arguments(self, place: int, most: int) -> int:
        for _ in range(most):
            place = self._behind_option(place)
            if not self._text.startswith("{", place):
                break
            place = self._closings.get(place, place + 1)
        return place

    def _behind_option(self, place: int) -> int:
        while self._text.startswith("[", place):
            place = self._closings.get(place, place + 1)
        return place


def _plain(kind: str, token: str) -> str:
    if kind == "formula":
        return token
    if kind == "dash":
        return "—" if len(token) == 3 else "–"
    if kind == "quote":
        return "“" if token == "``" else "”"
    return " " if kind == "tie" else ""


def _closings(text: str) -> dict[int, int]:
    """For each closed bracket, the place after its closing one; an empty line ends the search for the end of a `[`."""
    ends: dict[int, int] = {}
    braces: list[int] = []
    brackets: list[int] = []
    for match in _BRACKETS.finditer(text):
        mark = match[0]
        if mark == "{":
            braces.append(match.start())
        elif mark == "[":
            brackets.append(match.start())
        elif mark == "}" and braces:
            ends[braces.pop()] = match.end()
        elif mark == "]" and brackets:
            ends[brackets.pop()] = match.end()
        elif mark[0] == "\n":
            brackets.clear()
    return ends
