"""Settings are declared once: what is derived from them, what they refuse, what became of earlier versions' ones."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path

import pytest
from hybrid_search.engine import paths
from hybrid_search.engine.errors import DataError, TrainingError
from hybrid_search.train.settings import fixed
from hybrid_search.train.settings.calibration import CalibrationSettings
from hybrid_search.train.settings.config import RunConfig, SourceConfig
from hybrid_search.train.settings.described import TABLES, described
from hybrid_search.train.settings.recipes import from_dict, load_recipe, refuse_unset
from hybrid_search.train.settings.removed import REMOVED
from hybrid_search.train.settings.setting import settings_of
from hybrid_search.train.settings.study import StudySettings

KINDS = (RunConfig, SourceConfig, CalibrationSettings, StudySettings)
EVERY = [(kind, name) for kind in KINDS for name in settings_of(kind)]
WRONG = {
    "bool": [1, "true", None],
    "int": [1.5, "7", True, math.nan, None],
    "float": ["7", True, math.nan, math.inf, None],
    "str": [7, None, ["a"]],
    "tuple[str, ...]": [[7], 7],
    "tuple[float, ...]": ["x,y", ["a"], 7],
    "collections.abc.Mapping[str, float]": ["de:x", {"de": "a"}, 7],
    "collections.abc.Mapping[str, tuple[str, ...]]": ["a", {"source": "a"}, 7],
}
# What a run of the version before this one wrote down, where nothing was asked for.
BEFORE = {
    "name": "old", "base": "base", "batches": "hybrid", "alpha": 0.5, "steps": 100, "batch_size": 32,
    "cross_batch_size": 0, "mono_mix": "example", "cross_mix": "batch", "mono_languages": "uniform",
    "cross_languages": "row", "pairing": "example", "languages": [], "language_weights": {}, "languages_per_batch": 0,
    "temperature": 1 / 30, "symmetric": "never", "distill": 0.0, "distill_temperature": 0.02, "anchor": 0.0,
    "semantic_weight": 0.0, "language_weight": 0.0, "learning_rate": 5e-4, "warmup_steps": 20, "schedule": "linear",
    "weight_decay": 0.01, "clip": 1.0, "lora_rank": 32, "lora_alpha": 0, "layer_weights": [],
    "train_embeddings": False, "dropout": 0.0, "precision": "auto", "device": "auto", "query_tokens": 40,
    "passage_tokens": 72, "gradient_cache": 0, "negatives": "none", "negatives_per_query": 1, "negatives_margin": 0.05,
    "negatives_rows": 5000, "validation": "", "validation_questions": 150, "validate_every": 0, "patience": 0,
    "select": "mean", "average": 1.0, "merge": False, "protect": [], "allow_overlap": False, "checkpoint_every": 50,
    "broken_rows": 100, "seed": 0,
}  # fmt: skip
SOURCE_BEFORE = {
    "path": "x.jsonl", "format": "auto", "language": "", "mono": 1.0, "cross": 1.0, "siblings": True, "include": {},
    "exclude": {}, "crop": "", "crop_tokens": [0, 0, 25, 50], "apart": False, "neighbourhood": 0.0, "spans": 0.0,
    "holdout": 0,
}  # fmt: skip


def made(kind, **values):
    return kind(**({"path": "x"} if kind is SourceConfig else {}) | values)


def test_there_are_few_and_each_is_declared():
    fields = [field.name for kind in (RunConfig, SourceConfig) for field in dataclasses.fields(kind)]
    fields.remove("sources")
    assert len(fields) < 43
    assert fields == [name for kind in (RunConfig, SourceConfig) for name in settings_of(kind)]


def test_the_reference_has_a_record_for_each_with_the_default_that_the_program_has():
    records = {(each.table, each.name): each for each in described()}
    assert list(records) == [(table, name) for table, kind in TABLES for name in settings_of(kind)]
    assert all(each.help and each.type for each in records.values())
    assert records["run", "lora_rank"].option == "--lora"
    assert records["run", "steps"].range == "lies between 1 and 1,000,000,000"
    for (table, name), each in records.items():
        setting = settings_of(dict(TABLES)[table])[name]
        assert each.default == setting.shown(getattr(made(dict(TABLES)[table]), name)) or name == "path"


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_value_of_another_type_is_refused_by_name(kind, name):
    for value in WRONG[settings_of(kind)[name].kind]:
        with pytest.raises(TrainingError, match=name) as refused:
            made(kind, **{name: value})
        assert refused.value.hint


@pytest.mark.parametrize(
    ("kind", "name", "bound"),
    [
        (kind, name, bound)
        for kind, name in EVERY
        for bound in (settings_of(kind)[name].low, settings_of(kind)[name].high)
        if bound is not None
    ],
)
def test_bounds_belong_to_the_range_and_what_lies_beyond_does_not(kind, name, bound):
    assert getattr(made(kind, **{name: bound}), name) == bound
    beyond = bound - 1 if bound == settings_of(kind)[name].low else bound + 1
    with pytest.raises(TrainingError, match=name):
        made(kind, **{name: beyond})


def test_a_run_of_the_version_before_is_a_run_of_this_one():
    config = from_dict({**BEFORE, "sources": [SOURCE_BEFORE]})
    assert config == RunConfig(name="old", sources=(SourceConfig("x.jsonl"),))
    assert from_dict(json.loads(json.dumps(config.as_dict()))) == config
    assert set(REMOVED) - {"format", "exclude", "apart"} <= set(BEFORE)


@pytest.mark.parametrize("name", sorted(REMOVED))
def test_a_removed_setting_is_ignored_where_it_changes_nothing_and_told_by_name_elsewhere(name):
    of_source = name in SOURCE_BEFORE
    values = SOURCE_BEFORE if of_source else BEFORE
    other = {"mono_mix": "never", "exclude": {"source": ["a"]}}.get(name, "else")
    changed = {**values, name: other}
    stored = {**BEFORE, "sources": [changed]} if of_source else {**changed, "sources": [SOURCE_BEFORE]}
    with pytest.raises(TrainingError, match=f"{name}.* was removed in this version because") as told:
        from_dict(stored)
    assert told.value.hint


def test_mixed_sources_are_told_only_where_there_is_something_to_mix():
    apart = [{**SOURCE_BEFORE, "mono": 0.0}, SOURCE_BEFORE]
    assert len(from_dict({**BEFORE, "sources": apart}).sources) == 2
    with pytest.raises(TrainingError, match="mono_mix"):
        from_dict({**BEFORE, "sources": [SOURCE_BEFORE, SOURCE_BEFORE]})


def test_siblings_widths_and_languages_are_read_in_today_s_words():
    config = from_dict(
        {
            "negatives": "siblings",
            "language_weights": {"de": 3},
            "sources": [
                {"path": "a", "crop": "answer", "crop_tokens": [0]},
                {"path": "b", "siblings": False, "crop": "answer"},
            ],
        }
    )
    assert [(source.negatives, source.crop) for source in config.sources] == [
        ("siblings", "sentence"),
        ("none", "answer"),
    ]
    assert (config.only_languages, config.language_weights) == ((), {"de": 3.0})
    named = from_dict({"languages": ["de", "fr"]})
    assert (named.only_languages, named.language_weights) == (("de", "fr"), {"de": 1.0, "fr": 1.0})
    with pytest.raises(TrainingError, match="crop_tokens"):
        from_dict({"sources": [{"path": "a", "crop": "answer", "crop_tokens": [7]}]})


@pytest.mark.parametrize("name", ["mono", "cross", "hybrid"])
def test_the_bundled_encoders_runs_are_read(name):
    run = json.loads((Path(paths.assets_folder()) / "encoders" / name / "run.json").read_text("utf-8"))
    recipes = Path(paths.assets_folder()).parent / "train" / "recipes"
    light = {"distill": 0.2, "steps": 80, "batch_size": 64, "warmup_steps": 15}
    runs = (
        ("trio", {}),
        ("translations", {}),
        ("trio", {"distill": 0.2}),
        ("translations", light),
        ("light", {}),
        ("light", {"seed": 1}),
    )
    for made, (recipe, changed) in zip(run["averaged"], runs, strict=True):
        config = from_dict(made["run"]["config"])
        assert config.batches == name
        same = {"name": config.name, "batches": name, **changed}
        assert config == load_recipe(recipes / f"{recipe}.toml").replace(**same), (
            "the recipe is the one that it was trained by"
        )
    assert from_dict(run["calibration"]["config"]).sources[0].crop == "sentence"


def test_an_unknown_key_is_told_with_those_that_are_near(tmp_path):
    recipe = tmp_path / "r.toml"
    for text, near in (("stepz = 7", "steps"), ('[[sources]]\npath = "a"\nnegativs = "mine"', "negatives")):
        recipe.write_text(text, "utf-8")
        with pytest.raises(TrainingError, match="There is no setting") as told:
            load_recipe(recipe)
        assert near in told.value.hint and "r.toml" in told.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources = 3", r"sources in \S+r\.toml must be a list of tables\. Write a \[\[sources\]\] table"),
        ("sources = [3]", r"A source in \S+r\.toml is 3\. Write a \[\[sources\]\] table with a path"),
        ("[sources]\npath = 1", r"sources in \S+r\.toml must be a list of tables"),
        ("steps = [", r"The recipe \S+r\.toml cannot be read: .*end of document"),
        ("alpha = '0.5'", r"alpha is '0\.5'\. It is a number"),
    ],
)
def test_a_recipe_of_another_shape_is_refused_in_words(tmp_path, text, said):
    (tmp_path / "r.toml").write_text(text, "utf-8")
    with pytest.raises((TrainingError, DataError)) as told:
        load_recipe(tmp_path / "r.toml")
    assert re.search(said, str(told.value))


def test_a_recipe_is_read_and_the_command_line_wins(tmp_path, monkeypatch):
    (tmp_path / "x.jsonl").write_text("", "utf-8")
    monkeypatch.setenv("SOMEWHERE", "/elsewhere")
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'steps = 7\ntemperature = 1\nholdout = 9\n[[sources]]\npath = "x.jsonl"\nholdout = 4\n'
        '[[sources]]\npath = "${SOMEWHERE}/y"\n',
        "utf-8",
    )
    config = load_recipe(recipe, steps=9)
    assert (config.steps, config.temperature) == (9, 1.0)
    assert [source.path for source in config.sources] == [str(tmp_path / "x.jsonl"), "/elsewhere/y"]
    assert [source.holdout for source in config.sources] == [4, 9]
    assert [source.holdout for source in load_recipe(recipe, holdout=0).sources] == [0, 0]
    own = load_recipe(recipe, sources=(SourceConfig("mine"),))
    assert [(source.path, source.holdout) for source in own.sources] == [("mine", 9)]


def test_data_named_by_a_variable_that_is_not_set_are_told_by_its_name(tmp_path, monkeypatch):
    monkeypatch.delenv("SOMEWHERE", raising=False)
    (tmp_path / "r.toml").write_text('[[sources]]\npath = "${SOMEWHERE}/train/y.jsonl"\n', "utf-8")
    with pytest.raises(DataError) as told:
        refuse_unset(load_recipe(tmp_path / "r.toml"))
    words = str(told.value)
    assert "${" not in words and "SOMEWHERE" in words and "train/y.jsonl" in words and told.value.hint
    refuse_unset(load_recipe(tmp_path / "r.toml", sources=(SourceConfig("mine"),)))


def test_the_card_has_a_row_for_every_setting_of_the_run():
    from hybrid_search.train.run.card import _settings

    config = RunConfig(name="x", alpha=0.0, average=0.0, validation="/home/somebody/dev.jsonl")
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in _settings(config)}
    assert set(rows) == set(settings_of(RunConfig)) - {"name", "base", "device"}
    assert rows["alpha"].startswith("| alpha | 0 |") and rows["average"].startswith("| average | 0 |")
    assert "somebody" not in rows["validation"] and "dev.jsonl" in rows["validation"]


def test_what_every_run_has_in_common_is_what_the_removed_settings_may_still_say():
    assert REMOVED["clip"].same == (fixed.CLIP,)
    assert REMOVED["query_tokens"].same == (fixed.QUERY_TOKENS,)


@pytest.mark.parametrize(
    "given", [10**400, -(10**5000), [[10**5000]], "x" * 10_000], ids=["large", "larger", "listed", "long"]
)
@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_value_of_any_size_is_taken_or_refused_in_a_short_sentence(kind, name, given):
    try:
        made = kind(**{name: given})
    except TrainingError as error:
        assert len(str(error)) < 1500
    else:
        assert getattr(made, name) == given


@pytest.mark.parametrize(
    "text",
    [
        "steps = " + "1" * 4400,
        "steps = " + "[" * 100_000,
        'languages = [["de"]]\nlanguage_weights = { de = 2 }',
        "language_weights = 5",
        "language_weights = [1]",
        "languages = [{}]",
    ],
    ids=range(6),
)
def test_a_recipe_with_odd_values_is_refused_in_words(tmp_path: Path, text: str):
    recipe = tmp_path / "r.toml"
    recipe.write_text(text)
    with pytest.raises((DataError, TrainingError)):
        load_recipe(recipe)


def test_a_path_that_no_file_can_have_is_kept_for_its_reader_to_refuse(tmp_path: Path):
    recipe = tmp_path / "r.toml"
    recipe.write_text(f'[[sources]]\npath = "{"a" * 5000}"\n')
    assert load_recipe(recipe).sources[0].path == "a" * 5000


@pytest.mark.parametrize("content", ["[1]", "7", "[" * 100_000, "{", '"a"', "\xff"])
def test_a_runs_file_that_holds_something_else_is_called_damaged(tmp_path: Path, content: str):
    from hybrid_search.train.run import checkpoints

    (tmp_path / "run.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(TrainingError, match="is damaged"):
        checkpoints.read_json(tmp_path / "run.json")
