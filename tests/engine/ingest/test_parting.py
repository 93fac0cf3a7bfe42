"""Passages cut by the process that reads: the same ones, whatever a document is and however it comes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hybrid_search.engine.documents.worker import BadMessage, Limits, Request, unpacked
from hybrid_search.engine.documents.worker.messages import packed
from hybrid_search.engine.encoders import Counter
from hybrid_search.engine.errors import UnreadableDocument
from hybrid_search.engine.ingest import Cutter, ReadingPool, indexing, reading_pool, worker_process
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.passages import Parted, Parting, Repeating, repeating, stretches
from hybrid_search.engine.paths import assets_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RUN = """
from hybrid_search.engine.documents import reading
from hybrid_search.engine.documents.worker import child
from hybrid_search.engine.passages import stretches
from hybrid_search.engine.encoders.tokens.counting import counting
from hybrid_search.engine.passages.parting import parter
child._WORTH_IT, reading._LONG, stretches.LENGTH = -1, 900, 200
child.main({parter})
"""
THERE = "lambda line: parter(line, counting)"
SHIPPED = worker_process._RUN
MENU = "Home, bread, water and moon: all pages"
LEFT_OUT = Repeating(frozenset(repeating([[MENU, f"Page {n} has words of its own."] for n in range(30)])))
WORDS = st.sampled_from(
    [
        "The moon shines on the old tree, and the river is quiet. ",
        "Der Mond scheint auf den alten Baum, z. B. im Winter. ",
        "月は古い木の上で輝いている。川は静かだ。",
        "Луна светит на старое дерево у реки. ",
        "กขค " * 60,
        "x" * 300 + " ",
        f"\n\n{MENU}\n\n",
        "\n\n# A heading\n\n",
        "\n\n## Another\n\n",
        "\n\n",
        "\n",
        "\f",
        " ",
    ]
)
TEXTS = st.lists(WORDS, max_size=30).map("".join)


def count(texts):
    return [2 + len(text.split()) + len(text) // 8 for text in texts]


def cutter(boilerplate: bool = False, counter: Sequence[str] | None = None) -> Cutter:
    own = None if counter is None else Counter(*counter)
    found = Cutter(count if own is None else own.counts, 40, own)
    found.left_out, found.boilerplate = LEFT_OUT, boilerplate
    return found


@pytest.fixture(
    scope="module",
    params=[(False, None), (True, None), (False, ("", "")), (True, (str(assets_folder() / "base"), "passage: "))],
    ids=["left out", "boilerplate", "estimated there", "counted there"],
)
def pool(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_process, "_RUN", RUN.format(parter=THERE))
        patch.setattr(stretches, "LENGTH", 200)
        with ReadingPool(workers=1, parting=cutter(*request.param).parting) as found:
            yield found


def checked(stretch: Parted, parting: Parting) -> Parted:
    assert stretch.cut == (parting.counter is not None)
    return stretch


def arrived(pool: ReadingPool, path: Path) -> list[tuple]:
    """Part, title, passages and digest of each document, cut as a file is indexed."""
    own = cutter(pool._parting.boilerplate, pool._parting.counter)
    found = []
    for _, documents in pool.files([(Request(path, path.stat().st_size), None)]):
        try:
            for each in documents:
                assert each.parted is not None
                each.parted = (checked(stretch, pool._parting) for stretch in each.parted)
                cut = own.cut(each)
                passages = [(p.start, p.end, p.heading, p.text) for p in cut.passages]
                found.append((cut.part, cut.title, passages, cut.digest))
        except UnreadableDocument as error:
            found.append((error.message,))
    return [*found, tuple(own.running)]


def plain(pool: ReadingPool, path: Path) -> list[tuple]:
    """The same, read and cut in this process."""
    own = cutter(pool._parting.boilerplate, pool._parting.counter)
    found = []
    try:
        for each in own.documents(path):
            passages = [(p.start, p.end, p.heading, p.text) for p in each.passages]
            found.append((each.part, each.title, passages, each.digest))
    except UnreadableDocument as error:
        found.append((error.message,))
    return [*found, tuple(own.running)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=TEXTS, name=st.sampled_from(["a.md", "a.txt"]))
def test_passages_are_those_of_the_plain_path(pool, tmp_path, text, name):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert arrived(pool, path) == plain(pool, path)


def test_rows_keep_what_documents_leave_out_and_lines_that_run_through_pages_are_in_none(pool, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text(f"title,text\nOne,The moon shines on the tree.\nTwo,{MENU}\n", "utf-8")
    assert arrived(pool, table) == plain(pool, table)
    pages = tmp_path / "b.txt"
    pages.write_text("\f".join(f"The Old Book\n\nPage {n}.\n\nA tree.\n\nA river.\n\n{n}\n" for n in range(9)), "utf-8")
    assert arrived(pool, pages) == plain(pool, pages)


def test_a_library_is_the_same_whoever_cuts_its_documents(tmp_path, monkeypatch):
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(40):
        own = f"Note {number} tells of bread and water. " * (1 + number % 5)
        own += "月は古い木の上で輝いている。" * (number % 3)
        (folder / f"{number}.md").write_text(f"{MENU}\n\n# Note {number}\n\n{own}\n", "utf-8")
    (folder / "table.csv").write_text("text\n" + "The moon shines.\n" * 30, "utf-8")

    def stored(place: Path) -> list[tuple]:
        with Library.open(place, create=True) as library:
            library.index([folder], encoders=[])
            assert library.check().ok
            return library._connection.rows(
                'SELECT d.part, d.title, d.digest, p.ordinal, p.start, p."end", p.heading, p.language, p.sum, t.text '
                "FROM passages p JOIN documents d ON d.id = p.document_id JOIN texts t ON t.id = p.text_id "
                "ORDER BY p.id"
            )

    monkeypatch.setattr(stretches, "LENGTH", 1 << 18)
    monkeypatch.setattr(worker_process, "_RUN", SHIPPED)
    usual = stored(tmp_path / "usual")
    # From now on, 41 files are so many that other processes do everything after each one's first batch.
    monkeypatch.setattr(indexing, "_MANY", 40)
    monkeypatch.setattr(reading_pool, "_FILES", 4)
    here, usually = [], Parting.parted
    monkeypatch.setattr(Parting, "parted", lambda *document: here.append(1) or usually(*document))
    assert stored(tmp_path / "other") == usual and len(usual) == 70
    assert 0 < len(here) < 40


def test_what_hangs_while_sentences_are_found_is_the_files_reason(tmp_path, monkeypatch):
    forever = "lambda line: lambda *document: (each for each in iter(int, 1) if each)"
    monkeypatch.setattr(worker_process, "_RUN", RUN.format(parter=forever))
    (tmp_path / "a.txt").write_text("The moon shines.")
    limits = Limits(seconds=1, seconds_per_stretch=1, times_as_patient=300)
    with ReadingPool(workers=1, limits=limits, parting=Parting(40, Repeating(), False)) as pool:
        for _, documents in pool.files([(Request(tmp_path / "a.txt", 16), None)]):
            with pytest.raises(UnreadableDocument, match="more than 1 seconds"):
                list(documents)


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    ("headings", "sentences"),
    [
        ([""], [0, 9, 1]),
        ([""], [0, 10, 1, 0]),
        ([""], [-1, 3, 1, 0]),
        ([""], [3, 3, 1, 0]),
        ([""], [0, 3, 1, 1]),
        ([], [0, 3, 1, 0]),
        (["", ""], [0, 3, 1, 1, 4, 8, 1, 0]),
        ([""], [0, 3, 1, "0"]),
        ([""], [0, True, 1, 0]),
        ([1], [0, 3, 1, 0]),
    ],
)
def test_sentences_and_passages_that_cannot_be_are_not_believed(headings, sentences, cut):
    with pytest.raises(BadMessage):
        unpacked(packed([["stretch", cut, headings, sentences, "The moon.", False]])[4:])
    good = unpacked(packed([["stretch", cut, ["", "One"], [0, 3, 1, 0, 4, 9, 2, 1], "The moon.", False]])[4:])
    assert good == [["stretch", cut, ("", "One"), ((0, 3, 1, 0), (4, 9, 2, 1)), "The moon.", False]]


def test_only_passages_overlap():
    overlapping = [""], [0, 5, 1, 0, 4, 8, 1, 0], "The moon.", False
    with pytest.raises(BadMessage):
        unpacked(packed([["stretch", False, *overlapping]])[4:])
    assert unpacked(packed([["stretch", True, *overlapping]])[4:])[0][3] == ((0, 5, 1, 0), (4, 8, 1, 0))
