"""Encoders by name, from every layout on disk, without torch: right vectors, and named errors for damaged folders."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.encoders import exporting
from hybrid_search.engine.encoders.graphs import cache as graphs
from hybrid_search.engine.encoders.graphs import probing
from hybrid_search.engine.encoders.light import LightEncoder
from hybrid_search.engine.encoders.protocol import Encoder
from hybrid_search.engine.encoders.weights import digests, head
from hybrid_search.engine.errors import EncoderError, UnknownEncoder
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from tests.support.small_encoders import (
    HEADS,
    HIDDEN,
    LAYERS,
    TEXTS,
    random_weights,
    write_adapter,
    write_base,
    write_folder,
)


def reference(
    weights: dict[str, np.ndarray], ids: list[int], *, offset: int, pooling: str, shares: tuple[float, ...] = (1.0,)
) -> np.ndarray:
    """A plain forward pass of one text in float64, written after the BERT paper."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    positions = w["embeddings.position_embeddings.weight"][offset : offset + len(ids)]
    x = w["embeddings.word_embeddings.weight"][ids] + positions + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    outputs = [x]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        q, k, v = (
            linear(x, f"{name}attention.self.{part}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = np.exp(q @ k.swapaxes(1, 2) / math.sqrt(HIDDEN / HEADS))
        context = (scores / scores.sum(-1, keepdims=True) @ v).swapaxes(0, 1).reshape(len(ids), HIDDEN)
        x = norm(linear(context, f"{name}attention.output.dense") + x, f"{name}attention.output.LayerNorm")
        inner = linear(x, f"{name}intermediate.dense")
        inner = inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2))) / 2
        x = norm(linear(inner, f"{name}output.dense") + x, f"{name}output.LayerNorm")
        outputs.append(x)
    x = sum(share * output for share, output in zip(shares, outputs[-len(shares) :], strict=True)) / sum(shares)
    vector = x.mean(0) if pooling == "mean" else x[0]
    return vector / np.linalg.norm(vector)


def expected(
    folder: Path, texts: list[str], prompt: str, *, offset: int, pooling: str, shares: tuple[float, ...] = (1.0,)
) -> np.ndarray:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(38)
    weights = {name: value.astype(np.float32) for name, value in load_file(str(folder / "model.safetensors")).items()}
    return np.stack(
        [
            reference(weights, tokenizer.encode(prompt + t).ids, offset=offset, pooling=pooling, shares=shares)
            for t in texts
        ]
    )


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An assets folder with a small base and three adapters."""
    assets = tmp_path / "assets"
    monkeypatch.setattr(paths, "assets_folder", lambda: assets)
    write_base(assets / "base")
    for seed, name in enumerate(("mono", "cross", "hybrid"), start=1):
        write_adapter(assets / "encoders" / name, seed=seed, description=f"trained with {name} batches")
    return assets


@pytest.mark.parametrize(
    ("kind", "pooling", "offset"), [("bert", "mean", 0), ("bert", "cls", 0), ("xlm-roberta", "mean", 2)]
)
def test_the_graph_computes_what_the_formulas_say(tmp_path: Path, kind: str, pooling: str, offset: int) -> None:
    folder = write_folder(tmp_path / "model", kind=kind, pooling=pooling)
    encoder = encoders.load(str(folder))
    queries = expected(folder, TEXTS, "query : ", offset=offset, pooling=pooling)
    assert np.abs(encoder.encode_query(TEXTS) - queries).max() < 1e-5
    documents = expected(folder, TEXTS, "passage : ", offset=offset, pooling=pooling)
    assert np.abs(encoder.encode_document(TEXTS) - documents).max() < 1e-5


SHARES = (0.3, 0.2, 0.5)


def write_weighted(folder: Path, shares: tuple[float, ...] = SHARES, *, asked: bool = True) -> Path:
    """A small random model that pools its last layers' outputs, as sentence-transformers saves it."""
    write_folder(folder)
    place = folder / "1_WeightedLayerPooling"
    place.mkdir()
    save_file({"layer_weights": np.array(shares, np.float32)}, str(place / "model.safetensors"))
    start = LAYERS + 1 - len(shares)
    described = {"embedding_dimension": HIDDEN, "layer_start": start, "num_hidden_layers": LAYERS}
    (place / "config.json").write_text(json.dumps(described))
    modules = json.loads((folder / "modules.json").read_text())
    kind = "sentence_transformers.models.WeightedLayerPooling"
    modules.insert(1, {"idx": 1, "name": "1", "path": place.name, "type": kind})
    (folder / "modules.json").write_text(json.dumps(modules))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "output_hidden_states": asked}))
    return folder


