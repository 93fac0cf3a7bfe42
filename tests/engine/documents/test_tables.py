"""Tables of every make become one document a row: the delimiter, quotes, header and text column are found."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hybrid_search.engine.documents import read
from hybrid_search.engine.documents.tables.separated import Dialect, records
from hybrid_search.engine.errors import UnreadableDocument
from hypothesis import given, settings
from hypothesis import strategies as st


def texts(folder: Path, name: str, content: str | bytes, **options) -> list[str]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [document.text for document in read(path, **options)]


def refusal(folder: Path, name: str, content: str | bytes, **options) -> tuple[list[str], str]:
    """The texts that came before the file was told to be unreadable in part, and what was said."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found: list[str] = []
    with pytest.raises(UnreadableDocument) as caught:
        for document in read(path, **options):
            found.append(document.text)
    return found, caught.value.message


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_rows_of_equal_length(tmp_path, delimiter):
    rows = [["nr", "bemerkung", "ort"], ["1", "Mehl und Wasser, dazu Salz; gut | so", "Köln"], ["2", "Brot", "Bonn"]]
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows(rows)
    assert texts(tmp_path, "a.csv", target.getvalue()) == ["Mehl und Wasser, dazu Salz; gut | so", "Brot"]


def test_delimiters_within_quotes_are_not_counted(tmp_path):
    table = '"Name, Vorname";"Text, kurz, lang"\n"Meier, Anna";"Der Ofen ist heiß; sehr heiß, sagt sie"\n'
    assert texts(tmp_path, "a.csv", table) == ["Der Ofen ist heiß; sehr heiß, sagt sie"]


def test_a_line_that_names_the_delimiter_is_believed(tmp_path):
    assert texts(tmp_path, "a.csv", "sep=;\nid;text\n1;Mehl, Wasser, Salz\n") == ["Mehl, Wasser, Salz"]
    assert texts(tmp_path, "b.csv", "sep=#\nid#text\n1#Mehl, Wasser\n") == ["Mehl, Wasser"]


@pytest.mark.parametrize("above", ["\n\n", "\r\n \r\n", ";;\n", "\ufeff"])
def test_blank_lines_and_a_byte_order_mark_before_the_header_are_passed_over(tmp_path, above):
    assert texts(tmp_path, "a.csv", above + "id;titel;text\n1;Brot;Mehl und Wasser\n") == ["Mehl und Wasser"]


def test_title_lines_above_the_header_are_passed_over(tmp_path):
    table = "Report generated 2024-01-02\nSource: ministry\n\nid,title,text\n1,Bread,Flour rises\n2,Moon,It shines\n"
    assert texts(tmp_path, "a.csv", table) == ["Flour rises", "It shines"]


def test_a_table_without_a_header_loses_no_row_and_its_columns_are_numbered(tmp_path):
    table = "1,Glaciers move slowly over rock.,2.5\n2,Flour and water make bread.,3.5\n3,The moon is far away.,1\n"
    expected = ["Glaciers move slowly over rock.", "Flour and water make bread.", "The moon is far away."]
    assert texts(tmp_path, "a.csv", table) == expected
    assert texts(tmp_path, "a.csv", table, text_column="column 3") == ["2.5", "3.5", "1"]


def test_short_rows_are_filled_up_wherever_they_stand(tmp_path):
    assert texts(tmp_path, "a.csv", "id,lang,text\n1,de\n2,en,Bread rises\n3\n4,en,Ice\n") == ["Bread rises", "Ice"]


def test_commas_that_belong_to_the_text_are_put_back(tmp_path):
    assert texts(tmp_path, "a.csv", "id,text\n1,Flour, water and salt are mixed\n2,ok\n") == [
        "Flour, water and salt are mixed",
        "ok",
    ]
    assert texts(tmp_path, "b.csv", "id,text,lang\n1,Flour, water and salt,en\n2,Ice,en\n") == [
        "Flour, water and salt",
        "Ice",
    ]
    assert texts(tmp_path, "c.csv", 'text\nOne sentence, with a comma, in it\n"quoted, fine"\n') == [
        "One sentence, with a comma, in it",
        "quoted, fine",
    ]
    assert texts(tmp_path, "d.csv", "id,text\n1,trailing empty cells,,,\n") == ["trailing empty cells"]


