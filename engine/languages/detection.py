"""Detects the language of a text, with a confidence."""

from __future__ import annotations

import copy
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..errors import HybridSearchError, reason
from .names import NAMES, UNDETERMINED
from .tags import matching
from .walking import Ranker, Walker

# Fifty languages that have to be told apart, and those that are clear from their script.
_TOLD_APART = """
    en af az ca cs da de es et eu fi fr gl hr hu id is it lt lv nl no pl pt ro sk sl sq sv sw tl tr vi
    ru be bg kk mk sr uk ar fa ur hi mr ne bn am he hy zh ja el gu ka km kn ko lo ml my or pa si ta te th
"""
CANDIDATES: tuple[str, ...] = tuple(_TOLD_APART.split())
# With all candidates, a short text is more likely in one of these than in a related language with fewer writers.
_OFTEN = frozenset(
    ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "cs", "sv", "tr", "vi", "id", "ru", "uk", "ar", "fa", "hi")
)
_OFTEN_WEIGHT = 4.0
# A question is more likely in a language of its library; one of few words could be in several. With 10, every question
# of the demo, and its first three words, is detected as well as among the library's languages alone, and 89 % of
# sentences in thirty other languages are correct (Tatoeba, five words on average; 90 % with 1, 77 % with 400).
_OWN_WEIGHT = 10.0
# The weight of languages that the identifier knows but that are rare, or hard to tell from a candidate.
_RARE_WEIGHT = 0.05

_SCRIPT_LANGUAGES: dict[str, frozenset[str]] = {
    "CYRILLIC": frozenset(("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk", "ba")),
    "ARABIC": frozenset(("ar", "fa", "ur", "ps", "ug", "ku", "sdh", "ary", "arz")),
    "DEVANAGARI": frozenset(("hi", "mr", "ne", "sa", "gom")),
    "BENGALI": frozenset(("bn", "as")),
    "HEBREW": frozenset(("he", "hbo")),
    "GREEK": frozenset(("el", "grc")),
    "HAN": frozenset(("zh", "ja", "yue", "wuu")),
    "KANA": frozenset(("ja",)),
    "HANGUL": frozenset(("ko",)),
    **{
        script: frozenset((code,))
        for script, code in (
            ("THAI", "th"), ("LAO", "lo"), ("KHMER", "km"), ("MYANMAR", "my"), ("ETHIOPIC", "am"), ("ARMENIAN", "hy"),
            ("GEORGIAN", "ka"), ("GUJARATI", "gu"), ("GURMUKHI", "pa"), ("KANNADA", "kn"), ("MALAYALAM", "ml"),
            ("ORIYA", "or"), ("SINHALA", "si"), ("TAMIL", "ta"), ("TELUGU", "te"),
        )
    },
}  # fmt: skip
# Languages that are not written in Latin letters.
_OTHER_SCRIPTS = frozenset().union(*_SCRIPT_LANGUAGES.values()) - {"ku", "sr", "kk", "tt", "uz"}
# URLs, addresses, paths and tags. Possessive, and only at the start of a run: a text without spaces is one long run.
_NOT_LANGUAGE = re.compile(
    r"(?:https?://|www\.)[!-~]+|(?<![!-~])[!-?A-~]++@[!-~]+"
    r"|(?<![\w./\\-])[A-Za-z0-9_.-]*+[/\\][A-Za-z0-9_./\\-]*|<[^<>]{1,80}>"
)
# Letters in special forms (half and full width, mathematical, Arabic as fonts join it), as PDFs and tables have them.
_FORMS = re.compile("[\uf900-\ufaff\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc\uff01-\uffdc\U0001d400-\U0001d7ff]+")
_LABELS = frozenset(NAMES) - {"nb", "zh-tw", UNDETERMINED}
_ENOUGH = 3
# A word of a Latin language that is no name: without capitals and digits. With fewer letters of another script beside
# names, those are signs, as in "TNF-α".
_LATIN_WORD = re.compile(r"(?<![^\W_])[a-zß-öø-ÿ]{2,}+(?![^\W_])")
_LEAST_BESIDE_NAMES = 4
_READ = 3000


