"""Defines a kit: parallel questions and, optionally, passages of documents and judgements."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from functools import cached_property

from ....engine.errors import DataError
from ..targets import Question

# Version of a kit's folder, stored in its `kit.json`.
SCHEMA = 1
# Bias is a difference between languages.
FEWEST_LANGUAGES = 2


@dataclass(frozen=True)
class Passage:
    """One passage of a kit.

    Attributes:
        id: its id, which an index should keep.
        language: its code.
        text: its text in the document.
        title: the document's title.
        document: the name of the document's Markdown file, which includes its language.
    """

    id: str
    language: str
    text: str
    title: str = ""
    document: str = ""


@dataclass(frozen=True)
class Kit:
    """Questions for a retriever, with passages and judgements.

    Attributes:
        name: shown in reports.
        questions: in any order; translations share a group.
        passages: in all languages; empty if the collection is unknown.
        relevant: rows of the passages that answer each question; empty without judgements.
        texts: (name, whole text in Markdown) of each document.
        nonsense: questions without answers.
        notes: what was left out, in sentences.
    """

    name: str
    questions: tuple[Question, ...]
    passages: tuple[Passage, ...] = ()
    relevant: tuple[tuple[int, ...], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    nonsense: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a kit that cannot show a bias.

        Raises:
            DataError: there is no question, an id or a translation occurs twice, or all are in one language.
        """
        if not self.questions:
            raise DataError(f"{self.name} has no questions.", hint="Give at least one question in two languages.")
        seen: set[str] = set()
        translations: dict[tuple[str, str], str] = {}
        for question in (*self.questions, *self.nonsense):
            if question.id in seen:
                raise DataError(f"{self.name} has two questions of the id {question.id}.", hint="Give each its own.")
            seen.add(question.id)
            other = translations.setdefault((question.group, question.language), question.id)
            if other != question.id:
                raise DataError(
                    f"{self.name} asks {question.group} twice in {question.language}: {other} and {question.id}.",
                    hint="A `group` has one question a language; give the other a group of its own.",
                )
        if len(self.languages) < FEWEST_LANGUAGES:
            raise DataError(
                f"{self.name} asks in {self.languages[0]} alone, and bias is a difference between languages.",
                hint="Add the same questions in another language, with the same `group`.",
            )

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the questions, sorted."""
        return tuple(sorted({question.language for question in self.questions}))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups of the questions, in order of first appearance."""
        return tuple(dict.fromkeys(question.group for question in self.questions))

    @property
    def judged(self) -> bool:
        """Whether any question has a known answer."""
        return any(self.relevant)

    @cached_property
    def digest(self) -> str:
        """A hash of questions, passages and judgements: only audits with the same digest are comparable."""
        running = hashlib.blake2b(digest_size=12)
        answers = self.relevant or ((),) * len(self.questions)
        for question, rows in sorted(zip(self.questions, answers, strict=True), key=lambda pair: pair[0].id):
            named = sorted(self.passages[row].id for row in rows)
            running.update(f"{question.id}\0{question.language}\0{question.text}\0{named}\n".encode())
        for passage in sorted(self.passages, key=lambda each: each.id):
            running.update(f"{passage.id}\0{passage.language}\0{passage.text}\n".encode("utf-8", "surrogatepass"))
        return running.hexdigest()

    def texts_to_encode(self) -> dict[str, str]:
        """The texts to encode by passage id: the document's title, then the passage, as in a benchmark."""
        return {each.id: f"{each.title}\n{each.text}" if each.title else each.text for each in self.passages}

    def only(self, languages: tuple[str, ...]) -> Kit:
        """The kit with only the questions and passages in some languages; the whole kit if `languages` is empty.

        Raises:
            DataError: the kit does not have a language, or fewer than two are left.
        """
        if not languages:
            return self
        kept = [row for row, each in enumerate(self.passages) if each.language in languages]
        rows = {row: place for place, row in enumerate(kept)}
        fewer = self.some(languages=languages)
        documents = {self.passages[row].document for row in kept}
        return replace(
            fewer,
            passages=tuple(self.passages[row] for row in kept),
            relevant=tuple(tuple(rows[row] for row in each if row in rows) for each in fewer.relevant),
            texts=tuple((name, text) for name, text in self.texts if name in documents),
        )

    def some(self, *, languages: tuple[str, ...] = (), questions: int | None = None, seed: int = 0) -> Kit:
        """The kit with fewer questions; the passages stay.

        Args:
            languages: keep only questions in these; all when empty.
            questions: keep at most this many, with all their translations, drawn by `seed`.
            seed: for the draw.

        Raises:
            DataError: the kit does not have a language, or fewer than two are left.
        """
        absent = [code for code in languages if code not in self.languages]
        if absent:
            raise DataError(
                f"{self.name} asks nothing in {', '.join(absent)}.", hint=f"It has {', '.join(self.languages)}."
            )
        groups = sorted(self.groups)
        if questions is not None and questions < len(groups):
            groups = random.Random(seed).sample(groups, questions)
        kept = set(groups)
        rows = [
            row
            for row, each in enumerate(self.questions)
            if each.group in kept and (not languages or each.language in languages)
        ]
        if len(rows) == len(self.questions):
            return self
        return replace(
            self,
            questions=tuple(self.questions[row] for row in rows),
            relevant=tuple(self.relevant[row] for row in rows) if self.relevant else (),
            nonsense=tuple(each for each in self.nonsense if not languages or each.language in languages),
        )