def test_a_list_of_sentences_with_commas_loses_none_and_no_end(tmp_path):
    lines = ["Hello, world.", "Good, bye, now.", "A fine day."]
    assert texts(tmp_path, "a.csv", "\n".join(lines) + "\n") == lines
    assert texts(tmp_path, "b.csv", "nr,bemerkung\n1,Mehl, Salz\n2,Brot, Teig, Hefe, Öl\n3,ok\n")[0] == "Mehl, Salz"


@pytest.mark.parametrize(
    ("table", "encoding"),
    [
        ("Nr;Titel;Quelle;Inhalt\n1;Brot;Das große Buch der Bäcker, Köln;Es ist warm.\n", "cp1252"),
        ("番号,タイトル,出典,本文\n1,Brot,日本のパンの大きな本という題名の長い本,Es ist warm.\n", "cp932"),
        ("الرقم;العنوان;المصدر;النص\n1;Brot;كتاب الخبز الكبير للخبازين;Es ist warm.\n", "cp1256"),
        ("id,TITRE,source,texte\n1,Brot,le grand livre du boulanger,Es ist warm.\n", "utf-16"),
        ("id,ti\u0301tulo,fuente,contenido\n1,Brot,el gran libro del panadero,Es ist warm.\n", "utf-8"),
    ],
)
def test_texts_and_titles_are_known_by_their_columns_in_other_languages(tmp_path, table, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(table.encode(encoding))
    (document,) = read(path)
    assert (document.title, document.text) == ("Brot", "Es ist warm.")


def test_the_questions_of_a_form_head_its_columns(tmp_path):
    asked = '"What did you like about the course, overall, and what should be changed in the next year?"'
    table = f'Timestamp,"Your name?",{asked}\n2020/01/01 10:00,Ann,"The bread, above all."\n2020/01/02 9:00,Bo,All.\n'
    assert texts(tmp_path, "a.csv", table) == ["The bread, above all.", "All."]
    assert len(texts(tmp_path, "b.csv", '"Who, then?","Ann did it."\n"Why so?","It was warm."\n')) == 2


def test_a_row_with_too_many_cells_is_named_and_costs_only_itself(tmp_path):
    found, said = refusal(tmp_path, "a.csv", "id;text\n1;bread\n2;water;from;where\n3;moon\n")
    assert found == ["bread", "moon"]
    assert said == "1 of its rows do not fit its columns (line 3); the others are indexed"


def test_a_stray_quote_is_a_letter_and_joins_no_rows(tmp_path):
    table = '1\t"Big Bang theory was a hit\n2\tSecond row\n3\tThird about "ovens"\n4\t5" pipe\n5\t"whole" word\n'
    assert texts(tmp_path, "a.tsv", "id\ttext\n" + table) == [
        '"Big Bang theory was a hit',
        "Second row",
        'Third about "ovens"',
        '5" pipe',
        '"whole" word',
    ]
    closed_later = 'id\ttext\n1\t"An open quote\n2\tSecond row\n3\tIt ends here"\n'
    assert texts(tmp_path, "b.tsv", closed_later) == ['"An open quote', "Second row", 'It ends here"']
    assert texts(tmp_path, "c.csv", 'id,text\n1,"open\n2,water\n3,moon\n') == ['"open', "water", "moon"]


def test_quoted_cells_may_hold_lines_doubled_and_escaped_quotes_and_stand_after_a_space(tmp_path):
    table = 'id,text\n1,"first line\nsecond, line"\n2,"say ""hello"""\n3, "a, b"\n4,"an \\"escaped\\" one"\n'
    assert texts(tmp_path, "a.csv", table) == [
        "first line\nsecond, line",
        'say "hello"',
        "a, b",
        'an "escaped" one',
    ]


def test_apostrophes_may_be_the_quotes_where_they_are_in_order(tmp_path):
    table = "'id','text'\n'1','bread, water'\n'2','moon, sun'\n"
    assert texts(tmp_path, "a.csv", table) == ["bread, water", "moon, sun"]


def test_columns_of_one_name_are_told_apart(tmp_path):
    assert texts(tmp_path, "a.csv", "id,text,text\n1,bread,\n2,water,\n") == ["bread", "water"]


def test_old_mac_line_ends_part_rows(tmp_path):
    assert texts(tmp_path, "a.csv", b"id,text\r1,bread\r2,water\r") == ["bread", "water"]


def test_a_column_of_addresses_is_not_the_text(tmp_path):
    table = "seite,notiz\nhttps://example.org/a/very/long/address/of/a/page,Mehl und Wasser\n"
    assert texts(tmp_path, "a.csv", table) == ["Mehl und Wasser"]


def test_a_cell_of_millions_of_characters_is_read(tmp_path):
    assert [len(text) for text in texts(tmp_path, "a.csv", 'id,text\n1,"' + "word " * 500_000 + '"\n')] == [2_500_000]


def test_many_rows_are_given_one_by_one_in_bounded_memory(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"text\n" + b"a\n" * 20_000))
    rows = read(path)
    next(rows)
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows) == 19_999
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(alphabet="ab ,;\"\n'\\é", max_size=8), min_size=3, max_size=3), min_size=1, max_size=6
    ),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_the_standard_writer_quotes_is_read_back(rows, quoting):
    target = io.StringIO()
    csv.writer(target, quoting=quoting, lineterminator="\n").writerows(rows)
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert [record.cells for record in records(target.getvalue(), Dialect(",", '"', 3))] == kept


