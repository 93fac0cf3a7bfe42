"""Rankings over a library: right scores, right order, filters before the top k, approximate as exact."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.errors import EncoderError, LibraryError, UnknownEncoder
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.search import exact

TEXTS = {
    "en/bread.md": "# Bread\n\nBread is baked from flour and water in an oven over a fire.",
    "en/moon.md": "# Moon\n\nThe moon rises behind the tree beside the old house tonight.",
    "de/bread.md": "# Brot\n\nDas Brot wird aus Mehl und Wasser im Ofen über dem Feuer gebacken.",
    "de/moon.md": "# Mond\n\nDer Mond geht hinter dem Baum neben dem alten Haus am Abend auf.",
    "ru/bread.md": "# Хлеб\n\nХлеб пекут из муки, нужна вода и жаркий огонь в большой печи.",
    "ja/bread.md": "# パン\n\nパンは小麦粉と水から作り、火で熱くした窯で焼きます。",
}


def write(root: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture
def library(tmp_path, keyword_encoder, biased_encoder):
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([write(tmp_path / "texts", TEXTS)], encoders=[keyword_encoder, biased_encoder])
        yield library


class PointEncoder:
    """Texts "p 17" to fixed random unit vectors; the query "p 17" is near that text."""

    name = "points"
    fingerprint = "points-1"
    dimension = 16
    max_tokens = 512

    def _encode(self, texts):
        return np.stack([self.vector(int(text.split()[1])) for text in texts]).astype(np.float32)

    def vector(self, number: int) -> np.ndarray:
        found = np.random.default_rng(number).normal(size=self.dimension)
        return found / np.linalg.norm(found)

    def encode_query(self, texts):
        return self._encode(texts)

    def encode_document(self, texts, progress=None):
        return self._encode(texts)

    def count_tokens(self, texts):
        return [3 for _ in texts]


LANGUAGES = ("aa", "bb", "cc")
COUNT = 600


@pytest.fixture
def points(tmp_path, monkeypatch):
    """A library large enough for the approximate index by a smaller limit; one language is rare."""
    from hybrid_search.engine.ingest import finishing
    from hybrid_search.engine.languages import Detected

    def told(text, candidates=None):
        number = int(text.split()[1])
        return Detected("cc" if number % 50 == 0 else LANGUAGES[number % 2], 1.0)

    monkeypatch.setattr(finishing, "detect", told)
    monkeypatch.setattr(exact, "EXACT_LIMIT", 100)
    rows = "\n".join(f"p {number}" for number in range(COUNT))
    (tmp_path / "rows.csv").write_text("text\n" + rows + "\np 7\np 7\n")
    with Library.open(tmp_path / "points", create=True) as library:
        library.index([tmp_path / "rows.csv"], encoders=[PointEncoder()], text_column="text")
        yield library


def test_scores_are_the_cosines_of_the_encoder(library, keyword_encoder):
    ranking = library.search("bread and water", encoder=keyword_encoder)
    query = keyword_encoder.encode_query(["bread and water"])[0]
    assert len(ranking.hits) == 6 and ranking.exact and ranking.searched == 6
    for hit in ranking.hits:
        own = keyword_encoder.encode_document([hit.passage.text])[0]
        assert hit.score == pytest.approx(float(own @ query), abs=1e-6)
    assert [hit.rank for hit in ranking.hits] == list(range(1, 7))
    assert [hit.score for hit in ranking.hits] == sorted((hit.score for hit in ranking.hits), reverse=True)
    assert {hit.passage.language for hit in ranking.hits[:4]} == {"en", "de", "ru", "ja"}


def test_a_passage_is_its_document_s_text_between_its_offsets(library, keyword_encoder):
    for hit in library.search("moon", encoder=keyword_encoder).hits:
        text = Path(hit.passage.path).read_text("utf-8")
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert hit.passage.title in text


def test_equal_scores_go_to_the_lower_id(library, keyword_encoder):
    hits = library.search("0123", encoder=keyword_encoder).hits
    for one, other in pairwise(hits):
        assert one.score > other.score or one.passage.id < other.passage.id


def test_k_is_taken_for_what_it_can_be(library, keyword_encoder):
    assert library.search("moon", encoder=keyword_encoder, k=0).hits == ()
    assert len(library.search("moon", encoder=keyword_encoder, k=2).hits) == 2
    assert len(library.search("moon", encoder=keyword_encoder, k=10_000).hits) == 6
    assert len(library.search("moon water", encoder="bm25", k=10_000).hits) == 2


def test_languages_are_filtered_before_the_top_k(library, biased_encoder):
    assert {hit.passage.language for hit in library.search("bread", encoder=biased_encoder, k=2).hits} == {"en", "de"}
    ranking = library.search("bread", encoder=biased_encoder, k=2, languages=["ru", "ja"])
    assert sorted(hit.passage.language for hit in ranking.hits) == ["ja", "ru"]
    assert ranking.searched == 2
    assert library.search("bread", encoder=biased_encoder, languages=["fr"]).hits == ()


def test_a_query_that_is_no_text_is_taken_for_what_it_can_be(library, keyword_encoder):
    assert library.search("moon \udcff \0", encoder=keyword_encoder).query == "moon ? \0"
    assert library.search("moon \udcff \0", encoder="bm25").hits


def test_search_by_words(library):
    ranking = library.search("Brot", encoder="bm25")
    assert [hit.passage.language for hit in ranking.hits] == ["de"]
    assert ranking.encoder == "bm25" and ranking.hits[0].score > 0 and ranking.searched == 6
    assert [hit.passage.language for hit in library.search("水", encoder="bm25").hits] in ([], ["ja"])
    assert library.search("小麦粉", encoder="bm25").hits[0].passage.language == "ja"
    assert library.search("Brot bread", encoder="bm25", languages=["en"]).hits[0].passage.language == "en"
    for query in ("", '"', "* OR NEAR(", "-"):
        assert library.search(query, encoder="bm25").hits == ()


def test_the_query_s_language_is_one_of_the_library_s(library, keyword_encoder):
    assert library.search("Wo ist der Mond heute?", encoder=keyword_encoder).query_language.code == "de"
    assert library.search("123", encoder=keyword_encoder).query_language.code == "und"


def test_a_library_without_passages_does_not_advise_to_encode_them(tmp_path, keyword_encoder):
    with (
        Library.open(tmp_path / "empty", create=True) as empty,
        pytest.raises(LibraryError, match="no passages yet") as told,
    ):
        empty.search("moon", encoder=keyword_encoder)
    assert "--encoder" not in told.value.hint


def test_an_encoder_without_vectors_says_what_to_do(library, keyword_encoder_type):
    with pytest.raises(LibraryError, match=r"no vectors of other; it has keyword, biased.*index DIR --encoder other"):
        library.search("moon", encoder=keyword_encoder_type("other"))
    with pytest.raises(LibraryError, match="has changed"):
        library.search("moon", encoder=keyword_encoder_type("keyword", bias=0.3))
    with pytest.raises(UnknownEncoder, match="no encoder 'keyword'"):
        library.search("moon", encoder="keyword")


def test_an_encoder_that_gives_nonsense_is_named(library, keyword_encoder):
    keyword_encoder.encode_query = lambda texts: np.full((1, keyword_encoder.dimension), np.nan, np.float32)
    with pytest.raises(EncoderError, match="keyword"):
        library.search("moon", encoder=keyword_encoder)


def test_ranks_are_those_of_the_whole_ranking(library, keyword_encoder):
    hits = library.search("bread", encoder=keyword_encoder, k=100).hits
    ids = [hit.passage.id for hit in hits]
    assert library.ranks("bread", keyword_encoder, [*reversed(ids), 999]) == {hit.passage.id: hit.rank for hit in hits}


def test_vectors_of_all_passages(library, keyword_encoder):
    ids, vectors = library.vectors(keyword_encoder)
    assert ids.dtype == np.int64 and vectors.shape == (6, keyword_encoder.dimension) and vectors.dtype == np.float32
    for number, vector in zip(ids.tolist(), vectors, strict=True):
        expected = keyword_encoder.encode_document([library.passage(number).text])[0]
        np.testing.assert_array_equal(vector, expected)
    assert library.languages_of(ids) == [library.passage(number).language for number in ids.tolist()]


def test_compare_shows_bias(library, keyword_encoder, biased_encoder):
    found = library.compare("bread water fire", encoders=[keyword_encoder, biased_encoder, "bm25"], k=2)
    assert list(found.rankings) == ["keyword", "biased", "bm25"]
    assert found.query_language.code == "en"
    assert found.library_share == pytest.approx(1 / 3)
    assert found.same_language_share["biased"] >= found.same_language_share["keyword"]
    with pytest.raises(LibraryError, match="nothing to compare"):
        library.compare("bread", encoders=[])


def plain(query: str, languages: tuple[str, ...] = ()) -> list[tuple[int, float]]:
    """The ranking of the points by the plainest means."""
    encoder = PointEncoder()
    numbers = [*range(COUNT), 7, 7]
    scored = [
        (sum(a * b for a, b in zip(encoder.vector(n), encoder.vector(int(query.split()[1])), strict=True)), n)
        for n in numbers
    ]
    kept = [(score, n) for score, n in scored if not languages or told_language(n) in languages]
    return [(n, score) for score, n in sorted(kept, key=lambda pair: -pair[0])]


def told_language(number: int) -> str:
    return "cc" if number % 50 == 0 else LANGUAGES[number % 2]


@pytest.mark.parametrize("languages", [(), ("aa",), ("cc",), ("aa", "bb"), ("bb", "cc")])
@pytest.mark.parametrize("complete", [True, False])
def test_exact_approximate_and_filtered_search_equal_the_plain_one(points, languages, complete):
    encoder = PointEncoder()
    chance = random.Random(repr(languages))
    for query in [f"p {chance.randrange(COUNT)}" for _ in range(8)]:
        ranking = points.search(query, encoder=encoder, k=12, languages=languages, exact=complete)
        expected = plain(query, languages)
        assert ranking.exact == (complete or languages == ("cc",))
        assert ranking.searched == len(expected)
        found = [(int(hit.passage.text.split()[1]), hit.score) for hit in ranking.hits]
        assert [n for n, _ in found] == [n for n, _ in expected[:12]]
        assert all(math.isclose(s, t, abs_tol=1e-6) for (_, s), (_, t) in zip(found, expected, strict=False))


def test_identical_texts_are_each_a_hit_and_were_encoded_once(points):
    hits = points.search("p 7", encoder=PointEncoder(), k=3).hits
    assert [hit.passage.text for hit in hits] == ["p 7"] * 3
    assert len({hit.passage.id for hit in hits}) == 3
    assert [hit.passage.part for hit in hits] == ["row 8", "row 601", "row 602"]


def test_a_filter_finds_k_wherever_k_exist(points):
    for k in (1, 5, 12, 13, 100):
        hits = points.search("p 1", encoder=PointEncoder(), k=k, languages=["cc"]).hits
        assert len(hits) == min(k, 12)


def test_ranks_in_a_large_library(points):
    encoder = PointEncoder()
    expected = plain("p 3")
    hits = points.search("p 3", encoder=encoder, k=COUNT + 2, exact=True).hits
    assert [int(hit.passage.text.split()[1]) for hit in hits] == [n for n, _ in expected]
    some = [hits[place].passage.id for place in (0, 10, 300, COUNT + 1)]
    assert points.ranks("p 3", encoder, some) == {
        number: place + 1 for number, place in zip(some, (0, 10, 300, COUNT + 1), strict=True)
    }


def test_precise_scores_do_not_depend_on_the_rows_beside():
    rows = np.random.default_rng(1).normal(size=(50, 33)).astype(np.float32)
    query = rows[3]
    whole = exact.precise(rows, query)
    for place in range(50):
        assert exact.precise(rows[place : place + 1], query)[0] == whole[place]


def test_small_libraries_are_searched_without_heavy_imports(tmp_path, library):
    import subprocess
    import sys

    code = (
        "import sys\nfrom hybrid_search.engine.library.library import Library\n"
        f"with Library.open({str(library.path)!r}, readonly=True) as library:\n"
        "    assert library.search('bread', encoder='bm25').hits\n"
        "heavy = {'hnswlib', 'sqlite_utils', 'pandas', 'sentencex', 'pypdf', 'pathspec', 'torch', 'onnxruntime'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr


def found_by_words(library: Library, query: str, **others) -> list[str]:
    ranking = library.search(query, encoder="bm25", **others)
    return ["/".join(Path(hit.passage.path).parts[-2:]) for hit in ranking.hits]


@pytest.mark.parametrize("k", [2**31, 2**63, 10**30])
def test_k_of_any_size_is_as_many_as_there_are(library, keyword_encoder, k):
    assert len(library.search("moon", encoder=keyword_encoder, k=k).hits) == 6
    assert len(library.search("moon water", encoder="bm25", k=k).hits) == 2


@pytest.mark.parametrize("k", [2**31, 2**63])
def test_k_of_any_size_through_the_approximate_index(points, k):
    assert len(points.search("p 7", encoder=PointEncoder(), k=k).hits) == COUNT + 2


def test_a_phrase_in_quotes_stands_in_every_passage_that_is_found(library):
    assert found_by_words(library, "flour and water") != found_by_words(library, '"water and flour"') == []
    assert found_by_words(library, '"Flour and WATER"') == ["en/bread.md"]
    assert found_by_words(library, '"flour and water') == found_by_words(library, "flour and water")
    assert found_by_words(library, "「小麦粉と水」 bread", k=1) == ["ja/bread.md"]
    assert found_by_words(library, '"baked from" „flour and water“', languages=["de"]) == []


def test_a_language_may_be_asked_for_with_its_region_script_or_another_code(library):
    for tag in ("de-CH", "de_DE", "deu", "DE"):
        assert set(found_by_words(library, "Brot Mond bread", languages=[tag])) == {"de/bread.md", "de/moon.md"}
    assert found_by_words(library, "Brot", languages=["fr"]) == []
    comparison = library.compare("Wie wird das Brot im Ofen gebacken?", encoders=["bm25"], languages=["de-AT"])
    assert comparison.library_share == 1.0


def test_a_question_in_a_language_that_the_library_does_not_have_is_in_that_language(library, keyword_encoder):
    comparison = library.compare("¿Cuánto tiempo tiene que fermentar la masa?", encoders=[keyword_encoder])
    assert comparison.query_language.code == "es"
    assert comparison.library_share == comparison.same_language_share["keyword"] == 0.0
    assert library.search("Как понять, что хлеб готов?", encoder=keyword_encoder).query_language.code == "ru"
    assert library.search("?", encoder=keyword_encoder).query_language.code == "und"
