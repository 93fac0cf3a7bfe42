"""The benchmarks of a graphics card run on a processor, with a handful of texts, and say what they measure at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import tiny_models

pytest.importorskip("torch")
BENCHMARKS = Path(__file__).parent / "benchmarks"


@pytest.fixture(autouse=True)
def found_by_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_each_row_of_the_card_is_told_once_it_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import card

    base = tiny_models.xlm_r(tmp_path / "tiny")
    few = ["--texts", "6", "--asked", "4", "--seconds", "0.01", "--documents", "3"]
    only = ["--only", "plain,auto,stages,any,index"]
    assert card.main(["--device", "cpu", "--encoder", str(base), *few, *only, "--json"]) == 0
    rows = {row["way"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(rows) == ["machine", "auto", "stages", "plain", "any", "index", "auto against plain", "all"]
    assert not any("not measured" in row for row in rows.values())
    assert rows["auto against plain"]["cosine_min"] > 0.9999
    assert rows["any"]["cosine_min"] > 0.99
    assert rows["index"]["passages"] >= 3


def test_a_way_that_cannot_run_says_why_and_the_others_run(capsys: pytest.CaptureFixture[str]) -> None:
    import card

    asked = ["--device", "cpu", "--texts", "1", "--asked", "1", "--seconds", "0.01", "--encoder", "no/where"]
    with pytest.raises(SystemExit, match="2"):
        card.main([*asked, "--only", "auto,nothing"])
    assert "not nothing" in capsys.readouterr().err


def test_updates_of_training_are_counted_by_the_clock(tmp_path: Path) -> None:
    import training

    base = tiny_models.xlm_r(tmp_path / "tiny")
    data = tiny_models.pairs(tmp_path / "pairs.jsonl")
    found = training.pace(str(base), "cpu", 4, 0.01, sources=(str(data),))
    assert found["updates"] >= 1
    assert found["updates_a_second"] > 0
