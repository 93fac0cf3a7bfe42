"""Library, Evaluate, Train, Map, help, settings: the other screens over a real library."""

from __future__ import annotations

import html
import json
import re
import sys

import pytest
from hybrid_search.engine import paths
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.screens.dialogs.choose import AskText, Choose
from hybrid_search.tui.screens.dialogs.help import HelpScreen, bindings
from hybrid_search.tui.screens.dialogs.pick_folder import PickFolder
from hybrid_search.tui.screens.train import stopped
from hybrid_search.tui.state.settings import Settings, settings_file
from hybrid_search.tui.widgets.charts.batch_view import BatchView
from hybrid_search.tui.widgets.charts.heatmap import Heatmap
from hybrid_search.tui.widgets.column import Column
from hybrid_search.tui.widgets.frame.masthead import Tab

TRAINER = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
def tell(**event): print(json.dumps(event), flush=True)
name = sys.argv[sys.argv.index("--out") + 1]
tell(event="start", name=name, validation="held-out")
for step in range(1, 5):
    tell(event="step", step=step, total=4, loss=2.0 / step, kind="mono" if step % 2 else "cross", seconds_left=4 - step)
tell(event="validation", step=4, scores={"mono": 0.8, "cross": 0.7, "multi": 0.6, "rank_distance": 200})
if "--seed" in sys.argv and sys.argv[sys.argv.index("--seed") + 1] == "13":
    tell(event="error", message="The loss is not a number any more.")
    sys.exit(2)
if sys.argv[sys.argv.index("--steps") + 1] == "999":
    sys.stdin = open("/dev/zero")
    import threading; threading.Event().wait()
