"""Stored vectors lose what languages add to them: in every store, in files and in libraries, beside the old."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hybrid_search.engine import encoders as engine_encoders
from hybrid_search.engine.encoders import registry
from hybrid_search.engine.encoders.neutral import Affine, Neutraliser
from hybrid_search.engine.stores import open_collection
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.contract.answers import ANSWERS

from tests.conftest import CONCEPTS, KeywordEncoder
from tests.support import filled_stores
from tests.support.filled_stores import LANGUAGES, TEXTS


@pytest.fixture
def run(capsys, monkeypatch):
    """Commands, with a biased encoder of words under the name `biased`."""
    real = engine_encoders.load

    def load(name, **options):
        return KeywordEncoder("biased", bias=2.0) if name == "biased" else real(name, **options)

    monkeypatch.setattr(registry, "load", load)
    monkeypatch.setattr("hybrid_search.engine.encoders.load", load, raising=False)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        if "--json" in arguments and arguments[0] == "neutralise" and code == 0:
            jsonschema.Draft202012Validator(ANSWERS["neutralise"]).validate(json.loads(captured.out))
        return code, captured.out, captured.err

    return run


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """Questions about the concepts in every language, in a file as `audit --kit` takes it."""
    rows = [
        {"id": f"{concept}-{code}", "group": concept, "language": code, "question": words[place]}
        for concept, words in CONCEPTS.items()
        for code, place in LANGUAGES.items()
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def vectors_in(name: str) -> dict[str, np.ndarray]:
    collection = open_collection(name)
    try:
        return {
            key: vector for block in collection.blocks() for key, vector in zip(block.ids, block.vectors, strict=True)
        }
    finally:
        collection.close()


@pytest.mark.parametrize("kind", filled_stores.ALL)
def test_a_collection_gets_a_neutral_copy_and_keeps_its_own(kind: str, run, tmp_path: Path):
    with filled_stores.ALL[kind](tmp_path, filled_stores.vectors()) as name:
        code, out, _ = run("neutralise", name, "--yes", "--json")
        told = json.loads(out)
        assert code == 0 and told["kept"] == len(TEXTS)
        near = told["neighbours"]
        assert near["after"]["own"] < near["before"]["own"] and near["after"]["kept"] > 0.5
        old = vectors_in(name)
        copy = name.replace("passages?", f"{told['to']}?") if "?" in name else None
        if kind in filled_stores.FILES:
            new = vectors_in(f"vectors:{Path(name.removeprefix('vectors:')).with_name(told['to'])}")
        else:
            new = vectors_in(copy if copy and "#passages" not in copy else name.replace("#passages", f"#{told['to']}"))
        fitted = Neutraliser.load(told["file"])
        for place, key in enumerate(TEXTS):
            np.testing.assert_allclose(old[key], filled_stores.vectors()[place], atol=1e-5)
            wanted = fitted.apply(old[key][None], [key[-2:]])[0]
            np.testing.assert_allclose(new[key], wanted, atol=1e-4)


@pytest.mark.parametrize("method", ["centring", "lir", "lsar"])
def test_answers_are_measured_before_anything_is_kept(method: str, run, kit, tmp_path: Path):
    with filled_stores.parquet(tmp_path, filled_stores.vectors()) as name:
        before = set(tmp_path.iterdir())
        arguments = ("--encoder", "biased", "--kit", kit, "--method", method)
        code, out, err = run("neutralise", name, *arguments, "--dry-run")
        assert code == 0 and "Nothing was written" in err and set(tmp_path.iterdir()) == before
        assert "share of the question's language in answers" in out
        code, out, _ = run("neutralise", name, *arguments, "--dry-run", "--json")
        asked = json.loads(out)["answers"]
        assert asked["after"]["pull"]["value"] < asked["before"]["pull"]["value"]


def test_without_somebody_to_ask_nothing_is_written(run, tmp_path: Path):
    with filled_stores.npy(tmp_path, filled_stores.vectors()) as name:
        before = set(tmp_path.iterdir())
        code, _, err = run("neutralise", name)
        assert (
            code == 0 and "Nothing was written: nobody can be asked here" in err and set(tmp_path.iterdir()) == before
        )


def test_a_library_gets_an_encoder_beside_that_answers_without_bias(run, tmp_path: Path):
    (tmp_path / "texts").mkdir()
    for key, text in TEXTS.items():
        (tmp_path / "texts" / f"{key}.txt").write_text(f"{text}. {text}. {text}.", "utf-8")
    library = ("--library", tmp_path / "library")
    assert run("index", tmp_path / "texts", "--encoder", "biased", *library)[0] == 0
    code, out, _ = run("neutralise", *library, "--method", "lsar", "--yes")
    name = out.strip().splitlines()[-1]
    assert code == 0 and name.startswith("neutral:") and name.endswith("#ask=biased")
    code, out, _ = run("compare", "луна", "--encoder", "biased", "--encoder", name, "--json", "-k", "8", *library)
    shares = json.loads(out)["same_language_share"]
    assert code == 0 and shares[name] < shares["biased"]
    code, out, _ = run("status", "--json", *library)
    assert {each["name"]: each["missing"] for each in json.loads(out)["encoders"]} == {"biased": 0, name: 0}


def test_calibration_is_fitted_through_the_encoder(run, kit, tmp_path: Path, monkeypatch):
    import hybrid_search.train.calibration as calibration

    turned = Affine(np.roll(np.eye(13, dtype=np.float32), 1, axis=0), np.zeros(13, dtype=np.float32))
    monkeypatch.setattr(calibration, "correction_through", lambda encoder, progress: turned, raising=False)
    with filled_stores.npz(tmp_path, filled_stores.vectors()) as name:
        code, _, err = run("neutralise", name, "--method", "calibration", "--yes")
        assert code == 2 and "--encoder" in err
        arguments = ("--encoder", "biased", "--kit", kit, "--save", tmp_path / "map.npz")
        code, out, _ = run("neutralise", name, "--method", "calibration", *arguments, "--yes", "--json")
        told = json.loads(out)
        assert code == 0 and told["method"] == "calibration"
        new = vectors_in(f"vectors:{tmp_path / told['to']}")
        np.testing.assert_allclose(new["moon2-ru"], np.roll(vectors_in(name)["moon2-ru"], 1), atol=1e-5)
        encoder = engine_encoders.load(told["encoder"])
        np.testing.assert_allclose(
            encoder.encode_query(["луна"]),
            np.roll(KeywordEncoder(bias=2.0).encode_query(["луна"]), 1, axis=1),
            atol=1e-5,
        )


def test_what_stands_in_the_way_is_said(run, kit, tmp_path: Path):
    with filled_stores.npy(tmp_path, filled_stores.vectors()) as name:
        code, _, err = run("neutralise", name, "--to", "passages.npy", "--yes")
        assert code == 2 and "exists already" in err and not list(tmp_path.rglob("corrections/*"))
        code, _, err = run("neutralise", name, "--to", "elsewhere/x.npy", "--yes")
        assert code == 2 and "cannot be the name" in err
        (tmp_path / "there.npz").touch()
        code, _, err = run("neutralise", name, "--save", tmp_path / "there.npz", "--yes")
        assert code == 2 and "exists already" in err
        code, _, err = run("neutralise", "neutral.npy")
        assert code == 2 and "no library" in err
    with filled_stores.npz(
        tmp_path, KeywordEncoder(bias=0.0).encode_document([text[::-1] for text in TEXTS.values()])
    ) as name:
        code, _, err = run("neutralise", name, "--encoder", "biased", "--kit", kit)
        assert code == 2 and "gives other vectors for the texts" in err
    np.savez(tmp_path / "few.npz", vectors=np.eye(9), id=np.arange(9), language=np.array(["en"] * 9))
    code, _, err = run("neutralise", f"vectors:{tmp_path / 'few.npz'}")
    assert code == 2 and "1 language with 8 vectors" in err
    np.savez(tmp_path / "none.npz", vectors=np.eye(9), id=np.arange(9))
    code, _, err = run("neutralise", f"vectors:{tmp_path / 'none.npz'}")
    assert code == 2 and "stores neither texts nor languages" in err


def test_languages_are_the_same_however_they_are_called_and_some_may_be_unknown(run, tmp_path: Path):
    draw = np.random.default_rng(0).normal(size=(36, 8))
    called = ["en-US", "EN", "English", "eng", "de_DE", "deu", "German", "de"] * 3 + [""] * 12
    np.savez(tmp_path / "tags.npz", vectors=draw, id=np.arange(36), language=np.array(called))
    code, out, err = run("neutralise", f"vectors:{tmp_path / 'tags.npz'}", "--dry-run", "--json")
    assert code == 0, err
    assert json.loads(out)["languages"] == {"en": 12, "de": 12, "und": 12}
