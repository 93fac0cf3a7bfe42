"""Finds the language in the name of a file or folder: `xquad.de.json`, `zh-TW.json`, `miracl-v1.0-sw`."""

from __future__ import annotations

import re
from pathlib import Path

from ....engine.json_lines import unpacked_name
from ....engine.languages import code_of
from ..pairs import language_code

# All two-letter codes (ISO 639-1), and three-letter codes without a shorter one that public benchmarks use.
_LISTED = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    ace arz ast awa ban bem bho bug cdo ceb ckb fon fur fuv hne ilo kab kac kam kea kmb lij lmo ltg lua luo lus mag min
    mni mos nds nso nus pag pap pcm plt sat scn shn szl taq tpi tum umb vec war wuu yue
"""
_CODES = frozenset(_LISTED.split())
_BOTH = re.compile(r"context-([a-z]{2,3})-question-([a-z]{2,3})(?![a-z])", re.IGNORECASE)
_LAST = re.compile(r"(?:^|[._-])([A-Za-z]{2,3})$")
_WITH_REGION = re.compile(r"(?:^|[._-])([A-Za-z]{2,3})[-_]([A-Za-z]{2}|[A-Za-z]{4})$")
_SPELT = re.compile(r"(?:^|[._-])([A-Za-z]{4,})$")
# Codes whose region is also a language's code.
_USUAL = frozenset(("pt-br", "fr-ca", "zh-tw"))
# Codes that are usually words when they stand inside a name.
_WORDS = frozenset(("am", "an", "as", "be", "he", "id", "in", "is", "it", "my", "no", "or", "so", "to"))
_SCRIPTS = frozenset(("hans", "hant", "latn", "cyrl", "arab"))


def language_in(name: str) -> str:
    """The code of the language that a name ends with, as a code or in English; "" if there is none."""
    region = _WITH_REGION.search(name)
    if region and _known(region[1]) and _is_region(region[1].lower(), region[2]):
        return language_code(f"{_known(region[1])}-{region[2]}")
    last = _LAST.search(name)
    if last:
        return _known(last[1])
    spelt = _SPELT.search(name)
    return language_code(code_of(spelt[1])) if spelt and len(code_of(spelt[1])) in (2, 3) else ""


def languages_of(path: Path) -> tuple[str, str]:
    """The languages of questions and of contexts according to a file's name; "" twice if it contains none."""
    stem = re.sub(r"\.(json|jsonl|ndjson)$", "", unpacked_name(path), flags=re.IGNORECASE)
    both = _BOTH.search(stem)
    if both and _known(both[1]) and _known(both[2]):
        return _known(both[2]), _known(both[1])
    code = language_in(stem) or _inside(stem)
    return code, code


def _inside(stem: str) -> str:
    """The only two-letter code between other parts of a name, as in `train-de-v1.1`; else ""."""
    found = {_known(part) for part in re.split(r"[._-]", stem) if len(part) == 2 and part.lower() not in _WORDS} - {""}
    return found.pop() if len(found) == 1 else ""


def known_code(word: str) -> bool:
    """Whether a word is a language's code, with or without a region."""
    language, _, region = word.replace("_", "-").partition("-")
    return bool(_known(language)) and (not region or bool(re.fullmatch(r"[A-Za-z]{2,8}", region)))


def _known(code: str) -> str:
    """The current form of a code; "" for other words, such as `dev`."""
    lowered = code.lower()
    usual = code_of(lowered)
    return usual if lowered in _CODES or (usual != lowered and usual in _CODES) else ""


def _is_region(language: str, word: str) -> bool:
    # Lower-case letters after a language may be another language, as in `squad-en-de`.
    lowered = word.lower()
    if len(word) == 4:
        return lowered in _SCRIPTS
    return word.isupper() or lowered not in _CODES or f"{language}-{lowered}" in _USUAL
