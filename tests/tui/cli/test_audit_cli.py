"""`hybrid-search audit` from outside: the kit, the verdict, the report, the gate's exit code, and what goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.train.audit.kits import read_kit, write_kit
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.contract import ANSWERS
from hybrid_search.tui.contract.shapes import exact

from tests.support.audits import by_meaning, small_kit

KIT = small_kit(("glacier", "tea", "compost"))


@pytest.fixture(autouse=True)
def at_home(home):
    """Every test has a home of its own."""


@pytest.fixture
def run(capsys):
    def run(*arguments: str | Path, code: int = 0) -> tuple[str, str]:
        assert main(["audit", *(str(each) for each in arguments)]) == code
        found = capsys.readouterr()
        return found.out, found.err

    return run


@pytest.fixture
def kit(tmp_path) -> Path:
    write_kit(KIT, tmp_path / "kit")
    return tmp_path / "kit"


def run_file(path: Path, *, bias: bool, first: int = 0) -> Path:
    """A run of a retriever that reads meaning alone, or language first; `first` wrong answers come before all."""
    answers = by_meaning(KIT, bias=bias)
    lines = []
    for question in (*KIT.questions, *KIT.nonsense):
        ids = [each.id for each in answers(question, len(KIT.passages))]
        late = first if question.language == "ja" else 0
        ids = ids[12 : 12 + late] + ids[:12] + ids[12 + late :]
        lines += [f"{question.id} Q0 {each} {n} {-n} x\n" for n, each in enumerate(ids, 1)]
    path.write_text("".join(lines), "utf-8")
    return path


def holds(output: str) -> dict:
    """The JSON that was printed, which its schema holds."""
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra [test]")
    found = json.loads(output)
    jsonschema.Draft202012Validator(exact(ANSWERS["audit"])).validate(found)
    return found


def test_the_kit_is_written_and_read_again(run, tmp_path):
    out, _ = run("--kit", tmp_path / "out", "--lang", "de,en")
    assert "in 2 languages" in out and "open README.md" in out
    found = read_kit(tmp_path / "out")
    assert found.languages == ("de", "en") and found.judged and len(found.groups) >= 90
    told = holds(run("--kit", tmp_path / "other", "--lang", "de,en", "--json")[0])
    assert told["documents"] == len(list((tmp_path / "other" / "markdown").iterdir()))


def test_a_verdict_fits_a_page_and_says_what_to_do(run, kit, tmp_path):
    out, _ = run(run_file(tmp_path / "run.trec", bias=True), "--kit", kit, "--no-mend")
    assert "Strongly biased" in out and "100 % of" not in out
    assert max(map(len, out.splitlines())) <= 100 and len(out.splitlines()) < 60
    out, _ = run(run_file(tmp_path / "run.trec", bias=False), "--kit", kit, "--no-mend")
    assert "No bias towards the language of the question was shown" in out


def test_the_json_is_what_its_schema_says(run, kit, tmp_path):
    found = holds(run(run_file(tmp_path / "run.trec", bias=True), "--kit", kit, "--no-mend", "--json")[0])
    assert found["verdict"]["level"] == "strong" and found["with_judgements"]["measures"]["summary"]["mono"] == 1.0
    texts = [
        {"question": each.id, "answers": [{"text": f"Nobody's passage on {each.group}."}]} for each in KIT.questions
    ]
    (tmp_path / "other.jsonl").write_text("".join(json.dumps(each) + "\n" for each in texts), "utf-8")
    found = holds(run(tmp_path / "other.jsonl", "--kit", kit, "--no-mend", "--json")[0])
    assert found["with_judgements"] is None and any("quality was not measured" in note for note in found["notes"])


def test_a_fall_ends_with_code_3_and_names_the_language(run, kit, tmp_path):
    good, bad = run_file(tmp_path / "good.trec", bias=False), run_file(tmp_path / "bad.trec", bias=False, first=9)
    run(good, "--kit", kit, "--no-mend", "--report", tmp_path / "before")
    baseline = tmp_path / "before" / "audit.json"
    out, _ = run(good, "--kit", kit, "--no-mend", "--baseline", baseline)
    assert "Nothing got significantly worse" in out
    out, _ = run(bad, "--kit", kit, "--no-mend", "--baseline", baseline, code=3)
    assert "Japanese: multi mAP is worse than before" in " ".join(out.split())
    again = ("--baseline", baseline, "--fail-on", "multi,own-language", "--json")
    found = holds(run(bad, "--kit", kit, "--no-mend", *again, code=3)[0])
    assert found["gate"]["failed"] and {each["language"] for each in found["gate"]["fallen"]} == {"all", "ja"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name a TARGET"),
        (("x.trec", "--own"), "--own only makes a kit"),
        (("x.trec", "--fail-on", "multi"), "--fail-on needs a --baseline"),
        (("x.trec", "--baseline", "b.json", "--fail-on", "mood"), "'mood' is none of multi"),
        (("x.trec", "--baseline", "b.json", "--fail-on", ","), "Nothing is named; there are multi"),
        (("x.trec", "--report", "r", "--baseline", "r/../r/audit.json"), "would replace the baseline"),
        (("x.trec", "--header", "no-colon"), "has no ':'"),
        (("x.trec", "--field", "colour=x"), "'colour' is none of"),
        (("nowhere-at-all",), "There is no target"),
        ((" ",), "TARGET is empty"),
        (("encoder:",), "is incomplete"),
        (("x.trec", "--timeout", "inf"), "inf is not in the range"),
        (("x.trec", "--timeout", "nan"), "nan is not a number"),
        (("x.trec", "--library", "l"), "--library has no effect with TARGET"),
        (("--kit", "out", "--library", "l"), "--library has no effect without --own"),
        (("--kit", "out", "--report", "r"), "--report has no effect without TARGET"),
        (("run:nowhere.trec",), "There is no run file"),
        (("encoder:no-such-encoder",), "no-such-encoder"),
        (("x", "--kit", "no-such-kit.jsonl"), "no-such-kit.jsonl"),
        (("x", "--lang", "de"), "asks in de alone"),
        (("x", "--lang", "de,sw"), "asks nothing in sw"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(run, arguments, words):
    out, err = run(*arguments, code=2)
    assert words in " ".join(err.split()) and not out and "Traceback" not in err


def test_a_run_of_unknown_ids_is_told(run, kit, tmp_path):
    lines = [f"{each.id} Q0 strange-{n} 1 1 x\n" for n, each in enumerate(KIT.questions)]
    (tmp_path / "run.trec").write_text("".join(lines), "utf-8")
    _, err = run(tmp_path / "run.trec", "--kit", kit, code=2)
    assert "answers with ids that are not in the kit ('strange-0'" in " ".join(err.split())


def test_a_folder_that_is_no_kit_is_not_written_into(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    _, err = run("--kit", tmp_path / "mine", code=2)
    assert "exists and is not a kit" in err
    assert [each.name for each in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_the_report_needs_no_network(run, kit, tmp_path):
    run(run_file(tmp_path / "run.trec", bias=True), "--kit", kit, "--no-mend", "--report", tmp_path / "report")
    names = {each.name for each in (tmp_path / "report").iterdir()}
    assert {"report.html", "report.md", "audit.json", "picture-1.svg"} <= names
    text = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert text.count("<svg") == len([each for each in names if each.endswith(".svg")])
    assert "src=" not in text and "href=" not in text and "<script" not in text and "url(" not in text
