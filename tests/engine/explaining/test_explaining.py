"""A score told apart: parts sum to it, sentences and tokens to parts; the slider's ends are what search gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders.shares import TellsTokens
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.explaining.alignment import align
from hybrid_search.engine.explaining.explaining import Explaining
from hybrid_search.engine.explaining.parts import LanguageSpace
from hybrid_search.engine.explaining.shares import sentence_at, shares
from hybrid_search.engine.explaining.slide import STEPS, Slide
from hybrid_search.engine.library.library import Library

WORDS = {
    "en": ("bread", "moon", "tree", "water", "fire"),
    "ru": ("хлеб", "луна", "дерево", "вода", "огонь"),
    "th": ("ขนมปัง", "ดวงจันทร์", "ต้นไม้", "น้ำ", "ไฟ"),
}
TEXTS = {
    "en": "The {0} is here. It is old and it is known to all people. Nobody says {0} twice a day.",
    "ru": "Здесь есть {0}. Это старое слово известно всем людям. Никто не говорит {0} дважды в день.",
    "th": "ที่นี่มี{0} มันเก่าแก่และเป็นที่รู้จักของทุกคน ไม่มีใครพูดว่า{0}วันละสองครั้ง",
}


def write(folder: Path, languages: tuple[str, ...] = tuple(WORDS)) -> Path:
    for code in languages:
        for number in range(10):
            path = folder / code / f"{number}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            words = WORDS[code]
            extra = " ".join([words[(number + 1) % 5]] * (number // 5))
            path.write_text(TEXTS[code].format(words[number % 5]) + f" {extra}.\n", "utf-8")
    return folder


@pytest.fixture
def library(tmp_path, biased_encoder, keyword_encoder):
    with Library.open(tmp_path / "library", create=True) as opened:
        opened.index([write(tmp_path / "texts")], encoders=[biased_encoder, keyword_encoder])
        yield opened


def number_of(library: Library, path: str) -> int:
    every = library.passages(library._searcher.roster().ids.tolist())
    return next(each.id for each in every if each.path.endswith(path))


def test_the_parts_of_a_score_sum_to_it_and_language_is_what_makes_an_encoder_biased(
    library, biased_encoder, keyword_encoder
):
    found = {}
    for encoder in (biased_encoder, keyword_encoder):
        number = number_of(library, "en/1.md")
        explained = Explaining(library).explain("moon", encoder, number)
        score = next(
            hit.score for hit in library.search("moon", encoder=encoder, k=50).hits if hit.passage.id == number
        )
        assert explained.parts.cosine == pytest.approx(score, abs=1e-6)
        assert explained.known and explained.searched == 30
        found[encoder.name] = explained.parts.language
    assert found["biased"] > 0.3 > 0.05 > abs(found["keyword"])


def test_in_another_language_the_same_words_lose_the_part_that_is_language(library, biased_encoder):
    explaining = Explaining(library)
    own = explaining.explain("moon", biased_encoder, number_of(library, "en/1.md")).parts
    other = explaining.explain("moon", biased_encoder, number_of(library, "ru/1.md")).parts
    assert own.language > 0 > other.language and own.meaning == pytest.approx(other.meaning, abs=0.05)


@pytest.mark.parametrize("languages", [(), ("ru",), ("en", "th")])
@pytest.mark.parametrize("query", ["moon", "хлеб и вода", "ไฟ"])
def test_the_ends_of_the_slide_are_what_search_gives(library, biased_encoder, query, languages):
    explaining = Explaining(library)
    for strength in (0, 1):
        hits = library.search(
            query, encoder=biased_encoder, k=30, languages=languages, neutral=bool(strength), exact=True
        ).hits
        ranked = explaining.ranked(query, biased_encoder, strength, 30, languages=languages)
        assert [number for number, _ in ranked] == [hit.passage.id for hit in hits]
        assert [score for _, score in ranked] == pytest.approx([hit.score for hit in hits], abs=1e-5)


def test_the_ranks_along_the_slide_are_those_of_its_rankings(library, biased_encoder):
    number = number_of(library, "ru/1.md")
    explaining = Explaining(library)
    explained = explaining.explain("moon", biased_encoder, number)
    for step, rank in zip(STEPS, explained.ranks, strict=True):
        ranked = [each for each, _ in explaining.ranked("moon", biased_encoder, step, 30)]
        assert ranked.index(number) + 1 == rank
    assert explained.ranks[0] > explained.ranks[-1], "without language, the Russian moon is nearer"


def test_a_filter_leaves_a_passage_without_rank(library, biased_encoder):
    number = number_of(library, "ru/1.md")
    explained = Explaining(library).explain("moon", biased_encoder, number, languages=["en"])
    assert set(explained.ranks) == {None} and explained.searched == 10


def test_of_one_language_nothing_is_told_about_language(tmp_path, biased_encoder):
    with Library.open(tmp_path / "one", create=True) as opened:
        opened.index([write(tmp_path / "texts", ("en",))], encoders=[biased_encoder])
        explained = Explaining(opened).explain("moon", biased_encoder, number_of(opened, "en/1.md"))
        assert not explained.known and explained.parts.language == pytest.approx(0, abs=1e-9)


def test_new_passages_are_explained_without_opening_the_library_again(library, biased_encoder, tmp_path):
    explaining = Explaining(library)
    explaining.explain("moon", biased_encoder, number_of(library, "en/1.md"))
    (tmp_path / "texts" / "en" / "new.md").write_text("The moon, the moon and the moon again.", "utf-8")
    library.index([tmp_path / "texts"], encoders=[biased_encoder])
    number = number_of(library, "en/new.md")
    explained = explaining.explain("moon", biased_encoder, number)
    assert explained.ranks[0] == library.ranks("moon", biased_encoder, [number])[number] and explained.searched == 31


def test_a_passage_that_is_gone_and_an_encoder_without_vectors_are_named(library, biased_encoder, keyword_encoder_type):
    with pytest.raises(LibraryError, match="no passage 999"):
        Explaining(library).explain("moon", biased_encoder, 999)
    with pytest.raises(LibraryError, match="no vectors of stranger"):
        Explaining(library).explain("moon", keyword_encoder_type("stranger", bias=1.0), 1)


def test_the_nearest_passage_of_each_language_says_the_same(library, keyword_encoder):
    slide = Explaining(library).slide(keyword_encoder)
    near = slide.nearest(number_of(library, "en/1.md"))
    titles = {code: library.passage(number).path.rsplit("/", 1)[1] for code, (number, _) in near.items()}
    assert set(titles) == {"ru", "th"} and set(titles.values()) <= {"1.md", "6.md"}
    assert slide.nearest(12345) == {}


def test_an_encoder_that_tells_no_tokens_apart_tells_what_each_sentence_costs(keyword_encoder):
    text = "The bread is old. Nobody says a word. The moon is full."
    targets = keyword_encoder.encode_query(["moon"])
    found = shares(keyword_encoder, text, "en", targets)
    assert not found.exact and not found.tokens and len(found.sentences) == 3
    assert int(np.argmax(found.by_sentence[:, 0])) == 2 and found.by_sentence[0, 0] < found.by_sentence[2, 0]
    whole = keyword_encoder.encode_document([text]) @ targets.T
    assert found.by_sentence.sum() + found.rest.sum() == pytest.approx(float(whole[0, 0]), abs=1e-6)


@pytest.mark.slow
@pytest.mark.usefixtures("used_before")
@pytest.mark.parametrize("name", ["base", "mono", "hybrid"])
@pytest.mark.parametrize(
    "text",
    [
        "A starter is fed daily. It doubles in four hours.",
        "पानी साफ़ होना चाहिए। उसे उबालें।",
        "パンは一晩かけて膨らみます。👩‍👩‍👧 よいパンの皮は濃い色です。",
        "word " * 900,
        "",
    ],
)
def test_the_shares_of_a_bundled_encoder_sum_to_the_products(name, text):
    encoder = encoders.load(name, threads=1)
    assert isinstance(encoder, TellsTokens)
    targets = np.random.default_rng(0).normal(size=(3, encoder.dimension)).astype(np.float32)
    found = shares(encoder, text, "en", targets)
    whole = (encoder.encode_document([text]) @ targets.T)[0]
    assert found.exact
    assert found.by_sentence.sum(axis=0) + found.rest == pytest.approx(whole, abs=2e-4)
    assert all(0 <= start < end <= len(text) for start, end in found.tokens)


def test_a_token_belongs_to_the_sentence_of_its_last_character():
    spans = [(0, 10), (11, 20)]
    assert sentence_at(spans, 10, 13) == 1 and sentence_at(spans, 8, 10) == 0 and sentence_at(spans, 20, 22) is None


def vectors(*rows: tuple[float, ...]) -> np.ndarray:
    found = np.array(rows, dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


ONE, TWO, THREE, FOUR = (1, 0, 0, 0.1), (0, 1, 0, 0.1), (0, 0, 1, 0.1), (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((ONE, TWO, THREE), (ONE, TWO, THREE), [((0, 1), (0, 1)), ((1, 2), (1, 2)), ((2, 3), (2, 3))]),
        ((ONE, (1, 1, 0, 0.1), THREE), (ONE, ONE, TWO, THREE), None),
        ((ONE, TWO, THREE), (ONE, THREE), [((0, 1), (0, 1)), ((1, 2), (1, 1)), ((2, 3), (1, 2))]),
        ((ONE, THREE), (ONE, TWO, FOUR, THREE), None),
        ((ONE,), ((1, 0.2, 0, 0),), [((0, 1), (0, 1))]),
    ],
)
def test_sentences_are_paired_in_order(first, second, expected):
    pairs = align(vectors(*first), vectors(*second))
    assert [each for pair in pairs for each in range(*pair.first)] == list(range(len(first)))
    assert [each for pair in pairs for each in range(*pair.second)] == list(range(len(second)))
    if expected is not None:
        assert [(pair.first, pair.second) for pair in pairs] == expected


def test_a_sentence_that_was_split_is_paired_with_both_halves():
    pairs = align(vectors(ONE, (0, 1, 1, 0.1), FOUR), vectors(ONE, TWO, THREE, FOUR))
    assert [(pair.first, pair.second) for pair in pairs] == [((0, 1), (0, 1)), ((1, 2), (1, 3)), ((2, 3), (3, 4))]


def test_a_text_beside_nothing_is_left_alone():
    assert [pair.second for pair in align(vectors(ONE, TWO), vectors(ONE)[:0])] == [(0, 0), (0, 0)]


def test_without_any_mean_everything_is_meaning():
    space = LanguageSpace.of({}, 3)
    parts = space.parts(np.array([1, 0, 0], dtype=np.float32), np.array([0.6, 0.8, 0], dtype=np.float32))
    assert parts.meaning == pytest.approx(0.6) and parts.shared == parts.language == 0


def test_a_slide_over_few_passages_a_language_moves_nothing(keyword_encoder):
    texts = ["bread", "moon", "хлеб"]
    found = Slide.of(np.array([1, 2, 3]), keyword_encoder.encode_document(texts), ["en", "en", "ru"])
    query = keyword_encoder.encode_query(["bread"])[0]
    assert found.best(query, "en", 0.0, 3) == found.best(query, "en", 1.0, 3)