@pytest.mark.parametrize("shares", [SHARES, (0.2, 0.8), (1.0, 0.0), (2.0, 6.0)])
def test_tokens_are_pooled_over_the_weighted_mean_of_the_last_layers(tmp_path: Path, shares: tuple[float, ...]) -> None:
    folder = write_weighted(tmp_path / "model", shares)
    vectors = encoders.load(str(folder)).encode_query(TEXTS)
    formula = expected(folder, TEXTS, "query : ", offset=2, pooling="mean", shares=shares)
    assert np.abs(vectors - formula).max() < 1e-5
    short = encoders.load(str(folder), precision="int8").encode_query(TEXTS)
    assert (vectors * short).sum(1).min() > 0.99


def test_weights_of_layers_whose_outputs_are_not_asked_for_count_for_nothing(tmp_path: Path) -> None:
    folder = write_weighted(tmp_path / "model", asked=False)
    vectors = encoders.load(str(folder)).encode_query(TEXTS)
    assert np.abs(vectors - expected(folder, TEXTS, "query : ", offset=2, pooling="mean")).max() < 1e-5


def test_an_adapter_names_the_layers_that_it_pools(bundled: Path, tmp_path: Path) -> None:
    plain, weighted = (
        encoders.load(str(write_adapter(tmp_path / name, **described)), precision="fp32")
        for name, described in (("plain", {}), ("weighted", {"layer_weights": [0.2, 0.8]}))
    )
    assert plain.fingerprint != weighted.fingerprint
    assert np.abs(plain.encode_query(TEXTS) - weighted.encode_query(TEXTS)).max() > 1e-3
    folder = encoders.export(str(tmp_path / "weighted"), tmp_path / "out")
    formula = expected(folder, TEXTS, "passage : ", offset=2, pooling="mean", shares=(0.2, 0.8))
    assert np.abs(weighted.encode_document(TEXTS) - formula).max() < 1e-5
    again = encoders.load(str(folder), precision="fp32")
    assert np.abs(again.encode_document(TEXTS) - weighted.encode_document(TEXTS)).max() < 1e-6


@pytest.mark.parametrize("listed", [[], [0, 0], [-0.1, 1], [1] * (LAYERS + 2), "much", None, [float("nan")]])
def test_layer_weights_that_cannot_be_are_refused(bundled: Path, tmp_path: Path, listed: object) -> None:
    folder = write_adapter(tmp_path / "odd", layer_weights=listed)
    with pytest.raises(EncoderError, match=r"encoder\.json"):
        encoders.load(str(folder))


def test_the_usual_pooling_leaves_digests_as_they_were(tmp_path: Path) -> None:
    shape = encoders.source.read(write_folder(tmp_path / "model"), Path).architecture
    assert not {"layer_weights", "head"} & shape.as_dict().keys()
    assert shape.pooled_over([0.2, 0.8]).as_dict()["layer_weights"] == (0.2, 0.8)


