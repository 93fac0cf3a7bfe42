"""Right answers on Compare: marked where they are known, said by keys, kept, used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.screens.answers.judging import refusal
from hybrid_search.tui.widgets.column import Column
from hybrid_search.tui.widgets.right_answers import Found, words
from rich.cells import cell_len

QUESTION = "Why does bread rise?"


def columns(pilot) -> dict[str, Column]:
    return {column.encoder: column for column in pilot.app.screen.query(Column)}


def answered(pilot) -> bool:
    found = columns(pilot)
    return bool(found) and all(column.has_class("-result") for column in found.values())


def drawn(column: Column) -> str:
    return "\n".join(strip.text for strip in column.results.render_lines(column.results.size.region))


async def test_keys_say_what_is_right_and_every_column_and_strip_marks_it(start, until, library):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        screen = pilot.app.screen
        assert not columns(pilot)["mono"].right.display
        await pilot.press("down", "down", "1")
        number = screen.columns.pointed.id
        await until(pilot, lambda: screen.columns.grades == {number: 2}, "the mark comes")
        for column in columns(pilot).values():
            assert column.right.display and "★" in str(column.right.render())
        assert "★" in drawn(columns(pilot)["mono"])
        await until(pilot, lambda: screen.detail.strip.strips and screen.detail.strip.strips.right)
        assert "★" in screen.detail.strip.render().plain
        await pilot.press("home", "0")
        await until(pilot, lambda: sorted(screen.columns.grades.values()) == [0, 2])
        assert "✗" in drawn(columns(pilot)["mono"])
        columns(pilot)["mono"].fail("It was deleted.", "c chooses another.")
        await pilot.pause()
        assert not columns(pilot)["mono"].right.display, "a column without an answer has not missed any"
    with Library.open(library) as opened:
        assert sorted(each.grade for each in opened.judgements()) == [0, 2]


async def test_said_again_it_is_taken_back(start, until, library):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        screen = pilot.app.screen
        await pilot.press("down", "2")
        await until(pilot, lambda: list(screen.columns.grades.values()) == [1])
        await pilot.press("2")
        await until(pilot, lambda: screen.columns.grades == {})
        assert not columns(pilot)["mono"].right.display and "☆" not in drawn(columns(pilot)["mono"])


async def test_digits_that_are_typed_into_the_question_judge_nothing(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press(*"bread 102")
        await until(pilot, lambda: answered(pilot))
        assert pilot.app.screen.question.text == "bread 102"
        assert pilot.app.answers.count("judge") == 0


async def test_a_right_answer_that_no_column_shows_is_said_and_can_be_read(start, until, library):
    with Library.open(library) as opened:
        moon = next(each for each in opened.passages(range(1, 30)) if each.path.endswith("ja/moon.md"))
        opened.judge(QUESTION, moon.id, 2)
    async with start(library, QUESTION) as pilot:
        screen = pilot.app.screen
        pilot.app.settings.k = 5
        screen.question.ask()
        await until(pilot, lambda: answered(pilot) and screen.columns.grades)
        for name, column in columns(pilot).items():
            rank = screen.columns._right[name][moon.id]
            assert rank > 5 and str(column.right.render()) == f"★ found by none · best rank {rank}"
        await pilot.press("down", "*")
        await until(pilot, lambda: screen.detail.passage and screen.detail.passage["passage"]["id"] == moon.id)
        assert "a right answer" in str(screen.detail.reader.body.render())


async def test_another_question_has_no_marks_of_the_one_before(start, until, library):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        await pilot.press("down", "1")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.columns.grades)
        screen.question.put("Why is the moon bright?")
        await until(pilot, lambda: screen.asked.get("query") == "Why is the moon bright?")
        assert screen.columns.grades == {} and not columns(pilot)["mono"].right.display
        screen.question.put(QUESTION.upper())
        await until(pilot, lambda: screen.columns.grades, "the question is known in capitals, too")


async def test_judged_questions_become_the_data_of_the_form_and_files(start, until, library, tmp_path):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        screen = pilot.app.screen
        await pilot.press("down", "1")
        await until(pilot, lambda: screen.columns.grades)
        screen._export("qrels", str(tmp_path / "out"))
        await until(pilot, lambda: (tmp_path / "out" / "qrels" / "test.tsv").exists())
        screen.action_train_on_judgements()
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "train")
        box = pilot.app.screen.query_one("#data")
        await until(pilot, lambda: box.value.endswith(".jsonl"))
        row = json.loads(Path(box.value).read_text("utf-8").splitlines()[0])
        assert list(row["question"].values()) == [QUESTION]
        drawn = [parameters["data"] for op, parameters in pilot.app.answers.asked if op == "batches"]
        assert drawn[-1] == [box.value], "the batches shown are of these data"


def test_exports_replace_nothing_and_make_no_folders(tmp_path):
    (tmp_path / "there.jsonl").write_text("mine", "utf-8")
    assert refusal(str(tmp_path / "new.jsonl")) == "" == refusal(str(tmp_path / "qrels"))
    assert "is there already" in refusal(str(tmp_path / "there.jsonl"))
    assert "is there already" in refusal(str(tmp_path))
    assert "no folder" in refusal(str(tmp_path / "nowhere" / "new.jsonl"))
    assert refusal("") and "too long" in refusal("x" * 5000) and len(refusal("x" * 5000)) < 100


async def test_without_judgements_the_form_is_not_opened_and_the_key_is_named(start, until, library):
    async with start(library, QUESTION) as pilot:
        await until(pilot, lambda: answered(pilot))
        pilot.app.screen.action_train_on_judgements()
        await until(
            pilot,
            lambda: any("This library has no judgements yet" in each.message for each in pilot.app._notifications),
        )
        assert pilot.app.screen.MODE == "compare"


@pytest.mark.parametrize("width", [8, 14, 20, 26, 40, 80])
@pytest.mark.parametrize(
    "found",
    [
        Found(14, {1: 1, 2: 2}, {n: n * 40 for n in range(1, 15)}, 10),
        Found(14, {}, {3: 1234}, 10),
        Found(1, {}, {}, 10),
        Found(1, {7: 3}, {7: 3}, 10),
    ],
)
def test_the_line_fits_every_width(found, width):
    for by_none in (False, True):
        assert 0 < cell_len(words(found, width, by_none=by_none)) <= width


def test_nothing_is_said_where_nothing_is_right():
    assert words(Found(0, {}, {}, 10), 80) == ""


def test_the_command_lists_and_exports_them(library, tmp_path, capsys):
    with Library.open(library) as opened:
        opened.judge(QUESTION, 1, 2)
    assert main(["judgements", "--library", str(library)]) == 0
    out = capsys.readouterr()
    assert QUESTION in out.out and "right" in out.out and "1 question has" in out.err
    assert main(["judgements", "list", "--json", "--library", str(library)]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["judgements"][0]["passage_id"] == 1
    target = tmp_path / "pairs.jsonl"
    assert main(["judgements", "export", "pairs", str(target), "--json", "--library", str(library)]) == 0
    assert json.loads(capsys.readouterr().out)["questions"] == 1 and target.exists()


def test_the_command_says_what_to_do_where_nothing_is_judged(library, tmp_path, capsys):
    assert main(["judgements", "export", "pairs", str(tmp_path / "x"), "--library", str(library)]) == 2
    assert "1 marks" in capsys.readouterr().err