tell(event="done", name=name, path="/x", scores_before={"multi": 0.3}, scores_after={"multi": 0.6})
"""


async def test_the_library_screen_shows_what_the_library_holds(start, until, library):
    async with start(library) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: pilot.app.status and pilot.app.screen.bars.counts)
        screen = pilot.app.screen
        assert sum(screen.bars.counts.values()) == 21
        encoders = screen.query_one("#encoders")
        assert encoders.get_row("hybrid")[1].plain == "21" and encoders.get_row("hybrid")[2].plain == "0"


async def test_a_folder_is_indexed_with_its_failures_told(start, until, library, tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "fire.md").write_text("# Fire\n\nA fire needs air. The fire warms the house.\n", "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3")
        await pilot.press("i")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickFolder))
        pilot.app.screen.dismiss((str(folder), ["hybrid"]))
        await until(pilot, lambda: pilot.app.status["passages"] == 22)
        screen = pilot.app.screen
        assert "1 new" in str(screen.job.words.render()) and "1 could not be read" in str(screen.job.words.render())
        assert screen.query_one("#unreadable").row_count == 1
        assert screen.query_one("#encoders").get_row("mono")[2].plain == "1"


async def test_a_folder_that_is_not_there_is_told_in_the_dialog(start, until, library, tmp_path):
    async with start(library) as pilot:
        await pilot.press("f3", "i")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickFolder))
        pilot.app.screen.query_one("#folder").value = str(tmp_path / "nowhere")
        await pilot.click("#go")
        assert "There is no folder" in str(pilot.app.screen.query_one("#wrong").render())


async def test_a_library_that_cannot_be_opened_leaves_nothing_of_the_one_before(start, until, library, texts, tmp_path):
    (texts / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    with Library.open(library) as opened:
        opened.index([texts], encoders=[])
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.query_one("#unreadable").row_count == 1)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText) and pilot.app.screen.query("#text"))
        pilot.app.screen.query_one("#text").value = str(tmp_path / "nowhere")
        await pilot.press("enter")
        await until(pilot, lambda: "There is no library at" in str(screen.facts.render()))
        assert "i on the Library screen (F3) makes one, o there opens another one or the demo." in str(
            screen.facts.render()
        )
        assert [screen.query_one(f"#{name}").row_count for name in ("encoders", "folders", "unreadable")] == [0, 0, 0]
        assert str(screen.query_one("#unreadable").border_title) == "Could not be read: 0"
        # Nothing is done to another library than the one that was named.
        await pilot.press("v", "d", "e")
        assert not pilot.app.jobs.running
        # An empty line opens the library of a start without a name.
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText) and pilot.app.screen.query("#text"))
        pilot.app.screen.query_one("#text").value = ""
        await pilot.press("enter")
        await until(
            pilot, lambda: [with_["library"] for op, with_ in pilot.app.answers.asked if op == "open"][-1] == ""
        )


async def test_checking_says_that_the_library_is_sound(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3", "v")
        await until(pilot, lambda: pilot.app.screen.job.has_class("-done"))
        assert "sound" in str(pilot.app.screen.job.words.render())


async def test_one_piece_of_long_work_at_a_time(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.jobs.running = "indexing"
        assert "still running" in pilot.app.jobs.start("checking", "check")
        pilot.app.jobs.running = ""


@pytest.fixture
def benchmark_file(tmp_path):
    """A benchmark of nine questions in seven languages."""
    from tests.tui.conftest import TEXTS

    lines = []
    for topic, texts in TEXTS.items():
        for number in range(3):
            question = {code: f"{text.split(' ')[0]} {topic} {number}?" for code, text in texts.items()}
            passage = {code: f"{text} {number}" for code, text in texts.items()}
            answer = {code: text.replace("。", ".").split(".")[0] for code, text in texts.items()}
            row = {"id": f"{topic}{number}", "question": question, "passage": passage, "answer": answer}
            lines.append(json.dumps(row))
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


async def test_encoders_are_measured_beside_each_other(start, until, library, benchmark_file, tmp_path):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f4")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.query_one("#encoders").selected)
        screen.query_one("#benchmark").value = "path"
        screen.query_one("#data").value = str(benchmark_file)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.outcome or screen.job.has_class("-failed"))
        assert screen.outcome, str(screen.job.words.render())
        await until(pilot, lambda: len(screen.query(Heatmap)) == 5)
        assert "hybrid" in str(screen.table.render())
        told = str(screen.differences.render())
        assert "mono − " in told and "the first is better" in told
        # A run that fails takes nothing away, nor does one that goes on.
        shown = str(screen.table.render())
        screen.query_one("#data").value = str(tmp_path / "nothing")
        await until(pilot, lambda: not pilot.app.jobs.running)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.job.has_class("-failed"))
        assert "Name its folder in the form" in str(screen.job.words.render())
        assert str(screen.table.render()) == shown and str(screen.differences.render()) == told
        assert len(screen.query(Heatmap)) == 5
        report = screen.outcome["report"]
    # What was measured is there at the next start.
    async with start(library) as pilot:
        await pilot.press("f4")
        screen = pilot.app.screen
        await until(pilot, lambda: len(screen.query(Heatmap)) == 5)
        assert str(screen.table.render()) == shown and screen.outcome["report"] == report
        assert "63 questions" in str(screen.query_one("#figures").border_subtitle)


@pytest.mark.parametrize("text", ["not json", "{}", '{"results": [{"encoder": "mono"}]}', '{"results": 3}'])
async def test_a_report_that_cannot_be_shown_is_as_if_there_were_none(start, until, library, text):
    folder = paths.data_folder() / "reports" / "old-1"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(text, "utf-8")
    async with start(library) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: "Mark encoders" in str(pilot.app.screen.table.render()))
        assert pilot.app.screen.outcome is None


async def test_a_benchmark_that_is_not_there_is_told(start, until, library, tmp_path):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f4")
        pilot.app.screen.query_one("#benchmark").value = "path"
        pilot.app.screen.query_one("#data").value = str(tmp_path / "nothing")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: pilot.app.screen.job.has_class("-failed"))
        words = str(pilot.app.screen.job.words.render())
        assert "nothing" in words and "was found" in words


@pytest.mark.parametrize("number", ["-5", "-"])
async def test_a_number_of_questions_that_cannot_be_is_refused(start, until, library, number):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f4")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.query_one("#encoders").selected)
        screen.query_one("#questions").value = number
        await pilot.press("ctrl+r")
        assert not pilot.app.jobs.running and not screen.job.has_class("-running")


async def test_real_batches_show_what_the_samplings_do(start, until, library):
    async with start(library) as pilot:
        await pilot.press("f5")
        view = pilot.app.screen.query_one(BatchView)
        await until(pilot, lambda: view.samplings)
        for batch in view.samplings["mono"]:
            assert (
                len({pair["question"] for pair in batch["pairs"]} | {pair["passage"] for pair in batch["pairs"]}) == 1
            )
        for batch in view.samplings["cross"]:
            assert all(pair["question"] != pair["passage"] for pair in batch["pairs"])


async def test_a_finished_run_becomes_a_column(start, until, library):
    async with start(library, train_command=[sys.executable, "-c", TRAINER]) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f5")
        screen = pilot.app.screen
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "is ready" in str(screen.state.render()))
        assert set(screen.chart.series) == {"mono", "cross"}
        assert "0.600" in str(screen.scores.render())
        await pilot.press("f2")
        await until(pilot, lambda: "mine" in [column.encoder for column in pilot.app.screen.query(Column)])


async def test_a_run_that_fails_or_is_stopped_says_so(start, until, library):
    async with start(library, train_command=[sys.executable, "-c", TRAINER]) as pilot:
        await pilot.press("f5")
        screen = pilot.app.screen
        screen.query_one("#seed").value = "13"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "not a number" in str(screen.state.render()))
        screen.query_one("#seed").value = "0"
        screen.query_one("#steps").value = "999"
        await until(pilot, lambda: not pilot.app.training.running)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "0.600" in str(screen.scores.render()))
        # A line of the form has the focus, where this key would cut its text.
        screen.query_one("#steps").focus()
        await pilot.press("ctrl+x")
        await until(pilot, lambda: "Stopped at step 4" in str(screen.state.render()))
        # It came to no checkpoint, so that nothing can go on.
        assert "nothing of mine is kept" in str(screen.state.render())
        assert "--resume" not in str(screen.state.render())


@pytest.mark.parametrize(
    ("checkpoint", "batches", "words"),
    [
        (0, "hybrid", "Stopped at step 16. It had no checkpoint: nothing of mine is kept."),
        (10, "hybrid", "On Runs (F7), r continues mine from the checkpoint of step 10."),
        (10, "all", "In a terminal, `hybrid-search train --out mine --batches all --resume` continues all three."),
    ],
)
def test_what_a_stopped_run_leaves_is_said(checkpoint, batches, words):
    name = "mine-cross" if batches == "all" else "mine"
    assert stopped(name, 16, checkpoint, batches).endswith(words)
    assert stopped("", 0, 0, batches) == "Stopped before the first step."


async def test_the_map_shows_islands_before_and_none_after(start, until, library):
    async with start(library, "bread", size=(180, 40)) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f6")
        await until(
            pilot, lambda: pilot.app.screen.query("Panel") and all(p.marks for p in pilot.app.screen.query("Panel"))
        )
        same = {
            panel.encoder: int(str(panel.border_subtitle).split("neighbours ")[1].split("%")[0])
            for panel in pilot.app.screen.query("Panel")
        }
        assert len(pilot.app.screen.query("Panel").first().marks) == 21
        assert same["mono"] >= same["hybrid"]


async def test_the_help_lists_every_key_that_is_bound(start, until, library):
    async with start(library) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await pilot.press("escape")
        for key, mode in (("f2", "compare"), ("f3", "library"), ("f4", "evaluate"), ("f5", "train"), ("f6", "map")):
            await pilot.press(key)
            await until(pilot, lambda mode=mode: getattr(pilot.app.screen, "MODE", "") == mode)
            listed = {identity for _, entries in bindings(pilot.app.screen) for _, _, identity in entries}
            assert {"app.quit", "app.help", "mode.map"} <= listed
            for binding in pilot.app.screen.BINDINGS:
                assert binding.id in listed and binding.tooltip


async def test_keys_can_be_remapped_and_settings_persist(start, until, library):
    settings = Settings(keymap={"app.light": "f12"}, k=20)
    assert settings.save() == ""
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        assert pilot.app.settings.k == 20
        await pilot.press("f12")
        assert pilot.app.theme == "hybrid-day"
        await pilot.app.action_quit()
    saved = json.loads(settings_file().read_text("utf-8"))
    assert saved["theme"] == "hybrid-day" and saved["library"] == str(library)


async def test_quitting_ends_the_services(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("ctrl+q")
    assert pilot.app.answers.closed


@pytest.mark.parametrize("text", ["not json", '{"k": "many", "theme": 3}', "[]"])
def test_settings_that_cannot_be_used_give_defaults_and_a_reason(text):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(text, "utf-8")
    settings, trouble = Settings.load()
    assert settings.k == 10
    assert bool(trouble) == (text != "[]")


async def test_the_palette_offers_what_applies_here(start, until, library):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: pilot.app.screen.columns.rankings)
        titles = {command.title for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert {"go: Map", "copy: comparison", "app: quit"} <= titles
        await pilot.press("f5")
        titles = {command.title for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert "train: begin" in titles and "copy: comparison" not in titles


async def test_without_colours_nothing_is_lost(start, until, library, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with start(library, "Why does bread rise?") as pilot:
        await until(pilot, lambda: pilot.app.screen.columns.rankings)
        await until(pilot, lambda: pilot.app.screen.query(Column).first().has_class("-result"))
        picture = pilot.app.export_screenshot()
    colours = {tuple(bytes.fromhex(found)) for found in re.findall(r"#([0-9a-fA-F]{6})", picture)}
    # The picture's own frame: three buttons and the colour of text that has none.
    frame = {tuple(bytes.fromhex(each)) for each in ("ff5f57", "febc2e", "28c840", "c5c8c6")}
    assert [each for each in colours - frame if len(set(each)) > 1] == []
    words = html.unescape(re.sub(r"<[^>]+>", " ", picture)).split()
    # The languages of the results are told by their codes, in the bar and in each row.
    assert words.count("en") >= 2
    assert words.count("de") >= 2


async def test_the_tabs_fit_the_terminal_as_it_grows_and_shrinks(start, until, library):
    def shown(pilot):
        return [(tab.content_size.width, str(tab.render())) for tab in pilot.app.screen.query(Tab)]

    def whole(pilot, words):
        return shown(pilot)[1][1] == words and all(width == len(name) for width, name in shown(pilot))

    async with start(library, size=(60, 24)) as pilot:
        await until(pilot, lambda: whole(pilot, "F3 Lib"))
        await pilot.resize_terminal(200, 50)
        await until(pilot, lambda: whole(pilot, "F3 Library"))
        await pilot.resize_terminal(60, 24)
        await until(pilot, lambda: whole(pilot, "F3 Lib"))


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "tcp://root:Secret@127.0.0.1:1#news"])
async def test_the_address_of_an_engine_is_opened_as_it_is_written(start, until, library, address):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3")
        pilot.app.screen._open(address)
        await until(pilot, lambda: pilot.app.trouble)
        assert [with_["library"] for op, with_ in pilot.app.answers.asked if op == "open"][-1] == address
        assert "127.0.0.1:1 cannot be reached" in pilot.app.trouble and "Secret" not in pilot.app.trouble
