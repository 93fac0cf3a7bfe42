"""Makes a kit from a library's documents; its questions are headings and first sentences of translated passages."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import PurePath

from ....engine.errors import DataError
from ....engine.languages import UNDETERMINED
from ....engine.library import Library
from ....engine.passages import sentences
from ....engine.search import Passage as Stored
from ..targets import Question
from .kit import Kit, Passage
from .nonsense import nonsense

# More would take a pipeline hours and hardly narrow the intervals.
MOST_QUESTIONS = 200
MOST_PASSAGES = 50_000
_PAGE = 200
# Shorter headings ("Notes") are not questions.
_SHORTEST = 12
_LONGEST = 240
# Separates nested headings.
_WITHIN = " › "
# Languages that need about half as many characters.
_DENSE = ("zh", "ja", "ko")
_NOT_A_NAME = re.compile(r"[^\w-]+")


def own_kit(library: Library, *, most: int = MOST_QUESTIONS) -> Kit:
    """A kit of a library's passages, with questions from those at the same place of parallel files.

    Args:
        library: the library.
        most: the most questions, translations counted once; if there are more, the same ones are drawn every time.

    Raises:
        DataError: the library is empty, or gives questions in fewer than two languages.
    """
    passages: list[Passage] = []
    rows: dict[int, int] = {}
    stored: list[Stored] = []
    texts: dict[str, str] = {}
    for document, held in _documents(library):
        own = [each for each in held if each.language != UNDETERMINED and each.text.strip()]
        if not own or len(passages) + len(own) > MOST_PASSAGES:
            continue
        name = _name(document, own[0].language, texts)
        texts[name] = "\n\n".join(each.text for each in own) + "\n"
        for each in own:
            rows[each.id] = len(passages)
            passages.append(Passage(f"{name}#{each.ordinal}", each.language, each.text, each.title, name))
            stored.append(each)
    if not passages:
        raise DataError("The library has no passages to make a kit from.", hint="`hybrid-search index DIR` fills it.")
    families = list(_families(library, stored, rows))
    notes = [
        "Questions are headings and first sentences of the passages that answer them: finding a passage in the "
        "question's own language is easy by design, so look at the figures across languages."
    ]
    if families:
        chosen = families if len(families) <= most else random.Random(0).sample(families, most)
    else:
        notes.append(
            "File names show no translations (such as en/a.md and de/a.md): each question is asked in one language, "
            "so the figures of bias compare different questions."
        )
        lone = [{each.language: each} for each in stored if _question(each)]
        chosen = lone if len(lone) <= most else random.Random(0).sample(lone, most)
    questions: list[Question] = []
    relevant: list[tuple[int, ...]] = []
    for number, family in enumerate(chosen, 1):
        places = tuple(rows[each.id] for each in family.values())
        for code, each in sorted(family.items()):
            questions.append(Question(f"own-{number}-{code}", code, _question(each), f"own-{number}"))
            relevant.append(places)
    if len({each.language for each in questions}) < 2:
        raise DataError(
            "The library's documents give questions in fewer than two languages.",
            hint="Index documents in another language, or use the bundled kit.",
        )
    return Kit(
        "your own documents",
        tuple(questions),
        tuple(passages),
        tuple(relevant),
        tuple(texts.items()),
        nonsense(questions),
        tuple(notes),
    )


def _documents(library: Library) -> Iterator[tuple[str, list[Stored]]]:
    """The name and the passages of each document."""
    last = 0
    while page := library.documents(last, _PAGE):
        for each in page:
            yield f"{each.path} {each.part}".strip(), library.passages_of(each.id, 0, each.passages)
            last = each.id


def _families(library: Library, stored: list[Stored], rows: dict[int, int]) -> Iterator[dict[str, Stored]]:
    """Passages with their translations, each family once, if every one of them gives a question."""
    seen: set[int] = set()
    for each in stored:
        if each.id in seen or not _question(each):
            continue
        family = {code: other for code, other in library.translations(each.id).items() if other.id in rows}
        family = {each.language: each, **{code: other for code, other in family.items() if code != each.language}}
        seen.update(other.id for other in family.values())
        if len(family) > 1 and all(_question(other) for other in family.values()):
            yield family


def _question(each: Stored) -> str:
    """A question for a passage: its heading, or else its first sentence; "" if neither has a suitable length."""
    for text in (each.heading.rsplit(_WITHIN, 1)[-1], _first_sentence(each)):
        plain = " ".join(text.split()).strip("# ")
        weight = 2 if each.language in _DENSE else 1
        if len(plain) * weight >= _SHORTEST and len(plain) <= _LONGEST:
            return plain
    return ""


def _first_sentence(each: Stored) -> str:
    body = each.text.removeprefix(each.title).strip()
    found = sentences(body, each.language)
    return body[found[0][0] : found[0][1]] if found else ""


def _name(document: str, code: str, taken: dict[str, str]) -> str:
    """A unique file name for a document that includes its language."""
    stem = _NOT_A_NAME.sub("-", PurePath(document).stem).strip("-")[:80] or "document"
    stem = re.sub(rf"[-_.]{re.escape(code)}$", "", stem, flags=re.IGNORECASE)
    name, number = f"{stem}.{code}.md", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{code}.md"
    return name