def write_head(folder: Path, kind: type = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """A random affine map behind an adapter's pooling."""
    rng = np.random.default_rng(9)
    weight = (np.eye(HIDDEN) + 0.3 * rng.standard_normal((HIDDEN, HIDDEN))).astype(np.float32)
    bias = (0.5 * rng.standard_normal(HIDDEN)).astype(np.float32)
    head.write(folder / head.FILE, weight, bias, kind)
    return weight, bias


@pytest.mark.parametrize("described", [{}, {"layer_weights": [0.2, 0.8]}])
def test_pooled_vectors_pass_through_the_map_behind_an_adapter(bundled: Path, tmp_path: Path, described: dict) -> None:
    plain = encoders.load(str(write_adapter(tmp_path / "plain", **described)), precision="fp32")
    weight, bias = write_head(write_adapter(tmp_path / "mapped", **described))
    mapped = encoders.load(str(tmp_path / "mapped"), precision="fp32")
    assert mapped.fingerprint != plain.fingerprint
    formula = plain.encode_query(TEXTS) @ weight.T + bias
    formula /= np.linalg.norm(formula, axis=1, keepdims=True)
    assert np.abs(mapped.encode_query(TEXTS) - formula).max() < 1e-5
    short = encoders.load(str(tmp_path / "mapped"), precision="int8").encode_query(TEXTS)
    assert (short * formula).sum(1).min() > 0.99
    folder = encoders.export(str(tmp_path / "mapped"), tmp_path / "out")
    again = encoders.load(str(folder), precision="fp32")
    assert np.abs(again.encode_query(TEXTS) - formula).max() < 1e-5
    kinds = [each["type"].rsplit(".", 1)[-1] for each in json.loads((folder / "modules.json").read_text())]
    assert kinds[-3:] == ["Normalize", "Dense", "Normalize"]


def test_an_adapter_on_an_encoder_with_a_map_keeps_the_map(bundled: Path, tmp_path: Path) -> None:
    weight, bias = write_head(bundled / "encoders" / "mono")
    above = write_adapter(tmp_path / "above", seed=7, base="mono")
    vectors = encoders.load(str(above), precision="fp32").encode_query(TEXTS)
    (bundled / "encoders" / "mono" / head.FILE).unlink()
    bare = encoders.load(str(above), precision="fp32").encode_query(TEXTS) @ weight.T + bias
    assert np.abs(vectors - bare / np.linalg.norm(bare, axis=1, keepdims=True)).max() < 1e-5
    write_head(bundled / "encoders" / "mono")
    write_head(above)
    with pytest.raises(EncoderError, match=r"head\.safetensors, and so has its base mono"):
        encoders.load(str(above))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, r"head\.safetensors cannot be used"),
        ({"linear.weight": np.eye(HIDDEN, dtype=np.float32)}, r"holds linear\.weight instead of"),
        (
            {"linear.weight": np.eye(3, dtype=np.float32), "linear.bias": np.zeros(3, np.float32)},
            r"head\.\w+ has shape",
        ),
        (
            {
                "linear.weight": np.full((HIDDEN, HIDDEN), np.nan, np.float32),
                "linear.bias": np.zeros(HIDDEN, np.float32),
            },
            "NaN or infinite values, in head.weight",
        ),
    ],
)
def test_a_damaged_map_is_named(bundled: Path, tmp_path: Path, content: dict | None, reason: str) -> None:
    folder = write_adapter(tmp_path / "odd")
    if content is None:
        (folder / head.FILE).write_bytes(b"not a map")
    else:
        save_file(content, str(folder / head.FILE))
    with pytest.raises(EncoderError, match=reason):
        encoders.load(str(folder))


def test_a_dense_of_another_kind_is_left_to_sentence_transformers(bundled: Path, tmp_path: Path) -> None:
    write_head(write_adapter(tmp_path / "mapped"))
    folder = encoders.export(str(tmp_path / "mapped"), tmp_path / "out")
    assert encoders.source.read(folder, Path) is not None
    place = next(folder.glob("*_Dense")) / "config.json"
    config = json.loads(place.read_text())
    place.write_text(json.dumps({**config, "activation_function": "torch.nn.modules.activation.Tanh"}))
    assert encoders.source.read(folder, Path) is None


