"""Turns the picks of a batch into texts: whole passages, sentences around an answer, or sentences with neighbours."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ..batches import Batch, Pick, sample_languages
from ..settings import SourceConfig, fixed
from .pairs import Corpus
from .siblings import Sentences, beside_the_answer, beside_the_row
from .spans import Span, cut, drawn

PIVOT = "en"

# Mean characters per token of the XLM-R vocabulary, for scripts with and without spaces between words.
_CHARACTERS = 4.0
_DENSE_CHARACTERS = 1.8
_DENSE = frozenset({"zh", "zh-tw", "ja", "ko", "th", "lo", "my", "km"})
_UNSPACED = frozenset({"zh", "zh-tw", "ja"})


@dataclass(frozen=True)
class Texts:
    """The texts of a batch: passage i answers query i; negatives belong to all queries.

    The `taught_` texts are those that the untrained base encodes as teacher of a cross batch: the English texts of the
    same rows, or else the student's. Empty without a teacher, and in a mono batch, where teacher and student encode the
    same texts.
    """

    kind: str
    number: int
    bitext: bool
    queries: tuple[str, ...]
    passages: tuple[str, ...]
    negatives: tuple[str, ...]
    taught_queries: tuple[str, ...] = ()
    taught_passages: tuple[str, ...] = ()
    taught_negatives: tuple[str, ...] = ()


class Voice(NamedTuple):
    """A text and its language."""

    language: str
    text: str


class Voices(NamedTuple):
    """Each text of a batch, followed by its translations; negatives have none."""

    queries: tuple[tuple[Voice, ...], ...]
    passages: tuple[tuple[Voice, ...], ...]
    negatives: tuple[tuple[Voice, ...], ...]


class Assembler:
    """Turns picks into texts.

    Args:
        corpora: the sources, in the order of the pools.
        configs: the settings of each.
        teacher: whether to add a teacher's texts.
        sentences: returns spans of sentences of a text in a language; `engine.passages.sentences` by default.
    """

    def __init__(
        self,
        corpora: Sequence[Corpus],
        configs: Sequence[SourceConfig],
        sentences: Sentences | None = None,
        *,
        teacher: bool = False,
    ) -> None:
        self._teacher = teacher
        self._corpora = corpora
        self._configs = configs
        if sentences is None:
            from ...engine.passages import sentences as found

            sentences = found
        self._spans_of = sentences
        self._sentences = lru_cache(maxsize=8192)(sentences)

    def __reduce__(self) -> tuple[Callable[..., Assembler], tuple[Any, ...]]:
        """Pickles without the cache of sentences."""
        return partial(Assembler, teacher=self._teacher), (self._corpora, self._configs, self._spans_of)

    def texts(self, batch: Batch) -> Texts:
        """The batch's texts; the same batch always gives the same texts."""
        generator = random.Random(f"{batch.seed}/texts/{batch.number}")
        spans = self._spans(batch)
        queries, passages, _, negatives = self._own(batch, spans, generator)
        wrong = tuple(negative.text for negative in negatives)
        # Losses on bitext need translations; a part of a sentence is none.
        translated = self._is_bitext(batch) and spans is None
        texts = Texts(batch.kind, batch.number, translated, tuple(queries), tuple(passages), wrong)
        if not self._teacher or batch.kind == "mono":
            return texts
        cuts: Sequence[Span | None] = spans or [None] * len(queries)
        own = zip(batch.picks, queries, passages, cuts, strict=True)
        taught = [self._in_english(pick, query, passage, span) for pick, query, passage, span in own]
        return replace(
            texts,
            taught_queries=tuple(query for query, _ in taught),
            taught_passages=tuple(passage for _, passage in taught),
            taught_negatives=tuple(negative.english for negative in negatives),
        )

    def voices(self, batch: Batch, count: int, weights: Mapping[str, float] | None = None) -> Voices:
        """The texts of a batch, each with translations; without translations in a mono batch.

        Args:
            batch: the batch.
            count: the most translations of each question and of each passage.
            weights: relative chances of languages, 1 where not named.
        """
        generator = random.Random(f"{batch.seed}/texts/{batch.number}")
        queries, passages, widths, negatives = self._own(batch, self._spans(batch), generator)
        others = self._translations(batch, count, weights, widths)
        asked, found = [], []
        for pick, query, passage, (questions, answers) in zip(batch.picks, queries, passages, others, strict=True):
            asked.append((Voice(pick.question, query), *questions))
            found.append((Voice(pick.passage, passage), *answers))
        return Voices(tuple(asked), tuple(found), tuple((Voice(each.language, each.text),) for each in negatives))

    def _own(
        self, batch: Batch, spans: Sequence[Span] | None, generator: random.Random
    ) -> tuple[list[str], list[str], list[int | None], list[_Negative]]:
        """Questions, passages, the widths that passages were cropped to, and negatives."""
        queries, passages, widths = [], [], []
        negatives: list[_Negative] = []
        for place, pick in enumerate(batch.picks):
            query = _text(self._corpora[pick.source], "question", pick.row, pick.question)
            queries.append(query if spans is None else cut(query, spans[place], pick.question))
            passage, width = self._passage(pick, generator)
            passages.append(passage)
            widths.append(width)
            negatives += self._negatives(pick)
        # Drawn last, so that they do not change the pairs.
        taken = {int(self._corpora[pick.source].groups[pick.row]) for pick in batch.picks}
        for pick, passage in zip(batch.picks, passages, strict=True):
            negatives += self._beside(pick, passage, taken, generator)
        return queries, passages, widths, negatives

    def translations(
        self, batch: Batch, count: int, weights: Mapping[str, float] | None = None
    ) -> list[tuple[list[str], list[str]]]:
        """For each pair of a cross batch, its question and its passage in languages other than the pair's own.

        Pairs of a mono batch have none, even if their rows have other languages.

        Args:
            batch: the batch.
            count: the most languages for each question and for each passage.
            weights: relative chances of languages, 1 where not named.
        """
        return [
            ([voice.text for voice in questions], [voice.text for voice in passages])
            for questions, passages in self._translations(batch, count, weights, [None] * len(batch.picks))
        ]

    def _translations(
        self, batch: Batch, count: int, weights: Mapping[str, float] | None, widths: Sequence[int | None]
    ) -> list[tuple[list[Voice], list[Voice]]]:
        """As `translations`, with languages; passages are cropped to `widths` in tokens, where not None."""
        if batch.kind == "mono" or not count:
            return [([], []) for _ in batch.picks]
        generator = random.Random(f"{batch.seed}/translations/{batch.number}")
        cuts: Sequence[Span | None] = self._spans(batch) or [None] * len(batch.picks)
        found = []
        for pick, span, width in zip(batch.picks, cuts, widths, strict=True):
            corpus = self._corpora[pick.source]
            sides = []
            for side, (column, own) in enumerate(((corpus.question, pick.question), (corpus.passage, pick.passage))):
                codes = [code for each in column.held(pick.row) if (code := corpus.languages[each]) != own]
                drawn_codes = sample_languages(generator, codes, weights, count)
                texts = [(code, self._in(code, pick, span, width)[side]) for code in drawn_codes]
                sides.append([Voice(code, text) for code, text in texts if text])
            found.append((sides[0], sides[1]))
        return found

    def known_wrong(self, pick: Pick) -> str | None:
        """The passage that the data mark as wrong for a pick, in the question's language if possible; or None."""
        corpus = self._corpora[pick.source]
        given = corpus.negative.texts(pick.row)
        return given.get(corpus.language(pick.question), next(iter(given.values()))) if given else None

    def _is_bitext(self, batch: Batch) -> bool:
        return all(self._corpora[pick.source].bitext for pick in batch.picks)

    def _spans(self, batch: Batch) -> list[Span] | None:
        """The span of each question in its sentence; None if questions are whole, as in all batches but bitext."""
        if not self._is_bitext(batch):
            return None
        generator = random.Random(f"{batch.seed}/spans/{batch.number}")
        if generator.random() >= self._configs[batch.picks[0].source].spans:
            return None
        return [drawn(generator) for _ in batch.picks]

    def _negatives(self, pick: Pick) -> list[_Negative]:
        """Passages known to be wrong and mined ones, in the question's language."""
        corpus = self._corpora[pick.source]
        found = []
        text = self.known_wrong(pick)
        if text is not None:
            english = _pivot(corpus)
            pivot = None if english is None else corpus.negative.text(pick.row, english)
            found.append(_Negative(text, text if pivot is None else pivot, pick.question))
        for row in pick.negatives:
            found.append(_with_english(corpus, row, _text(corpus, "passage", row, pick.question), pick.question))
        return found

    def _beside(self, pick: Pick, passage: str, taken: Collection[int], generator: random.Random) -> list[_Negative]:
        """A hard negative, or none, for a source with `negatives` set to `siblings`.

        It is a sentence of the passage without the answer, or the row beside the pair's in its document, in the
        question's language if possible.
        """
        corpus = self._corpora[pick.source]
        if self._configs[pick.source].negatives != "siblings":
            return []
        if self._configs[pick.source].crop == "none":
            beside = beside_the_row(corpus, pick, taken, generator)
            return [_with_english(corpus, *beside, pick.question)] if beside else []
        text = beside_the_answer(corpus, pick, passage, self._sentences, generator)
        if not text:
            return []
        asked = corpus.passage.text(pick.row, corpus.language(pick.question))
        return [_Negative(text, text, pick.question if asked else pick.passage)]

    def _in_english(self, pick: Pick, query: str, passage: str, span: Span | None) -> tuple[str, str]:
        """Question and passage in English if the row has them, else unchanged; the passage is not cropped."""
        question, answer = self._in(PIVOT, pick, span, None)
        return question or query, answer or passage

    def _in(self, code: str, pick: Pick, span: Span | None, width: int | None) -> tuple[str | None, str | None]:
        """Question and passage of a pick in another language, cut, cropped and widened like the pick's own; or None."""
        corpus = self._corpora[pick.source]
        if code not in corpus.languages:
            return None, None
        language = corpus.language(code)
        answer = corpus.passage.text(pick.row, language)
        if answer and pick.window:
            answer = self._with_neighbours(corpus, pick._replace(passage=code), answer)
        elif answer and width is not None:
            held = corpus.answer.text(pick.row, language)
            # A separate generator, so that other draws do not change.
            grown = random.Random(f"{pick.row}/{code}/crop")
            answer = crop(answer, held, width, code, self._sentences, grown) if held else answer
        question = corpus.question.text(pick.row, language)
        if question and span:
            question = cut(question, span, code)
        return question, answer

    def _passage(self, pick: Pick, generator: random.Random) -> tuple[str, int | None]:
        """The passage of a pick, and the width in tokens to which it was cropped, or None."""
        corpus, config = self._corpora[pick.source], self._configs[pick.source]
        text = _text(corpus, "passage", pick.row, pick.passage)
        if pick.window:
            return self._with_neighbours(corpus, pick, text), None
        if config.crop != "none":
            answer = corpus.answer.text(pick.row, corpus.language(pick.passage))
            width = generator.choice(fixed.CROPS[config.crop])
            if answer:
                return crop(text, answer, width, pick.passage, self._sentences, generator), width
        return text, None

    def _with_neighbours(self, corpus: Corpus, pick: Pick, text: str) -> str:
        language = corpus.language(pick.passage)
        around = [
            None if row < 0 else corpus.passage.text(row, language)
            for row in (int(corpus.previous[pick.row]), int(corpus.following[pick.row]))
        ]
        return _joined([part for part in (around[0], text, around[1]) if part], pick.passage)


