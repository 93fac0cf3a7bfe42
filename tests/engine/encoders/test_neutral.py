"""What a language adds to every vector is estimated and taken away."""

from __future__ import annotations

import numpy as np
import pytest
from hybrid_search import DataError, Neutraliser
from hybrid_search.engine.encoders import neutral
from hybrid_search.engine.encoders.neutral import named
from hybrid_search.engine.encoders.protocol import Encoder
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure.evaluation import neutralised
from hybrid_search.train.measure.protocol import measure_vectors

CODES = ("de", "en", "zh")


def biased(sentences: int = 30, shift: float = 1.2) -> tuple[np.ndarray, list[str]]:
    rng = np.random.default_rng(1)
    meaning = rng.normal(size=(sentences, 12))
    rows, codes = [], []
    for n in range(sentences):
        for c, code in enumerate(CODES):
            rows.append(np.concatenate([meaning[n] / 3, shift * np.eye(3)[c]]) + 0.02 * rng.normal(size=15))
            codes.append(code)
    vectors = np.array(rows)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), codes


def test_the_means_of_languages_are_gone_and_vectors_stay_unit():
    vectors, codes = biased()
    made = neutral.fit(vectors, codes).apply(vectors, codes)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert made.dtype == np.float32
    for code in CODES:
        own = np.array(codes) == code
        assert np.linalg.norm(made[own].mean(axis=0)) < 0.2 < np.linalg.norm(vectors[own].mean(axis=0))


def test_languages_with_few_passages_and_unknown_ones_lose_the_mean_of_all():
    vectors, codes = biased()
    codes = ["sw", *codes[1:]]
    made = neutral.fit(vectors, codes)
    assert "sw" not in made.means
    overall = np.mean(list(made.means.values()), axis=0)
    expected = vectors[0] - overall
    assert np.allclose(made.apply(vectors[:1], ["xx"])[0], expected / np.linalg.norm(expected), atol=1e-6)


def test_nothing_fitted_takes_nothing_away():
    vectors, _ = biased()
    made = neutral.fit(vectors[:4], ["de"] * 4)
    assert np.allclose(made.apply(vectors, ["de"] * len(vectors)), vectors, atol=1e-6)


