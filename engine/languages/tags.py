"""Interprets language tags as people write them (`zh-CN`, `zh_Hans`, `deu`, `iw`, `German`) and matches them.

A tag begins with the code of a language; script, region and variants (BCP 47) may follow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from .names import NAMES

_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
# Three-letter codes (ISO 639-2 and -3), codes of older standards, and of languages that are written as another one.
_SAME = """
    af afr  am amh  ar ara arb  as asm  az aze azj  be bel  bg bul  bn ben  bs bos  ca cat  cs ces cze
    cy cym wel  da dan  de deu ger  el ell gre  en eng  eo epo  es spa  et est ekk  eu eus baq
    fa fas per pes prs  fi fin  fr fra fre  ga gle  gl glg  gu guj  ha hau  he heb iw  hi hin  hr hrv  hu hun
    hy hye arm  id ind in  ig ibo  is isl ice  it ita  ja jpn  ka kat geo  kk kaz  km khm  kn kan  ko kor
    ku kur kmr  ky kir  la lat  lb ltz  lo lao  lt lit  lv lav lvs  mg mlg  mk mkd mac  ml mal  mn mon khk
    mr mar  ms msa may zsm  mt mlt  my mya bur  nb nob  ne nep npi  nl nld dut  nn nno  no nor  om orm
    or ori ory  pa pan  pl pol  ps pus pbt  pt por  ro ron rum mo mol  ru rus  rw kin  sa san  si sin
    sk slk slo  sl slv  sn sna  so som  sq sqi alb als  sr srp scc  sv swe  sw swa swh  ta tam  te tel  tg tgk
    th tha  tl tgl fil  tr tur  tt tat  ug uig  uk ukr  ur urd  uz uzb uzn  vi vie  xh xho  yi ji yid  yo yor
    zh zho chi cmn  zu zul  jv jw jav  hr scr  sr sh
"""
_CODES = {
    other: code for same in re.split(r"\s{2,}", _SAME.strip()) for code, *others in [same.split()] for other in others
}
# The parts of tags that mean traditional or simplified Chinese, which libraries may keep apart.
_TRADITIONAL = frozenset(("tw", "hk", "mo", "hant"))
_SIMPLIFIED = frozenset(("cn", "sg", "my", "hans"))
# Norwegian has two written forms, and is tagged by one common code as often as by their two codes.
_NORWEGIAN = frozenset(("no", "nb", "nn"))


def code_of(word: str) -> str:
    """The code for a tag, or for a name in English or in the language itself, in any case; "" if it is neither.

    A tag stays as specific as it is: "zh_TW" is "zh-tw"; only its language gets the current code.
    """
    lowered = re.split(r"[.@]", word.strip().casefold())[0].replace("_", "-")
    for code, names in NAMES.items():
        if lowered == code or lowered in (each.casefold() for each in names):
            return code
    if not _TAG.fullmatch(lowered):
        return ""
    language, *rest = lowered.split("-")
    return "-".join((_CODES.get(language, language), *rest))


def matching(tag: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Those of some languages that a tag means, in their order; empty if none fits.

    A tag means itself and every more specific tag ("zh" means "zh-tw" too). If there is neither, it means a less
    specific one: "pt-BR" means "pt", "zh-Hans-CN" means "zh"; and "nb", "nn" and "no" mean each other.
    """
    given = {language: _comparable(language) for language in languages}
    wanted = _comparable(tag)
    found = _of(wanted, given) + (_beneath(wanted, given) if wanted != "no" else _norwegian(given))
    while not found and "-" in wanted:
        wanted = wanted.rpartition("-")[0]
        found = _of(wanted, given) or _beneath(wanted, given)
    if not found and wanted in _NORWEGIAN:
        found = _norwegian(given)
    return tuple(language for language in given if language in found)


def chosen(tags: Iterable[str], languages: Collection[str]) -> tuple[str, ...]:
    """The languages that some tags mean, each once; a tag that means none of them is kept unchanged."""
    return tuple(dict.fromkeys(language for tag in tags for language in matching(tag, languages) or (tag,)))


def _of(wanted: str, given: dict[str, str]) -> list[str]:
    return [language for language, code in given.items() if code == wanted]


def _beneath(wanted: str, given: dict[str, str]) -> list[str]:
    return [language for language, code in given.items() if code.startswith(f"{wanted}-")]


def _norwegian(given: dict[str, str]) -> list[str]:
    return [language for language, code in given.items() if code.split("-")[0] in _NORWEGIAN]


def _comparable(tag: str) -> str:
    """The form of a tag for comparison, equal for equivalent tags; traditional and simplified Chinese differ."""
    code = code_of(tag) or tag.casefold()
    language, *rest = code.split("-")
    if language == "zh" and rest:
        if _TRADITIONAL & set(rest):
            return "zh-hant"
        if _SIMPLIFIED & set(rest):
            return "zh-hans"
    return code
