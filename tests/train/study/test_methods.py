"""A comparison of methods: equal terms, runs that are not repeated, tables that can be computed by hand."""

from __future__ import annotations

import json
import math

import pytest
from hybrid_search.engine.errors import DataError, TrainingError
from hybrid_search.train.settings.config import RunConfig, SourceConfig
from hybrid_search.train.study.methods import Method, compare_methods, read_methods
from hybrid_search.train.study.methods_report import Compared

CONFIG = RunConfig(validation="held-out", steps=5, sources=(SourceConfig("/rows.jsonl"),))
HYBRID, MONO = Method("hybrid", {"batches": "hybrid"}), Method("mono", {"batches": "mono", "temperature": 0.05})
BASE = {"validation": {"mono": 0.5, "cross": 0.4, "multi": 0.3, "rank_distance": 900.0}}


def scored(config, _tell):
    better = 0.1 * (config.batches == "hybrid")
    seed = config.seed / 100
    scores = {"mono": 0.6 + seed, "cross": 0.6 + better + seed, "multi": 0.4 + 2 * better, "rank_distance": 100.0}
    return BASE, {"validation": scores}


def test_every_method_is_trained_with_every_seed_on_equal_terms(tmp_path):
    seen = []

    def run(config, tell):
        seen.append(config)
        return scored(config, tell)

    compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=3, run=run)
    assert [(config.batches, config.seed) for config in seen] == [
        (batches, seed) for seed in (0, 1, 2) for batches in ("hybrid", "mono")
    ]
    equal = {
        json.dumps(config.replace(name="", batches="hybrid", temperature=0.1, seed=0).as_dict()) for config in seen
    }
    assert len(equal) == 1
    assert len({config.name for config in seen}) == 6, "runs that share a name would overwrite each other"


def test_tables_have_means_intervals_and_differences_seed_by_seed(tmp_path):
    compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=3, run=scored)
    report = (tmp_path / "study.md").read_text("utf-8")
    assert "| base | 0.5000 | 0.4000 | 0.3000 | 900.0 |" in report
    assert "| hybrid | 0.6100 ± 0.0248 | 0.7100 ± 0.0248 | 0.6000 ± 0.0000 | 100.0 ± 0.0 |" in report
    # Seeds move both methods alike, so that the difference has no spread.
    assert "| mono | +0.0000 ± 0.0000 | **-0.1000 ± 0.0000** | **-0.2000 ± 0.0000** | +0.0 ± 0.0 |" in report
    assert "| base | 0.4000 | .500 .400 .300 |" in report
    assert "- mono: `batches = 'mono'`, `temperature = 0.05`" in report
    numbers = json.loads((tmp_path / "study.json").read_text("utf-8"))
    assert numbers["base"] == BASE
    assert numbers["methods"][0]["parts"]["validation"]["mono"]["values"] == [0.6, 0.61, 0.62]


def test_one_seed_has_neither_intervals_nor_differences(tmp_path):
    compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=1, run=scored)
    report = (tmp_path / "study.md").read_text("utf-8")
    assert "| hybrid | 0.6000 | 0.7000 | 0.6000 | 100.0 |" in report
    assert "±" not in report and "Less hybrid" not in report


def test_the_number_is_the_mean_over_parts_of_what_counts():
    runs = [{"one": {"mono": 0.2, "cross": 0.4}, "two": {"mono": 0.9}, "shown": {"cross": 1.0}}]
    compared = Compared({}, {"only": runs}, {"one": ("mono", "cross"), "two": ("mono",), "shown": ()})
    assert compared.numbers("only") == pytest.approx([(0.3 + 0.9) / 2])


def test_a_comparison_that_was_stopped_goes_on(tmp_path):
    seen = []

    def run(config, tell):
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(config.name)
        return scored(config, tell)

    with pytest.raises(KeyboardInterrupt):
        compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=2, run=run)
    with (tmp_path / "methods.jsonl").open("a") as file:
        file.write('{"method": "hyb')
    again = []
    found = compare_methods(
        CONFIG, (HYBRID, MONO), tmp_path, seeds=2,
        run=lambda config, tell: again.append(config.name) or scored(config, tell),
    )  # fmt: skip
    assert sorted(seen + again) == ["study-hybrid-0", "study-hybrid-1", "study-mono-0", "study-mono-1"]
    assert found.base == BASE


def test_a_method_with_other_settings_is_trained_again_and_a_renamed_one_is_not(tmp_path):
    compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=1, run=scored)
    again = []
    compare_methods(
        CONFIG, (Method("ours", HYBRID.changes), Method("mono", {"batches": "mono"})), tmp_path, seeds=1,
        run=lambda config, tell: again.append(config.name) or scored(config, tell),
    )  # fmt: skip
    assert again == ["study-mono-0"]


def test_other_settings_need_another_folder(tmp_path):
    compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=1, run=scored)
    with pytest.raises(TrainingError, match="other settings"):
        compare_methods(CONFIG.replace(steps=6), (HYBRID, MONO), tmp_path, seeds=1, run=scored)


def test_a_folder_in_which_no_run_has_ended_holds_no_study_yet(tmp_path):
    def fails(config, tell):
        raise TrainingError("There are no data.")

    with pytest.raises(TrainingError, match="no data"):
        compare_methods(CONFIG, (HYBRID, MONO), tmp_path, seeds=1, run=fails)
    compare_methods(CONFIG.replace(steps=6), (HYBRID, MONO), tmp_path, seeds=1, run=scored)


def test_a_methods_setting_of_a_source_holds_for_all_sources():
    found = Method("siblings", {"negatives": "siblings"}).of(CONFIG, 3)
    assert [source.negatives for source in found.sources] == ["siblings"]
    assert (found.seed, found.steps) == (3, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('batches = "mono"', "is not a method"),
        ("[one]\n[two]\nseed = 3", "sets seed, which is equal for all methods"),
        ("[one]\n[two]\nalpa = 0.3", "sets 'alpa', which is not a setting"),
        ("[base]\n[two]\n", "'base' .* cannot be a method's name"),
        ('["../up"]\n[two]\n', "cannot be a method's name"),
        ("[one]\n", "fewer than two methods"),
        ("", "fewer than two methods"),
        ("[one", "cannot be read"),
    ],
)
def test_a_file_that_has_no_methods_is_refused_by_name(tmp_path, text, said):
    file = tmp_path / "methods.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said) as found:
        read_methods(file)
    assert str(file) in str(found.value)


def test_an_invalid_value_is_said_before_anything_is_trained(tmp_path):
    def run(config, tell):
        raise AssertionError("nothing may be trained")

    wrong = Method("warm", {"temperature": -1})
    with pytest.raises(TrainingError, match=r"The method warm: temperature is -1"):
        compare_methods(CONFIG, (HYBRID, wrong), tmp_path, seeds=1, run=run)


def test_a_comparison_needs_something_to_measure_on(tmp_path):
    with pytest.raises(TrainingError, match="needs a validation set"):
        compare_methods(CONFIG.replace(validation=""), (HYBRID, MONO), tmp_path, run=scored)


def test_a_figure_that_not_every_method_has_is_left_out():
    compared = Compared(
        {"validation": {"mono": 0.5, "cross": 0.5}},
        {"one": [{"validation": {"mono": 0.5, "cross": 0.5}}], "two": [{"validation": {"mono": 0.5}}]},
        {"validation": ("mono",)},
    )
    assert [measure.key for measure in compared.measures("validation")] == ["mono"]
    assert not math.isnan(compared.numbers("two")[0])
