"""Passages are whole sentences, bounded in tokens, and exactly where their offsets say."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hybrid_search.engine.documents import Document, Heading, read
from hybrid_search.engine.passages.sentence_ends import joined
from hybrid_search.engine.passages.splitting import Span, sentences, split
from hypothesis import given, settings
from hypothesis import strategies as st


def count(texts):
    """A tokenizer one can do in one's head: each run of ASCII letters and each other sign is one, and two are added."""
    return [len(re.findall(r"[A-Za-z]+|[^\sA-Za-z]", text)) + 2 for text in texts]


def document(text: str, headings: tuple[Heading, ...] = ()) -> Document:
    return Document(Path("x"), "", "x", text, headings)


def passages(text: str, **options) -> list[str]:
    return [text[span.start : span.end] for span in split(document(text), count, **options)]


def test_a_short_text_is_one_passage_without_the_space_around_it():
    assert passages("  Bread is made of flour. Water too.\n\n") == ["Bread is made of flour. Water too."]


def test_nothing_gives_nothing():
    assert passages("") == passages(" \n\n\t") == []


def test_passages_end_at_sentences_and_repeat_the_last_one():
    text = "One two three four. Five six seven eight. Nine ten eleven twelve. Last words are here."
    assert passages(text, limit=13, overlap=0) == [
        "One two three four. Five six seven eight.",
        "Nine ten eleven twelve. Last words are here.",
    ]
    assert passages(text, limit=13, overlap=5) == [
        "One two three four. Five six seven eight.",
        "Five six seven eight. Nine ten eleven twelve.",
        "Nine ten eleven twelve. Last words are here.",
    ]


def test_a_paragraph_that_fits_a_passage_is_not_torn_to_fill_the_one_before():
    first, second = "a b c d e f g h.", "i j k l. m n o p. q r s t."
    assert passages(f"{first}\n\n{second}", limit=20, overlap=0) == [first, second]


def test_abbreviations_end_no_sentence():
    text = "Das ist z. B. gut. Dr. Meier kam."
    assert [text[a:b] for a, b in sentences(text, "de")] == ["Das ist z. B. gut.", "Dr. Meier kam."]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("パンは小麦粉から作る。「そうですか？」と彼は言った。水も要る。", 4),
        ("面包用面粉做。水也要！为什么？因为。", 4),
        ("यह रोटी है। वह पानी है॥ क्या? हाँ।", 4),
        ("هذا خبز. هل هذا ماء؟ نعم!", 3),
        ("یہ روٹی ہے۔ وہ پانی ہے۔", 2),
        ("Αυτό είναι ψωμί. Τι είναι αυτό; Νερό.", 2),
        ("ሰላም። እንዴት ነህ።", 2),
        ("ខ្ញុំទៅផ្សារ។ ខ្ញុំទិញនំប៉័ង។", 2),
        ("Это хлеб. Это вода! Что?", 3),
        ("이것은 빵이다. 이것은 물이다.", 2),
    ],
)
def test_sentences_end_in_every_script(text, number):
    spans = sentences(text)
    assert len(spans) >= number
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == text.replace(" ", "")


def test_long_thai_is_parted_at_spaces():
    text = " ".join(["ขนมปังทำจากแป้งสาลีและน้ำสะอาด"] * 20)
    spans = sentences(text, "th")
    assert len(spans) > 3
    assert all(40 < b - a < 240 and (b == len(text) or text[b] == " ") for a, b in spans)


def test_headings_are_context_and_not_text():
    text = "# Bread\n\nIntro.\n\n## Oven\nHot.\n\n## Flour\n\n# Water\nWet."
    levels = {"# Bread": 1, "## Oven": 2, "## Flour": 2, "# Water": 1}
    headings = tuple(Heading(text.index(line), level, line.strip("# ")) for line, level in levels.items())
    assert [(text[s.start : s.end], s.heading) for s in split(document(text, headings), count)] == [
        ("Intro.", "Bread"),
        ("Hot.", "Bread › Oven"),
        ("## Flour", "Bread"),
        ("Wet.", "Water"),
    ]