def test_centring_cuts_the_rank_distance_of_a_biased_space():
    vectors, codes = biased()
    rng = np.random.default_rng(2)
    queries = vectors + 0.1 * rng.normal(size=vectors.shape).astype(np.float32)
    made = Benchmark(
        "biased",
        tuple(Query(str(row // 3), code, f"q{row}") for row, code in enumerate(codes)),
        tuple(Candidate(str(row), code, f"p{row}") for row, code in enumerate(codes)),
        tuple(tuple(3 * (row // 3) + c for c in range(3)) for row in range(len(codes))),
    )
    before = measure_vectors(made, queries, vectors).summary()
    after = measure_vectors(made, *neutralised(made, queries, vectors)).summary()
    assert after["rank_distance"] < before["rank_distance"] / 3
    assert after["multi"] > before["multi"]


def test_a_neutral_encoder_is_an_encoder_with_a_fingerprint_of_its_own(keyword_encoder):
    vectors, codes = keyword_encoder.encode_document(["bread", "хлеб"] * 10), ["en", "ru"] * 10
    fitted = neutral.fit(vectors, codes)
    wrapped = neutral.NeutralEncoder(keyword_encoder, fitted, lambda texts: ["en"] * len(texts))
    assert isinstance(wrapped, Encoder)
    assert wrapped.name == "keyword+neutral"
    assert wrapped.fingerprint.startswith(keyword_encoder.fingerprint)
    assert wrapped.fingerprint != keyword_encoder.fingerprint
    assert wrapped.dimension == keyword_encoder.dimension
    assert wrapped.count_tokens(["bread"]) == keyword_encoder.count_tokens(["bread"])
    raw = keyword_encoder.encode_query(["water"])
    assert np.allclose(wrapped.encode_query(["water"]), fitted.apply(raw, ["en"]))


def test_a_bias_by_script_is_taken_out_of_queries_and_passages(biased_encoder):
    languages = {"bread": "en", "water": "en", "хлеб": "ru", "вода": "ru"}
    texts = list(languages) * 4
    fitted = neutral.fit(biased_encoder.encode_document(texts), [languages[text] for text in texts])
    wrapped = neutral.NeutralEncoder(biased_encoder, fitted, lambda given: [languages[text] for text in given])
    query = wrapped.encode_query(["bread"])
    same, other = wrapped.encode_document(["water", "хлеб"])
    assert query @ other > query @ same
    plain = biased_encoder.encode_query(["bread"])
    assert plain @ biased_encoder.encode_document(["water"])[0] > plain @ biased_encoder.encode_document(["хлеб"])[0]


def test_a_cache_that_was_cut_off_is_made_again(home):
    made = neutral.fit(*biased())
    named._cached("key", lambda: made)
    (stored,) = (home / "cache").rglob("key.npz")
    stored.write_bytes(stored.read_bytes()[:100])
    again = named._cached("key", lambda: made)
    assert again.means.keys() == made.means.keys()
    assert named._cached("key", lambda: pytest.fail("it is in the cache now")).means.keys() == made.means.keys()


def gap(vectors: np.ndarray, codes: list[str]) -> float:
    """How far apart the languages' means lie."""
    means = [vectors[np.array(codes) == code].mean(axis=0) for code in CODES]
    return float(max(np.linalg.norm(one - other) for one in means for other in means))


@pytest.mark.parametrize("method", ["centring", "lir", "lsar"])
def test_every_method_brings_languages_together(method):
    vectors, codes = biased()
    made = Neutraliser.fit(vectors, codes, method=method).apply(vectors, codes)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert gap(made, codes) < 0.4 * gap(vectors, codes)


def test_lsar_needs_no_language_and_removes_what_tells_the_means_apart():
    vectors, codes = biased()
    made = Neutraliser.fit(vectors, codes, method="lsar")
    assert made.languages == () and made.directions[""].shape == (15, 2)
    means = np.stack([vectors[np.array(codes) == code].mean(axis=0) for code in CODES])
    basis = made.directions[""]
    assert np.allclose(basis.T @ basis, np.eye(2), atol=1e-5)
    # What differs between the means lies within the directions; what they share is orthogonal to them.
    apart = means - means[0]
    assert np.allclose(apart - apart @ basis @ basis.T, 0, atol=1e-4)
    assert np.allclose(made.apply(vectors), made.apply(vectors, codes))


def test_lir_takes_the_first_singular_vectors_of_each_language_away():
    vectors, codes = biased()
    own = vectors[np.array(codes) == "de"]
    made = Neutraliser.fit(vectors, codes, method="lir", directions=2)
    assert np.allclose(made.apply(own, ["de"] * len(own)) @ made.directions["de"], 0, atol=1e-5)
    assert np.allclose(made.apply(own, ["xx"] * len(own)), own, atol=1e-5)


@pytest.mark.parametrize(("method", "most"), [("lir", 14), ("lsar", len(CODES) - 1)])
def test_not_all_that_vectors_are_made_of_is_taken_away(method, most):
    vectors, codes = biased()
    assert Neutraliser.fit(vectors, codes, method=method, directions=most).directions
    with pytest.raises(DataError, match="more than can be taken from") as caught:
        Neutraliser.fit(vectors, codes, method=method, directions=most + 1)
    assert f"At most {most}" in caught.value.hint


@pytest.mark.parametrize("method", ["centring", "lir", "lsar"])
def test_a_file_and_an_onnx_graph_and_modules_do_the_same(method, tmp_path):
    ort = pytest.importorskip("onnxruntime")
    vectors, codes = biased()
    made = Neutraliser.fit(vectors, codes, method=method)
    made.save(tmp_path / "neutral.npz")
    again = Neutraliser.load(tmp_path / "neutral.npz")
    assert again.digest == made.digest
    given = ["xx", *codes[1:]]
    expected = made.apply(vectors, given)
    assert np.allclose(again.apply(vectors, given), expected)
    order = made.to_onnx(tmp_path / "neutral.onnx")
    inputs = {"vectors": vectors}
    if order:
        places = [order.index(code) if code in order else len(order) for code in given]
        inputs["languages"] = np.array(places, dtype=np.int64)
    session = ort.InferenceSession(tmp_path / "neutral.onnx", providers=["CPUExecutionProvider"])
    assert np.allclose(session.run(None, inputs)[0], expected, atol=1e-5)
    weight, bias = made.affine("de")
    mapped = vectors @ weight.T + bias
    mapped /= np.linalg.norm(mapped, axis=1, keepdims=True)
    assert np.allclose(mapped, made.apply(vectors, ["de"] * len(vectors)), atol=1e-5)


@pytest.mark.slow
def test_modules_behind_a_sentence_transformer_give_neutral_vectors_and_are_saved(tmp_path):
    torch = pytest.importorskip("torch")
    vectors, codes = biased()
    made = Neutraliser.fit(vectors, codes, method="lsar")
    features = {"sentence_embedding": torch.from_numpy(vectors)}
    for module in made.modules():
        features = module(features)
    assert np.allclose(features["sentence_embedding"].detach().numpy(), made.apply(vectors), atol=1e-5)
    with pytest.raises(DataError, match="depends on the language"):
        Neutraliser.fit(vectors, codes).modules()


def test_what_cannot_be_fitted_or_loaded_is_refused_in_words(tmp_path):
    vectors, codes = biased()
    with pytest.raises(DataError, match="do not fit"):
        Neutraliser.fit(vectors, codes[1:])
    with pytest.raises(DataError, match="NaN"):
        Neutraliser.fit(np.full((2, 2), np.nan), ["de", "en"])
    with pytest.raises(DataError, match="not a method of neutralising"):
        Neutraliser.fit(vectors, codes, method="shift")
    with pytest.raises(DataError, match="a code for each"):
        Neutraliser.fit(vectors, codes).apply(vectors)
    with pytest.raises(DataError, match="do not fit"):
        Neutraliser.fit(vectors, codes, method="lsar").apply(vectors[0])
    with pytest.raises(DataError, match="do not fit"):
        Neutraliser.fit(vectors, codes).apply(vectors[:, :3], codes)
    with pytest.raises(DataError, match="Nothing was fitted"):
        Neutraliser.fit(vectors[:3], codes[:3]).to_onnx(tmp_path / "x.onnx")
    np.savez(tmp_path / "other.npz", x=np.zeros(2))
    (tmp_path / "text.npz").write_text("no", "utf-8")
    for name in ("absent.npz", "other.npz", "text.npz"):
        with pytest.raises(DataError, match="holds no neutraliser"):
            Neutraliser.load(tmp_path / name)


@pytest.mark.parametrize(
    ("vectors", "languages", "said"),
    [
        ([[1.0], [1.0, 2.0]], ["en", "de"], "no matrix of numbers"),
        ([["a"], ["b"]], ["en", "de"], "no matrix of numbers"),
        (5.0, ["en"], "do not fit"),
        (None, ["en"], "do not fit|NaN"),
        ([[np.nan, 1.0]], ["en"], "NaN or infinite"),
        ([[1e300, 1.0]], ["en"], "NaN or infinite"),
        (np.eye(2), "en", "languages is 'en'; expected: a list"),
        (np.eye(2), [1, 2], "languages has the entry 1"),
        (np.eye(2), ["en", None], "languages has the entry None"),
    ],
)
def test_what_is_no_vector_or_language_is_refused_alike_when_fitted_and_applied(vectors, languages, said):
    fitted = Neutraliser({"en": np.zeros(2, np.float32)})
    for use in (Neutraliser.fit, fitted.apply):
        with pytest.raises(DataError, match=said):
            use(vectors, languages)


def test_a_language_without_a_code_is_not_every_language():
    vectors = np.random.default_rng(0).normal(size=(16, 4))
    for method in ("centring", "lir", "lsar"):
        with pytest.raises(DataError, match="A vector has no language"):
            Neutraliser.fit(vectors, [""] * 8 + ["de"] * 8, method=method)


@pytest.mark.parametrize("directions", [-1, 1.5, "1", None])
def test_directions_are_counted(directions):
    vectors = np.random.default_rng(0).normal(size=(16, 4))
    for method in ("lir", "lsar"):
        with pytest.raises(DataError, match="directions is"):
            Neutraliser.fit(vectors, ["en"] * 8 + ["de"] * 8, method=method, directions=directions)


@pytest.mark.parametrize(
    "arrays",
    [
        {"mean:en": np.array([np.nan, 1.0])},
        {"mean:en": np.ones((2, 2))},
        {"mean:en": np.ones(0)},
        {"directions:en": np.ones(2)},
        {"directions:en": np.ones((2, 1, 1))},
        {"directions:": np.full((2, 1), np.inf)},
    ],
)
def test_a_file_of_other_numbers_is_no_neutraliser(tmp_path, arrays):
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(DataError, match="holds no neutraliser"):
        Neutraliser.load(tmp_path / "other.npz")


def test_a_path_that_names_nothing_is_not_written():
    fitted = Neutraliser.fit(np.random.default_rng(0).normal(size=(8, 4)), ["en"] * 8)
    for path in ("", "a\0b"):
        for write in (fitted.save, fitted.to_onnx):
            with pytest.raises(DataError, match="cannot be written"):
                write(path)
    assert fitted == fitted and len({fitted, fitted}) == 1
