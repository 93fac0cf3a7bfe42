"""The vocabulary of RTF: destinations without text, words that are characters, and the code page of each charset."""

from __future__ import annotations

# Groups whose text is not text of the document. Groups marked with \* that are not in READ are left out as well.
_LEFT_OUT = """
    colortbl datafield datastore fldinst filetbl revtbl header headerl headerr headerf footer footerl footerr footerf
    listtable listoverridetable listtext pntext pict objdata objclass objname nonshppict shprslt sp generator rsidtbl
    latentstyles pgptbl themedata colorschememapping mmathPr xmlnstbl annotation atnid atnauthor atndate atnref
    atrfstart atrfend bkmkstart bkmkend xe tc tcn txe rxe template operator author manager company category keywords
    comment doccomm hlinkbase creatim revtim printim buptim subject userprops private ftnsep ftnsepc ftncn aftnsep
    aftnsepc aftncn background panose falt fname fontemb fontfile upr picprop docvar nesttableprops
"""
LEFT_OUT = frozenset(_LEFT_OUT.split())
READ = frozenset(("ud", "do", "shpinst", "shptxt", "moMath", "moMathPara", "dptxbxtext"))
STORIES = frozenset(("footnote", "shptxt", "dptxbxtext"))
CHARACTERS = {
    "tab": "\t",
    "line": "\n",
    "lbr": "\n",
    "emdash": "—",
    "endash": "–",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "zwj": "\u200d",
    "zwnj": "\u200c",
}
SYMBOLS = {
    b"~": "\u00a0",
    b"_": "-",
    b"-": "",
    b"\\": "\\",
    b"{": "{",
    b"}": "}",
    b"\t": "\t",
}
CHARSETS = {
    77: "mac_roman",
    78: "cp932",
    79: "cp949",
    80: "gb18030",
    81: "big5",
    83: "mac_latin2",
    84: "mac_greek",
    85: "mac_turkish",
    89: "mac_cyrillic",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
WESTERN = (0, 1)
SYMBOL_FONT = 2
PAGES = {
    10000: "mac_roman",
    10001: "cp932",
    10002: "big5",
    10003: "cp949",
    10006: "mac_greek",
    10007: "mac_cyrillic",
    10008: "gb18030",
    10029: "mac_latin2",
    10081: "mac_turkish",
    65001: "utf-8",
    936: "gb18030",
    950: "big5",
    949: "cp949",
    1361: "johab",
}
SETS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
