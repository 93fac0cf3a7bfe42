"""Kits: the bundled one is whole, a written one is read again, own documents make one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.engine.library import Library
from hybrid_search.train.audit.kits import bundled_kit, own_kit, read_kit, write_kit
from hybrid_search.train.benchmarks import load

from tests.support.audits import small_kit

QUESTION = '{"id": "a-de", "group": "a", "language": "de", "question": "Wie backt man Brot?"}\n'
OTHER = '{"id": "a-en", "group": "a", "language": "en", "question": "How is bread baked?"}\n'


def test_the_bundled_kit_is_parallel_and_judged():
    kit = bundled_kit()
    assert len(kit.languages) == 14 and len(kit.questions) == 14 * len(kit.groups)
    assert all(len({kit.passages[row].language for row in rows}) >= 13 for rows in kit.relevant)
    assert {each.language for each in kit.nonsense} == set(kit.languages)
    assert {each.document for each in kit.passages} == {name for name, _ in kit.texts}


def test_the_bundled_kit_holds_the_demo_questions():
    ids = {question.id for question in bundled_kit().questions}
    assert {f"{query.id}-{query.language}" for query in load("demo").queries} <= ids


def test_a_written_kit_is_the_same_when_it_is_read(tmp_path):
    kit = small_kit()
    files = write_kit(kit, tmp_path / "kit")
    assert files[0].name == "README.md"
    again = read_kit(tmp_path / "kit")
    assert again.digest == kit.digest and again.nonsense == kit.nonsense and again.name == kit.name
    assert dict(again.texts) == dict(kit.texts) and again.relevant == kit.relevant
    # Writing anew replaces it.
    write_kit(kit, tmp_path / "kit")


def test_another_kit_and_one_that_was_changed_are_not_written_over(tmp_path):
    write_kit(small_kit(), tmp_path)
    with pytest.raises(DataError, match="holds another kit"):
        write_kit(small_kit(languages=("de", "en")), tmp_path)
    lines = (tmp_path / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
    for damaged in ("".join(lines[1:]), "{"):
        (tmp_path / "questions.jsonl").write_text(damaged, "utf-8")
        with pytest.raises(DataError, match="or one that was changed"):
            write_kit(small_kit(), tmp_path)


def test_what_was_odd_when_a_kit_was_made_is_known_when_it_is_read(tmp_path):
    write_kit(replace(small_kit(), notes=("Easy by design.",)), tmp_path)
    assert read_kit(tmp_path).notes == ("Easy by design.",)


def test_its_beir_files_are_a_benchmark_like_others(tmp_path):
    kit = small_kit()
    write_kit(kit, tmp_path / "kit")
    found = load(tmp_path / "kit" / "beir")
    assert len(found.pool) == len(kit.passages) and len(found.queries) == len(kit.questions)
    assert sum(map(len, found.relevant)) == sum(map(len, kit.relevant))


def test_a_kit_that_is_named_as_a_benchmark_is_told_what_asks_it(tmp_path):
    write_kit(small_kit(), tmp_path)
    with pytest.raises(DataError, match="is a kit for audits") as caught:
        load(tmp_path)
    assert "audit encoder:NAME --kit" in caught.value.hint


def test_questions_alone_are_a_kit_without_judgements(tmp_path):
    (tmp_path / "questions.jsonl").write_text(QUESTION + OTHER, "utf-8")
    kit = read_kit(tmp_path / "questions.jsonl")
    assert not kit.judged and kit.groups == ("a",) and kit.nonsense
    (tmp_path / "plain.txt").write_text(
        "Wie bäckt man zu Hause gutes Brot?\nHow do I bake good bread at home?\n", "utf-8"
    )
    assert read_kit(tmp_path / "plain.txt").languages == ("de", "en")


# -- of one's own documents

TEXTS = {
    "de/bread.md": "# Brot\n\n## Wie man einen Sauerteig ansetzt\n\nMehl und Wasser stehen fünf Tage warm.\n",
    "en/bread.md": "# Bread\n\n## How a sourdough starter is made\n\nFlour and water stand warm for five days.\n",
    "de/moon.md": "# Mond\n\n## Warum der Mond immer dieselbe Seite zeigt\n\nEr dreht sich in einem Umlauf einmal.\n",
    "en/moon.md": "# Moon\n\n## Why the moon always shows the same side\n\nIt turns once in one orbit.\n",
    "en/alone.md": "# Trees\n\nTrees drink water through their roots all summer long.\n",
}


@pytest.fixture
def library(tmp_path):
    def made(texts: dict[str, str]) -> Library:
        (tmp_path / "docs").mkdir()
        for name, text in texts.items():
            path = tmp_path / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        with Library.open(tmp_path / "library", create=True) as library:
            library.index([tmp_path / "docs"], encoders=[])
        return Library.open(tmp_path / "library", readonly=True)

    return made


def test_parallel_documents_make_parallel_questions(library):
    with library(TEXTS) as found:
        kit = own_kit(found)
    assert kit.languages == ("de", "en") and len(kit.groups) == 2
    assert {question.text for question in kit.questions if question.language == "en"} == {
        "How a sourdough starter is made",
        "Why the moon always shows the same side",
    }
    for question, rows in zip(kit.questions, kit.relevant, strict=True):
        assert {kit.passages[row].language for row in rows} == {"de", "en"}, question
    assert {name for name, _ in kit.texts} == {"bread.de.md", "bread.en.md", "moon.de.md", "moon.en.md", "alone.en.md"}
    assert any("easy by design" in note for note in kit.notes)


def test_documents_without_translations_are_asked_each_in_its_language(library):
    texts = {name: text for name, text in TEXTS.items() if name in ("de/bread.md", "en/moon.md")}
    with library({name.replace("/", "-x/"): text for name, text in texts.items()}) as found:
        kit = own_kit(found)
    assert len(kit.groups) == len(kit.questions) == 2
    assert any("File names show no translations" in note for note in kit.notes)


def test_documents_of_one_language_make_no_kit(library):
    with (
        library({"alone.md": TEXTS["en/alone.md"]}) as found,
        pytest.raises(DataError, match="fewer than two languages"),
    ):
        own_kit(found)


def test_an_empty_library_makes_no_kit(library):
    with library({}) as found, pytest.raises(DataError, match="no passages"):
        own_kit(found)


def test_files_of_a_kit_stay_in_its_folder(library, tmp_path):
    with library({**TEXTS, "de/ä ..b?.md": TEXTS["de/moon.md"]}) as found:
        write_kit(own_kit(found), tmp_path / "kit")
        assert read_kit(tmp_path / "kit").digest == own_kit(found).digest
    names = {each.name for each in (tmp_path / "kit" / "markdown").iterdir()}
    assert all(name.endswith(".md") and "/" not in name and "?" not in name for name in names) and len(names) == 6
    rows = (tmp_path / "kit" / "passages.jsonl").read_text("utf-8").splitlines()
    assert {Path(json.loads(row)["document"]).name for row in rows} == names
