"""Words are found in every script, and a query is never taken for an expression."""

from __future__ import annotations

import sqlite3

import pytest
from hybrid_search.engine.lexical import match_expression, tokens
from hypothesis import given
from hypothesis import strategies as st


def finds(query: str, *passages: str) -> list[int]:
    """The numbers of the passages that a full-text index finds, best first."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table terms using fts5(text, tokenize='ascii')")
    database.executemany("insert into terms values (?)", [(" ".join(tokens(passage)),) for passage in passages])
    expression = match_expression(query)
    if not expression:
        return []
    rows = database.execute("select rowid from terms where text match ? order by rank", (expression,))
    return [number - 1 for (number,) in rows]


@pytest.mark.parametrize(
    ("query", "passage", "other"),
    [
        ("面包 怎么做", "今天的面包是用面粉做的", "月亮绕着地球转"),
        ("パンの作り方", "このパンは小麦粉で作る", "月は地球を回る"),
        ("ขนมปัง", "วันนี้ทำขนมปังจากแป้ง", "ดวงจันทร์โคจรรอบโลก"),
        ("빵을 굽는 법", "오븐에서 빵을 구웠다", "달은 지구를 돈다"),
        ("នំប៉័ង", "ខ្ញុំធ្វើនំប៉័ងនៅផ្ទះ", "ព្រះចន្ទវិលជុំវិញ"),
        ("मकानों", "मकान बहुत पुराना है मकानो", "चाँद घूमता है"),
        ("مدرسة", "ذهب الولد إلى المدرسة", "القمر يدور"),
        ("Bäckereien", "die Bäckerei am Markt", "der Mond"),
        ("хлебопечения", "хлебопечение дома", "луна"),
        ("ISTANBUL", "İstanbul'da ekmek", "ay"),
        ("ＢＲＥＡＤ", "fresh bread", "moon"),
    ],
)
def test_a_word_is_found_in_every_script(query, passage, other):
    assert finds(query, other, passage)[0] == 1


def test_accents_may_be_left_out_and_count_when_typed():
    assert finds("arbol", "un árbol alto") == [0]
    assert finds("árbol", "arbol", "árbol")[0] == 1


def test_one_absent_word_does_not_empty_the_result():
    assert finds("bread zzzz", "fresh bread") == [0]


def test_points_and_spelling_of_arabic_do_not_matter():
    assert set(tokens("الْمَدْرَسَةُ")) == set(tokens("المدرسه"))


ODD = ['"', "AND OR NOT", "a* NEAR(b c)", "col:x ^y -z", "'; drop table", "(", "{a b}:c", "\x00", "x_y"]


@pytest.mark.parametrize("query", ODD)
def test_nothing_in_a_query_is_an_operator(query):
    finds(query, "text")


def test_punctuation_alone_asks_for_nothing():
    assert match_expression("?! … 😀") == ""


def test_a_very_long_query_is_still_a_query():
    assert finds(" ".join(f"word{number}" for number in range(5000)), "word17") == [0]


@given(st.text(max_size=100))
def test_terms_of_any_text_pass_through_the_index_unchanged(text):
    terms = tokens(text)
    assert all(term and not any(c.isspace() or (c.isascii() and not c.isalnum()) for c in term) for term in terms)
    if terms:
        assert finds(text, text) == [0]
