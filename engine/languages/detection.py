"""Which language a text is in, with a confidence."""

from __future__ import annotations

import copy
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .names import NAMES, UNDETERMINED
from .tags import matching
from .walking import Ranker, Walker

# Fifty languages where texts need telling apart, and those that their script alone names.
_TOLD_APART = """
    en af az ca cs da de es et eu fi fr gl hr hu id is it lt lv nl no pl pt ro sk sl sq sv sw tl tr vi
    ru be bg kk mk sr uk ar fa ur hi mr ne bn am he hy zh ja el gu ka km kn ko lo ml my or pa si ta te th
"""
CANDIDATES: tuple[str, ...] = tuple(_TOLD_APART.split())
# Among all candidates a short text is more likely to be in one of these than in a close relative that fewer write.
_OFTEN = frozenset(
    ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "cs", "sv", "tr", "vi", "id", "ru", "uk", "ar", "fa", "hi")
)
_OFTEN_WEIGHT = 4.0
# A question is more likely in a language of the library it is put to; one of few words could be in several. With 10 no
# question of the demo, nor its first three words, is detected wrongly that was not so among the library's languages
# alone, and of sentences in thirty other languages 89 % are told (Tatoeba, five words on average; 90 % with 1, 77 %
# with 400).
_OWN_WEIGHT = 10.0
# Languages that the identifier knows and that are seldom met, or hard to tell from a candidate.
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
# Languages that no text of Latin letters is in.
_OTHER_SCRIPTS = frozenset().union(*_SCRIPT_LANGUAGES.values()) - {"ku", "sr", "kk", "tt", "uz"}
# URLs, addresses, paths and tags. Possessive, and only from where a run begins: a text without spaces is one long run.
_NOT_LANGUAGE = re.compile(
    r"(?:https?://|www\.)[!-~]+|(?<![!-~])[!-?A-~]++@[!-~]+"
    r"|(?<![\w./\\-])[A-Za-z0-9_.-]*+[/\\][A-Za-z0-9_./\\-]*|<[^<>]{1,80}>"
)
_LABELS = frozenset(NAMES) - {"nb", "zh-tw", UNDETERMINED}
_ENOUGH = 3
_READ = 3000


@dataclass(frozen=True)
class Detected:
    """A language code ("und" where nothing can be said) and how sure that is, 0 to 1."""

    code: str
    confidence: float


NOTHING = Detected(UNDETERMINED, 0.0)


def detect(text: str, candidates: Sequence[str] | None = None) -> Detected:
    """The language of a text among `candidates` (about fifty by default; for a query, the library's own).

    "und" when the text has fewer than three letters (a Chinese, Japanese or Korean one counts as two), URLs, paths and
    tags not counted. Candidates that the identifier does not know are passed over.
    """
    text = _without_addresses(text[:_READ])
    scripts = _scripts(text)
    if sum(scripts.values()) < _ENOUGH:
        return NOTHING
    known = _known(tuple(candidates)) if candidates else CANDIDATES
    return _told(text, scripts, known, lambda code: _OFTEN_WEIGHT if not candidates and code in _OFTEN else 1.0)


def detect_question(text: str, library: Collection[str]) -> Detected:
    """The language of a question to a library with passages in some languages.

    It is told among all languages that the identifier knows, those of the library preferred where little speaks for
    either; so it may be one that the library does not have. The code is the library's own where it has the language
    under another one ("nb" for "no"). "und" as `detect` says it.
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
    possible = _possible(scripts, known)
    if len(possible) == 1:
        own = sum(number for script, number in scripts.items() if _writes(possible[0], script))
        return Detected(possible[0], round(own / sum(scripts.values()), 4))
    ranked = _ranker(possible).rank(_letters(text))
    weighed = [(probability * weight(code), code) for code, probability in ranked]
    # Rounded, so that what differs in the last bits from machine to machine is a tie; few can be near the first.
    near = max(weighed)[0] - 1e-8
    probability, code = max(
        (pair for pair in weighed if pair[0] >= near), key=lambda pair: (round(pair[0], 9), -possible.index(pair[1]))
    )
    return Detected(code, round(probability / sum(each for each, _ in weighed), 4))


def detect_many(texts: Sequence[str], candidates: Sequence[str] | None = None) -> list[Detected]:
    """`detect` for each text."""
    return [detect(text, candidates) for text in texts]


def _scripts(text: str) -> Counter[str]:
    """Letters of a text by script, weighed: a Chinese, Japanese or Korean character says as much as two letters."""
    counts: Counter[str] = Counter()
    for character, number in Counter(text).items():
        if character.isalpha():
            script = script_of(character)
            counts[script] += number * (2 if script in ("HAN", "KANA", "HANGUL") else 1)
    return counts


@lru_cache(maxsize=8192)
def script_of(character: str) -> str:
    """The writing system of a letter: "LATIN", "HAN", "KANA", "THAI" and so on, "" for what is not a letter."""
    if character < "\u0250":
        return "LATIN" if character.isalpha() else ""
    first = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    if first == "CJK":
        return "HAN"
    return "KANA" if first in ("HIRAGANA", "KATAKANA") else "LATIN" if first in ("FULLWIDTH", "MODIFIER") else first


def _possible(scripts: Counter[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """The candidates that are written in the text's main script; all of them where none is."""
    # Names and terms in Latin letters are in texts of every script; the other way round is rare.
    main = max(scripts, key=lambda script: scripts[script] * (1 if script == "LATIN" else 2))
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
    """Letters and marks to themselves, all else to spaces, as `str.translate` takes it; made as characters are met."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        kept = character.isalpha() or unicodedata.category(character)[0] == "M"
        self[code] = code if kept else ord(" ")
        return self[code]


_LETTERS = _Letters()


def _letters(text: str) -> str:
    return text.translate(_LETTERS)


def _without_addresses(text: str) -> str:
    # Each of them holds one of these, and most texts hold none: looking for them is quicker than trying to match.
    if any(sign in text for sign in ("/", "\\", "@", "<", "www.")):
        return _NOT_LANGUAGE.sub(" ", text)
    return text


@lru_cache(maxsize=64)
def _known(candidates: tuple[str, ...]) -> tuple[str, ...]:
    """Candidates as the identifier calls them, in order and without those it does not know."""
    wanted = dict.fromkeys("no" if code == "nb" else code.lower().split("-")[0] for code in candidates)
    return tuple(code for code in wanted if code in _LABELS) or CANDIDATES


@lru_cache(maxsize=1)
def _every() -> tuple[str, ...]:
    """All languages that the identifier knows and that have a name here, the usual ones first."""
    return tuple(dict.fromkeys((*CANDIDATES, *sorted(_LABELS))))


_lock = threading.Lock()


def prepare() -> None:
    """Read the identifier's model now (a third of a second), for instance in a thread while something else loads."""
    _model()


def _model() -> Any:
    with _lock:
        return _model_once()


@lru_cache(maxsize=1)
def _model_once() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=1)
def _walker() -> Walker:
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return Walker(_model(), MODEL_DIR / MODEL_FILE)


@lru_cache(maxsize=16)
def _ranker(candidates: tuple[str, ...]) -> Ranker:
    """The identifier restricted to `candidates`; the tables are read once for the process."""
    identifier = copy.copy(_model())
    identifier.set_languages(set(candidates) & set(identifier.labels))
    return Ranker(_walker(), identifier)