@dataclass(frozen=True)
class Detected:
    """A language code ("und" if unknown) and the confidence, 0 to 1."""

    code: str
    confidence: float


NOTHING = Detected(UNDETERMINED, 0.0)


def detect(text: str, candidates: Sequence[str] | None = None) -> Detected:
    """The language of a text among `candidates` (about fifty by default; for a query, the library's own).

    "und" if the text has fewer than three letters (a Chinese, Japanese or Korean one counts as two) without URLs, paths
    and tags, or is in a script of no known language. Candidates that the identifier does not know are ignored.
    """
    text = _without_addresses(text[:_READ])
    scripts = _scripts(text)
    if sum(scripts.values()) < _ENOUGH:
        return NOTHING
    known = _known(tuple(candidates)) if candidates else CANDIDATES
    return _told(text, scripts, known, lambda code: _OFTEN_WEIGHT if not candidates and code in _OFTEN else 1.0)


def detect_question(text: str, library: Collection[str]) -> Detected:
    """The language of a question to a library with passages in some languages.

    All languages that the identifier knows are candidates, but those of the library are preferred in doubtful cases;
    the result may be a language that the library does not have. If the library has the language under another code
    ("nb" for "no"), its code is returned. "und" as for `detect`.
    """
    text = _without_addresses(text[:_READ])
    scripts = _scripts(text)
    if sum(scripts.values()) < _ENOUGH:
        return NOTHING
    known = [code for code in library if code != UNDETERMINED]
    own = frozenset(_known(tuple(known)) if known else ())

    def weight(code: str) -> float:
        if code in own:
            return _OWN_WEIGHT
        return _OFTEN_WEIGHT if code in _OFTEN else 1.0 if code in CANDIDATES else _RARE_WEIGHT

    told = _told(text, scripts, _every(), weight)
    return Detected(next(iter(matching(told.code, known)), told.code), told.confidence)


def _told(text: str, scripts: Counter[str], known: tuple[str, ...], weight: Callable[[str], float]) -> Detected:
    main = _main(scripts)
    if main == "LATIN" and len(scripts) > 1 and not _LATIN_WORD.search(text):
        # Names of products and people in a text whose own words are in another script.
        others = Counter({script: number for script, number in scripts.items() if script not in ("LATIN", "")})
        main = _main(others) if others.total() >= _LEAST_BESIDE_NAMES else main
    if main != "LATIN" and main not in _SCRIPT_LANGUAGES:
        return NOTHING
    possible = _possible(main, scripts, known)
    if len(possible) == 1:
        own = sum(number for script, number in scripts.items() if _writes(possible[0], script))
        return Detected(possible[0], round(own / sum(scripts.values()), 4))
    ranked = _ranker(possible).rank(_letters(text))
    weighed = [(probability * weight(code), code) for code, probability in ranked]
    # Rounded, so that differences in the last bits between machines are ties; only few can be near the first.
    near = max(weighed)[0] - 1e-8
    probability, code = max(
        (pair for pair in weighed if pair[0] >= near), key=lambda pair: (round(pair[0], 9), -possible.index(pair[1]))
    )
    return Detected(code, round(probability / sum(each for each, _ in weighed), 4))


def detect_many(texts: Sequence[str], candidates: Sequence[str] | None = None) -> list[Detected]:
    """`detect` for each text."""
    return [detect(text, candidates) for text in texts]


def _scripts(text: str) -> Counter[str]:
    """Weighted counts of a text's letters by script: a Chinese, Japanese or Korean character counts as two letters."""
    counts: Counter[str] = Counter()
    for character, number in Counter(text).items():
        if character.isalpha():
            script = script_of(character)
            counts[script] += number * (2 if script in ("HAN", "KANA", "HANGUL") else 1)
    return counts


