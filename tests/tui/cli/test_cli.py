"""The commands of a library, as a person and as a script sees them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hybrid_search.engine.encoders import EncoderInfo
from hybrid_search.engine.errors import UnknownEncoder
from hybrid_search.engine.paths import assets_folder, encoders_folder
from hybrid_search.tui.cli import common
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.contract import forms

from tests.support.small_encoders import write_folder

TEXTS = {
    "en/bread.md": "# Bread\n\nBread is baked from flour and water in a hot oven over a fire.",
    "de/brot.md": "# Brot\n\nDas Brot wird aus Mehl und Wasser im heißen Ofen über dem Feuer gebacken.",
    "ru/хлеб.md": "# Хлеб\n\nХлеб пекут из муки, и нужна вода, а печь топят: огонь должен быть жарким.",
    "ja/パン.md": "# パン\n\nパンは小麦粉と水から作り、火で熱くした窯で焼きます。",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "texts"
    for name, text in TEXTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture
def encoders(monkeypatch, keyword_encoder_type) -> dict:
    made = {
        "hybrid": keyword_encoder_type("hybrid"),
        "cross": keyword_encoder_type("cross", bias=0.2),
        "mono": keyword_encoder_type("mono", bias=3.0),
    }

    def load(name, **_options):
        if name not in made:
            raise UnknownEncoder(f"There is no encoder {name}.", hint="`hybrid-search encoders` lists them.")
        return made[name]

    def available():
        facts = (None, 14, "0" * 16, "counts a few words")
        return [EncoderInfo(name, "bundled", *facts) for name in ("base", "mono", "cross", "hybrid")]

    monkeypatch.setattr("hybrid_search.engine.encoders.load", load, raising=False)
    monkeypatch.setattr("hybrid_search.engine.encoders.available", available, raising=False)
    return made


@pytest.fixture
def run(encoders, capsys):
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_indexing_says_what_it_did_and_a_second_time_costs_nothing(run, folder, encoders):
    code, out, err = run("index", folder)
    assert (code, out) == (0, "")
    assert "4 new" in err
    calls = encoders["hybrid"].calls
    code, _, err = run("index", folder)
    assert code == 0 and "4 unchanged" in err
    assert encoders["hybrid"].calls == calls


def test_the_report_as_json(run, folder):
    code, out, _ = run("index", folder, "--json", "--encoder", "hybrid")
    report = json.loads(out)
    assert code == 0
    assert report["schema"] == 1
    assert {key: report["documents"][key] for key in ("new", "changed", "unchanged", "removed")} == {
        "new": 4,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
    }
    assert report["documents"]["unreadable"] == []
    assert report["passages"] == 4
    assert report["languages"] == {"de": 1, "en": 1, "ja": 1, "ru": 1}
    assert report["seconds"] >= 0 and report["passages_per_second"] >= 0


def test_unreadable_files_are_named_and_the_exit_code_is_1(run, folder):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "таблица.xls").write_bytes(b"PK")
    code, out, err = run("index", folder, "--json")
    unreadable = {Path(each["path"]).name: each["reason"] for each in json.loads(out)["documents"]["unreadable"]}
    assert code == 1
    assert "damaged" in unreadable["broken.pdf"] and "no reader" in unreadable["таблица.xls"]
    assert "таблица.xls" in out and "broken.pdf" in err
    code, out, _ = run("status", "--failed", "--json")
    assert {Path(each["path"]).name for each in json.loads(out)["failed"]} == set(unreadable)
    code, out, _ = run("status", "--failed")
    assert "broken.pdf" in out and "damaged" in out


def test_excludes(run, folder):
    _, out, _ = run("index", folder, "--exclude", "ru/", "--exclude", "*パン*", "--json")
    assert set(json.loads(out)["languages"]) == {"de", "en"}


def test_a_text_column_is_chosen(run, tmp_path):
    (tmp_path / "rows.csv").write_text("text,note\nBread and water,Moon and tree\n")
    code, _, _ = run("index", tmp_path / "rows.csv", "--text-column", "note")
    _, out, _ = run("search", "moon", "--json")
    assert code == 0 and json.loads(out)["rows"][0]["text"] == "Moon and tree"


def test_a_folder_that_is_not_there(run, tmp_path):
    code, out, err = run("index", tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert "nowhere does not exist" in err and "Traceback" not in err


def test_an_encoder_that_is_not_there(run, folder):
    code, _, err = run("index", folder, "--encoder", "nope")
    assert code == 2 and "no encoder nope" in err and "hybrid-search encoders" in err


def test_an_empty_folder_is_no_error(run, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = run("index", tmp_path / "empty")
    assert code == 0 and "no documents" in err.lower()
    for command in ("search", "compare"):
        code, _, err = run(command, "moon")
        assert "no passages yet" in err and "`hybrid-search index DIR`" in err


def test_names_that_are_not_utf8_can_be_indexed_and_shown(run, folder):
    raw = os.fsencode(folder) + b"/caf\xe9.txt"
    with open(raw, "w") as file:  # noqa: PTH123
        file.write("The moon shines on the tree beside the house.")
    assert run("index", folder)[0] == 0
    code, out, _ = run("search", "moon", "-k", "1", "--json")
    assert code == 0 and r"caf\xe9.txt" in json.loads(out)["rows"][0]["path"]
    assert run("search", "moon")[0] == 0


def test_status_counts_languages_and_encoders(run, folder):
    run("index", folder, "--encoder", "hybrid")
    code, out, _ = run("status", "--json")
    status = json.loads(out)
    assert code == 0
    assert (status["documents"], status["passages"]) == (4, 4)
    assert status["languages"] == {"de": 1, "en": 1, "ja": 1, "ru": 1}
    assert [(each["name"], each["vectors"], each["missing"]) for each in status["encoders"]] == [("hybrid", 4, 0)]
    code, out, _ = run("status")
    assert code == 0 and "hybrid" in out and "German" in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_a_library_that_is_not_there(run, tmp_path):
    for command in (("status",), ("check",), ("remove", str(tmp_path))):
        code, out, err = run(*command, "--library", tmp_path / "none")
        assert (code, out) == (2, ""), command
        assert "none" in err and "index" in err


def test_check_finds_nothing_wrong_and_repairs_a_damaged_index(run, folder, home):
    run("index", folder)
    code, out, _ = run("check", "--json")
    assert code == 0 and json.loads(out)["ok"] is True
    for path in (home / "library").rglob("*"):
        if (
            path.is_file()
            and "sqlite" not in path.name
            and "lock" not in path.name
            and path.suffix not in (".db", ".json")
        ):
            path.write_bytes(b"damaged")
    code, _, _ = run("check")
    assert code == 0
    assert run("search", "bread", "--json")[0] == 0


def test_check_names_what_stays_wrong_and_says_when_it_was_stopped(run, folder, home, monkeypatch):
    run("index", folder)
    with contextlib.closing(sqlite3.connect(home / "library" / "library.db")) as database, database:
        database.execute("UPDATE passages SET language = 'xx' WHERE id = 1")
    for options in (("--no-repair",), ()):
        code, out, err = run("check", *options)
        assert code == 2 and out == ""
        assert "wrong: 1 passage of" in err and "reads the file anew" in err and "not everything is in order" in err
    run("index", folder)
    assert "everything is in order" in run("check")[2]
    monkeypatch.setattr(common, "interruptible", lambda: contextlib.nullcontext(lambda: True))
    code, out, err = run("check", "--json")
    assert code == common.STOPPED and json.loads(out)["stopped"] and "the rest was not checked" in err


def test_remove_takes_a_folder_out(run, folder):
    run("index", folder / "de", folder / "en")
    code, _, err = run("remove", folder / "de")
    assert code == 0 and "1" in err
    _, out, _ = run("status", "--json")
    assert set(json.loads(out)["languages"]) == {"en"}
    code, _, err = run("remove", folder / "ja")
    assert code == 2 and "ja" in err


def test_a_new_encoder_needs_the_folder_no_more(run, folder):
    run("index", folder, "--encoder", "hybrid")
    for path in folder.rglob("*.md"):
        path.chmod(0o600)
    assert run("index", folder, "--encoder", "mono")[0] == 0
    _, out, _ = run("status", "--json")
    assert {each["name"]: each["missing"] for each in json.loads(out)["encoders"]} == {"hybrid": 0, "mono": 0}


def test_ctrl_c_keeps_what_is_done(run, folder, encoders, monkeypatch):
    import signal

    def interrupt() -> None:
        if encoders["hybrid"].calls == 0:
            os.kill(os.getpid(), signal.SIGINT)

    encoders["hybrid"].before = interrupt
    code, _, err = run("index", folder, "--encoder", "hybrid")
    assert code == 130
    assert "Stopped" in err and "again" in err
    encoders["hybrid"].before = None
    code, _, _ = run("index", folder, "--encoder", "hybrid")
    _, out, _ = run("status", "--json")
    assert code == 0 and json.loads(out)["encoders"][0]["missing"] == 0


@pytest.fixture
def indexed(run, folder):
    assert run("index", folder)[0] == 0
    return folder


ROW = ("rank", "score", "encoder", "language", "path", "title", "start", "end", "text", "passage_id")


def test_search_gives_rows_with_offsets_into_the_text(run, indexed):
    code, out, _ = run("search", "bread", "--json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["query"]) == (0, 1, "bread")
    assert [row["rank"] for row in answer["rows"]] == [1, 2, 3, 4]
    assert all(set(ROW) <= set(row) for row in answer["rows"])
    for row in answer["rows"]:
        assert row["encoder"] == "hybrid"
        text = next(text for name, text in TEXTS.items() if Path(row["path"]).name == Path(name).name)
        assert text[row["start"] : row["end"]] == row["text"]


def test_letters_of_every_script_stay_letters_in_json(run, indexed):
    _, out, _ = run("search", "хлеб", "--json")
    assert "хлеб" in out and "小麦粉" in out and "\\u" not in out


def test_the_words_of_a_query_need_no_quotes(run, indexed):
    _, out, _ = run("search", "water", "and", "fire", "--json")
    assert json.loads(out)["query"] == "water and fire"


def test_search_for_people_fits_100_columns(run, indexed):
    code, out, _ = run("search", "bread", "-k", "3")
    assert code == 0
    assert "Brot" in out and "パン" in out
    from rich.cells import cell_len

    assert max(cell_len(line) for line in out.splitlines()) <= 100


def test_user_text_is_never_markup_and_moves_no_cursor(run, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.txt").write_text(
        "The [bold]moon[/bold] :smile: \u202eshines\u202c [/] on the tree \x1b[31m red."
    )
    run("index", tmp_path / "docs")
    code, out, _ = run("search", "moon")
    assert code == 0
    assert "[bold]moon[/bold] :smile:" in out and "[/]" in out
    assert "\x1b" not in out and "\u202e" not in out


def test_a_language_filter_acts_before_the_top_k(run, indexed):
    _, out, _ = run("search", "bread", "--lang", "de,Russian", "-k", "2", "--json")
    assert {row["language"] for row in json.loads(out)["rows"]} == {"de", "ru"}
    for tag in ("de-AT", "de_CH", "deu"):
        _, out, _ = run("search", "bread", "--lang", tag, "--json")
        assert {row["language"] for row in json.loads(out)["rows"]} == {"de"}
    code, out, err = run("search", "bread", "--lang", "fr", "--json")
    assert (code, json.loads(out)["rows"]) == (0, []) and "no passages in fr; it has de, en, ja, ru." in err
    assert run("search", "bread", "--lang", "klingon?")[0] == 2


def test_all_encoders_the_trio_first(run, indexed):
    _, out, _ = run("search", "bread", "--encoder", "all", "--encoder", "bm25", "-k", "1", "--json")
    assert [row["encoder"] for row in json.loads(out)["rows"]] == ["hybrid", "cross", "mono", "bm25"]


def test_search_by_words_needs_no_encoder(run, indexed, encoders):
    before = {name: encoder.calls for name, encoder in encoders.items()}
    _, out, _ = run("search", "Ofen", "--encoder", "bm25", "--json")
    assert [row["language"] for row in json.loads(out)["rows"]] == ["de"]
    assert before == {name: encoder.calls for name, encoder in encoders.items()}


def test_rankings_are_joined_and_explained(run, indexed):
    _, out, _ = run("search", "Brot", "--fuse", "--json")
    rows = json.loads(out)["rows"]
    assert rows[0]["language"] == "de"
    assert rows[0]["score"] == pytest.approx(2 / 61, abs=1e-3)
    assert {share["encoder"] for share in rows[0]["trace"]} == {"hybrid", "bm25"}
    code, out, _ = run("search", "Brot", "--fuse", "--explain", "-k", "1")
    assert code == 0 and "bm25" in out and "hybrid" in out
    assert run("search", "x", "--explain")[0] == 2
    assert run("search", "x", "--fuse", "--encoder", "mono")[0] == 2


def test_an_encoder_that_the_library_lacks_is_an_error_that_says_what_to_do(run, folder):
    run("index", folder, "--encoder", "cross")
    code, _, err = run("search", "bread", "--encoder", "mono")
    assert code == 2 and "mono" in err and "index" in err
    code, out, err = run("search", "bread", "--json")
    assert code == 0 and "cross answers" in err
    assert json.loads(out)["rows"][0]["encoder"] == "cross"


@pytest.mark.parametrize("query", ["", "   "])
def test_an_empty_query_is_a_usage_error(run, indexed, query):
    assert run("search", query)[0] == run("compare", query)[0] == 2


def test_compare_shows_bias(run, indexed):
    code, out, _ = run("compare", "хлеб вода огонь", "-k", "2", "--json")
    answer = json.loads(out)
    assert code == 0 and answer["schema"] == 1
    assert answer["query_language"] == "ru"
    assert list(answer["rankings"]) == ["hybrid", "cross", "mono"]
    assert answer["rankings"]["mono"][0]["language"] == "ru"
    assert sum(answer["languages"]["hybrid"].values()) == 2
    assert answer["same_language_share"]["mono"] == 0.5 and answer["library_share"] == 0.25
    assert set(answer["overlap"]) == {"hybrid,cross", "hybrid,mono", "cross,mono"}
    assert set(answer["overlap"]["hybrid,mono"]) == {"shared", "jaccard", "rbo"}
    code, out, _ = run("compare", "хлеб вода огонь")
    assert code == 0 and "25 % of the library is in Russian" in out
    from rich.cells import cell_len

    assert max(cell_len(line) for line in out.splitlines()) <= 100


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.0004, "Less than 1 %"), (0.25, "25 %"), (0.9996, "More than 99 %"), (1, "100 %")],
)
def test_a_few_passages_of_a_language_are_not_called_none(share, said):
    asked = SimpleNamespace(query_language=SimpleNamespace(code="ru"), only=(), library_share=share, rankings={})
    assert forms.sentences(asked) == [f"{said} of the library is in Russian."]


def test_encoders_are_listed(run, monkeypatch):
    code, out, _ = run("encoders", "--json")
    names = {each["name"] for each in json.loads(out)["encoders"]}
    assert code == 0 and {"mono", "cross", "hybrid", "base"} <= names
    code, out, _ = run("encoders", "list")
    assert code == 0 and "hybrid" in out and max(len(line) for line in out.splitlines()) <= 100


def test_an_export_is_named_in_words_and_as_json(tmp_path, capsys):
    source = write_folder(tmp_path / "source")
    for folder, more in ((tmp_path / "a", []), (tmp_path / "b", ["--json"])):
        assert main(["encoders", "export", str(source), str(folder), *more]) == 0
        assert (folder / "modules.json").is_file()
        said = capsys.readouterr().out
        answer = json.loads(said)["path"] if more else said.strip()
        assert answer == str(folder)


def test_an_export_writes_over_nothing(run, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    code, _, err = run("encoders", "export", "hybrid", tmp_path / "full")
    assert code == 2 and "not empty" in err


def test_a_library_encodes_what_it_holds_without_any_folder(run, indexed, encoders):
    (indexed / "en/bread.md").unlink()
    encoders["other"] = type(encoders["mono"])("other", bias=1.0)
    code, out, _ = run("index", "--encoder", "other", "--json")
    assert code == 0 and json.loads(out)["encoded"] == {"other": 4}
    _, out, _ = run("search", "bread", "--encoder", "other", "--json")
    assert len(json.loads(out)["rows"]) == 4
    assert run("index")[0] == run("index", "--watch", "--encoder", "other")[0] == 2


def test_search_says_what_an_encoder_cannot_find_yet(run, folder, encoders, tmp_path):
    run("index", folder / "en", "--encoder", "hybrid", "--encoder", "mono")
    run("index", folder / "de", "--encoder", "hybrid")
    code, out, err = run("search", "bread", "--encoder", "mono", "--json")
    assert code == 0 and len(json.loads(out)["rows"]) == 1
    assert "1 passage has no vector of mono yet" in err and "index --encoder mono" in err
    assert "50% of the passages have one" in err


def test_words_answer_as_long_as_there_are_no_vectors(run, folder):
    from hybrid_search.engine.library import Library

    with Library.open(create=True) as library:
        library.index([folder / "en"], encoders=[])
    for more in ((), ("--fuse",)):
        code, out, err = run("search", "bread", "--json", *more)
        assert code == 0 and json.loads(out)["rows"] and "it is searched by words" in err


def test_while_a_library_is_indexed_nobody_is_told_to_index_it(run, folder, encoders):
    from hybrid_search.engine.library import Library

    with Library.open(create=True) as library:
        library.index([folder / "en"], encoders=[])
        with library._lock.held():
            assert "It is being indexed now" in (words := run("search", "bread")[2]) and "index DIR" not in words
        run("index", folder / "de", "--encoder", "mono")
        library.index([folder / "ja"], encoders=[])
        with library._lock.held():
            said = run("search", "bread", "--encoder", "mono")[2] + run("status")[1]
    assert said.count("It is being indexed now") == 2 and "makes them" not in said


def test_a_list_of_encoders_as_json_wherever_the_option_stands(run):
    assert json.loads(run("encoders", "--json", "list")[1]) == json.loads(run("encoders", "list", "--json")[1])


def test_bars_show_rate_and_path_in_100_columns(monkeypatch):
    import io

    from hybrid_search.tui.cli.telling import consoles
    from rich.cells import cell_len
    from rich.console import Console

    shown = io.StringIO()
    monkeypatch.setattr(consoles, "err", lambda: Console(file=shown, force_terminal=True, width=100, color_system=None))
    with common.ProgressBars() as bars:
        bars.show("looking", 0, 0)
        for done in range(0, 101, 20):
            bars.show("encoding [bold]x", done, 100, "語" * 80 + "/[red]file.md")
        bars._bars.refresh()
    lines = re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", shown.getvalue()).replace("\r", "\n").split("\n")
    assert any("encoding [bold]x" in line and "100/100" in line for line in lines)
    assert max(map(cell_len, lines)) <= 100


def test_a_cold_search_imports_nothing_heavy(home):
    vectors = assets_folder() / "demo" / "vectors"
    name = next((name for name in ("hybrid", "base") if (vectors / f"{name}.npz").is_file()), "bm25")
    code = (
        "import sys\n"
        "from hybrid_search.tui.cli.main import main\n"
        f"code = main(['search', 'How do I bake bread?', '--encoder', {name!r}, '--json'])\n"
        "rooms = {name.split('.')[0] for name in sys.modules}\n"
        "heavy = rooms & {'torch', 'transformers', 'sentence_transformers', 'datasets', 'textual'}\n"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"]
    assert "demo library" in done.stderr


HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x9b2J"


def harmless(*texts: str) -> bool:
    return not any(character in text for text in texts for character in "\x1b\x07\x9b")


def test_no_error_brings_a_terminals_commands(run, tmp_path):
    from hybrid_search.engine import paths

    place = paths.encoders_folder() / "theirs"
    place.mkdir(parents=True)
    (place / "encoder.json").write_text(json.dumps({"base": HOSTILE, "description": HOSTILE}))
    for arguments in (
        ("search", "x", "--encoder", HOSTILE),
        ("search", "x", "--library", tmp_path / HOSTILE),
        ("index", tmp_path / HOSTILE),
        ("evaluate", "bm25", "--benchmark", tmp_path / HOSTILE),
        ("encoders",),
        (HOSTILE,),
        ("search", f"--{HOSTILE}"),
    ):
        _, out, err = run(*arguments)
        assert harmless(out, err), arguments


def test_the_languages_of_a_foreign_library_bring_none_either(run, indexed):
    import sqlite3

    from hybrid_search.engine.paths import default_library

    with sqlite3.connect(default_library() / "library.db") as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        changed = 0
        for table in tables:
            columns = [row[1] for row in connection.execute(f"pragma table_info('{table}')")]
            for column in set(columns) & {"language", "title", "heading"}:
                changed += connection.execute(f"update '{table}' set {column} = ?", (HOSTILE,)).rowcount
    assert changed
    for command in (
        ("status",),
        ("status", "--json"),
        ("search", "bread"),
        ("compare", "bread"),
        ("compare", "bread", "--json"),
    ):
        _, out, err = run(*command)
        assert harmless(out, err), command


def test_the_name_of_an_encoder_that_exists_is_refused_before_torch_loads(home):
    (encoders_folder() / "mine").mkdir(parents=True)
    code = (
        "import sys\n"
        "from hybrid_search.tui.cli.main import main\n"
        "code = main(['train', '--out', 'mine'])\n"
        "sys.exit('torch was loaded' if 'torch' in sys.modules else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 2 and "an encoder called mine already" in done.stderr


def test_no_name_of_a_library_forges_a_line(monkeypatch, capsys, tmp_path, keyword_encoder_type):
    """Languages and encoders of somebody else's library may hold line ends."""
    from hybrid_search.engine import encoders
    from hybrid_search.engine.library.library import Library

    forged = keyword_encoder_type("mine\nForged: done")
    monkeypatch.setattr(encoders, "load", lambda _, **__: forged, raising=False)
    (tmp_path / "bread.md").write_text("bread bread bread.", "utf-8")
    where = str(tmp_path / "library")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "bread.md"], encoders=[forged])
    with sqlite3.connect(tmp_path / "library" / "library.db") as database:
        database.execute("UPDATE passages SET language = ?", ("d\nForged: done",))
    for words in (["search", "bread"], ["compare", "bread"], ["status"], ["index", str(tmp_path / "bread.md")]):
        assert main([*words, "--library", where]) == 0
        said = capsys.readouterr()
        assert not [line for line in (said.out + said.err).splitlines() if line.strip().startswith("Forged")]
