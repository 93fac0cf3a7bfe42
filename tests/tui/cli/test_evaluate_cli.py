"""`hybrid-search evaluate`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.train.measure import registry
from hybrid_search.tui.cli.main import main

WORDS = {
    "en": "bread water moon tree fire house",
    "de": "brot wasser mond haus feuer haus",
    "ru": "хлеб вода луна дерево огонь дом",
}


@pytest.fixture
def encoders(monkeypatch: pytest.MonkeyPatch, keyword_encoder_type):
    """Two encoders by name: `fair` and `biased`; any other name is unknown."""
    from hybrid_search.engine import encoders
    from hybrid_search.engine.errors import UnknownEncoder

    made = {"fair": keyword_encoder_type("fair"), "biased": keyword_encoder_type("biased", bias=2.0)}

    def load(name: str, **_: object):
        if name not in made:
            raise UnknownEncoder(f"There is no encoder {name}.", hint="Known: fair, biased.")
        return made[name]

    monkeypatch.setattr(encoders, "load", load, raising=False)
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Six questions in three languages, SQuAD layout."""
    for code, words in WORDS.items():
        paragraphs = []
        for number, word in enumerate(words.split()):
            context = f"{word} {word}. "
            qas = [{"id": f"q{number}", "question": f"{word}?", "answers": [{"answer_start": 0, "text": word}]}]
            paragraphs.append({"context": context, "qas": qas, "sentences": [context], "sentence_breaks": [[0, 9]]})
        (tmp_path / f"{code}.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), "utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["evaluate", *map(str, arguments)])
    streams = capsys.readouterr()
    return code, streams.out, streams.err


def test_tables_fit_100_columns(capsys, encoders, data):
    code, out, err = run(
        capsys, "fair", "biased", "bm25", "--benchmark", data, "--pairs", "--neutral", 0, "--alignment"
    )
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    for words in ("fair+centred", "rank", "own lang.", "query language down", "questions"):
        assert words in out
    assert err == ""


