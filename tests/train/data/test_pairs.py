"""Training data from public formats, what is kept of them, and what is said of rows that are broken."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.data.corpora import groups_of, neighbours_of, open_corpus
from hybrid_search.train.data.formats.readers import read
from hybrid_search.train.data.pairs import digest, language_code
from hybrid_search.train.data.prepared import prepare
from hybrid_search.train.data.texts import crop
from hybrid_search.train.settings import fixed
from hybrid_search.train.settings.config import RunConfig, SourceConfig

PARALLEL = {
    "id": "a",
    "source": "s",
    "question": {"de": "Wo?", "en": "Where?"},
    "passage": {"de": "Da.", "en": "There."},
}
MONO = {"id": "b", "language": "ja", "question": "どこ?", "passage": "ここです。", "answer": "ここ"}
BITEXT = {"id": "c", "document": "d", "text": {"en": "Hello.", "fr": "Bonjour."}}


def lines(path, rows):
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def examples(path, **named):
    broken = []
    return list(read(str(path), broken.append, **named)), broken


def stops(text, _language=""):
    spans, start = [], 0
    for place, letter in enumerate(text):
        if letter in ".。":
            spans.append((start, place + 1))
            start = place + 1 + (text[place + 1 : place + 2] == " ")
    return spans


def test_json_lines_in_three_layouts(tmp_path):
    found, broken = examples(lines(tmp_path / "x.jsonl", [PARALLEL, MONO, BITEXT]))
    assert not broken
    assert found[0].question == {"de": "Wo?", "en": "Where?"}
    assert (found[1].question, found[1].answer) == ({"ja": "どこ?"}, {"ja": "ここ"})
    assert found[2].bitext
    assert found[2].passage == {"en": "Hello.", "fr": "Bonjour."}


def test_gzip_is_read_as_it_is(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(PARALLEL).encode()))
    assert examples(path)[0][0].id == "a"


def test_a_truncated_gzip_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(PARALLEL).encode() * 50)[:-20])
    with pytest.raises(DataError, match=r"x\.jsonl\.gz cannot be read to its end"):
        examples(path)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id": 1', "not JSON"),
        ("[1, 2]", "a row must be an object"),
        ({"question": "Wo?", "passage": "Da."}, "no language is named"),
        ({"language": "de", "question": "Wo?"}, "no passage"),
        ({"question": {"de": 3}, "passage": {"de": "Da."}}, "question in 'de' is not text"),
        ({"text": {"de": "  "}}, "text is empty"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line_and_skipped(tmp_path, row, reason):
    found, broken = examples(lines(tmp_path / "x.jsonl", [PARALLEL, row, MONO]))
    assert [example.id for example in found] == ["a", "b"]
    assert len(broken) == 1
    assert broken[0].startswith(f"{tmp_path / 'x.jsonl'}:2: ")
    assert reason in broken[0]


@pytest.mark.parametrize(
    ("sound", "broken", "refused"), [(1, 3, False), (400, 3, False), (10, 5, True), (400, 6, True)]
)
def test_too_many_broken_rows_for_the_size_of_the_data_refuse_them(tmp_path, monkeypatch, sound, broken, refused):
    monkeypatch.setattr(fixed, "BROKEN_ROWS", 4)
    rows = [{**PARALLEL, "id": str(number)} for number in range(sound)]
    path = lines(tmp_path / "x.jsonl", [*rows, *["{"] * broken])
    if refused:
        with pytest.raises(DataError, match=rf"rows of .* are broken.* the first is .*x\.jsonl:{sound + 1}"):
            open_corpus(SourceConfig(str(path)))
    else:
        assert len(open_corpus(SourceConfig(str(path))).broken) == broken


def test_tables_of_bitext_and_of_pairs(tmp_path):
    (tmp_path / "b.tsv").write_text("en\tfr\nHello.\tBonjour.\nonly one\n", "utf-8")
    found, broken = examples(tmp_path / "b.tsv")
    assert found[0].bitext
    assert found[0].question == {"en": "Hello.", "fr": "Bonjour."}
    assert "b.tsv:3: 1 columns where the header has 2" in broken[0]
    (tmp_path / "p.csv").write_text('query,positive,language\n"Wo, bitte?",Da.,de\n', "utf-8")
    assert examples(tmp_path / "p.csv")[0][0].question == {"de": "Wo, bitte?"}
    (tmp_path / "n.tsv").write_text("Where is it?\tThere it is.\n", "utf-8")
    assert examples(tmp_path / "n.tsv", language="en")[0][0].passage == {"en": "There it is."}


@pytest.mark.parametrize(
    ("table", "identity"),
    [
        ("id,en,de\n7,Hello.,Hallo.\n", "7"),
        ("no,deu,eng,score\nx-7,Hallo.,Hello.,0.9\n", "x-7"),
        ("en,de,\nHello.,Hallo.,\n", "b.csv:2"),
        (",English,German\n0,Hello.,Hallo.\n", "b.csv:2"),
        ("sep=;\nen;de\nHello.;Hallo.\n", "b.csv:3"),
    ],
)
def test_what_stands_beside_the_languages_of_a_table_is_no_language(tmp_path, table, identity):
    (tmp_path / "b.csv").write_text(table, "utf-8")
    (example,), broken = examples(tmp_path / "b.csv", language="fr")
    assert not broken
    assert (example.id, example.question) == (identity, {"en": "Hello.", "de": "Hallo."})


def test_indonesian_and_norwegian_are_languages_all_the_same(tmp_path):
    (tmp_path / "b.csv").write_text("id,no,en\nApa kabar?,Hei 3.,Hello.\n", "utf-8")
    assert examples(tmp_path / "b.csv")[0][0].question == {"id": "Apa kabar?", "no": "Hei 3.", "en": "Hello."}


def test_translation_memories(tmp_path):
    (tmp_path / "m.tmx").write_text(
        '<?xml version="1.0"?><tmx><body><tu tuid="7"><tuv xml:lang="en-US"><seg>Hello <b>you</b>.</seg></tuv>'
        '<tuv xml:lang="zh-Hant"><seg>你好。</seg></tuv></tu></body></tmx>',
        "utf-8",
    )
    found, broken = examples(tmp_path / "m.tmx")
    assert not broken
    assert found[0].question == {"en": "Hello you.", "zh-tw": "你好。"}


def test_codes_of_programs_in_a_translation_memory_are_no_words(tmp_path):
    (tmp_path / "m.tmx").write_text(
        '<tmx xmlns="http://www.lisa.org/tmx14"><body><tu><prop type="x">no text</prop><tuv xml:lang="en"><seg>Click '
        '<bpt i="1">&lt;b&gt;</bpt><hi>Open</hi><ept i="1">&lt;/b&gt;</ept>, <ph x="1">{0}</ph>.</seg></tuv>'
        '<tuv xml:lang="de"><seg><it pos="begin">&lt;i&gt;</it>Öffnen.<ut>{}</ut></seg></tuv></tu></body></tmx>',
        "utf-8",
    )
    (example,), broken = examples(tmp_path / "m.tmx")
    assert not broken
    assert example.question == {"en": "Click Open, .", "de": "Öffnen."}


def squad(question, context, answer):
    asked = {"id": "q1", "question": question, "answers": [{"text": answer, "answer_start": 0}]}
    return json.dumps({"data": [{"title": "T", "paragraphs": [{"context": context, "qas": [asked]}]}]})


def test_squad_files_are_joined_by_id(tmp_path):
    folder = tmp_path / "xquad"
    folder.mkdir()
    (folder / "xquad.de.json").write_text(squad("Wo?", "Da drüben.", "Da"), "utf-8")
    (folder / "en.json").write_text(squad("Where?", "Over there.", "Over"), "utf-8")
    (example,), broken = examples(folder)
    assert not broken
    assert example.question == {"de": "Wo?", "en": "Where?"}
    assert example.answer == {"de": "Da", "en": "Over"}
    (folder / "en.json").write_text("{}", "utf-8")
    with pytest.raises(DataError, match=r"en\.json is not in the format of SQuAD"):
        examples(folder)


def test_right_and_wrong_passages_may_be_called_pos_and_neg(tmp_path):
    row = {"query": "Wapi?", "pos": ["Hapa.", "Hapo."], "neg": ["Kule.", "Huku."], "prompt": "x"}
    (example,), _ = examples(lines(tmp_path / "x.jsonl", [row]), language="sw")
    assert (example.passage, example.negative) == ({"sw": "Hapa."}, {"sw": "Kule."})


def test_lists_of_passages_as_mr_tydi_and_miracl_have_them(tmp_path):
    right, wrong = [{"title": "T", "text": "Hapa."}], [{"text": "Kule."}]
    row = {"query_id": "7", "query": "Wapi?", "positive_passages": right, "negative_passages": wrong}
    (example,), _ = examples(lines(tmp_path / "x.jsonl", [row]), language="sw")
    assert example.id == "7"
    assert example.passage == {"sw": "T\nHapa."}
    assert example.negative == {"sw": "Kule."}


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="no data at"):
        examples(tmp_path / "nothing.jsonl")
    (tmp_path / "x.pdf").write_text("x")
    with pytest.raises(DataError, match=r"format of .*x\.pdf is not known"):
        examples(tmp_path / "x.pdf")


@pytest.mark.parametrize(
    ("code", "known"),
    [
        *[("en-US", "en"), ("zh_TW", "zh-tw"), ("zh-Hant-HK", "zh-tw"), ("zh-CN", "zh"), ("DE", "de")],
        *[
            ("deu", "de"),
            ("ger", "de"),
            ("deu_Latn", "de"),
            ("zho_Hant", "zh-tw"),
            ("cmn-Hans", "zh"),
            ("German", "de"),
        ],
        *[("iw", "he"), ("in", "id"), ("und", "und"), ("mul", "mul"), ("swa", "sw"), ("bem", "bem")],
    ],
)
def test_language_codes(code, known):
    assert language_code(code) == known


def test_a_corpus_gives_rows_back_and_is_kept(tmp_path):
    path = lines(tmp_path / "x.jsonl", [PARALLEL, {**PARALLEL, "id": "z", "title": "Ein Titel"}])
    corpus = open_corpus(SourceConfig(str(path)))
    assert len(corpus) == 2
    assert corpus.example(1).question == PARALLEL["question"]
    assert corpus.example(1).title == "Ein Titel"
    assert open_corpus(SourceConfig(str(path))).folder == corpus.folder
    lines(path, [PARALLEL])
    assert len(open_corpus(SourceConfig(str(path)))) == 1, "changed data are read anew"


def test_rows_of_a_source_can_be_chosen_by_field(tmp_path):
    path = lines(tmp_path / "x.jsonl", [PARALLEL, {**PARALLEL, "id": "z", "source": "other"}])
    assert len(open_corpus(SourceConfig(str(path), include={"source": ("other",)}))) == 1


def test_rows_that_share_a_text_in_any_language_are_one_group():
    texts = {"one": [0, 1], "eins": [1, 2], "other": [3], "again": [4, 3]}
    owners = np.array([row for rows in texts.values() for row in rows])
    digests = np.array([digest(text) for text, rows in texts.items() for _ in rows], dtype=np.uint64)
    groups = groups_of(owners, digests, 5)
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == groups[4] != groups[0]


def test_neighbours_belong_to_one_document():
    previous, following = neighbours_of(np.array([5, 5, 5, 0, 0, 7], dtype=np.uint64))
    assert previous.tolist() == [-1, 0, 1, -1, -1, -1]
    assert following.tolist() == [1, 2, -1, -1, -1, -1]


def test_a_passage_is_cropped_to_whole_sentences_around_the_answer():
    import random

    text = "One is here. Two is there. Three is far. Four is near."
    assert crop(text, "Three", 0, "en", stops, random.Random(0)) == "Three is far."
    wider = crop(text, "Three", 5, "en", stops, random.Random(0))
    assert wider in ("Two is there. Three is far.", "Three is far. Four is near.")
    assert crop(text, "Three", 1000, "en", stops, random.Random(0)) == text
    assert crop(text, "absent", 0, "en", stops, random.Random(0)) == text
    assert crop("一是。二是。三是。", "二", 0, "zh", stops, random.Random(0)) == "二是。"


def test_bitext_can_take_its_neighbours_along(tmp_path):
    rows = [
        {"id": str(n), "document": "d" if n < 3 else f"e{n}", "text": {"en": f"S{n}.", "zh": f"句{n}。"}}
        for n in range(9)
    ]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)), neighbourhood=1.0)
    run = prepare(RunConfig(sources=(source,), batches="cross", batch_size=4), sentences=stops)
    seen = set()
    for number in range(60):
        batch = run.batches.batch(number)
        texts = run.assembler.texts(batch)
        for pick, passage in zip(batch.picks, texts.passages, strict=True):
            seen.add((pick.row, pick.passage, passage))
    assert (1, "zh", "句0。句1。句2。") in seen
    assert (0, "en", "S0. S1.") in seen
    assert (5, "en", "S5.") in seen


def test_part_of_a_sentence_asks_for_its_whole_translation_and_the_teacher_reads_the_same_part_in_english(tmp_path):
    def sentence(language, n):
        return " ".join(f"{language}{n}w{word}" for word in range(10))

    rows = [{"id": str(n), "text": {code: sentence(code, n) for code in ("en", "de", "tr")}} for n in range(8)]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)), spans=0.5)
    run = prepare(RunConfig(sources=(source,), batches="cross", batch_size=4, distill=0.5), sentences=stops)
    parts = whole = 0
    for number in range(60):
        batch = run.batches.batch(number)
        texts = run.assembler.texts(batch)
        for pick, query, passage, taught in zip(
            batch.picks, texts.queries, texts.passages, texts.taught_queries, strict=True
        ):
            assert passage == sentence(pick.passage, pick.row)
            asked = [word.removeprefix(pick.question) for word in query.split()]
            assert asked == [word.removeprefix("en") for word in taught.split()]
            assert query in sentence(pick.question, pick.row)
            assert texts.bitext == (len(asked) == 10) and (len(asked) == 10 or 3 <= len(asked) <= 8)
        parts, whole = parts + (not texts.bitext), whole + texts.bitext
    assert parts > 15 and whole > 15


def test_a_sentence_beside_the_right_one_is_a_hard_negative_in_the_language_of_the_question(tmp_path):
    rows = [
        {"id": str(n), "document": f"d{n // 2}", "text": {"en": f"Sentence {n}.", "zh": f"句{n}。"}} for n in range(8)
    ]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)), negatives="siblings")
    config = RunConfig(sources=(source,), batches="cross", batch_size=4, distill=0.5)
    run = prepare(config, sentences=stops)
    expected = {"en": "Sentence {}.", "zh": "句{}。"}
    seen = 0
    for number in range(50):
        batch = run.batches.batch(number)
        texts = run.assembler.texts(batch)
        rows = {pick.row for pick in batch.picks}
        # What answers another question of the batch is never held against it.
        beside = [(pick.question, pick.row ^ 1) for pick in batch.picks if pick.row ^ 1 not in rows]
        assert list(texts.negatives) == [expected[language].format(row) for language, row in beside]
        assert list(texts.taught_negatives) == [f"Sentence {row}." for _, row in beside]
        seen += len(beside)
    assert seen > 50
    plain = prepare(config.replace(sources=(replace(source, negatives="none"),)), sentences=stops)
    assert plain.assembler.texts(batch).passages == texts.passages


def test_a_sentence_beside_the_answer_neither_holds_it_nor_stands_in_the_crop(tmp_path):
    rows = [
        {
            "id": str(n),
            "language": "en",
            "question": f"Who is number {n}?",
            "passage": f"An opening about nobody at all. It is person {n} here. Nothing of use is said at the end.",
            "answer": f"person {n}",
        }
        for n in range(8)
    ]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)), crop="sentence", negatives="siblings")
    config = RunConfig(sources=(source,), batches="mono", batch_size=4)
    run = prepare(config, sentences=stops)
    seen = {text for number in range(20) for text in run.assembler.texts(run.batches.batch(number)).negatives}
    assert seen == {"An opening about nobody at all.", "Nothing of use is said at the end."}


def test_the_teacher_reads_english_where_there_is_some(tmp_path):
    rows = [
        {
            "id": str(n),
            "question": {"de": f"Wo {n}?", "th": f"x{n}"},
            "passage": {"de": f"Da {n}.", "en": f"There {n}."},
        }
        for n in range(8)
    ]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)))
    run = prepare(RunConfig(sources=(source,), batches="cross", batch_size=4, distill=0.5), sentences=stops)
    texts = run.assembler.texts(run.batches.batch(0))
    assert all(text.startswith("There") for text in texts.taught_passages)
    assert texts.taught_queries == texts.queries


def test_translations_of_a_pair_are_cut_and_surrounded_as_it_is_itself_and_a_mono_batch_has_none(tmp_path):
    def sentence(language, n):
        return " ".join(f"{language}{n}w{word}" for word in range(10))

    rows = [
        {"id": str(n), "document": "d", "text": {code: sentence(code, n) for code in ("en", "de", "tr", "es")}}
        for n in range(8)
    ]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)), spans=1.0, neighbourhood=0.5)
    run = prepare(RunConfig(sources=(source,), batches="cross", batch_size=4), sentences=stops)
    windows = set()
    for number in range(20):
        batch = run.batches.batch(number)
        texts = run.assembler.texts(batch)
        pairs = zip(batch.picks, texts.queries, texts.passages, run.assembler.translations(batch, 2), strict=True)
        for pick, query, passage, (queries, passages) in pairs:
            windows.add(pick.window)
            for own, text, others in ((pick.question, query, queries), (pick.passage, passage, passages)):
                codes = [other[:2] for other in others]
                assert len(set(codes)) == 2 and own not in codes
                assert {other.replace(code, own) for other, code in zip(others, codes, strict=True)} == {text}
    assert windows == {False, True}
    assert run.assembler.translations(replace(batch, kind="mono"), 2) == [([], [])] * 4


def test_held_out_rows_are_not_trained_on(tmp_path):
    rows = [
        {"id": str(n), "question": {"de": f"q{n}", "en": f"Q{n}"}, "passage": {"de": f"p{n}", "en": f"P{n}"}}
        for n in range(60)
    ]
    source = SourceConfig(str(lines(tmp_path / "x.jsonl", rows)), holdout=3)
    run = prepare(RunConfig(sources=(source,), batch_size=4), sentences=stops)
    held = set(np.flatnonzero(run.corpora[0].held_out(3)).tolist())
    assert 5 < len(held) < 40
    assert not held & {pick.row for number in range(100) for pick in run.batches.batch(number).picks}