def test_lines_of_another_kind_cost_no_file_and_no_row(tmp_path):
    lines = '{"type":"meta","version":2}\n{"text":"Bread rises."}\n{"text":"Glaciers move."}\n'
    assert texts(tmp_path, "a.jsonl", lines) == ["Bread rises.", "Glaciers move."]
    assert texts(tmp_path, "b.jsonl", '{"summary":"exported 2024","n":3}\n{"text":"Bread rises."}\n') == [
        "Bread rises."
    ]


def test_text_within_objects_is_found_and_may_be_asked_for(tmp_path):
    lines = '{"id": 1, "data": {"text": "deep text", "lang": "en"}}\n{"id": 2, "data": {"text": "second"}}\n'
    assert texts(tmp_path, "a.jsonl", lines) == ["deep text", "second"]
    assert texts(tmp_path, "a.jsonl", lines, text_column="data.lang") == ["en"]
    found, said = refusal(tmp_path, "a.jsonl", lines, text_column="data.body")
    assert (found, said) == ([], "it has no column 'data.body'; its columns are id, data.text, data.lang")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,de,en,zh_Hans\n1,Brot geht auf.,Bread rises.,面包发酵。\n2,Eis,,冰\n"),
        ("a.csv", "id;Deutsch;English;中文\n1;Brot geht auf.;Bread rises.;面包发酵。\n2;Eis;;冰\n"),
        ("a.csv", "text_de,text_en,text_zh,n\nBrot geht auf.,Bread rises.,面包发酵。,1\nEis,,冰,2\n"),
        (
            "a.jsonl",
            '{"id": "q1", "translation": {"de": "Brot geht auf.", "en": "Bread rises.", "zh": "面包发酵。"}}\n'
            '{"id": "q2", "translation": {"de": "Eis", "en": "", "zh": "冰"}}\n',
        ),
    ],
)
def test_a_row_in_several_languages_is_a_text_in_each(tmp_path, name, content):
    assert texts(tmp_path, name, content) == ["Brot geht auf.", "Bread rises.", "面包发酵。", "Eis", "冰"]
    parts = [document.part for document in read(tmp_path / name)]
    assert len(set(parts)) == 5 and parts[0].startswith("row 1, ")


