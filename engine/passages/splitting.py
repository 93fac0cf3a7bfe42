"""Cuts documents into passages: whole sentences, limited in tokens, with offsets and the headings above them."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..documents import Document, Heading
from ..languages import UNDETERMINED, detect
from .sentence_ends import joined, sentences, trimmed
from .stretches import Piece, Stretch, after_heading, stretches, under

__all__ = ["LIMIT", "OVERLAP", "CountTokens", "Span", "paragraphs", "sentences", "split", "split_pieces"]

CountTokens = Callable[[Sequence[str]], list[int]]
# A sentence of a stretch, or a piece of a very long one: start, end, number of its paragraph and of its block.
Sentence = tuple[int, int, int, int]

LIMIT = 160
OVERLAP = 24

# A run of spaces is matched only from its start: from each of its places, a million spaces would take hours.
_PARAGRAPH_END = re.compile(r"(?<![ \t\u3000])[ \t\u3000]*+(?:\n[ \t\u3000]*+(?:\n[ \t\u3000]*+)+|\f\s*+)")
# Marks at which a sentence that is too long is split, best first.
_PARTING = (re.compile(r"(?:[;:,·\u037e](?=\s)|[；：،؛、，–—])\s*|\n"), re.compile(r"\s+|[\u200b\u0f0b]"))
_SURE = 0.8
_LETTERS_TO_TELL = 40


@dataclass(frozen=True)
class Span:
    """A passage: `text[start:end]` of its document, and the headings it is under, joined by " › "."""

    start: int
    end: int
    heading: str


@dataclass(frozen=True)
class Parted:
    """A stretch of a document from offset `start`, and its sentences, in order.

    A passage is within one block, whose headings are its entry of `headings`. If it is `cut`, these are no sentences
    but its passages, which may overlap.
    """

    start: int
    text: str
    headings: Sequence[str]
    sentences: Sequence[Sentence]
    cut: bool = False


@dataclass(frozen=True)
class _Unit:
    """A sentence, or a piece of one that is too long; `cost`: its tokens, without prompt and special tokens."""

    start: int
    end: int
    cost: int
    paragraph: int


def split(document: Document, count_tokens: CountTokens, *, limit: int = LIMIT, overlap: int = OVERLAP) -> list[Span]:
    """The passages of a document, in order; they contain every character that is not white space or a heading.

    Args:
        document: its text and headings.
        count_tokens: tokens of each text as the encoder counts them, prompt and special tokens included.
        limit: the most tokens of a passage by that count. A single character that counts more is a passage alone.
        overlap: the last sentences of a passage, up to so many tokens, are repeated in the next one.

    A passage ends at a paragraph's end if that wastes little, else at a sentence's end; sentences longer than the limit
    are split at commas, else spaces, else between characters that do not combine. Passages never cross a heading, a
    change of language, or the end of a stretch of a long text.

    """
    pieces = [(document.text, document.headings)]
    return [span for span, _ in split_pieces(pieces, count_tokens, limit=limit, overlap=overlap)]


def split_pieces(
    pieces: Iterable[Piece], count_tokens: CountTokens, *, limit: int = LIMIT, overlap: int = OVERLAP
) -> Iterator[tuple[Span, str]]:
    """Like `split`, for a document in pieces: each passage with its text. Only one stretch is in memory."""
    return packed(parted(pieces, limit), count_tokens, limit=limit, overlap=overlap)


def parted(
    pieces: Iterable[Piece], limit: int, left_out: Container[str] = (), running: Sequence[tuple[int, int]] = ()
) -> Iterator[Parted]:
    """The stretches of a document with their sentences: most of the work of cutting, without an encoder.

    Paragraphs in `left_out` and the places `running`, in order, are in no passage, unless a stretch has no other text.
    """
    for stretch in stretches(pieces):
        sections = list(_sections(stretch))
        found = _parted(stretch, sections, limit, left_out, _within(running, stretch))
        yield found if found.sentences else _parted(stretch, sections, limit, (), ())


def packed(
    stretches: Iterable[Parted], count_tokens: CountTokens, *, limit: int = LIMIT, overlap: int = OVERLAP
) -> Iterator[tuple[Span, str]]:
    """The passages, each with its text, of a document from `parted` or `cut` with the same limit."""
    for stretch in cut(stretches, count_tokens, limit=limit, overlap=overlap):
        for first, last, _, block in stretch.sentences:
            span = Span(first + stretch.start, last + stretch.start, stretch.headings[block])
            yield span, stretch.text[first:last]


def cut(
    stretches: Iterable[Parted], count_tokens: CountTokens, *, limit: int = LIMIT, overlap: int = OVERLAP
) -> Iterator[Parted]:
    """The stretches from `parted`, with passages instead of sentences; those that are cut already stay as they are."""
    overhead: int | None = None
    for stretch in stretches:
        if stretch.cut:
            yield stretch
            continue
        if overhead is None and stretch.text.strip():
            overhead = count_tokens([""])[0]
        found: list[Span] = []
        for block in _blocks(stretch, count_tokens, limit, overhead or 0):
            found += _pack(block.units, block.heading, limit - (overhead or 0), overlap)
        headings: list[str] = []
        passages: list[Sentence] = []
        for span in _shortened(stretch.text, found, count_tokens, limit, overhead or 0):
            if not headings or span.heading != headings[-1]:
                headings.append(span.heading)
            passages.append((span.start, span.end, 0, len(headings) - 1))
        yield Parted(stretch.start, stretch.text, headings, passages, cut=True)


def paragraphs(pieces: Iterable[Piece]) -> Iterator[str]:
    """The paragraphs of a document, without its headings."""
    for stretch in stretches(pieces):
        for start, end, _ in _sections(stretch):
            yield from (stretch.text[first:last] for first, last in _paragraphs(stretch.text, start, end))


def _within(places: Sequence[tuple[int, int]], stretch: Stretch) -> list[tuple[int, int]]:
    """The places within a stretch, relative to its start."""
    length = len(stretch.text)
    found = ((start - stretch.start, end - stretch.start) for start, end in places)
    return [(max(0, start), min(end, length)) for start, end in found if start < length and end > 0]


def _around(start: int, end: int, away: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of a range of text outside some places in it."""
    for first, last in away:
        if start < last and first < end:
            yield start, max(start, first)
            start = min(last, end)
    yield start, end


