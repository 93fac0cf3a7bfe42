"""`push` and `--library URI`, as a person and as a script sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.cli.main import main

from tests.support.remote_server import written

pytest.importorskip("pymilvus", reason="needs the extra [remote]")
pytest.importorskip("milvus_lite", reason="needs the extra [remote]")


@pytest.fixture
def run(monkeypatch, capsys, keyword_encoder_type):
    made = {"hybrid": keyword_encoder_type("hybrid"), "mono": keyword_encoder_type("mono", bias=3.0)}
    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda name, **_: made[name], raising=False)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(each) for each in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    run.encoders = made
    return run


@pytest.fixture
def library(tmp_path, run) -> Path:
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([written(tmp_path / "texts")], encoders=list(run.encoders.values()))
    return tmp_path / "library"


def test_what_was_pushed_is_searched_compared_and_counted_as_on_disk(run, library, tmp_path, monkeypatch):
    there = tmp_path / "engine.db"
    code, out, said = run("push", there, "--library", library, "--json")
    report = json.loads(out)
    assert code == 0 and report["vectors"] == {"hybrid": report["passages"], "mono": report["passages"]}
    assert f"{report['sent']:,} records sent" in said
    for asked in (
        ("search", "Brot und Wasser", "--json"),
        ("search", "Brot", "--encoder", "all", "--fuse", "--lang", "en,ja", "-k", "3", "--json"),
        ("compare", "moon", "--exact", "--json"),
    ):
        here = run(*asked, "--library", library)
        assert run(*asked, "--library", there)[:2] == here[:2] and here[0] == 0
    code, out, _ = run("status", "--library", there)
    assert code == 0 and "passages" in out and "0.0 MB" not in out
    monkeypatch.setenv("HYBRID_SEARCH_LIBRARY", str(there))
    assert json.loads(run("status", "--json")[1])["path"] == str(there)


def test_commands_that_write_say_that_an_engine_is_only_read(run, library, tmp_path):
    there = tmp_path / "engine.db"
    assert run("push", there, "--library", library)[0] == 0
    for command in (("index", tmp_path / "texts", "--encoder", "hybrid"), ("remove", tmp_path), ("check",)):
        code, _, said = run(*command, "--library", there)
        assert code == 2 and "only be read there" in said and "hybrid-search push" in said


def test_an_address_that_does_not_answer_is_said_in_two_lines(run, library):
    for asked in (("push", "http://127.0.0.1:1", "--library", library), ("status", "--library", "http://127.0.0.1:1")):
        code, out, said = run(*asked)
        assert code == 2 and out == "" and len(said.splitlines()) == 2
        assert "The engine at http://127.0.0.1:1 cannot be reached." in said


@pytest.mark.parametrize("address", ["http://[::1", "http://root:Secret@[::1", "http://host:port"])
def test_an_address_that_cannot_be_one_is_said_in_two_lines(run, library, address):
    for asked in (("push", address, "--library", library), ("search", "x", "--library", address)):
        code, out, said = run(*asked)
        assert code == 2 and out == "" and "not the address of an engine" in said and "Secret" not in said
        assert len(said.splitlines()) == 2


def test_what_is_no_address_is_refused(run, library):
    code, _, said = run("push", "somewhere", "--library", library)
    assert code == 2 and "not the address of an engine" in said


def test_the_app_opens_a_library_on_an_engine(run, library, tmp_path):
    from hybrid_search.tui.desk.desk import Desk

    class Request:
        cancelled = False
        told: list[dict] = []  # noqa: RUF012

        def tell(self, **what):
            self.told.append(what)

        def check(self):
            pass

    there = tmp_path / "engine.db"
    assert run("push", f"{there}#news", "--library", library)[0] == 0
    desk, request = Desk(run.encoders.__getitem__), Request()
    status = desk.open(request, f"{there}#news")
    assert status["path"] == f"{there}#news" and status["encoders"]["hybrid"]["pending"] == 0
    desk.ask(request, "moon", ["hybrid", "mono", "bm25"])
    assert [each["column"] for each in request.told if "ranking" in each] == ["hybrid", "mono"]
    assert any("cannot be searched by words" in each.get("error", {}).get("message", "") for each in request.told)
    hit = next(each for each in request.told if "ranking" in each)["ranking"]["hits"][0]
    shown = desk.passage(request, hit["id"], "moon", ["hybrid"])
    assert shown["ranks"]["hybrid"] == 1
    # As the app names it when it starts its child again.
    assert desk.open(request, status["path"])["passages"] == status["passages"]
    desk.close()


@pytest.mark.slow
@pytest.mark.usefixtures("demo_at_home")
def test_the_demo_library_on_an_engine_is_the_demo_library(tmp_path):
    from hybrid_search.engine import encoders
    from hybrid_search.engine.library.demo import demo_folder, open_demo
    from hybrid_search.engine.places import Place
    from hybrid_search.engine.remote.library import RemoteLibrary
    from hybrid_search.engine.remote.pushing import push

    lines = (demo_folder() / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][::6]
    place = Place(str(tmp_path / "demo.db"))
    with open_demo() as library:
        push(library, place)
        with RemoteLibrary.open(place) as remote:
            for name in library.encoders():
                encoder = encoders.load(name)
                for question in questions:
                    for query in (question["en"], question["ja"]):
                        for languages in ((), ("de", "zh")):
                            here = library.search(query, encoder=encoder, languages=languages, exact=True)
                            assert remote.search(query, encoder=encoder, languages=languages).hits == here.hits