def test_half_precision_tables_are_widened(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model", dtype="<f2")
    vectors = encoders.load(str(folder)).encode_query(TEXTS)
    assert np.abs(vectors - expected(folder, TEXTS, "query : ", offset=2, pooling="mean")).max() < 1e-5


def test_int8_stays_close_and_does_not_depend_on_the_texts_beside(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model")
    full, short = encoders.load(str(folder)), encoders.load(str(folder), precision="int8")
    assert (full.encode_document(TEXTS) * short.encode_document(TEXTS)).sum(1).min() > 0.99
    together = short.encode_document(TEXTS)
    alone = np.concatenate([short.encode_document([text]) for text in TEXTS])
    # Attention with and without a mask differs in the last bit, which may tip a rounding.
    assert (together * alone).sum(1).min() > 0.9999
    assert full.fingerprint != short.fingerprint


def test_channels_that_reach_far_are_scaled_for_int8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "model")
    weights = dict(load_file(str(folder / "model.safetensors")))
    for name in list(weights):
        # A few channels a hundred times as large as the others, as trained models have.
        if "LayerNorm" in name:
            weights[name][[3, 17]] *= 100
    save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
    full = encoders.load(str(folder)).encode_document(TEXTS)

    def error(root: str) -> float:
        monkeypatch.setattr(graphs, "folder", lambda: tmp_path / root)
        short = encoders.load(str(folder), precision="int8").encode_document(TEXTS)
        return float(1 - (full * short).sum(1).mean())

    scaled = error("scaled")
    monkeypatch.setattr(LightEncoder, "_reach", lambda encoder, weights: {})
    assert scaled < error("unscaled") / 3


def test_an_encoder_keeps_its_promises(tmp_path: Path) -> None:
    encoder = encoders.load(str(write_folder(tmp_path / "model")))
    assert isinstance(encoder, Encoder)
    done: list[int] = []
    vectors = encoder.encode_document(TEXTS, done.append)
    assert vectors.shape == (len(TEXTS), encoder.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert sum(done) == len(TEXTS)
    assert encoder.encode_query([]).shape == (0, encoder.dimension)
    assert encoder.max_tokens == 38
    counts = encoder.count_tokens(["bread", "bread water", "a " * 200])
    assert counts[1] == counts[0] + 1 and counts[2] > encoder.max_tokens
    assert encoder.encode_document(["broken \ud800 text"]).shape == (1, encoder.dimension)


def test_the_base_and_its_adapters_load_by_name(bundled: Path) -> None:
    names = ["base", "mono", "cross", "hybrid"]
    assert [info.name for info in encoders.available()] == names
    assert {info.kind for info in encoders.available()} == {"bundled"}
    loaded = {name: encoders.load(name, precision="fp32") for name in names}
    assert len({encoder.fingerprint for encoder in loaded.values()}) == 4
    vectors = {name: encoder.encode_query(["bread"]) for name, encoder in loaded.items()}
    assert all(np.abs(vectors["base"] - vectors[name]).max() > 1e-3 for name in names[1:])
    assert encoders.resolve("hybrid").description == "trained with hybrid batches"
    assert encoders.resolve("hybrid").fingerprint == encoders.load("hybrid").fingerprint


def test_an_export_gives_the_same_vectors_and_keeps_the_card(bundled: Path, tmp_path: Path) -> None:
    folder = encoders.export("hybrid", tmp_path / "out" / "hybrid")
    again = encoders.load(str(folder), precision="fp32")
    before = encoders.load("hybrid", precision="fp32")
    for text in TEXTS:
        assert np.abs(again.encode_query([text]) - before.encode_query([text])).max() < 1e-5
        assert np.abs(again.encode_document([text]) - before.encode_document([text])).max() < 1e-5
    assert (folder / "README.md").read_text() == "# The card\n"
    merged = load_file(str(folder / "model.safetensors"))
    name = "encoder.layer.0.attention.self.query"
    factors = load_file(str(bundled / "encoders/hybrid/adapter.safetensors"))
    a, b = (factors[f"base_model.model.{name}.lora_{side}.weight"].astype(np.float32) for side in "AB")
    plain = load_file(str(encoders.export("base", tmp_path / "base") / "model.safetensors"))
    assert np.allclose(merged[f"{name}.weight"] - plain[f"{name}.weight"], 2 * b @ a, atol=1e-5)


def test_an_export_never_writes_over_anything(bundled: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with pytest.raises(EncoderError, match="not empty"):
        encoders.export("base", tmp_path / "full")
    assert (tmp_path / "full" / "thesis.txt").read_text() == "years of work"
    with pytest.raises(EncoderError, match="cannot be exported"):
        encoders.export("base+neutral", tmp_path / "neutral")


def test_two_processes_that_export_into_the_cache_at_once_both_get_the_folder(bundled: Path, tmp_path: Path) -> None:
    target = tmp_path / "cache" / "base"

    def quicker_one_first(place: Path) -> Path:
        encoders.export("base", place)
        return encoders.export("base", place)

    assert (exporting.export_once(target, quicker_one_first) / "modules.json").is_file()

    def in_vain(place: Path) -> Path:
        place.mkdir()
        (place / "thesis.txt").write_text("years of work")
        return encoders.export("base", place)

    with pytest.raises(EncoderError, match="not empty"):
        exporting.export_once(tmp_path / "cache" / "other", in_vain)


def test_vectors_that_are_stored_decide_the_precision(bundled: Path) -> None:
    kinds = {precision: encoders.load("hybrid", precision=precision).fingerprint for precision in ("fp32", "int8")}
    chosen = encoders.load("hybrid").fingerprint
    for fingerprint in kinds.values():
        assert encoders.load("hybrid", stored={fingerprint, "of another"}).fingerprint == fingerprint
        assert encoders.load("hybrid", precision="fp32", stored={fingerprint}).fingerprint == kinds["fp32"]
    assert encoders.load("hybrid", stored=kinds.values()).fingerprint == chosen
    assert encoders.load("hybrid", stored={"of another"}).fingerprint == chosen


def test_a_trained_encoder_is_registered_and_found_first(bundled: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine")
    info = encoders.register(folder, "mine")
    assert info.kind == "trained" and info.path == paths.encoders_folder() / "mine"
    write_adapter(tmp_path / "better", seed=9)
    encoders.register(tmp_path / "better", "hybrid")
    assert encoders.resolve("hybrid").kind == "trained"
    assert [info.name for info in encoders.available()] == ["base", "mono", "cross", "hybrid", "mine"]
    assert encoders.load("hybrid").encode_query(["bread"]).shape == (1, HIDDEN)
    # A run that writes into the data folder itself registers it in place, and may do so again.
    assert encoders.register(paths.encoders_folder() / "mine", "mine").fingerprint == info.fingerprint
    assert not list(paths.encoders_folder().glob(".*"))


@pytest.mark.parametrize("name", ["", "base", "bm25", "../x", ".hidden", "a+neutral"])
def test_some_names_cannot_be_registered(tmp_path: Path, name: str) -> None:
    with pytest.raises(EncoderError):
        encoders.register(write_folder(tmp_path / "mine"), name)


def test_an_unknown_name_says_what_there_is(bundled: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoder, match="Bundled: base, mono, cross, hybrid"):
        encoders.load("hybird")
    with pytest.raises(UnknownEncoder, match="without an encoder"):
        encoders.load(str(tmp_path))
    with pytest.raises(UnknownEncoder, match="search by words and makes no vectors"):
        encoders.load("bm25")
    assert encoders.resolve("owner/name").kind == "hub"


def test_an_adapter_of_another_base_is_refused(bundled: Path) -> None:
    write_adapter(bundled / "encoders" / "mono", hidden=32)
    with pytest.raises(EncoderError, match="does not fit its base"):
        encoders.load("mono")
    write_adapter(bundled / "encoders" / "mono", base_fingerprint="0123456789abcdef-int8.1")
    with pytest.raises(EncoderError, match="made for another base"):
        encoders.load("mono")
    write_adapter(bundled / "encoders" / "mono", base="gone")
    with pytest.raises(EncoderError, match="base gone of an adapter is not on this machine"):
        encoders.load("mono")
    broken = next(info for info in encoders.available() if info.name == "mono")
    assert broken.description.startswith("cannot be used") and broken.fingerprint is None


@pytest.mark.parametrize("missing", ["adapter.safetensors", "adapter_config.json"])
def test_an_incomplete_adapter_is_named(bundled: Path, missing: str) -> None:
    (bundled / "encoders" / "hybrid" / missing).unlink()
    with pytest.raises(EncoderError, match=missing):
        encoders.load("hybrid")


@pytest.mark.parametrize(
    "damaged",
    ["base.json", "config.json", "layers.q4.npz", "tokens.q4.npy", "tokens.scales.npy", "tokenizer.json", "scores.npy"],
)
@pytest.mark.parametrize("how", ["missing", "truncated"])
def test_a_damaged_base_is_named(bundled: Path, damaged: str, how: str) -> None:
    path = bundled / "base" / damaged
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises((EncoderError, UnknownEncoder)) as caught:
        encoders.load("base")
    assert caught.value.hint and "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("damaged", "content"),
    [
        ("model.safetensors", None),
        ("model.safetensors", b""),
        ("model.safetensors", b"\x10\x00\x00\x00\x00\x00\x00\x00{not json......}"),
        ("modules.json", b"{}"),
        ("modules.json", b"["),
        ("config.json", b"null"),
        ("tokenizer.json", b"{}"),
        ("1_Pooling/config.json", None),
    ],
)
def test_a_damaged_folder_is_named(tmp_path: Path, damaged: str, content: bytes | None) -> None:
    folder = write_folder(tmp_path / "model")
    (folder / damaged).unlink() if content is None else (folder / damaged).write_bytes(content)
    with pytest.raises(EncoderError, match="cannot be used") as caught:
        encoders.load(str(folder))
    assert caught.value.hint


def test_truncated_wrong_and_infinite_weights_are_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model")
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(EncoderError, match="promises"):
        encoders.load(str(folder))
    weights = random_weights(50)
    weights["encoder.layer.1.output.dense.weight"] = np.zeros((3, 3), np.float32)
    save_file(weights, str(path))
    with pytest.raises(EncoderError, match="has shape"):
        encoders.load(str(folder))
    weights = random_weights(50)
    weights["encoder.layer.1.output.dense.bias"][0] = np.nan
    save_file(weights, str(path))
    with pytest.raises(EncoderError, match="NaN or infinite"):
        encoders.load(str(folder))
    weights = random_weights(50)
    del weights["encoder.layer.0.attention.self.key.bias"]
    save_file(weights, str(path))
    with pytest.raises(EncoderError, match="is missing"):
        encoders.load(str(folder))


def test_a_token_beyond_the_table_is_an_error_not_a_crash(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model")
    save_file(random_weights(6), str(folder / "model.safetensors"))
    with pytest.raises(EncoderError, match="tokenizer"):
        encoders.load(str(folder))


def test_graphs_are_cached_verified_and_built_again(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model")
    first = encoders.load(str(folder)).encode_query(["bread"])
    [cached] = graphs.folder().glob("*.graph")
    whole = cached.read_bytes()
    for damage in (b"", whole[:-7], whole[:100] + b"\0" + whole[101:], b"nonsense"):
        cached.write_bytes(damage)
        assert np.array_equal(encoders.load(str(folder)).encode_query(["bread"]), first)
        assert cached.read_bytes() == whole


def test_without_a_place_for_the_cache_it_still_answers(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model")
    paths.cache_folder().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_folder().write_text("a file where the folder should be")
    assert encoders.load(str(folder)).encode_query(["bread"]).shape == (1, HIDDEN)


def test_the_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    one, two = write_folder(tmp_path / "one", seed=1), write_folder(tmp_path / "two", seed=2)
    before = encoders.resolve(str(one)).fingerprint
    assert before != encoders.resolve(str(two)).fingerprint
    (two / "model.safetensors").replace(one / "model.safetensors")
    assert encoders.resolve(str(one)).fingerprint != before


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"one")
    first = digests.of(path)
    assert digests.of(path) == first
    path.write_bytes(b"other")
    assert digests.of(path) != first
    (paths.cache_folder() / "digests.json").write_text("{damaged")
    assert digests.of(path) != first


def test_a_known_family_without_saved_prompts_gets_its_own(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "multilingual-e5-tiny")
    (folder / "config_sentence_transformers.json").unlink()
    encoder = encoders.load(str(folder))
    assert encoder.count_tokens(["bread"])[0] > 3
    assert np.abs(encoder.encode_query(["bread"]) - encoder.encode_document(["bread"])).max() > 1e-3


def test_answering_imports_neither_torch_nor_onnx_once_cached(bundled: Path, home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from hybrid_search.engine import encoders, paths\n"
        f"paths.assets_folder = lambda: Path({str(bundled)!r})\n"
        "assert encoders.load('hybrid').encode_query(['bread']).shape == (1, 64)\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'onnx', 'safetensors')\n"
        "print(*(name for name in heavy if name in sys.modules))"
    )
    encoders.load("hybrid")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_neutral_vectors_are_centred_by_language_and_the_centres_cached(bundled: Path) -> None:
    with pytest.raises(EncoderError, match="demo texts"):
        encoders.load("base+neutral")
    topics = range(10)
    for language, words in (("en", "the bread and the water of the moon"), ("de", "das brot und das wasser der monde")):
        folder = bundled / "demo" / "passages" / language
        folder.mkdir(parents=True)
        for topic in topics:
            (folder / f"{topic}.md").write_text(f"# {topic}\n\n{words} {'a b c d '[: topic * 2]}\n")
    questions = [
        {"topic": str(topic), "question": {"en": f"where is bread {topic}", "de": f"wo ist brot {topic}"}}
        for topic in topics
    ]
    (bundled / "demo" / "questions.jsonl").write_text("\n".join(json.dumps(row) for row in questions))
    neutral = encoders.load("base+neutral")
    assert neutral.name == "base+neutral" and neutral.fingerprint != encoders.load("base").fingerprint
    found = neutral.encode_document(["the bread and the water of the moon", "das brot und das wasser der monde"])
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    plain = encoders.load("base").encode_document(["the bread and the water", "das brot und das wasser"])
    assert np.abs(found - plain).max() > 1e-3
    cached = sorted((paths.cache_folder() / "neutral").glob("*.npz"))
    assert len(cached) == 2
    cached[0].write_bytes(b"damaged")
    assert encoders.load("base+neutral").fingerprint == neutral.fingerprint
    assert encoders.resolve("base+neutral").dimension == HIDDEN


def test_the_sentences_by_which_int8_is_scaled_are_in_its_fingerprint() -> None:
    assert probing.scaling() == "2"
    assert probing.scaling(("Another sentence.",)) != probing.scaling(("Yet another sentence.",)) != "2"


def test_an_export_for_training_and_for_sentence_transformers_is_one_folder_of_few(
    bundled: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "KEPT", 2)
    (home / "cache" / "bases" / "old").mkdir(parents=True)
    folders = [encoders.exported(name) for name in ("base", "mono", "base", "hybrid")]
    assert folders[0] == folders[2]
    exports = home / "cache" / "exports"
    assert {path.name for path in exports.iterdir()} == {folders[0].name, folders[3].name}
    assert not (home / "cache" / "bases").exists()


def test_an_encoder_stays_when_the_one_that_replaces_it_cannot_be_written(
    bundled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = encoders.export("base", tmp_path / "export")
    encoders.register(folder, "mine")
    (paths.encoders_folder() / "mine" / "thesis.txt").write_text("years of work")
    move = Path.replace

    def fails_for_the_new_one(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", fails_for_the_new_one)
    with pytest.raises(EncoderError, match="No space left"):
        encoders.register(folder, "mine")
    assert (paths.encoders_folder() / "mine" / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("said", ["", "-3", "²", "two", "9" * 4400, "0"])
def test_a_number_of_threads_that_is_none_is_passed_over(said, monkeypatch, bundled: Path) -> None:
    monkeypatch.setenv("HYBRID_SEARCH_THREADS", said)
    assert encoders.load("hybrid").encode_query(["bread"]).shape == (1, HIDDEN)
