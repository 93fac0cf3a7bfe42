"""Benchmarks in every layout, and what is said when a file is not what it should be."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import json
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks import loading as benchmarks
from hybrid_search.train.benchmarks.fetch import SOURCES, Source, fetch
from hybrid_search.train.benchmarks.loading import load
from hybrid_search.train.measure.protocol import measure_vectors

SEVEN = ("ar", "de", "en", "es", "hi", "vi", "zh")


def paragraph(sentences: list[str], questions: list[tuple[str, str, int]], *, split: bool = True) -> dict:
    """A SQuAD paragraph; each question is (id, text, number of the sentence that answers)."""
    context, breaks = "", []

    def answers(row: int) -> list[dict]:
        return [{"answer_start": breaks[row][0] + 1, "text": "x"}] if row >= 0 else []

    for sentence in sentences:
        breaks.append((len(context), len(context) + len(sentence)))
        context += sentence + " "
    qas = [
        {
            "id": name,
            "question": text,
            "answers": [{"answer_start": breaks[row][0] + 1, "text": "x"}] if row >= 0 else [],
        }
        for name, text, row in questions
    ]
    return {"context": context, "qas": qas, **({"sentences": sentences, "sentence_breaks": breaks} if split else {})}


def squad(folder: Path, name: str, *paragraphs: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps({"data": [{"title": "t", "paragraphs": list(paragraphs)}]}), "utf-8")


def mlqa(folder: Path) -> Path:
    """Seven languages; every question is asked in English and three others, as in MLQA."""
    for place, code in enumerate(SEVEN):
        asked = [n for n in range(14) if code == "en" or (n + place) % 2]
        squad(
            folder,
            f"{code}.json",
            *(
                paragraph([f"{code} first {n}.", f"{code} second {n}."], [(f"q{n}", f"{code} {n}?", n % 2)])
                for n in asked
            ),
        )
    return folder


def test_xquad_r_is_read_as_published(shared: Path):
    made = load("xquad-r", shared / "data" / "test")
    assert len(made.pool) == 13_014
    assert len(made.queries) == 13_090
    assert {len(rows) for rows in made.relevant} == {11}
    counts = Counter(item.language for item in made.pool)
    expected = (1222, 1276, 1234, 1180, 1215, 1244, 1219, 852, 1167, 1209, 1196)
    assert tuple(counts[code] for code in sorted(counts)) == expected
    assert set(Counter(query.language for query in made.queries).values()) == {1190}
    for rows in made.relevant[:50]:
        assert {made.pool[row].language for row in rows} == set(made.languages)


def test_xquad_r_settings_are_11_110_and_11(shared: Path):
    made = load("xquad-r", shared / "data" / "test", questions=8)
    rng = np.random.default_rng(0)
    found = measure_vectors(
        made, rng.normal(size=(88, 4)).astype(np.float32), rng.normal(size=(13_014, 4)).astype(np.float32)
    ).as_dict()
    assert [len(found[name]) for name in ("mono", "cross", "multi")] == [11, 110, 11]
    assert None not in found["cross"].values()


def test_mlqa_r_settings_are_7_42_and_7_and_queries_without_an_answer_are_counted(tmp_path: Path):
    made = load("mlqa-r", mlqa(tmp_path / "mlqa-r").parent)
    vectors = np.random.default_rng(0).normal(size=(len(made.pool) + len(made.queries), 3)).astype(np.float32)
    result = measure_vectors(made, vectors[: len(made.queries)], vectors[len(made.queries) :])
    found = result.as_dict()
    assert [len(found[name]) for name in ("mono", "cross", "multi")] == [7, 42, 7]
    assert found["skipped"]["en-ar"] == 7
    assert "ar-en" not in found["skipped"]
    own = {code: sum(query.language == code for query in made.queries) for code in SEVEN}
    assert own == {code: 14 if code == "en" else 7 for code in SEVEN}
    for asked in ("ar", "de"):
        for pool in SEVEN:
            scored = int(
                (~np.isnan(result.average_precision[result.query_languages == SEVEN.index(asked)])).sum(axis=0)[
                    SEVEN.index(pool)
                ]
            )
            assert scored + found["skipped"].get(f"{asked}-{pool}", 0) == own[asked]


def test_an_answer_that_begins_between_two_sentences_is_in_the_first(tmp_path: Path):
    row = paragraph(["One.", "Two."], [("q", "where?", 1)])
    row["qas"][0]["answers"][0]["answer_start"] = row["sentence_breaks"][0][1]
    squad(tmp_path, "en.json", row)
    assert load(tmp_path).relevant == ((0,),)


def test_an_answer_that_begins_a_sentence_is_not_in_the_one_before_it_without_a_space(tmp_path: Path):
    asked = {"id": "q", "question": "where?", "answers": [{"answer_start": 3, "text": "二"}]}
    row = {
        "context": "一一。二。",
        "qas": [asked],
        "sentences": ["一一。", "二。"],
        "sentence_breaks": [[0, 3], [3, 5]],
    }
    squad(tmp_path, "zh.json", row)
    assert load(tmp_path).relevant == ((1,),)


def test_every_answer_of_xquad_r_begins_inside_its_sentence(shared: Path):
    made = load("xquad-r", shared / "data" / "test")
    place = {query.id: rows for query, rows in zip(made.queries, made.relevant, strict=True)}
    for path in sorted((shared / "data" / "test" / "xquad-r").glob("*.json")):
        for article in json.loads(path.read_text("utf-8"))["data"]:
            for part in article["paragraphs"]:
                for item in part["qas"]:
                    start = item["answers"][0]["answer_start"]
                    answers = (made.pool[row] for row in place[item["id"]])
                    (found,) = (answer.text for answer in answers if answer.language == path.stem)
                    assert any(
                        a <= start < b and text == found
                        for (a, b), text in zip(part["sentence_breaks"], part["sentences"], strict=True)
                    )


def test_plain_squad_files_are_split_into_sentences(tmp_path: Path):
    squad(tmp_path, "xquad.en.json", paragraph(["It rains.", "Bread is baked."], [("q", "what?", 1)], split=False))
    squad(tmp_path, "xquad.de.json", paragraph(["Es regnet.", "Brot wird gebacken."], [("q", "was?", 1)], split=False))
    made = load(tmp_path)
    assert {made.pool[row].text for row in made.relevant[0]} == {"Bread is baked.", "Brot wird gebacken."}


def test_mlqa_file_names_are_understood(tmp_path: Path):
    for pair in ("en-question-en", "de-question-de", "de-question-en"):
        squad(tmp_path, f"dev-context-{pair}.json", paragraph(["One."], [("q", "?", 0)]))
    assert load(tmp_path).languages == ("de", "en")


def test_questions_without_an_answer_are_counted(tmp_path: Path):
    squad(tmp_path, "en.json", paragraph(["One."], [("q", "?", 0), ("r", "?", -1)]))
    made = load(tmp_path)
    assert made.notes == ("1 questions have no answer within a sentence.",)
    assert made.relevant == ((0,), ())


def test_some_questions_are_drawn_by_seed_with_all_their_translations(tmp_path: Path):
    folder = mlqa(tmp_path)
    one, again, other = (load(folder, questions=5, seed=seed) for seed in (1, 1, 2))
    assert len({query.id for query in one.queries}) == 5
    assert one.queries == again.queries != other.queries
    assert one.name.endswith("(5 of 14 questions)")
    assert len(one.pool) == len(load(folder).pool)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"data": [{"paragr', "not SQuAD-format JSON"),
        ('{"rows": []}', "not SQuAD-format JSON"),
        ("[1, 2]", "not SQuAD-format JSON"),
        (
            '{"data": [{"paragraphs": [{"context": "A b.", "qas": [{"question": "?"}]}]}]}',
            "paragraph 1: not in SQuAD's format",
        ),
        (
            '{"data": [{"paragraphs": [{"context": "A.", "qas": [], "sentences": ["A."], "sentence_breaks": []}]}]}',
            "1 sentences but 0 breaks",
        ),
        ('{"data": []}', "has no queries"),
    ],
)
def test_a_damaged_or_other_file_is_refused_in_words(tmp_path: Path, content: str, message: str):
    (tmp_path / "en.json").write_text(content, "utf-8")
    with pytest.raises(DataError, match=message):
        load(tmp_path)


def test_a_language_that_is_not_there_is_named_with_those_that_are(tmp_path: Path):
    with pytest.raises(DataError, match=r"no file for xx.*It has ar, de"):
        load(mlqa(tmp_path), languages=["xx"])
    with pytest.raises(DataError, match=r"not in xx.*It is in ar"):
        load("demo", languages=["xx"])


def test_a_file_whose_name_tells_no_language_is_refused(tmp_path: Path):
    squad(tmp_path, "results.json", paragraph(["One."], [("q", "?", 0)]))
    with pytest.raises(DataError, match="contains no language"):
        load(tmp_path)


def test_a_missing_benchmark_says_how_to_get_it(tmp_path: Path):
    with pytest.raises(DataError, match=r"No benchmark xquad-r was found.*--fetch"):
        load("xquad-r", tmp_path)


def test_a_folder_of_no_known_layout_is_refused(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="no known layout"):
        load(tmp_path)


def test_the_demo_has_every_question_in_every_language():
    made = load("demo")
    assert (made.name, load("kit").name) == ("demo questions", "kit questions"), "not the heading of its last text"
    assert len(made.languages) == 14
    assert len(made.queries) % 14 == 0
    held = [len(rows) for rows in made.relevant]
    assert np.mean(held) > 13


# -- parallel JSON lines


def rows_file(path: Path, rows: list[dict]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def parallel(name: str, answer_de: str = "Brot") -> dict:
    return {
        "id": name,
        "question": {"en": f"what {name}?", "de": f"was {name}?"},
        "passage": {"en": f"It rains on {name} again. I eat bread.", "de": f"Es regnet {name} wieder. Ich esse Brot."},
        "answer": {"en": "bread", "de": answer_de},
    }


def test_parallel_rows_give_sentences_and_answers_in_each_language(tmp_path: Path):
    made = load(rows_file(tmp_path / "dev.jsonl.gz", [parallel("a"), parallel("b")]))
    assert len(made.pool) == 8
    assert len(made.queries) == 4
    assert all("read" in made.pool[row].text or "Brot" in made.pool[row].text for rows in made.relevant for row in rows)


def test_the_languages_of_parallel_rows_may_be_called_in_several_ways(tmp_path: Path):
    row = {
        "id": "a",
        "question": {"EN": "what?", "iw": "מה?", "zh-Hans": "什么？"},
        "passage": {"eng": "It rains. I eat bread.", "he-IL": "יורד גשם. אני אוכל לחם.", "zh_CN": "下雨了。我吃面包。"},
        "answer": {"en": "bread", "zh": "面包"},
    }
    path = rows_file(tmp_path / "dev.jsonl.gz", [row])
    assert {query.language for query in load(path).queries} == {"en", "he", "zh"}
    assert {query.language for query in load(path, languages=["iw", "en"]).queries} == {"en", "he"}


def test_an_empty_answer_takes_the_place_of_the_english_one(tmp_path: Path):
    made = load(rows_file(tmp_path / "dev.jsonl.gz", [parallel("a", "")]))
    assert {made.pool[row].text for row in made.relevant[0]} == {"I eat bread.", "Ich esse Brot."}


def test_a_question_whose_answer_cannot_be_placed_is_left_out_and_counted(tmp_path: Path):
    made = load(rows_file(tmp_path / "dev.jsonl.gz", [parallel("a"), parallel("b", "Käse")]))
    assert {query.id for query in made.queries} == {"a"}
    assert made.notes[0].startswith("1 questions were left out")


def test_a_truncated_download_is_named(tmp_path: Path):
    path = rows_file(tmp_path / "dev.jsonl.gz", [parallel(str(n)) for n in range(50)])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="cannot be read to its end"):
        load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n', "no row with `question`"),
        ("{not json\n", "line 1: not JSON"),
        ('{"question": "?", "passage": "."}\n', "one language only"),
        ("", "no row with `question`"),
    ],
)
def test_json_lines_of_another_layout_are_refused(tmp_path: Path, text: str, message: str):
    path = tmp_path / "dev.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        load(path)


# -- MIRACL and BEIR


def miracl(folder: Path, code: str, *, gz: bool = False) -> None:
    place = folder / code
    (place / "topics").mkdir(parents=True)
    (place / "qrels").mkdir()
    (place / "topics" / f"topics.miracl-v1.0-{code}-dev.tsv").write_text(f"1\t{code} bread?\n2\t{code} water?\n")
    (place / "qrels" / f"qrels.miracl-v1.0-{code}-dev.tsv").write_text(
        "1 Q0 d1#0 1\n1 Q0 d2#0 0\n2 Q0 d2#0 1\n2\tQ0\td9\t1\n"
    )
    corpus = "".join(
        json.dumps({"docid": name, "title": "T", "text": f"{code} {name}"}) + "\n" for name in ("d1#0", "d2#0", "d3#0")
    )
    data = corpus.encode()
    (place / "corpus").mkdir()
    (place / "corpus" / ("docs-0.jsonl.gz" if gz else "docs-0.jsonl")).write_bytes(gzip.compress(data) if gz else data)


def test_miracl_is_read_a_folder_a_language(tmp_path: Path):
    miracl(tmp_path / "miracl", "sw")
    miracl(tmp_path / "miracl", "bn", gz=True)
    made = load("miracl", tmp_path)
    assert made.languages == ("bn", "sw")
    assert [len(rows) for rows in made.relevant] == [1, 1, 1, 1]
    assert made.notes == ("2 relevant passages are not in the corpus.",)
    assert made.pool_texts()[0] == "T\nbn d1#0"


def test_miracl_is_read_under_the_names_it_is_published_with(tmp_path: Path):
    miracl(tmp_path, "sw")
    (tmp_path / "sw" / "corpus").rename(tmp_path / "miracl-corpus-v1.0-sw")
    (tmp_path / "sw").rename(tmp_path / "miracl-v1.0-sw")
    made = load(tmp_path)
    assert made.languages == ("sw",)
    assert [query.id for query in made.queries] == ["sw:1", "sw:2"]


def test_miracl_reports_ndcg_and_recall_monolingually(tmp_path: Path):
    miracl(tmp_path, "sw")
    miracl(tmp_path, "bn")
    made = load(tmp_path)
    vectors = np.eye(6, dtype=np.float32)
    summary = measure_vectors(made, vectors[[0, 1, 3, 4]], vectors).summary()
    assert made.pool[3].language == "sw"
    assert summary["ndcg_at_10"] == summary["recall_at_100"] == summary["mono"] == 1
    assert np.isnan(summary["cross"])


def test_beir_is_read(tmp_path: Path):
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "a", "title": "", "text": "x"}\n{"_id": "b", "title": "", "text": "y"}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "x?"}\n{"_id": "unjudged", "text": "?"}\n')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tb\t2\n")
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    made = load(tmp_path)
    assert [query.id for query in made.queries] == ["und:q"]
    assert made.relevant == ((1,),)
    assert made.grades == ((2,),)


def test_a_broken_corpus_line_is_named(tmp_path: Path):
    miracl(tmp_path, "sw")
    corpus = tmp_path / "sw" / "corpus" / "docs-0.jsonl"
    corpus.write_text(corpus.read_text() + '{"docid": "x"\n')
    with pytest.raises(DataError, match="line 4: no passage"):
        load(tmp_path)


# -- fetching


class Server:
    """A publisher on loopback that counts requests and can break off."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.break_off = False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                outer.asked.append(name)
                if name not in outer.files:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(outer.files[name])))
                self.end_headers()
                data = outer.files[name]
                self.wfile.write(data[: len(data) // 2] if outer.break_off else data)

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/data"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    server = Server()
    squad(tmp_path / "source", "en.json", paragraph(["One."], [("q", "?", 0)]))
    squad(tmp_path / "source", "de.json", paragraph(["Eins."], [("q", "?", 0)]))
    for path in (tmp_path / "source").iterdir():
        server.files[path.name] = path.read_bytes()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(server.files.items())}
    monkeypatch.setitem(SOURCES, "tiny", Source(server.address, sums, "CC0"))
    yield server
    server.server.shutdown()
    server.server.server_close()


def test_a_fetched_benchmark_can_be_loaded_and_is_not_fetched_twice(publisher: Server, tmp_path: Path):
    told: list[str] = []
    place = fetch("tiny", tmp_path, progress=lambda name, done, total: told.append(name))
    assert load("tiny", tmp_path).languages == ("de", "en")
    assert place == tmp_path / "tiny"
    assert set(told) == {"de.json", "en.json"}
    fetch("tiny", tmp_path)
    assert publisher.asked == ["de.json", "en.json"]


def test_a_damaged_copy_is_fetched_again(publisher: Server, tmp_path: Path):
    fetch("tiny", tmp_path)
    (tmp_path / "tiny" / "en.json").write_text("{")
    fetch("tiny", tmp_path)
    assert load("tiny", tmp_path).languages == ("de", "en")


def test_a_file_with_another_checksum_is_not_kept(publisher: Server, tmp_path: Path):
    publisher.files["de.json"] = b'{"data": []}'
    with pytest.raises(DataError, match="not the published file"):
        fetch("tiny", tmp_path)
    assert not list((tmp_path / "tiny").iterdir())


def test_a_download_that_breaks_off_is_not_kept(publisher: Server, tmp_path: Path):
    publisher.break_off = True
    with pytest.raises(DataError, match=r"broke off|cannot be fetched"):
        fetch("tiny", tmp_path)
    assert not list((tmp_path / "tiny").iterdir())


def test_a_publisher_that_is_not_there_is_said(publisher: Server, tmp_path: Path):
    with pytest.raises(DataError, match=r"cannot be fetched.*--mirror"):
        fetch("tiny", tmp_path, mirror="http://127.0.0.1:9/nothing")
    with pytest.raises(DataError, match=r"cannot be fetched.*--mirror"):
        fetch("tiny", tmp_path, mirror="http://127.0.0.1/with a space")
    del publisher.files["en.json"]
    with pytest.raises(DataError, match="404"):
        fetch("tiny", tmp_path / "other")


def test_a_mirror_serves_the_same_files(publisher: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = SOURCES["tiny"]
    monkeypatch.setitem(SOURCES, "tiny", Source("http://127.0.0.1:9", source.files, "CC0"))
    fetch("tiny", tmp_path, mirror=publisher.address)
    assert load("tiny", tmp_path).languages == ("de", "en")


def test_what_cannot_be_fetched_says_where_it_is(tmp_path: Path):
    with pytest.raises(DataError, match="removed from its public repository"):
        fetch("mlqa-r", tmp_path)
    with pytest.raises(DataError, match="Known: xquad-r"):
        fetch("nothing", tmp_path)


def test_the_published_checksums_are_those_of_the_files(shared: Path):
    for name, checksum in SOURCES["xquad-r"].files.items():
        data = (shared / "data" / "test" / "xquad-r" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == checksum


def test_two_benchmarks_of_one_digest_are_the_same(tmp_path: Path):
    made = load(mlqa(tmp_path))
    assert made.digest == load(tmp_path).digest
    assert made.digest != load(tmp_path, languages=["de", "en"]).digest
    assert isinstance(made, benchmarks.Benchmark)


def test_what_a_recipe_holds_out_is_a_benchmark_of_whole_passages_and_one_of_bitext(tmp_path: Path):
    asked = [
        {"id": f"q{n}", "language": "en", "question": f"Who is {n}?", "passage": f"It is {n}. More.", "answer": f"{n}"}
        for n in range(80)
    ]
    said = [{"id": f"b{n}", "text": {"de": f"Satz {n}.", "en": f"Sentence {n}."}} for n in range(80)]
    for name, rows in (("asked", asked), ("said", said)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    recipe = tmp_path / "recipe.toml"
    sources = [f'[[sources]]\npath = "{name}.jsonl"\nholdout = 4\ncrop = "answer"\n' for name in ("asked", "said")]
    recipe.write_text("".join(sources), "utf-8")
    questions, bitext = load("held-out", recipe), load("held-out-bitext", recipe)
    assert questions.languages == ("en",)
    assert 5 < len(questions.queries) < 40
    assert all(item.text.endswith("More.") for item in questions.pool)
    assert bitext.languages == ("de", "en")
    assert {len(rows) for rows in bitext.relevant} == {2}
    assert len({query.id for query in load("held-out-bitext", recipe, questions=3).queries}) == 3
    recipe.write_text(sources[0], "utf-8")
    with pytest.raises(DataError, match="No sentences of bitext are held out"):
        load("held-out-bitext", recipe)
    with pytest.raises(DataError, match="which rows were held out"):
        load("held-out")
