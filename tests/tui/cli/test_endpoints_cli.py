"""Encoders behind endpoints in the commands: indexed, searched, compared and evaluated like any other column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine.encoders.endpoints import consent
from hybrid_search.tui.cli.main import main

from tests.support.endpoints import running

KEY = "sk-secret-0123456789"


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setattr(consent, "_named", set())
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        assert KEY not in captured.out + captured.err
        return code, captured.out, captured.err

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "texts"
    root.mkdir()
    for name, text in {"a": "Bread and water in the house.", "b": "Луна и огонь над домом.", "c": "月と水。"}.items():
        (root / f"{name}.txt").write_text(text, "utf-8")
    return root


def test_an_endpoint_is_a_column_of_index_search_and_compare(run, folder, tmp_path):
    library = ("--library", tmp_path / "library")
    with running("openai", key=KEY) as server, running("cohere") as other:
        code, _, err = run("index", folder, "--encoder", server.name, "--encoder", other.name, *library)
        assert code == 0 and "2 requests, 4 texts" in err and "tokens" in err
        code, out, err = run("search", "moon", "--encoder", server.name, "--json", *library)
        rows = json.loads(out)["rows"]
        assert code == 0 and {row["language"] for row in rows[:2]} == {"ru", "ja"} and "requests" in err
        code, out, _ = run("compare", "moon", "--encoder", "all", "--encoder", "bm25", "--json", *library)
        assert code == 0 and list(json.loads(out)["rankings"]) == [*sorted([server.name, other.name]), "bm25"]
        both = ("--encoder", server.name, "--encoder", "bm25", "--fuse")
        code, out, _ = run("search", "moon", *both, "--json", *library)
        assert code == 0 and "b.txt" in out


def test_evaluate_takes_an_endpoint_and_pays_once(run):
    with running("tei") as server:
        arguments = ("evaluate", server.name, "bm25", "--benchmark", "demo", "--questions", "6", "--json")
        code, out, _ = run(*arguments)
        found = json.loads(out)
        assert code == 0 and [each["encoder"] for each in found["results"]] == [server.name, "bm25"]
        before = len(server.asked)
        assert run(*arguments)[0] == 0
        assert len(server.asked) == before + 2


def test_a_library_of_somebody_else_sends_nothing_anywhere(run, folder, tmp_path, home: Path):
    library = ("--library", tmp_path / "library")
    with running("openai", key=KEY) as server:
        assert run("index", folder, "--encoder", server.name, *library)[0] == 0
        (home / "named.json").unlink()
        consent._named.clear()
        before = len(server.asked)
        code, _, err = run("search", "moon", *library)
        assert code == 2 and "you have not named" in err and "--encoder names it" in err
        code, _, err = run("search", "moon", "--encoder", "all", *library)
        assert code == 2 and len(server.asked) == before
        assert run("search", "moon", "--encoder", server.name, *library)[0] == 0
        code, _, _ = run("search", "moon", *library)
        assert code == 0 and len(server.asked) > before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("openai:tiny@http://127.0.0.1:9/v1", "cannot be reached"),
        ("cohere:embed-v4.0", "COHERE_API_KEY"),
        ("openai:tiny#what=1", "does not know"),
        (f"openai:tiny@https://{KEY}@host/v1", "holds a user or a password"),
    ],
)
def test_what_cannot_be_asked_is_a_clear_sentence_and_stores_nothing(run, folder, tmp_path, monkeypatch, name, words):
    monkeypatch.delenv("COHERE_API_KEY", raising=False)
    monkeypatch.delenv("CO_API_KEY", raising=False)
    monkeypatch.delenv("HYBRID_SEARCH_KEY", raising=False)
    code, out, err = run("index", folder, "--encoder", name, "--library", tmp_path / "library")
    assert code == 2 and out == "" and words in err and "Traceback" not in err
    assert not (tmp_path / "library").exists()


def test_fusion_and_reranking_are_columns_that_show_what_was_before(run, folder, tmp_path):
    library = ("--library", tmp_path / "library")
    with running("openai", key=KEY) as server, running("tei") as ranker:
        assert run("index", folder, "--encoder", server.name, *library)[0] == 0
        again, joined = f"rerank:{ranker.name}#of={server.name}&depth=2", f"fuse:{server.name},bm25"
        code, out, err = run("compare", "moon", "--encoder", again, "--encoder", joined, "--json", *library)
        found = json.loads(out)
        assert code == 0 and list(found["rankings"]) == [server.name, again, joined] and "passages ranked" in err
        assert len(found["bias"]) == 3
        code, out, _ = run("search", "moon", "--encoder", again, "--json", "-k", "2", *library)
        lengths = [len(row["text"]) for row in json.loads(out)["rows"]]
        assert code == 0 and lengths == sorted(lengths, reverse=True)
        code, out, _ = run("evaluate", again, joined, "--benchmark", "demo", "--questions", "4", "--json")
        assert code == 0 and [each["encoder"] for each in json.loads(out)["results"]] == [server.name, again, joined]
        code, _, err = run("index", folder, "--encoder", joined, *library)
        assert code == 2 and "makes no vectors" in err
