"""The desk gives the app what engine computed: the same numbers as the command line, strip and columns of one mind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.desk.desk import Desk
from hybrid_search.tui.desk.requests import Later, Request

from .conftest import ENCODERS, write_texts

SETTINGS = [
    ([], False),
    ([], True),
    (["de"], False),
    (["de", "en", "ru"], True),
]


class Told(Request):
    """A request that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(1, lambda message: self.progress.append(message["progress"]), lambda: False)
        self.progress: list[dict[str, Any]] = []

    @property
    def rankings(self) -> dict[str, dict[str, Any]]:
        return {each["column"]: each["ranking"] for each in self.progress if "ranking" in each}


@pytest.fixture
def desk(load, library):
    made = Desk(load)
    made.open(Told(), str(library))
    yield made
    made.close()


@pytest.fixture
def cli(load, library, monkeypatch, capsys):
    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda name, **_: load(name), raising=False)

    def cli(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--library", str(library), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return cli


@pytest.mark.parametrize(("languages", "neutral"), SETTINGS)
def test_the_app_and_the_command_line_give_the_same_numbers(desk, cli, languages, neutral):
    request = Told()
    asked = desk.ask(request, "Why does bread rise?", list(ENCODERS), 9, languages, True, neutral)
    options = [option for name in ENCODERS for option in ("--encoder", name)]
    options += ["--lang", ",".join(languages)] if languages else []
    options += ["--neutral"] if neutral else []
    printed = cli("compare", "Why does bread rise?", "-k", "9", "--exact", *options)
    assert list(request.rankings) == list(printed["rankings"]) == list(ENCODERS)
    for name, shown in request.rankings.items():
        rows = printed["rankings"][name]
        assert [(hit["id"], round(hit["score"], 6)) for hit in shown["hits"]] == [
            (row["passage_id"], row["score"]) for row in rows
        ]
        assert shown["languages"] == printed["languages"][name]
        assert round(shown["share"], 4) == printed["same_language_share"][name]
        assert round(shown["library_share"], 4) == printed["library_share"]
        assert round(shown["bias"], 4) == printed["bias"][name]
        assert shown["query_language"]["code"] == printed["query_language"] == "en"
    pairs = {",".join(each.pop("pair")): each for each in asked["overlap"]}
    assert {pair: {key: round(value, 4) for key, value in each.items()} for pair, each in pairs.items()} == printed[
        "overlap"
    ]


@pytest.mark.parametrize(("languages", "share"), [([], 1 / 7), (["de"], 0.0), (["en", "de"], 0.5), (["en"], 1.0)])
def test_the_library_s_share_is_that_of_what_was_searched(desk, languages, share):
    request = Told()
    desk.ask(request, "Why does bread rise?", ["hybrid", "bm25"], 5, languages)
    assert [each["library_share"] for each in request.rankings.values()] == pytest.approx([share, share])


@pytest.mark.parametrize(("languages", "neutral"), SETTINGS)
def test_the_strip_has_the_ranks_that_the_column_shows(desk, languages, neutral):
    request = Told()
    desk.ask(request, "moon", list(ENCODERS), 50, languages, False, neutral)
    ranked = {name: {hit["id"]: hit["rank"] for hit in each["hits"]} for name, each in request.rankings.items()}
    for number in ranked["mono"]:
        shown = desk.passage(request, number, "moon", list(ENCODERS), languages, neutral)
        family = [shown["passage"], *shown["translations"]]
        for name in ENCODERS:
            assert shown["ranks"][name] == ranked[name][number]
            strip = shown["strips"][name]
            assert strip == {
                each["language"]: ranked[name][each["id"]] for each in family if each["id"] in ranked[name]
            }
            assert max(strip.values()) <= request.rankings[name]["searched"]
            spread = max(strip.values()) - min(strip.values()) if len(strip) > 1 else None
            assert shown["distances"][name] == spread


def test_the_language_that_was_chosen_counts_for_columns_and_strip(desk):
    request = Told()
    answer = desk.ask(request, "moon", ["mono"], 50, neutral=True, query_language="ru")
    ranking = request.rankings["mono"]
    assert answer["query_language"]["code"] == ranking["query_language"]["code"] == "ru"
    assert ranking["library_share"] == pytest.approx(1 / 7)
    first = ranking["hits"][3]
    shown = desk.passage(request, first["id"], "moon", ["mono"], neutral=True, query_language="ru")
    assert shown["ranks"]["mono"] == 4


def test_two_libraries_of_equal_size_have_maps_of_their_own(tmp_path, load, encoders):
    maps = []
    desk = Desk(load)
    for name, turned in (("one", False), ("two", True)):
        folder = write_texts(tmp_path / name / "texts")
        files = sorted(folder.rglob("*.md"))
        texts = [path.read_text("utf-8") for path in files]
        for path, text in zip(files, reversed(texts) if turned else texts, strict=True):
            path.write_text(text, "utf-8")
        with Library.open(tmp_path / name / "library", create=True) as library:
            library.index([folder], encoders=list(encoders.values()))
        desk.open(Told(), str(tmp_path / name / "library"))
        drawn = desk.map(Told(), "hybrid")
        assert isinstance(drawn, Later), "another library's map is not this one's"
        maps.append(drawn.finish())
    assert maps[0]["total"] == maps[1]["total"] and maps[0]["languages"] != maps[1]["languages"]
    assert desk.map(Told(), "hybrid") == maps[1]
    desk.close()


def test_a_map_asks_for_all_its_passages_at_once(desk, monkeypatch):
    asked = []
    library = desk.library
    monkeypatch.setattr(library, "passage", lambda number: asked.append(number))
    monkeypatch.setattr(library, "passages", lambda ids, of=library.passages: asked.append(list(ids)) or of(ids))
    assert desk.map(Told(), "hybrid").finish()["titles"]
    assert len(asked) == 1 and len(asked[0]) == 21


def test_an_address_s_password_is_in_nothing_that_the_app_is_told(load):
    desk, request = Desk(load), Told()
    from hybrid_search.engine.errors import LibraryError

    with pytest.raises(LibraryError) as error:
        desk.open(request, "http://root:Secret@127.0.0.1:1#news")
    assert "127.0.0.1:1" in str(error.value)
    assert "Secret" not in f"{error.value} {request.progress}"
