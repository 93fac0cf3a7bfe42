"""The report: every setting in it, pictures that are well-formed, and figures beside the paper's."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks import paper as paper_tables
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure import evaluation, registry
from hybrid_search.train.reports import report, svg

CODES = ("de", "en", "zh")
QUESTIONS = 24


def parallel(name: str = "XQuAD-R", questions: int = QUESTIONS) -> Benchmark:
    """Questions and answers that are concepts with a number, in three languages of the keyword encoder."""
    words = {"de": "brot", "en": "bread", "zh": "面包"}
    queries = [
        Query(f"q{n}", code, f"{words[code]} " * (n % 5 + 1) + f"wasser {n}")
        for n in range(questions)
        for code in CODES
    ]
    pool = [
        Candidate(f"{n}{code}", code, f"{words[code]} " * (n % 5 + 1) + f"<{n}>")
        for n in range(questions)
        for code in CODES
    ]
    relevant = [tuple(3 * n + c for c in range(3)) for n in range(questions) for _ in CODES]
    return Benchmark(name, tuple(queries), tuple(pool), tuple(relevant))


class Placed:
    """An encoder whose space is meaning and a shift for each language."""

    max_tokens = 10

    def __init__(self, name: str, shift: float) -> None:
        self.name, self.shift, self.fingerprint, self.dimension = name, shift, f"placed-{shift}", 20

    def _vector(self, text: str) -> np.ndarray:
        number = int(text.split()[-1].strip("<>"))
        code = CODES.index("zh" if "面" in text else "de" if "brot" in text else "en")
        meaning = np.random.default_rng(number).normal(size=17)
        own = np.random.default_rng(1000 + 3 * number + code).normal(size=20) * 0.1
        vector = np.concatenate([meaning / np.linalg.norm(meaning), self.shift * np.eye(3)[code]]) + own
        return vector / np.linalg.norm(vector)

    def encode_query(self, texts):
        return np.array([self._vector(text) for text in texts], dtype=np.float32)

    def encode_document(self, texts, progress=None):
        return self.encode_query(texts)

    def count_tokens(self, texts):
        return [3 for _ in texts]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HYBRID_SEARCH_HOME", str(tmp_path_factory.mktemp("home")))
        made = {"fair": Placed("fair", 0.0), "biased": Placed("biased", 1.5)}
        return evaluation.evaluate(
            parallel(), ["fair", "biased", "bm25"], made.__getitem__, neutral=(0,), align=True, map_size=60
        )


def test_neutral_variants_stand_beside_their_encoder(measured):
    assert list(measured.results) == ["fair", "fair+centred", "biased", "biased+centred", "bm25"]
    summary = {name: result.summary() for name, result in measured.results.items()}
    assert summary["biased+centred"]["multi"] > summary["biased"]["multi"]
    assert summary["biased+centred"]["rank_distance"] < summary["biased"]["rank_distance"]


def test_the_comparison_says_who_is_better_and_corrects_over_everything(measured):
    items = measured.differences()
    assert len(items) == 10 * len(registry.compared())
    multi = next(
        i for i in items if i.measure.key == "multi" and (i.difference.first, i.difference.second) == ("fair", "biased")
    )
    assert multi.verdict().startswith("fair is better than biased in multi mAP")
    bias = next(
        i
        for i in items
        if i.measure.key == "rank_distance" and (i.difference.first, i.difference.second) == ("fair", "biased")
    )
    assert bias.verdict().startswith("fair is better than biased in rank distance")
    assert multi.difference.pairs == QUESTIONS


def test_wins_ties_and_losses_are_given_for_every_language_pair(measured):
    pairs = measured.pair_counts()[0]["wins_ties_losses"]
    assert len(pairs) == 9
    assert all(sum(counts) == QUESTIONS for counts in pairs.values())


def test_alignment_tells_a_fair_space_from_a_biased_one(measured):
    assert measured.alignments["biased"].probe > measured.alignments["fair"].probe
    assert "bm25" not in measured.alignments


def test_below_six_questions_nothing_is_compared_and_that_is_said(tmp_path: Path):
    made = {"fair": Placed("fair", 0.0), "biased": Placed("biased", 1.5)}
    found = evaluation.evaluate(parallel(questions=4), ["fair", "biased"], made.__getitem__)
    assert found.differences() == []
    assert "4 questions are fewer than 6" in found.as_dict()["notes"][-1]


def test_the_report_has_text_figures_and_pictures(measured, tmp_path: Path):
    files = report.write_report(measured, tmp_path / "new" / "report")
    assert files[0].name == "report.md"
    names = {path.name for path in files}
    assert {"results.json", "rank-distance.svg", "map.svg", "heat-fair.svg", "heat-fair-less-biased.svg"} <= names
    text = files[0].read_text("utf-8")
    for path in files:
        if path.suffix == ".svg":
            assert f"]({path.name})" in text
            ET.fromstring(path.read_text("utf-8"))
    figures = json.loads((tmp_path / "new" / "report" / "results.json").read_text("utf-8"))
    assert figures["schema"] == 1
    assert [len(figures["results"][0][name]) for name in ("mono", "cross", "multi")] == [3, 6, 3]


def test_every_pair_is_in_the_text_of_the_report(measured, tmp_path: Path):
    text = report.write_report(measured, tmp_path)[0].read_text("utf-8")
    result = measured.results["biased"]
    for row in range(3):
        for column in range(3):
            assert f"{result.matrix()[row, column]:.4f}" in text
    (paper,) = [line for line in text.splitlines() if line.startswith("| paper: LaBSE hybrid |")]
    assert all(f"| {figure} |" in paper for figure in ("0.8167", "0.7672", "0.6817"))


def test_the_report_says_where_the_rank_distance_comes_from(measured, tmp_path: Path):
    report.write_report(measured, tmp_path)
    told = json.loads((tmp_path / "results.json").read_text())["tails"]["biased"]
    assert sum(told["last"].values()) == pytest.approx(1, abs=1e-4) and set(told["without"]) == set(CODES)
    text = (tmp_path / "report.md").read_text()
    hardest = told["hardest"][0]
    assert f"`{hardest['text']}`" in text and "A tenth of the questions accounts for" in text


def test_a_report_is_written_over_and_leaves_no_scraps(measured, tmp_path: Path):
    first = sorted(path.name for path in report.write_report(measured, tmp_path))
    report.write_report(measured, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == first


def test_a_report_that_cannot_be_written_says_so(measured, tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="cannot be written"):
        report.write_report(measured, tmp_path / "file")


def test_names_of_encoders_never_leave_the_folder():
    assert report.slug("../../etc/passwd") == "etc-passwd"
    assert report.slug("intfloat/multilingual-e5-small") == "intfloat-multilingual-e5-small"
    assert report.slug("///") == "encoder"


# -- pictures


def texts(picture: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_a_heat_map_prints_every_figure_and_leaves_unknown_ones_blank():
    picture = svg.heat_map(np.array([[0.5, np.nan], [0.25, 1214.0]]), ["de", "en"], ["de", "en"], "a < b & c")
    found = texts(picture)
    assert {".500", ".250", "1,214", "a < b & c"} <= set(found)
    assert "nan" not in picture


def test_differences_are_signed_and_white_at_zero():
    picture = svg.heat_map(np.array([[0.1, 0.0, -0.2]]), ["de"], ["de", "en", "zh"], "difference", diverging=True)
    assert {"+.100", "+.000", "-.200"} <= set(texts(picture))
    assert svg.DIVERGING[2] in picture


def test_distributions_of_nothing_and_of_zeros_are_still_pictures():
    for samples in ({}, {"a": np.array([np.nan])}, {"a": np.zeros(5)}):
        ET.fromstring(svg.distributions(samples, "empty", "axis"))


def test_identical_points_are_still_a_picture():
    ET.fromstring(svg.scatter({"a": np.zeros((3, 2))}, ["de", "en", "de"], {"de": "#112233"}, "points"))


@pytest.mark.parametrize(
    ("span", "marks"),
    [
        ((0.0, 0.984), [".000", ".200", ".400", ".600", ".800", "1.000"]),
        ((-0.03, 0.12), ["-.050", ".000", ".050", ".100", ".150"]),
        ((0.0, 0.0), [".000", ".200"]),
    ],
)
def test_an_axis_of_intervals_has_round_marks(span: tuple[float, float], marks: list[str]):
    picture = svg.intervals({"x": (span[1], *span)}, "title", "axis")
    assert texts(picture)[1 : len(marks) + 1] == marks


def test_names_with_markup_are_text(tmp_path: Path):
    picture = svg.distributions({"<script>&": np.arange(5.0)}, "x", "y")
    assert any(text.startswith("<script>&") for text in texts(picture))


# -- the paper's tables


def test_the_papers_means_are_those_of_its_rows():
    assert len(paper_tables.systems()) == 6
    for system in paper_tables.systems():
        for measures in system.benchmarks.values():
            for measure, figures in measures.items():
                own = [figure for name, figure in figures.items() if name != "mean"]
                tolerance = 0.06 if measure == "rank_distance" else 6e-5
                assert sum(own) / len(own) == pytest.approx(figures["mean"], abs=tolerance)


def test_the_papers_best_row_is_found_by_the_benchmarks_name():
    best = next(s for s in paper_tables.systems_on("XQuAD-R") if s.name == "paper: LaBSE hybrid")
    assert best.summary("XQuAD-R")["multi"] == 0.6817
    assert best.summary("XQuAD-R")["rank_distance"] == 221.1
    assert paper_tables.systems_on("my own questions") == ()


def test_a_part_of_a_benchmark_is_not_set_beside_the_papers_figures():
    assert paper_tables.systems_on("XQuAD-R (150 of 1190 questions)") == ()
    assert paper_tables.systems_on("XQuAD-R (de, en)") == ()


def test_names_of_others_are_text_in_every_file_of_a_report(tmp_path):
    hostile = "\x1b]0;owned\x07<img src=x onerror=alert(1)>|*"
    made = {hostile: Placed(hostile, 1.0), "plain": Placed("plain", 0.1)}
    found = evaluation.evaluate(parallel(hostile), list(made), made.__getitem__, align=True, map_size=60)
    for file in report.write_report(found, tmp_path / "report"):
        text = file.read_text("utf-8")
        assert "\x1b" not in text and "\x07" not in text
        assert file.suffix == ".json" or "<img" not in text
