"""Benchmarks that take long, or need a card, run with a handful of texts, and say what they measure at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import tiny_models
from tests.support.transformers_folders import write_model

BENCHMARKS = Path(__file__).parent / "benchmarks"


@pytest.fixture(autouse=True)
def found_by_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """A folder that sentence-transformers loads and our own network runs."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    body = modules.Transformer(str(write_model(tmp_path / "plain", "xlm-roberta")))
    model = SentenceTransformer(modules=[body, modules.Pooling(32), modules.Normalize()], device="cpu")
    model.prompts = {"query": "query: ", "document": "passage: "}
    model.save_pretrained(str(tmp_path / "saved"), create_model_card=False)
    return tmp_path / "saved"


def test_each_row_of_the_card_is_told_once_it_is_measured(encoder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    import card

    few = ["--texts", "6", "--asked", "4", "--seconds", "0.01", "--documents", "3"]
    only = ["--only", "plain,auto,stages,any,index"]
    assert card.main(["--device", "cpu", "--encoder", str(encoder), *few, *only, "--json"]) == 0
    rows = {row["way"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(rows) == ["machine", "auto", "stages", "plain", "any", "index", "auto against plain", "all"]
    assert not any("not measured" in row for row in rows.values())
    assert rows["auto against plain"]["cosine_min"] > 0.9999
    assert rows["any"]["cosine_min"] > 0.99
    assert rows["index"]["passages"] >= 3


def test_a_way_that_cannot_run_says_why_and_the_others_run(
    encoder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import card

    def without(card: object, name: str) -> dict[str, object]:
        raise ModuleNotFoundError("No module named 'peft'")

    monkeypatch.setitem(card.MEASURES, "train", without)
    few = ["--texts", "2", "--asked", "2", "--seconds", "0.01"]
    assert card.main(["--device", "cpu", "--encoder", str(encoder), *few, "--only", "train,auto"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("ours, auto: passages per second")
    assert lines[2].startswith("train: not measured ModuleNotFoundError: No module named 'peft'")
    with pytest.raises(SystemExit):
        card.main(["--only", "auto,nothing"])
    assert "not nothing" in capsys.readouterr().err


def test_updates_of_training_are_counted_by_the_clock(tmp_path: Path) -> None:
    import training

    base = tiny_models.xlm_r(tmp_path / "tiny")
    data = tiny_models.pairs(tmp_path / "pairs.jsonl")
    found = training.pace(str(base), "cpu", 4, 0.01, sources=(str(data),))
    assert found["updates"] >= 1
    assert found["updates_a_second"] > 0


def test_what_is_pushed_to_an_engine_is_measured_there(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("milvus_lite", reason="needs the extra [remote]")
    import pushing

    asked = ["--passages", "40", "--queries", "1", "--engines", "milvus", "--indexes", "exact"]
    assert pushing.main(asked) == 0
    library, engine = map(json.loads, capsys.readouterr().out.splitlines())
    assert library["passages"] == 40
    assert engine["recall@10"] == 1.0
    assert engine["passages a second"] > 0