def _sections(stretch: Stretch) -> Iterator[tuple[int, int, str]]:
    """(start, end, headings joined) of the text under each heading, without the headings.

    A heading without text or lower headings under it is a section that consists of its own words.
    """
    text, headings, above = stretch.text, stretch.headings, stretch.above
    first = headings[0].start if headings else len(text)
    if text[:first].strip():
        yield 0, first, _joined_titles(above)
    for index, heading in enumerate(headings):
        above = under(above, heading)
        end = headings[index + 1].start if index + 1 < len(headings) else len(text)
        start = min(after_heading(text, heading), end)
        if text[start:end].strip():
            yield start, end, _joined_titles(above)
        elif index + 1 == len(headings) or headings[index + 1].level <= heading.level:
            yield heading.start, end, _joined_titles(above[:-1])


def _joined_titles(headings: Sequence[Heading]) -> str:
    return " › ".join(each.title for each in headings)


@dataclass
class _Block:
    """Units of one section and one language, which may share passages."""

    heading: str
    units: list[_Unit]


def _parted(
    stretch: Stretch,
    sections: list[tuple[int, int, str]],
    limit: int,
    left_out: Container[str],
    away: Sequence[tuple[int, int]],
) -> Parted:
    text = stretch.text
    raw: list[Sentence] = []
    headings: list[str] = []
    paragraph = 0
    for start, end, heading in sections:
        language = ""
        headings.append(heading)
        for first, last in _paragraphs_around(text, start, end, away):
            paragraph += 1
            if first == last:
                # A passage is contiguous, so the text after a line that is left out starts another one.
                headings.append(heading)
                continue
            if left_out and text[first:last] in left_out:
                # A passage is contiguous, so the text after this paragraph starts another one.
                headings.append(heading)
                continue
            told = _language_of(text[first:last])
            if told and language and told != language:
                headings.append(heading)
            language = told or language
            block = len(headings) - 1
            for sentence in _sentences_of(text, first, last, language):
                raw += [(*piece, paragraph, block) for piece in _rough(text, *sentence, 8 * limit)]
    return Parted(stretch.start, text, headings, raw)