def test_a_conversation_is_one_text(tmp_path):
    said = [{"role": "user", "content": "How do glaciers move?"}, {"role": "assistant", "content": "By flow."}]
    assert texts(tmp_path, "a.jsonl", json.dumps({"messages": said})) == [
        "user: How do glaciers move?\nassistant: By flow."
    ]
    shared = [{"from": "human", "value": "Bread?"}, {"from": "gpt", "value": "Rises."}]
    parts = [{"role": "user", "content": [{"type": "text", "text": "Look"}]}]
    lines = json.dumps({"id": "1", "conversations": shared}) + "\n" + json.dumps({"id": "2", "conversations": parts})
    assert texts(tmp_path, "b.jsonl", lines) == ["human: Bread?\ngpt: Rises.", "user: Look"]


def test_exports_of_chats_are_conversations(tmp_path):
    said = [{"from": "Anna", "text": ["Look ", {"type": "link", "text": "a.b"}, "!"]}, {"from": "Ben", "text": "Oh."}]
    chat = {"name": "Family", "id": 7, "messages": said}
    for content in (chat, {"about": "x", "chats": {"about": "all", "list": [chat]}}):
        assert texts(tmp_path, "a.json", json.dumps(content)) == ["Anna: Look a.b!\nBen: Oh."]
    assert next(read(tmp_path / "a.json")).title == "Family"
    nodes = {
        f"0a1b2c3d-4e5f-6789-{place}": {
            "message": {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}}
        }
        for place, (role, text) in enumerate((("user", "Bread?"), ("assistant", "It rises.")))
    }
    chats = [{"title": "A", "mapping": nodes}, {"title": "B", "mapping": {key[::-1]: nodes[key] for key in nodes}}]
    assert texts(tmp_path, "b.json", json.dumps(chats)) == ["user: Bread?\nassistant: It rises."] * 2


def test_json_of_one_text_is_that_text(tmp_path):
    told = {"title": "Bread", "url": "https://a.b", "body": "Bread rises.\nIt is warm, and smells of the oven."}
    assert texts(tmp_path, "a.json", json.dumps(told)) == [told["body"]]
    settings = {"name": "x", "description": "Bakes bread.", "scripts": {"build": "tsc -p .", "test": "jest --all"}}
    assert texts(tmp_path, "a.json", json.dumps(settings)) == [json.dumps(settings)]
    answer = {"hits": {"total": 2, "hits": [{"_id": "1", "_source": {"text": "Bread rises."}}]}}
    assert texts(tmp_path, "a.json", json.dumps(answer)) == ["Bread rises."]


def test_of_several_lists_in_json_the_one_with_the_most_prose_is_the_table(tmp_path):
    board = {"name": "B", "labels": [{"name": "x"}] * 3, "cards": [{"name": "C", "desc": "Knead the dough well."}]}
    assert texts(tmp_path, "a.json", json.dumps(board)) == ["Knead the dough well."]
    note = {"textContent": "Knead the dough well.", "title": "N", "color": "DEFAULT", "labels": [{"name": "x"}]}
    assert texts(tmp_path, "a.json", json.dumps(note)) == ["Knead the dough well."]


