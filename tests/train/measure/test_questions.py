"""Encoders compared over a person's own questions, judged or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.engine.languages import Detected
from hybrid_search.engine.search import comparison
from hybrid_search.engine.search.ranking import Hit, Passage, Ranking
from hybrid_search.train.measure.questions import Asked, matches, read_queries, study


def answer(query: str, **paths: list[str]) -> comparison.Comparison:
    """What encoders answer, from the paths of their passages; the folder is the language."""
    names = sorted({path for found in paths.values() for path in found})
    rankings = {}
    for encoder, found in paths.items():
        hits = []
        for rank, path in enumerate(found, 1):
            number = names.index(path)
            passage = Passage(
                id=number, document_id=number, path=path, title="", heading="", ordinal=0, start=0, end=1, text=path,
                language=path.split("/")[0], confidence=1.0,
            )  # fmt: skip
            hits.append(Hit(rank, 1 / rank, passage))
        rankings[encoder] = Ranking(encoder, query, Detected("en", 1.0), tuple(hits), 10, True, 0.0)
    return comparison.compare(rankings, {"en": 5, "de": 5})


def eight(judged: bool = True):
    """Eight questions: `good` answers all right and in another language, `poor` never does."""
    asked = [Asked(f"question {n}", (f"de/{n}.md",) if judged else ()) for n in range(8)]

    def compare(query: str) -> comparison.Comparison:
        number = query.split()[-1]
        return answer(query, good=[f"de/{number}.md", "en/x.md"], poor=["en/x.md", "en/y.md"])

    return study(asked, ["good", "poor"], compare, depth=2)


def test_questions_are_read_one_a_line_or_as_json_lines(tmp_path: Path):
    path = tmp_path / "q.txt"
    content = '\ufeffWie backt man Brot?\n\n{"query": "bread?", "relevant": ["de/bread.md"]}\n'
    path.write_text(content + '{"query": "salt?", "relevant": null}\n', "utf-8")
    assert read_queries(path) == [Asked("Wie backt man Brot?"), Asked("bread?", ("de/bread.md",)), Asked("salt?")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n\n", "holds no question"),
        ('{"query": "x"\n', "line 1: neither a question nor JSON"),
        ('{"question": "x"}\n', "line 1: neither a question nor JSON"),
        ('{"query": " "}\n', "line 1: the question is empty"),
    ],
)
def test_a_file_of_another_form_is_refused_in_words(tmp_path: Path, text: str, message: str):
    path = tmp_path / "q.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_queries(path)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be read"):
        read_queries(tmp_path / "none.txt")
    (tmp_path / "bin").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(DataError, match="cannot be read"):
        read_queries(tmp_path / "bin")


def test_a_judgement_may_be_the_end_of_a_path():
    assert matches("docs/de/bread.md", "de/bread.md")
    assert not matches("docs/de/bread.md", "read.md")


@pytest.mark.parametrize("wanted", ["./de/Brötchen.md", "de\\Brötchen.md", "de/Bro\u0308tchen.md", "/de/Brötchen.md"])
def test_a_judged_path_may_be_written_as_another_system_does(wanted: str):
    assert matches("docs/de/Brötchen.md", wanted)
    assert matches("docs/de/Bro\u0308tchen.md", wanted)


def test_judged_questions_give_scores_wins_and_a_verdict():
    found = eight()
    scores = found.judged_values()
    assert scores["success_at_1"]["good"].tolist() == [1] * 8
    assert scores["ndcg_at_10"]["poor"].tolist() == [0] * 8
    verdicts = {each.key: (item, item.verdict(each)) for each, item in found.verdicts()}
    item, words = verdicts["ndcg_at_10"]
    assert (item.wins, item.ties, item.losses) == (8, 0, 0)
    assert words.startswith("good is better than poor in nDCG@10")
    assert verdicts["same_language_share"][1].startswith("poor answers more in the question's language than good")
    assert found.refusal() == ""


def test_without_judgements_nothing_is_called_better():
    found = eight(judged=False)
    assert [each.key for each, _ in found.verdicts()] == ["same_language_share"]
    assert "is better than" not in " ".join(item.verdict(each) for each, item in found.verdicts())
    assert "0 of 8 questions are judged" in found.refusal()


def test_fewer_than_six_questions_are_not_tested():
    found = study([Asked("question 1")], ["a", "b"], lambda q: answer(q, a=["en/1.md"], b=["de/1.md"]), depth=1)
    assert found.verdicts() == []
    assert found.refusal() == "No test is made: 1 questions are fewer than 6."


def test_the_question_on_which_encoders_disagree_most_comes_first():
    answers = {
        "same": answer("same", a=["en/1.md", "en/2.md"], b=["en/1.md", "en/2.md"]),
        "apart": answer("apart", a=["en/1.md", "en/2.md"], b=["de/1.md", "de/2.md"]),
        "swapped": answer("swapped", a=["en/1.md", "en/2.md"], b=["en/2.md", "en/1.md"]),
    }
    found = study([Asked(name) for name in answers], ["a", "b"], answers.__getitem__, depth=2)
    assert [row["query"] for row in found.as_dict()["queries"]] == ["apart", "swapped", "same"]


def test_a_judged_path_that_nothing_finds_is_mentioned():
    found = study([Asked("q", ("de/typo.md",))], ["a"], lambda q: answer(q, a=["en/1.md"]), depth=1)
    assert "are these paths right? de/typo.md" in found.notes[0]


def test_json_stays_json():
    json.dumps(eight().as_dict(), allow_nan=False)