def test_json_is_one_object_on_stdout(capsys, encoders, data):
    code, out, _ = run(capsys, "fair", "biased", "--benchmark", data, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["schema"] == 1
    assert [result["encoder"] for result in found["results"]] == ["fair", "biased"]
    assert len(found["results"][0]["cross"]) == 6
    measures = {item["measure"] for item in found["comparisons"]}
    assert measures == {each.key for each in registry.compared()} >= {"mono", "cross", "multi", "rank_distance"}


def test_answers_are_cut_down_where_asked_for_and_the_benchmark_says_so(capsys, encoders, data):
    code, out, _ = run(capsys, "fair", "--benchmark", data, "--fragments", 0.5, "--json")
    assert code == 0 and "50% of answers cut to a few words" in json.loads(out)["benchmark"]
    code, _, err = run(capsys, "fair", "--benchmark", data, "--fragments", 2)
    assert code == 2 and "--fragments" in err


def test_only_the_settings_asked_for(capsys, encoders, data):
    _, out, _ = run(capsys, "fair", "--benchmark", data, "--settings", "mono,multi", "--json")
    result = json.loads(out)["results"][0]
    assert "cross" not in result
    assert "multi" in result


def test_some_languages_and_some_questions(capsys, encoders, data):
    _, out, _ = run(capsys, "fair", "--benchmark", data, "--lang", "de,en", "--questions", 3, "--json")
    found = json.loads(out)
    assert found["languages"] == ["de", "en"]
    assert found["questions"] == 3
    assert found["pool"] == 12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fair", "--settings", "bilingual"], "none of mono, cross, multi"),
        (["nobody"], "There is no encoder nobody"),
        (["fair", "--benchmark", "nowhere"], "No benchmark nowhere was found"),
        (["fair", "--lang", "xx"], "has no file for xx"),
        (["--benchmark", "mlqa-r", "--fetch"], "cannot be fetched"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(capsys, encoders, data, arguments, words):
    if "--benchmark" not in arguments:
        arguments = [*arguments, "--benchmark", data]
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert words in err
    assert out == ""
    assert "Traceback" not in err


def test_what_is_fetched_is_measured_also_where_no_encoder_is_named(capsys, encoders, data, monkeypatch):
    from hybrid_search.tui.cli.commands import evaluate

    monkeypatch.setattr(evaluate, "TRIO", ("fair",))
    monkeypatch.setattr(evaluate, "_fetch", lambda *_: None)
    code, out, _ = run(capsys, "--benchmark", data, "--fetch", "--json")
    assert code == 0
    assert "fair" in json.dumps(json.loads(out))


def test_a_report_is_written_and_named_on_stderr(capsys, encoders, data, tmp_path):
    code, _, err = run(capsys, "fair", "biased", "--benchmark", data, "--report", tmp_path / "out")
    assert code == 0
    assert "open report.md" in err
    assert (tmp_path / "out" / "report.md").is_file()


def test_a_second_run_encodes_nothing(capsys, encoders, data):
    run(capsys, "fair", "--benchmark", data)
    calls = encoders["fair"].calls
    run(capsys, "fair", "--benchmark", data)
    assert encoders["fair"].calls == calls


def test_help_says_what_the_settings_are(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert "every parallel answer relevant" in " ".join(out.split())


def test_own_questions_are_asked_in_a_library(capsys, encoders, tmp_path):
    from hybrid_search.engine.library.library import Library

    folder = tmp_path / "docs"
    for code, words in WORDS.items():
        (folder / code).mkdir(parents=True)
        for number, word in enumerate(words.split()):
            (folder / code / f"{number}.md").write_text(f"# {word}\n\n{word} {word} {word} {word}.\n", "utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder], encoders=list(encoders.values()))
    rows = [{"query": word, "relevant": [f"ru/{n}.md"]} for n, word in enumerate(WORDS["en"].split())]
    asked = tmp_path / "questions.jsonl"
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, err = run(capsys, "fair", "biased", "bm25", "--queries", asked, "--library", tmp_path / "library")
    assert code == 0, err
    assert max(map(len, out.splitlines())) <= 100
    assert "6 questions, 6 of them judged" in out
    assert "Where they disagree most" in out
    _, out, _ = run(capsys, "fair", "biased", "--queries", asked, "--library", tmp_path / "library", "--json")
    found = json.loads(out)
    assert found["means"]["fair"]["ndcg_at_10"] >= found["means"]["biased"]["ndcg_at_10"]
    assert found["means"]["biased"]["same_language_share"] >= found["means"]["fair"]["same_language_share"]


def test_own_questions_are_asked_with_the_encoders_that_the_library_has(capsys, encoders, tmp_path):
    from hybrid_search.engine.library.library import Library

    (tmp_path / "bread.md").write_text("bread bread bread.", "utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "bread.md"], encoders=[encoders["fair"]])
    (tmp_path / "asked.txt").write_text("bread\n", "utf-8")
    where = ("--library", tmp_path / "library")
    code, out, err = run(capsys, "--queries", tmp_path / "asked.txt", *where, "--json")
    assert code == 0, err
    assert json.loads(out)["encoders"] == ["fair"]


@pytest.mark.parametrize(
    "words",
    [
        *(["search", "bread"], ["compare", "bread"], ["evaluate", "fair", "--queries", "asked.txt"]),
        *(["audit", "library", "--questions", "1", "--no-mend"], ["neutralise", "--dry-run"]),
    ],
    ids=" ".join,
)
def test_a_library_is_asked_in_the_precision_of_its_vectors(capsys, keyword_encoder_type, tmp_path, monkeypatch, words):
    from hybrid_search.engine import encoders
    from hybrid_search.engine.library.library import Library

    full, small = keyword_encoder_type("fair"), keyword_encoder_type("fair")
    small.fingerprint = "another precision"
    monkeypatch.setattr(
        encoders, "load", lambda _, *, stored=(), **__: full if full.fingerprint in stored else small, raising=False
    )
    monkeypatch.chdir(tmp_path)
    for code, said in WORDS.items():
        for number, word in enumerate(said.split() * 2):
            (tmp_path / f"{code}-{number}.md").write_text(f"{number} {word} {said}.", "utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path], encoders=[full])
    (tmp_path / "asked.txt").write_text("bread\n", "utf-8")
    code = main([*words, *([] if words[0] == "audit" else ["--library", "library"])])
    assert "has changed" not in capsys.readouterr().err and code == 0


@pytest.mark.parametrize(
    ("words", "idle"),
    [
        (["--queries", "asked.txt", "--report", "out"], "--report"),
        (["--queries", "asked.txt", "--lang", "de"], "--lang"),
        (["--queries", "asked.txt", "--benchmark", "demo"], "--benchmark"),
        (["bm25", "--library", "mine"], "--library"),
        (["bm25", "--mirror", "https://example.org"], "--mirror"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(capsys, tmp_path, monkeypatch, words, idle):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert idle in err.splitlines()[-1] and not list(tmp_path.iterdir())
