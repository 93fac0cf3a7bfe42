"""The evaluator in sentence-transformers' trainer: what it measures, chooses by and leaves in the model card."""

from __future__ import annotations

import csv
import json

import pytest
from hybrid_search.engine.errors import DataError

from tests.support import tiny_models

torch = pytest.importorskip("torch")
from hybrid_search.train.benchmarks.loading import load  # noqa: E402
from hybrid_search.train.data.parallel import ParallelPairs  # noqa: E402
from hybrid_search.train.data.samplers import hybrid_batches  # noqa: E402
from hybrid_search.train.measure.evaluator import LanguageBiasEvaluator  # noqa: E402
from hybrid_search.train.measure.protocol import measure_vectors  # noqa: E402
from sentence_transformers import (  # noqa: E402
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses  # noqa: E402


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_models.labse(tmp_path_factory.mktemp("base") / "labse")


@pytest.fixture
def model(base):
    return SentenceTransformer(str(base), device="cpu", prompts={"query": "query: ", "document": "passage: "})


@pytest.fixture
def pairs(tmp_path):
    return ParallelPairs.from_files(str(tiny_models.pairs(tmp_path / "pairs.jsonl", 12)))


def squad(folder, codes=("de", "en")):
    """XQuAD-R's layout: a file a language, the sentences beside their paragraph."""
    folder.mkdir()
    for place, code in enumerate(codes):
        paragraphs = []
        for number, concept in enumerate(tiny_models.CONCEPTS[:6]):
            first, second = f"{concept[place]} {number}.", f"{concept[place]} {number + 10}."
            paragraphs.append(
                {
                    "context": f"{first} {second}",
                    "sentences": [first, second],
                    "sentence_breaks": [[0, len(first)], [len(first) + 1, len(first) + 1 + len(second)]],
                    "qas": [
                        {
                            "id": str(number),
                            "question": f"{concept[place]} {number}",
                            "answers": [{"answer_start": 0, "text": concept[place]}],
                        }
                    ],
                }
            )
        (folder / f"{code}.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), "utf-8")
    return folder


def belebele(folder):
    """Belebele's layout: two questions on each of two passages, in English and in both scripts of Chinese."""
    folder.mkdir()
    for dialect, words in (("eng_Latn", "bread"), ("zho_Hans", "brot"), ("zho_Hant", "pan")):
        rows = [
            {"link": f"https://x/{page}", "question_number": number, "flores_passage": f"{words} {page} {words}",
             "question": f"{words} {page} {number}", "mc_answer1": "1", "correct_answer_num": "1", "dialect": dialect}
            for page in range(2)
            for number in (1, 2)
        ]  # fmt: skip
        (folder / f"{dialect}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def test_its_figures_are_those_of_evaluate(model, tmp_path):
    evaluator = LanguageBiasEvaluator(squad(tmp_path / "set"), name="dev")
    found = evaluator(model)
    benchmark = load(tmp_path / "set")
    vectors = [
        model.encode_query(benchmark.query_texts(), normalize_embeddings=True),
        model.encode_document(benchmark.pool_texts(), normalize_embeddings=True),
    ]
    figures = measure_vectors(benchmark, *vectors).summary()
    assert found["dev_multi_map"] == pytest.approx(figures["multi"])
    assert found["dev_rank_distance"] == pytest.approx(figures["rank_distance"])
    assert {"dev_mono_map", "dev_cross_map", "dev_same_language_share", "dev_max_at_r"} <= set(found)
    assert evaluator.primary_metric == "dev_multi_map"


def test_belebele_asks_for_whole_passages_and_tells_scripts_apart(model, tmp_path):
    benchmark = LanguageBiasEvaluator(belebele(tmp_path / "belebele")).benchmark
    assert benchmark.languages == ("en", "zh", "zh-tw")
    assert (len(benchmark.queries), len(benchmark.pool)) == (12, 6)
    for query, rows in zip(benchmark.queries, benchmark.relevant, strict=True):
        assert {benchmark.pool[row].language for row in rows} == {"en", "zh", "zh-tw"}
        assert all(benchmark.pool[row].text.split()[1] == query.text.split()[1] for row in rows)
    some = LanguageBiasEvaluator(tmp_path / "belebele", languages=["en"], primary="mono_map")
    assert some.benchmark.languages == ("en",)
    assert 0 < some(model)["belebele-en_mono_map"] <= 1
    with pytest.raises(DataError, match="no questions in fr"):
        LanguageBiasEvaluator(tmp_path / "belebele", languages=["fr"])


def test_a_damaged_row_of_belebele_is_named(tmp_path):
    folder = belebele(tmp_path / "belebele")
    with (folder / "eng_Latn.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"flores_passage": 3, "question": "x", "dialect": "eng_Latn"}')
    with pytest.raises(DataError, match=r"eng_Latn\.jsonl, line 5: `flores_passage` is not text"):
        load(folder)


def test_ones_own_pairs_are_a_benchmark(model, pairs):
    evaluator = LanguageBiasEvaluator(pairs, questions=8, name="own")
    assert len(evaluator.benchmark.queries) == len(evaluator.benchmark.pool) == 8 * 3
    assert 0 < evaluator(model)["own_multi_map"] < 1


def test_pairs_are_measured_in_the_languages_that_are_named(pairs):
    some = LanguageBiasEvaluator(pairs, languages=["en"], primary="mono_map").benchmark
    assert some.languages == ("en",) and {each.language for each in some.queries} == {"en"}
    for given, reason in (
        ({"languages": ["xx"]}, "no text in 'xx'"),
        ({"languages": "en"}, "languages is 'en'; expected: a list"),
        ({"settings": "mono"}, "settings is 'mono'; expected: a list"),
        ({"questions": 0}, "0 questions cannot be measured"),
    ):
        with pytest.raises(DataError, match=reason):
            LanguageBiasEvaluator(pairs, **given)
    with pytest.raises(DataError, match="measured whole"):
        LanguageBiasEvaluator(some, languages=["en"], primary="mono_map")


def test_the_model_card_and_a_table_tell_the_figures(model, pairs, tmp_path):
    evaluator = LanguageBiasEvaluator(pairs, name="own", primary="rank_distance")
    assert not evaluator.greater_is_better
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path / "out"), max_steps=4, per_device_train_batch_size=4, eval_strategy="steps",
        eval_steps=2, save_steps=2, load_best_model_at_end=True, metric_for_best_model="own_rank_distance",
        greater_is_better=False, batch_sampler=hybrid_batches(pairs), use_cpu=True, report_to=[], disable_tqdm=True,
    )  # fmt: skip
    trainer = SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=pairs, loss=losses.MultipleNegativesRankingLoss(model),
        evaluator=evaluator,
    )  # fmt: skip
    trainer.train()
    logged = {entry["step"]: entry for entry in trainer.state.log_history if "eval_own_rank_distance" in entry}
    assert set(logged) == {2, 4}
    best = min(logged.values(), key=lambda entry: entry["eval_own_rank_distance"])
    assert trainer.state.best_metric == best["eval_own_rank_distance"]
    trainer.save_model(str(tmp_path / "done"))
    card = (tmp_path / "done" / "README.md").read_text("utf-8")
    assert "Language Bias" in card
    assert "rank_distance" in card
    assert "model-index" in card
    with next((tmp_path / "out").rglob("language-bias_own_results.csv")).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["steps"]) for row in rows] == [2, 4]
    assert float(rows[0]["rank_distance"]) == logged[2]["eval_own_rank_distance"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"primary": "ndcg"}, "ndcg is not a measure to choose by"),
        ({"primary": "language_preference"}, "not a measure to choose by"),
        ({"settings": ["mono"]}, "multi_map is not a measure to choose by"),
        ({"settings": ["all"]}, "'all'.* is not a setting"),
    ],
)
def test_what_cannot_be_chosen_by_is_refused_before_training(pairs, settings, reason):
    with pytest.raises(DataError, match=reason):
        LanguageBiasEvaluator(pairs, **settings)


def test_a_figure_that_says_nothing_here_is_told_when_it_is_asked_for(model):
    alone = ParallelPairs.from_rows([{"question": {"de": f"wo {n}"}, "passage": {"de": f"{n} {n}"}} for n in range(3)])
    with pytest.raises(DataError, match=r"cross_map cannot be measured on pairs, which has 1 language\(s\)"):
        LanguageBiasEvaluator(alone, primary="cross_map")(model)