@pytest.mark.parametrize(
    "content",
    [
        '[{"text": "first"}, {"text": "second"}]',
        '[\n  {\n    "text": "first"\n  },\n  {\n    "text": "second"\n  }\n]\n',
        '{"text": "first"}{"text": "second"}',
        '{\n  "text": "first"\n}\n{\n  "text": "second"\n}\n',
        '{"version": 1, "data": [{"text": "first"}, {"text": "second"}]}',
        '{"rows": [{"text": "first"}, {"text": "second"}], "columns": ["text"]}',
        '{"columns": ["id", "text"], "data": [[1, "first"], [2, "second"]]}',
        '[["id", "text"], [1, "first"], [2, "second"]]',
        '["id", "text"]\n[1, "first"]\n[2, "second"]\n',
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_arrays_and_objects_over_several_lines_are_tables_too(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    rows = list(read(path))
    assert [row.text for row in rows] == ["first", "second"]
    assert len({row.part for row in rows}) == 2


@pytest.mark.parametrize("content", ['{"name": "x", "version": 2}', "[1, 2, 3]", '{"a": [{"n": 1}]}', "not json"])
def test_json_that_is_no_table_stays_a_plain_text(tmp_path, content):
    assert texts(tmp_path, "a.json", content) == [content]


def test_texts_deep_within_lists_are_taken_without_the_punctuation(tmp_path):
    said = {"data": [{"title": "T", "paragraphs": [{"context": "Bread rises.", "qas": [{"question": "What?"}]}]}]}
    assert texts(tmp_path, "a.json", json.dumps(said)) == ["Bread rises.\nWhat?"]
    deep = '{"id": 1, "text": ' + "[" * 500 + '"x"' + "]" * 500 + '}\n{"id": 2, "text": "water"}\n'
    assert texts(tmp_path, "b.jsonl", deep) == ["water"]


def test_a_row_with_only_a_title_is_its_title(tmp_path):
    lines = '{"_id": "1", "title": "Bread", "text": ""}\n{"_id": "2", "title": "T", "text": "body"}\n'
    assert texts(tmp_path, "a.jsonl", lines) == ["Bread", "body"]
    assert texts(tmp_path, "b.jsonl", lines + '{"_id": "3", "title": "Moon"}\n') == ["Bread", "body", "Moon"]
    assert texts(tmp_path, "c.csv", "id,title,text\n1,Bread,\n2,T,body\n") == ["Bread", "body"]


def test_values_that_json_does_not_know_and_texts_of_other_types_are_read(tmp_path):
    lines = '{"text": "bread", "score": NaN}\n{"text": ["two", "lines"], "score": Infinity}\n{"text": 5, "text": 7}\n'
    assert texts(tmp_path, "a.jsonl", lines) == ["bread", "two\nlines", "7"]


def test_lines_that_are_no_json_are_named_and_the_others_read(tmp_path):
    lines = ['{"text": "bread"}', '{"text": "cut', '{"text": "water"}', '{"n": ' + "9" * 5000 + "}", "[" * 5000]
    found, said = refusal(tmp_path, "a.jsonl", "\n".join([*lines, '{"text": "moon"}']))
    assert found == ["bread", "water", "moon"]
    assert said == "3 of its lines cannot be read (line 2, 4, 5); the others are indexed"


def test_a_file_of_lines_none_of_which_is_json_says_so(tmp_path):
    assert refusal(tmp_path, "a.jsonl", "bread\nwater\n") == ([], "none of its rows can be read (line 1, 2)")


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='a1,;\t|"\'\\\n []{}:"text".é', max_size=200).map(str.encode),
    ),
    kind=st.sampled_from(["csv", "tsv", "jsonl", "json"]),
)
def test_no_bytes_raise_anything_but_unreadable(tmp_path_factory, data, kind):
    path = tmp_path_factory.mktemp("any") / f"a.{kind}"
    path.write_bytes(data)
    parts = []
    try:
        for document in read(path):
            document.text.encode()
            parts.append(document.part)
    except UnreadableDocument as error:
        assert error.message and "reader failed" not in error.message
    assert len(set(parts)) == len(parts)


def test_letters_written_by_their_numbers_in_json_that_is_no_table_are_letters(tmp_path):
    told = {"home": {"title": "Brötchen", "text": 'Тесто 🥨 \x07 "x" C:\\\\u00fc'}, "about": "Über uns"}
    (text,) = texts(tmp_path, "a.json", json.dumps(told))
    assert json.loads(text) == told
    assert all(words in text for words in ("Brötchen", "Тесто 🥨", "Über uns"))
