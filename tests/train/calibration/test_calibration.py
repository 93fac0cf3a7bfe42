"""The map behind a trained encoder: what it is fitted on, what it changes and what it leaves, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from hybrid_search.engine import encoders, paths  # noqa: E402
from hybrid_search.engine.encoders.averaging import average  # noqa: E402
from hybrid_search.engine.encoders.neutral import Affine, load_corrected  # noqa: E402
from hybrid_search.engine.encoders.weights import head  # noqa: E402
from hybrid_search.engine.errors import DataError, EncoderError, TrainingError, UnknownEncoder  # noqa: E402
from hybrid_search.train.calibration.fitting import Material, draw, fit_map, fragment_ranks  # noqa: E402
from hybrid_search.train.calibration.outcome import calibrate, correction_through  # noqa: E402
from hybrid_search.train.settings.calibration import CalibrationSettings  # noqa: E402
from hybrid_search.train.settings.config import RunConfig, SourceConfig  # noqa: E402
from hybrid_search.tui.cli import main  # noqa: E402

from tests.conftest import KeywordEncoder  # noqa: E402
from tests.support.adapters import write  # noqa: E402

PAIRS, WIDTH = 300, 24
pytestmark = pytest.mark.usefixtures("used_before")


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def buried() -> Material:
    """Questions near their passages, and fragments that all point away from where questions and passages lie."""
    rng = np.random.default_rng(0)
    common, away = rng.standard_normal((2, WIDTH))
    meaning = rng.standard_normal((PAIRS, WIDTH))
    passages = unit(meaning + 0.2 * rng.standard_normal((PAIRS, WIDTH)) + common)
    fragments = unit(0.3 * meaning + 0.2 * rng.standard_normal((PAIRS, WIDTH)) + 2 * away - common)
    ids = np.arange(PAIRS)
    queries = unit(meaning + common)
    return Material(queries, fragments, passages, queries, passages, ids, ids)


def mapped(made, vectors: np.ndarray) -> np.ndarray:
    return unit(vectors @ made.weight.T + made.bias)


def test_fragments_are_found_earlier_and_whole_passages_as_before(buried: Material) -> None:
    whole = CalibrationSettings(steps=200, size=64, learning_rate=3e-3, keep=10, agree=0, share=1)
    made = fit_map(buried, 1 / 30, 0, whole)
    assert made.before > 0.7 * PAIRS and made.after < 0.35 * made.before
    before = buried.queries @ buried.passages.T
    after = mapped(made, buried.queries) @ mapped(made, buried.passages).T
    assert (before.argmax(1) == after.argmax(1)).mean() > 0.98
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.9


def test_the_weight_of_staying_decides_how_much_is_changed(buried: Material) -> None:
    settings = [
        CalibrationSettings(steps=150, size=64, learning_rate=3e-3, keep=keep, agree=0) for keep in (0.0, 30.0, 1e6)
    ]
    made = [fit_map(buried, 1 / 30, 0, each) for each in settings]
    moved = [float(np.abs(each.weight - np.eye(WIDTH)).sum() + np.abs(each.bias).sum()) for each in made]
    assert moved[0] > moved[1] > moved[2]
    assert made[0].after <= made[1].after < made[2].after == pytest.approx(made[2].before, rel=0.05)


def test_languages_come_to_agree_and_only_where_it_is_asked_for() -> None:
    rng = np.random.default_rng(2)
    meaning = rng.standard_normal((PAIRS, WIDTH))
    # What a language says of its own lies in directions that no meaning has.
    meaning[:, WIDTH // 2 :] = 0
    accents = np.zeros((2, 3, PAIRS, WIDTH))
    accents[..., WIDTH // 2 :] = rng.standard_normal((2, 3, PAIRS, WIDTH // 2))
    queries, passages = unit(meaning + accents)
    agreed = [unit(np.broadcast_to(unit(side.mean(0)), side.shape)).reshape(-1, WIDTH) for side in (queries, passages)]
    ids = np.tile(np.arange(PAIRS), 3)
    fragments = unit(rng.standard_normal((PAIRS, WIDTH)))
    material = Material(
        queries.reshape(-1, WIDTH), fragments, passages.reshape(-1, WIDTH), agreed[0], agreed[1], ids, ids
    )

    def apart(made) -> float:
        """How differently the questions of one meaning rank the passages of the first language."""
        scores = mapped(made, queries) @ mapped(made, passages[0]).T
        return float(scores.std(axis=0).mean() / scores.std())

    often = {"steps": 200, "size": 64, "learning_rate": 3e-3, "keep": 0.1, "share": 1.0}
    agreeing, alone = (fit_map(material, 1 / 30, 0, CalibrationSettings(agree=agree, **often)) for agree in (60.0, 0.0))
    assert apart(agreeing) < 0.75 * apart(alone)


def test_the_share_decides_how_far_the_map_goes(buried: Material) -> None:
    often = {"steps": 100, "size": 64, "learning_rate": 3e-3, "keep": 10.0, "agree": 0.0}
    none, half, whole = (
        fit_map(buried, 1 / 30, 0, CalibrationSettings(share=share, **often)) for share in (0.0, 0.5, 1.0)
    )
    assert np.array_equal(none.weight, np.eye(WIDTH)) and not none.bias.any() and none.after == none.before
    assert np.allclose(half.weight, (whole.weight + np.eye(WIDTH)) / 2) and np.allclose(half.bias, whole.bias / 2)
    assert whole.after < half.after < none.after


def test_the_same_seed_gives_the_same_map(buried: Material) -> None:
    first, second, other = (fit_map(buried, 1 / 30, seed, CalibrationSettings(steps=5, size=32)) for seed in (3, 3, 4))
    assert np.array_equal(first.weight, second.weight) and np.array_equal(first.bias, second.bias)
    assert not np.array_equal(first.weight, other.weight)


def test_ranks_are_those_of_a_plain_loop_and_a_pair_s_own_passages_do_not_count() -> None:
    rng = np.random.default_rng(1)
    queries, fragments, passages = (unit(rng.standard_normal((rows, 5))) for rows in (12, 12, 20))
    ids = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, *[-1] * 8])
    groups = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, *[-1] * 8])
    expected = []
    for row in range(12):
        reached = float(queries[row] @ fragments[row])
        others = [place for place in range(20) if ids[place] != ids[row] and groups[place] != groups[row]]
        expected.append(1 + sum(float(queries[row] @ passages[place]) > reached for place in others))
    found = fragment_ranks(*(torch.from_numpy(each) for each in (queries, fragments, passages, ids, groups)))
    assert found.tolist() == expected


class Recorder:
    """An encoder that keeps what it was asked to encode."""

    name = fingerprint = "recorder"
    dimension, max_tokens = 3, 100

    def __init__(self) -> None:
        self.queries: list[str] = []
        self.documents: list[str] = []

    def encode_query(self, texts):
        self.queries += texts
        return np.array([[len(text), 1, 0] for text in texts], dtype=np.float32)

    def encode_document(self, texts, progress=None):
        self.documents += texts
        return np.array([[len(text), 0, 1] for text in texts], dtype=np.float32)


def pairs(tmp_path: Path, rows: int = 40) -> SourceConfig:
    path = tmp_path / "pairs.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(rows):
            both = {
                "question": {code: f"{code} question {n}?" for code in ("en", "de")},
                "passage": {
                    code: f"{code}{n} " + " ".join(f"{code}{n}w{k}" for k in range(9)) for code in ("en", "de")
                },
            }
            file.write(json.dumps({"id": str(n), **both}) + "\n")
    return SourceConfig(str(path))


@pytest.mark.parametrize("batches", ["mono", "cross", "hybrid"])
def test_pairs_are_drawn_by_the_run_s_own_sampling_each_whole_and_as_a_fragment(tmp_path: Path, batches: str) -> None:
    encoder = Recorder()
    config = RunConfig(sources=(pairs(tmp_path),), batches=batches, batch_size=8, distill=0.5)
    made = draw(config, encoder, CalibrationSettings(pairs=60), sentences=lambda text, language: [(0, len(text))])
    assert len(made.fragments) == 64
    more = len(made.queries) - 64
    assert len(made.passages) == 64 + more and {"mono": more == 0, "cross": more == 64}.get(batches, 0 < more < 64)
    wholes = {text for text in encoder.documents if len(text.split()) == 10}
    fragments = [text for text in encoder.documents if text not in wholes]
    assert fragments and all(len(text.split()) <= 4 for text in fragments)
    assert all(any(text in whole for whole in wholes) for text in fragments)
    assert (made.identities >= 0).all() and len(set(made.identities.tolist())) <= 40
    assert {text[:2] for text in encoder.queries} == {"en", "de"}


def test_a_pair_agrees_with_its_translations_and_a_negative_with_itself(tmp_path: Path) -> None:
    source = pairs(tmp_path)
    config = RunConfig(sources=(source,), batches="cross", batch_size=8)
    encoder = Recorder()
    made = draw(config, encoder, CalibrationSettings(pairs=16), sentences=lambda text, language: [(0, len(text))])
    for own, agreed in ((made.queries, made.agreed_queries), (made.passages, made.agreed_passages)):
        assert len(own) == len(agreed) == 32
        assert np.allclose(agreed[:16], agreed[16:]), "each pair has one translation, in the other language"
        assert np.allclose(agreed[:16], unit(own[:16] + own[16:]), atol=1e-6)
    assert np.array_equal(made.identities[:16], made.identities[16:])


def test_without_agreement_nothing_is_translated(tmp_path: Path) -> None:
    config = RunConfig(sources=(pairs(tmp_path),), batches="cross", batch_size=8)
    settings = CalibrationSettings(pairs=16, agree=0)
    made = draw(config, Recorder(), settings, sentences=lambda text, language: [(0, len(text))])
    assert len(made.queries) == len(made.passages) == 16
    for own, means in ((made.queries, made.agreed_queries), (made.passages, made.agreed_passages)):
        assert np.allclose(means, unit(own), atol=1e-6)


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(TrainingError, match="pairs is 8") as refused:
        CalibrationSettings(pairs=8)
    assert "16" in str(refused.value.hint)


@pytest.fixture
def bundled_pairs() -> RunConfig:
    return RunConfig(sources=(SourceConfig(str(paths.assets_folder() / "pairs")),), batches="cross", batch_size=8)


def test_a_calibrated_adapter_is_an_encoder_of_its_own(bundled_pairs: RunConfig) -> None:
    before = write("run0", seed=0)
    told: list[str] = []
    folder, made = calibrate(
        "level",
        "run0",
        bundled_pairs,
        CalibrationSettings(pairs=16, steps=20, size=8),
        lambda kind, done, total: told.append(kind),
    )
    assert folder == paths.encoders_folder() / "level" and set(told) == {"queries", "fragments", "passages"}
    assert not (before / head.FILE).exists(), "the encoder itself stays as it is"
    assert {path.stat().st_mode & 0o444 for path in folder.iterdir()} == {0o444}, "others may read it, too"
    texts = ["Where does the river rise?", "山から流れる川"]
    plain, level = encoders.load("run0", precision="fp32"), encoders.load("level", precision="fp32")
    assert np.abs(mapped(made, plain.encode_query(texts)) - level.encode_query(texts)).max() < 2e-3
    card = (folder / "README.md").read_text("utf-8")
    assert card.startswith("---\nbase_model: base") and "# level\n" in card and "# run0" not in card
    assert "## Calibration\n\nBehind the pooling of run0" in card
    run = json.loads((folder / "run.json").read_text("utf-8"))
    assert run["config"]["seed"] == 0 and run["calibration"]["of"] == "run0"
    assert run["calibration"]["settings"]["pairs"] == 16
    assert encoders.resolve("level").description == "trained with seed 0, calibrated"


def test_a_map_is_fitted_through_any_encoder_for_vectors_that_are_stored(bundled_pairs: RunConfig, tmp_path: Path):
    encoder = KeywordEncoder(bias=2.0)
    small = CalibrationSettings(pairs=16, steps=20, size=8, learning_rate=1e-2)
    made = correction_through(encoder, config=bundled_pairs, settings=small)
    stored = encoder.encode_document(["bread", "луна", "水"])
    changed = made.apply(stored)
    assert np.allclose(changed, mapped(made, stored), atol=1e-6) and np.abs(changed - stored).max() > 1e-3
    made.save(tmp_path / "map.npz")
    again = load_corrected(f"neutral:{tmp_path / 'map.npz'}#ask=keyword", lambda _: encoder)
    assert np.allclose(again.encode_query(["bread"]), changed[:1], atol=1e-6)
    (tmp_path / "map.npz").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"map\.npz"):
        load_corrected(f"neutral:{tmp_path / 'map.npz'}#ask=keyword", lambda _: encoder)
    Affine(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32)).save(tmp_path / "other.npz")
    with pytest.raises(EncoderError, match="another length"):
        load_corrected(f"neutral:{tmp_path / 'other.npz'}#ask=keyword", lambda _: encoder)


def test_what_cannot_be_calibrated_is_refused(bundled_pairs: RunConfig, tmp_path: Path) -> None:
    write("run0", seed=0)
    few = CalibrationSettings(pairs=16, steps=1, size=8)
    calibrate("level", "run0", bundled_pairs, few)
    for name, encoder, kind, reason in (
        ("level", "run0", EncoderError, "called level already"),
        ("again", "level", EncoderError, "level is already calibrated"),
        ("based", "base", EncoderError, "base is not an adapter"),
        ("lost", "nobody", UnknownEncoder, "nobody"),
        ("centred", "run0+neutral", EncoderError, r"run0\+neutral is not an adapter"),
        ("whole", str(encoders.export("run0", tmp_path / "whole")), EncoderError, "whole is not an adapter"),
    ):
        with pytest.raises(kind, match=reason):
            calibrate(name, encoder, bundled_pairs, few)
    write("run1", seed=1)
    with pytest.raises(EncoderError, match="level is calibrated"):
        average("soup", ["run1", "level"])


def test_the_help_tells_the_defaults(capsys) -> None:
    assert main.main(["encoders", "calibrate", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for option in ("pairs", "steps", "keep", "agree", "translations"):
        assert re.search(rf"--{option} .*?Default: {getattr(CalibrationSettings(), option):g}\.", told), option


def test_from_the_command_line(capsys) -> None:
    write("run0", seed=0)
    assert main.main(["encoders", "calibrate", "level", "run0", "--pairs", "16", "--agree", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == "level" and Path(found["path"]).is_dir()
    assert found["fragment_rank"]["passages"] >= 16
    assert main.main(["encoders", "calibrate", "level", "run0", "--pairs", "16"]) == 2
    assert "already" in capsys.readouterr().err