def _blocks(stretch: Parted, count_tokens: CountTokens, limit: int, overhead: int) -> list[_Block]:
    """Sentences as units with their costs, counted in one call, since a stretch is of limited length."""
    text = stretch.text
    counts = _counted(count_tokens, [text[start:end] for start, end, _, _ in stretch.sentences], overhead)
    blocks = [_Block(heading, []) for heading in stretch.headings]
    for (start, end, number, block), cost in zip(stretch.sentences, counts, strict=True):
        blocks[block].units.append(_Unit(start, end, cost, number))
    return _cut_long(text, [block for block in blocks if block.units], count_tokens, limit - overhead, overhead)


def _counted(count_tokens: CountTokens, texts: list[str], overhead: int) -> list[int]:
    """Tokens of each text alone, but at least a twelfth of its characters.

    Some tokenizers turn a word of any length into one unknown token.
    """
    counts = count_tokens(texts) if texts else []
    return [max(1, len(text) // 12, count - overhead) for text, count in zip(texts, counts, strict=True)]


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position = start
    for match in _PARAGRAPH_END.finditer(text, start, end):
        span = trimmed(text, position, match.start())
        if span[0] < span[1]:
            yield span
        position = match.end()
    span = trimmed(text, position, end)
    if span[0] < span[1]:
        yield span


def _paragraphs_around(text: str, start: int, end: int, away: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The paragraphs without the places `away`, each of which gives an empty one."""
    for number, (first, last) in enumerate(_around(start, end, away)):
        if number:
            yield first, first
        yield from _paragraphs(text, first, last)


def _language_of(paragraph: str) -> str:
    """The language of a paragraph if it is long enough and clear, else ""."""
    letters = 0
    for character in paragraph[:400]:
        letters += character.isalpha() * (3 if character > "\u0900" else 1)
        if letters >= _LETTERS_TO_TELL:
            break
    else:
        return ""
    told = detect(paragraph[:400])
    return told.code if told.confidence >= _SURE and told.code != UNDETERMINED else ""


def _sentences_of(text: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    return [(start + first, start + last) for first, last in sentences(text[start:end], language or "en")]


def _rough(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Split a sentence into pieces of at most `longest` characters, before counting tokens.

    So no tokenizer gets a text of a million characters, and none counts a huge word as one token.
    """
    while end - start > longest:
        cut = _best_cut(text, start, end, start + longest * 3 // 4, longest // 4)
        yield trimmed(text, start, cut)
        start, _ = trimmed(text, cut, end)
    if start < end:
        yield start, end


def _best_cut(text: str, start: int, end: int, wanted: int, slack: int) -> int:
    """A place to split text[start:end] near `wanted`: after a comma, else after a space, else between characters."""
    low, high = max(start + 1, wanted - slack), min(end - 1, wanted + slack)
    for marks in _PARTING:
        places = [match.end() for match in marks.finditer(text, low, high) if match.end() < end]
        if places:
            return min(places, key=lambda place: abs(place - wanted))
    place = max(start + 1, min(wanted, end - 1))
    for step in range(min(slack, 16)):
        if place + step < end and not joined(text, place + step):
            return place + step
    return place


def _cut_long(text: str, blocks: list[_Block], count_tokens: CountTokens, room: int, overhead: int) -> list[_Block]:
    """Split units with too many tokens until they fit; each round counts all pieces in one call."""
    while True:
        cuts: dict[_Unit, list[tuple[int, int]]] = {}
        for block in blocks:
            for unit in block.units:
                if unit.cost > room and unit.end - unit.start > 1:
                    cuts[unit] = _pieces(text, unit, room)
        if not cuts:
            return blocks
        flat = [piece for pieces in cuts.values() for piece in pieces]
        costs = iter(_counted(count_tokens, [text[start:end] for start, end in flat], overhead))
        made = {
            unit: [_Unit(start, end, next(costs), unit.paragraph) for start, end in pieces]
            for unit, pieces in cuts.items()
        }
        for block in blocks:
            block.units = [part for unit in block.units for part in made.get(unit, [unit])]


def _pieces(text: str, unit: _Unit, room: int) -> list[tuple[int, int]]:
    number = max(2, -(-unit.cost * 10 // max(1, room * 9)))
    start, end = unit.start, unit.end
    size = max(1, (end - start) // number)
    pieces: list[tuple[int, int]] = []
    while end - start > size * 3 // 2 and end - start > 1:
        cut = _best_cut(text, start, end, start + size, max(1, size // 4))
        first, last = trimmed(text, start, cut)
        if first < last:
            pieces.append((first, last))
        start, _ = trimmed(text, cut, end)
    if start < end:
        pieces.append((start, end))
    return pieces


def _pack(units: list[_Unit], heading: str, room: int, overlap: int) -> list[Span]:
    """Pack units into passages of at most `room` tokens, repeating the last units of a passage in the next."""
    spans: list[Span] = []
    held: list[_Unit] = []
    cost = 0
    rest_of: dict[int, int] = {}
    for unit in units:
        rest_of[unit.paragraph] = rest_of.get(unit.paragraph, 0) + unit.cost
    fresh = False
    for unit in units:
        begins = not held or held[-1].paragraph != unit.paragraph
        # A paragraph that fits into one passage but not into the rest of this one starts the next.
        whole = begins and room // 2 <= cost and cost + rest_of[unit.paragraph] > room >= rest_of[unit.paragraph]
        if held and fresh and (cost + unit.cost > room or whole):
            spans.append(Span(held[0].start, held[-1].end, heading))
            held = _tail(held, overlap, room - (rest_of[unit.paragraph] if whole else unit.cost))
            cost, fresh = sum(each.cost for each in held), False
        held.append(unit)
        cost, fresh = cost + unit.cost, True
    if held and fresh:
        spans.append(Span(held[0].start, held[-1].end, heading))
    return spans


def _tail(held: list[_Unit], overlap: int, room: int) -> list[_Unit]:
    tail: list[_Unit] = []
    total = 0
    for unit in reversed(held[1:]):
        total += unit.cost
        if total > min(overlap, room):
            break
        tail.insert(0, unit)
    return tail


def _shortened(text: str, spans: list[Span], count_tokens: CountTokens, limit: int, overhead: int) -> list[Span]:
    """Split passages again that have more tokens as a whole than their sentences have in sum."""
    done: dict[Span, list[Span]] = {}
    waiting = {span: [span] for span in spans}
    while waiting:
        flat = [part for parts in waiting.values() for part in parts]
        counts = iter(count_tokens([text[part.start : part.end] for part in flat]))
        again: dict[Span, list[Span]] = {}
        for span, parts in waiting.items():
            cut: list[Span] = []
            for part in parts:
                count = next(counts)
                if count <= limit or part.end - part.start <= 1:
                    cut.append(part)
                    continue
                unit = _Unit(part.start, part.end, count - overhead, 0)
                cut += [replace(part, start=start, end=end) for start, end in _pieces(text, unit, limit - overhead)]
            (done if cut == parts else again)[span] = cut
        waiting = again
    return [part for span in spans for part in done[span]]
