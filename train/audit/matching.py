"""Identifies answers as passages or documents of a kit: by id, text or name of the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...engine.languages import UNDETERMINED, code_of, detect, matching
from .kits import Kit
from .targets import Answer

# Markdown characters and white space, which pipelines treat differently.
_LEFT_OUT = re.compile(r"[\s#*_`>|\\-]+")
# Shorter texts could occur in any document.
_TELLING = 12
_SEPARATORS = re.compile(r"[\\/]+")


@dataclass(frozen=True)
class Other:
    """An answer that is not in the kit."""

    id: str
    language: str
    text: str


@dataclass
class Matcher:
    """Numbers answers: first the kit's passages by row, then its documents, then all other answers.

    Attributes:
        kit: the kit that was indexed.
        others: answers that are not in the kit, in order of first appearance.
        documents: the names of the kit's documents.
        first_other: the number of the first of `others`.
    """

    kit: Kit
    others: list[Other] = field(default_factory=list)
    _known: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _others: dict[str, int] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.documents = tuple(dict.fromkeys(each.document for each in self.kit.passages if each.document))
        self._rows = {each.id: row for row, each in enumerate(self.kit.passages)}
        self._by_text: dict[str, int] = {}
        texts: dict[str, str] = dict.fromkeys(self.documents, "")
        for row, each in enumerate(self.kit.passages):
            for text in (each.text, f"{each.title}{each.text}"):
                self._by_text.setdefault(bare(text), row)
            if each.document:
                texts[each.document] += each.text
        texts.update({name: text for name, text in self.kit.texts if name in texts})
        self._texts = {name: bare(text) for name, text in texts.items()}
        self._document_rows = {name: len(self.kit.passages) + row for row, name in enumerate(self.documents)}
        self.first_other = len(self.kit.passages) + len(self.documents)
        self._by_name: dict[str, int] = {}
        for name, row in self._document_rows.items():
            self._by_name[name.lower()] = row
            self._by_name.setdefault(name.lower().rsplit(".", 1)[0], row)

    def numbers(self, answers: Sequence[Answer]) -> NDArray[np.int64]:
        """The numbers of answers, shape (answers,)."""
        rows = self._rows
        found = np.array([rows.get(each.id, -1) for each in answers], dtype=np.int64)
        for place in np.flatnonzero(found < 0).tolist():
            found[place] = self.number(answers[place])
        return found

    def number(self, answer: Answer) -> int:
        """The number of an answer."""
        row = self._rows.get(answer.id)
        if row is not None:
            return row
        key = (answer.id, answer.source, answer.text)
        if key not in self._known:
            self._known[key] = self._found(answer)
        return self._known[key]

    def _found(self, answer: Answer) -> int:
        text = bare(answer.text)
        if text and text in self._by_text:
            return self._by_text[text]
        for name in (answer.source, answer.id):
            if name and (row := self._by_name.get(_SEPARATORS.split(name)[-1].lower())) is not None:
                return row
        if len(text) >= _TELLING:
            for name, whole in self._texts.items():
                if text in whole or (whole and whole in text):
                    return self._document_rows[name]
            # A chunk to which the pipeline added text: identified by the longest passage in it.
            inside = [own for own in self._by_text if len(own) >= _TELLING and own in text]
            if inside:
                passage = self.kit.passages[self._by_text[max(inside, key=len)]]
                if passage.document:
                    return self._document_rows[passage.document]
                return self._rows[passage.id]
        return self._other(answer)

    def _other(self, answer: Answer) -> int:
        name = answer.id or answer.source or answer.text
        if name not in self._others:
            self._others[name] = self.first_other + len(self.others)
            self.others.append(Other(name, self._language(answer), answer.text))
        return self._others[name]

    def _language(self, answer: Answer) -> str:
        said = self.code(answer.language) if answer.language else ""
        return said or (self.code(detect(answer.text).code) if answer.text else UNDETERMINED)

    def code(self, said: str) -> str:
        """The kit's code for a language as a target calls it ("en-US" is "en" there); "" if it is none."""
        if said not in self._codes:
            code = code_of(said)
            self._codes[said] = next(iter(matching(code, self.kit.languages)), code) if code else ""
        return self._codes[said]


def bare(text: str) -> str:
    """A text case-folded, without white space and Markdown characters."""
    return _LEFT_OUT.sub("", text).casefold()