@lru_cache(maxsize=8192)
def script_of(character: str) -> str:
    """The writing system of a letter: "LATIN", "HAN", "KANA", "THAI" and so on, "" for other characters."""
    if character < "\u0250":
        return "LATIN" if character.isalpha() else ""
    first = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    if first == "CJK":
        return "HAN"
    return "KANA" if first in ("HIRAGANA", "KATAKANA") else "LATIN" if first in ("FULLWIDTH", "MODIFIER") else first


def _main(scripts: Counter[str]) -> str:
    """The main script of a text."""
    # Texts in every script contain names and terms in Latin letters; the reverse is rare.
    weights = {script: number * (1 if script == "LATIN" else 2) for script, number in scripts.items()}
    if "HAN" in weights and "KANA" in weights:
        # Japanese is written in both.
        weights[max("HAN", "KANA", key=weights.__getitem__)] = weights["HAN"] + weights["KANA"]
    return max(weights, key=weights.__getitem__)


def _possible(main: str, scripts: Counter[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """The candidates written in the text's main script; all candidates if there are none."""
    if main == "HAN" and scripts["KANA"] * 20 > scripts["HAN"]:
        main = "KANA"
    if main in ("HAN", "KANA") and "ko" in known and scripts["HANGUL"] * 2 > scripts["HAN"]:
        main = "HANGUL"
    if main == "LATIN":
        possible = tuple(code for code in known if code not in _OTHER_SCRIPTS)
    else:
        possible = tuple(code for code in known if code in _SCRIPT_LANGUAGES.get(main, ()))
    return possible or known


def _writes(code: str, script: str) -> bool:
    return code in _SCRIPT_LANGUAGES.get(script, ()) or (script == "LATIN" and code not in _OTHER_SCRIPTS)


class _Letters(dict[int, int]):
    """A table for `str.translate` that keeps letters and marks and turns the rest into spaces, filled as they occur."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        kept = character.isalpha() or unicodedata.category(character)[0] == "M"
        self[code] = code if kept else ord(" ")
        return self[code]


_LETTERS = _Letters()


def _letters(text: str) -> str:
    return text.translate(_LETTERS)


def _without_addresses(text: str) -> str:
    if not text.isascii():
        text = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), text)
    # Every match contains one of these signs and most texts contain none, which is quicker to check.
    if any(sign in text for sign in ("/", "\\", "@", "<", "www.")):
        return _NOT_LANGUAGE.sub(" ", text)
    return text


@lru_cache(maxsize=64)
def _known(candidates: tuple[str, ...]) -> tuple[str, ...]:
    """The identifier's codes of the candidates, in order, without those it does not know."""
    wanted = dict.fromkeys("no" if code == "nb" else code.lower().split("-")[0] for code in candidates)
    return tuple(code for code in wanted if code in _LABELS) or CANDIDATES


@lru_cache(maxsize=1)
def _every() -> tuple[str, ...]:
    """All languages that the identifier knows and that have a name here, the default candidates first."""
    return tuple(dict.fromkeys((*CANDIDATES, *sorted(_LABELS))))


_lock = threading.Lock()


def prepare() -> None:
    """Load the identifier's model now (a third of a second), for example in a thread while something else loads."""
    # Whoever detects a language reports it.
    with suppress(HybridSearchError):
        _model()


def _model() -> Any:
    with _lock:
        return _model_once()


@lru_cache(maxsize=1)
def _model_once() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:
        raise HybridSearchError(
            "Languages cannot be detected: their model is unpacked into a temporary file of some megabytes "
            f"({reason(error)}).",
            hint="Make room in the folder of temporary files, or name another one with TMPDIR.",
        ) from error


@lru_cache(maxsize=1)
def _walker() -> Walker:
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return Walker(_model(), MODEL_DIR / MODEL_FILE)


@lru_cache(maxsize=16)
def _ranker(candidates: tuple[str, ...]) -> Ranker:
    """The identifier restricted to `candidates`; its tables are loaded once per process."""
    identifier = copy.copy(_model())
    identifier.set_languages(set(candidates) & set(identifier.labels))
    return Ranker(_walker(), identifier)
