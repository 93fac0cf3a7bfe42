"""The light path on the bundled base: one tokenizer in two forms, equal vectors, no wasted padding, a light start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.encoders.graphs import building as graph
from hybrid_search.engine.encoders.light import batches
from hybrid_search.engine.encoders.tokens import tokenizing
from hybrid_search.engine.encoders.weights import arrays as weights
from tokenizers import Tokenizer

TEXTS = [
    "Brot wird im Ofen gebacken.",
    "The moon has no air.",
    "面包在烤箱里烤。",
    "ขนมปังอบในเตา",
    "الخبز يخبز في الفرن",
    "पानी नदी में बहता है।",
    "",
    "  two  spaces and\ta tab\n",
    "👩‍👩‍👧 ½ ﬁ <s> </s> <mask> <unk>",
    "word " * 700,
]


@pytest.fixture(scope="module")
def bundled() -> Path:
    """The folder of the bundled base."""
    folder = paths.assets_folder() / "base"
    if not folder.is_dir():
        pytest.skip("the bundled base is not in this checkout")
    return folder


def test_batches_hold_every_text_once_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(3, 160, 500).tolist()
    found = list(batches(lengths, budget=2000, uniform=800))
    assert sorted(index for batch in found for index in batch) == list(range(500))
    assert all(len(batch) * max(lengths[index] for index in batch) <= 2000 for batch in found)


def test_many_texts_of_few_lengths_are_encoded_without_padding() -> None:
    lengths = [100, 20, 50] * 200
    assert all(len({lengths[index] for index in batch}) == 1 for batch in batches(lengths))


def test_a_text_beyond_the_budget_is_a_batch_of_its_own() -> None:
    assert list(batches([9000, 5, 9000], budget=100)) == [[0], [2], [1]]
    assert list(batches([])) == []


def test_blocks_of_four_bits_are_widened() -> None:
    nibbles = np.zeros((1, 2, 16), np.uint8)
    nibbles[0, 0] = np.arange(16) | (15 - np.arange(16)) << 4
    scales = np.array([[0.5, 2.0]], np.float16)
    values = weights.widen(nibbles, scales)
    assert values.shape == (1, 64)
    assert np.array_equal(values[0, :16], (np.arange(16) - 8) / 2)
    assert np.array_equal(values[0, 16:32], (7 - np.arange(16)) / 2)
    assert np.array_equal(values[0, 32:], np.full(32, -16.0))


def test_seven_bit_weights_never_saturate_sixteen_bits() -> None:
    integers, scales = graph.quantise(np.random.default_rng(0).standard_normal((8, 64)).astype(np.float32))
    assert integers.shape == (64, 8) and scales.shape == (8,)
    assert np.abs(integers).max() == graph.LARGEST_WEIGHT
    assert 2 * 255 * graph.LARGEST_WEIGHT < 2**15
    zeros, _ = graph.quantise(np.zeros((4, 64), np.float32))
    assert not zeros.any()


def test_scaled_channels_have_no_outliers_and_the_same_product() -> None:
    rng = np.random.default_rng(0)
    reach = np.exp(rng.standard_normal(64) * 3).astype(np.float32)
    weight = (rng.standard_normal((8, 64)) * np.exp(rng.standard_normal(64))).astype(np.float32)
    down = graph.smoothing(reach, weight)
    balance = (reach / down) / np.abs(weight * down).max(axis=0)
    # To a sixteenth of an octave, each way and for both.
    assert np.abs(np.log2(balance)).max() <= 2 / 16 + 1e-3
    x = rng.standard_normal((5, 64)).astype(np.float32) * reach
    assert np.allclose((x / down) @ (weight * down).T, x @ weight.T, rtol=1e-4)
    assert np.array_equal(graph.smoothing(reach * np.float32(1 + 1e-6), weight), down)
    assert np.isfinite(graph.smoothing(np.zeros(64, np.float32), np.zeros((8, 64), np.float32))).all()


def test_the_compact_tokenizer_is_the_original(bundled: Path, tmp_path: Path) -> None:
    quick = tokenizing.load(bundled)
    plain = Tokenizer.from_str(quick.to_str())
    demo = [path.read_text("utf-8") for path in sorted((paths.assets_folder() / "demo").glob("passages/*/*.md"))[::7]]
    rng = np.random.default_rng(0)
    planes = [(0x20, 0x250), (0x370, 0x700), (0x900, 0x1100), (0x3040, 0x3100), (0x4E00, 0x9FFF), (0xAC00, 0xD7A0)]
    fuzz = ["".join(chr(rng.integers(*planes[rng.integers(len(planes))])) for _ in range(40)) for _ in range(200)]
    fuzz += ["".join(rng.permutation(list(text[:60]))) for text in demo]
    little = tokenizing.load_quick(bundled)
    assert little is not None and [little.takes(text) for text in TEXTS] == [True] * 8 + [False, True]
    for text in [*TEXTS, *demo, *fuzz, "＜s＞ ﬃ", "\u2581 \u2581a", "\U0001f9ffx\U000e0001\U0010fffd y"]:
        one, two = quick.encode(text), plain.encode(text)
        assert (one.ids, one.offsets) == (two.ids, two.offsets), text
        assert not little.takes(text) or little.ids(text) == two.ids, text


def test_a_few_short_texts_do_not_wait_for_the_full_tokenizer(bundled: Path) -> None:
    made: list[int] = []

    def load() -> Tokenizer:
        made.append(1)
        return tokenizing.load(bundled)

    tokens = tokenizing.Tokens(load, 12, quick=tokenizing.load_quick(bundled))
    texts = [*TEXTS[:8], "word " * 40, "lone \ud800"]
    before = [ids.tolist() for ids in tokens.encode(texts, "query: ")]
    assert not made
    assert tokens.count(["bread"]) == [3] and made
    assert [ids.tolist() for ids in tokens.encode(texts, "query: ")] == before
    assert max(map(len, before)) == 12 and all(ids[0] == 0 and ids[-1] == 2 for ids in before)


def test_the_compact_tokenizer_is_that_of_the_archive(bundled: Path, shared: Path) -> None:
    with np.load(shared / "models" / "base.q4.npz") as archive:
        original = Tokenizer.from_str(archive["file:tokenizer.json"].tobytes().decode())
    assert tokenizing.load(bundled).to_str() == original.to_str()


def test_the_bundled_base_is_small_enough_to_ship(bundled: Path) -> None:
    sizes = [path.stat().st_size for path in bundled.iterdir()]
    assert sum(sizes) <= 75e6 and max(sizes) <= 60e6


@pytest.mark.usefixtures("used_before")
def test_a_cold_search_imports_nothing_heavy(bundled: Path) -> None:
    program = (
        "import sys; from hybrid_search.engine import encoders\n"
        "assert encoders.load('base').encode_query(['bread']).shape == (1, 384)\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'onnx', 'safetensors', 'huggingface_hub')\n"
        "print(*(name for name in heavy if name in sys.modules))"
    )
    encoders.load("base")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.usefixtures("used_before")
def test_the_base_knows_what_is_meant_in_any_language(bundled: Path) -> None:
    encoder = encoders.load("base")
    queries = encoder.encode_query(["How is bread baked?", "Is there air on the moon?"])
    documents = encoder.encode_document(TEXTS[:5])
    assert (queries @ documents.T).argmax(axis=1).tolist() == [0, 1]
    assert encoder.count_tokens(TEXTS[:1])[0] > 5 and encoder.count_tokens(TEXTS[-1:])[0] > encoder.max_tokens


@pytest.mark.slow
def test_the_light_path_equals_sentence_transformers_on_the_export(bundled: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    # The base as it is, and an adapter with weights of layers and a map behind it; small ones have every other form.
    for name in ("base", "hybrid"):
        folder = encoders.export(name, tmp_path / name)
        plain = SentenceTransformer(str(folder), device="cpu")
        # One at a time: beside the longest text the others would be mostly padding.
        queries = plain.encode_query(TEXTS, batch_size=1, show_progress_bar=False)
        documents = plain.encode_document(TEXTS, batch_size=1, show_progress_bar=False)
        for light in (encoders.load(name, precision="fp32"), encoders.load(str(folder), precision="fp32")):
            assert np.abs(light.encode_query(TEXTS) - queries).max() < 1e-4
            assert np.abs(light.encode_document(TEXTS) - documents).max() < 1e-4
        short = encoders.load(name, precision="int8")
        assert (short.encode_document(TEXTS) * documents).sum(axis=1).min() > 0.99
