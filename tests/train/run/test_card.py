"""The card that a run leaves: what the hub reads of it."""

from __future__ import annotations

import json

import pytest

from tests.support import tiny_models

torch = pytest.importorskip("torch")
from hybrid_search.train.reports import hub_card  # noqa: E402
from hybrid_search.train.run.training import fit  # noqa: E402
from hybrid_search.train.settings.config import RunConfig, SourceConfig  # noqa: E402


def test_a_run_leaves_its_measured_scores_data_and_licence_where_the_hub_reads_them(tmp_path):
    base = tiny_models.xlm_r(tmp_path / "base")
    (base / "README.md").write_text("---\nlicense: mit\nbase_model: someone/published\n---\n# base\n", "utf-8")
    pairs = tiny_models.pairs(tmp_path / "p.jsonl")
    pairs.write_text(pairs.read_text("utf-8") + "{\n", "utf-8")
    config = RunConfig(
        name="tiny", base=str(base), sources=(SourceConfig(str(pairs), holdout=3),),
        steps=2, batch_size=4, lora_rank=2, precision="fp32", device="cpu", checkpoint_every=0, validation="held-out",
    )  # fmt: skip
    folder = fit(config, lambda event: None).path
    card = (folder / "README.md").read_text("utf-8")
    fields = hub_card.told(card)
    assert (fields["license"], fields["base_model"]) == ("mit", "someone/published")
    assert fields["language"] == ["de", "en", "es"]
    index = fields["model-index"][0]
    assert index["name"] == "tiny"
    measured = {metric["type"]: metric["value"] for metric in index["results"][0]["metrics"]}
    scores = json.loads((folder / "run.json").read_text("utf-8"))["scores_after"]
    assert measured == {key: pytest.approx(value) for key, value in scores.items()}
    assert {"mono", "cross", "multi", "rank_distance"} <= set(measured)
    assert "p.jsonl" in card.partition("## Notes of the run")[2], "a broken row is told"
    assert str(tmp_path) not in card