@pytest.mark.parametrize(
    "name, text", [("a.md", "Bread\n=====\n\nFlour.\n"), ("a.rst", "=====\nBread\n=====\n\nFlour.\n")]
)
def test_rules_around_headings_are_left_out(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    (each,) = read(tmp_path / name)
    assert [(each.text[s.start : s.end], s.heading) for s in split(each, count)] == [("Flour.", "Bread")]


def test_a_passage_does_not_run_on_into_another_language():
    german = "Das Brot wird aus Mehl, Wasser und Salz gebacken und schmeckt frisch am besten."
    english = "The bread is baked from flour, water and salt, and it tastes best when it is fresh."
    assert passages(f"{german}\n\n{english}") == [german, english]


@pytest.mark.parametrize("letters", ["a", "中文", "ขนมปัง", "👩‍👩‍👧", "é"])
def test_a_million_characters_without_a_space_are_split_in_seconds(letters):
    text = letters * (1_000_000 // len(letters))
    start = time.process_time()
    spans = split(document(text), lambda texts: [len(text) // 3 + 2 for text in texts])
    assert time.process_time() - start < 20
    assert spans[0].start == 0 and spans[-1].end == len(text)
    assert all(before.end >= after.start for before, after in pairwise(spans))
    assert max(span.end - span.start for span in spans) // 3 + 2 <= 160


@pytest.mark.parametrize("filling", [" ", "\n", " \n", "\t", ". ", "# ", "<", "…。", "-\n"])
def test_a_million_characters_of_nothing_much_take_no_longer(tmp_path, filling):
    text = "a" + filling * (1_000_000 // len(filling)) + "b"
    start = time.process_time()
    for name in ("a.txt", "a.md", "a.rst"):
        (tmp_path / name).write_text(text)
        (each,) = read(tmp_path / name)
    split(each, lambda texts: [len(text) // 3 + 2 for text in texts])
    assert time.process_time() - start < 60


def test_a_word_that_the_tokenizer_calls_one_token_is_split_all_the_same():
    assert len(split(document("x" * 100_000), lambda texts: [3] * len(texts))) > 10


def test_a_long_sentence_is_not_parted_inside_an_address_or_a_number():
    text = "see https://example.org/a and 1,000,000 more of it " * 20
    assert not any(piece.startswith(("//", "000")) for piece in passages(text, limit=30, overlap=0))


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("မြန်မာနိုင်ငံ", ["မြန်", "မာ", "နိုင်", "ငံ"]),
        ("မန္တလေး", ["မန္တ", "လေး"]),
        ("កម្ពុជា", ["ក", "ម្ពុ", "ជា"]),
        ("អាគ្នេយ៍", ["អា", "គ្នេយ៍"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
    ],
)
def test_words_of_scripts_without_spaces_are_never_cut_within_a_syllable(word, syllables):
    ends = [place for place in range(1, len(word)) if not joined(word, place)]
    assert [word[a:b] for a, b in zip([0, *ends], [*ends, len(word)], strict=True)] == syllables


def test_tibetan_without_spaces_is_cut_between_syllables():
    text = "བོད་ནི་མཐོ་སྒང་ཡིན་པར་" * 40
    spans = split(document(text), lambda texts: [len(each) for each in texts], limit=60, overlap=0)
    assert len(spans) > 10 and all(text[span.end - 1] == "་" for span in spans)


def test_signs_that_combine_stay_together():
    text = "กี่" * 400
    assert all(piece.endswith("่") for piece in passages(text, limit=50, overlap=0))


def test_a_text_that_counts_more_whole_than_in_parts_is_parted_again():
    def joined_cost(texts):
        return [len(text.split()) ** 2 + 1 if text.count(".") > 1 else len(text.split()) + 1 for text in texts]

    text = "One two three. " * 8
    spans = split(document(text), joined_cost, limit=20, overlap=0)
    assert max(joined_cost([text[s.start : s.end] for s in spans])) <= 20


TEXT = st.text(alphabet=st.sampled_from(list("ab .,!?\n\t中。ก่ا؟य़é'\"()-#1")), max_size=300)


@settings(max_examples=150, deadline=None)
@given(text=TEXT, limit=st.integers(4, 40), overlap=st.integers(0, 12))
def test_every_character_is_in_a_passage_and_no_passage_is_too_long(text, limit, overlap):
    spans = split(document(text), count, limit=limit, overlap=overlap)
    covered = set()
    for span in spans:
        piece = text[span.start : span.end]
        assert piece == piece.strip() != ""
        assert count([piece])[0] <= limit or len(piece) == 1
        covered.update(range(span.start, span.end))
    assert all(character.isspace() or place in covered for place, character in enumerate(text))
    assert spans == sorted(spans, key=lambda span: (span.start, span.end))
    assert len(spans) == len(set(spans))


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200))
def test_sentences_cover_any_text(text):
    spans = sentences(text, "en")
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


def test_spans_are_plain_values():
    assert Span(0, 1, "") == Span(0, 1, "")