class _Negative(NamedTuple):
    """A hard negative, the teacher's text for it, and its language."""

    text: str
    english: str
    language: str


def _with_english(corpus: Corpus, row: int, text: str, language: str) -> _Negative:
    english = _pivot(corpus)
    return _Negative(text, (None if english is None else corpus.passage.text(row, english)) or text, language)


def crop(text: str, answer: str, tokens: int, language: str, sentences: Sentences, generator: random.Random) -> str:
    """Whole sentences around the answer, with at least `tokens` tokens (estimated) if the text is long enough.

    Args:
        text: the passage.
        answer: a substring of it; a text without it is returned whole.
        tokens: the width to reach; 0 is the answer's sentence alone.
        language: the passage's language.
        sentences: returns spans of sentences.
        generator: draws the side on which the window grows.
    """
    found = text.find(answer)
    if found < 0:
        return text
    spans = sentences(text, language)
    first = next((index for index, (_, end) in enumerate(spans) if found < end), None)
    if first is None:
        return text
    last = next((index for index, (_, end) in enumerate(spans) if found + len(answer) <= end), first)
    wanted = tokens * (_DENSE_CHARACTERS if language in _DENSE else _CHARACTERS)
    while spans[last][1] - spans[first][0] < wanted:
        sides = [side for side, possible in ((-1, first > 0), (1, last + 1 < len(spans))) if possible]
        if not sides:
            break
        if generator.choice(sides) < 0:
            first -= 1
        else:
            last += 1
    return text[spans[first][0] : spans[last][1]].strip()


def _pivot(corpus: Corpus) -> int | None:
    """The index of the teacher's language; None if no row has it."""
    return corpus.language(PIVOT) if PIVOT in corpus.languages else None


def _text(corpus: Corpus, side: str, row: int, language: str) -> str:
    column = corpus.question if side == "question" else corpus.passage
    text = column.text(row, corpus.language(language))
    assert text is not None, f"row {row} of {corpus.name} has no {side} in {language}"
    return text


def _joined(parts: Sequence[str], language: str) -> str:
    return ("" if language in _UNSPACED else " ").join(parts)
