"""Words are found in every script, and a query is never taken for an expression."""

from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hybrid_search.engine.lexical import parse, tokens
from hybrid_search.engine.lexical.folding import folded, normalised
from hypothesis import given
from hypothesis import strategies as st


def finds(query: str, *passages: str) -> list[int]:
    """The numbers of the passages that a full-text index finds, best first."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table terms using fts5(text, tokenize='ascii')")
    database.executemany("insert into terms values (?)", [(" ".join(tokens(passage)),) for passage in passages])
    scores: dict[int, float] = {}
    wanted = parse(query)
    for expression, weight in wanted.expressions:
        for number, score in database.execute(
            "select rowid, -bm25(terms) from terms where text match ?", (expression,)
        ):
            scores[number - 1] = scores.get(number - 1, 0.0) + weight * score
    held = [number for number in scores if wanted.held_by(passages[number])]
    return sorted(held, key=lambda number: (-scores[number], number))


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
    # FTS5 would raise an error for a query with operators of its own in it, or find the text by them.
    assert finds(query, "text") == []
    assert finds(f"{query} text", "text") == ([] if query.count('"') % 2 == 0 and '"' in query else [0])


def test_punctuation_alone_asks_for_nothing():
    assert parse("?! … 😀").expressions == parse('"?!" „“').expressions == ()


def test_a_very_long_query_is_still_a_query():
    assert finds(" ".join(f"word{number}" for number in range(5000)), "word17") == [0]


@given(st.text(max_size=100))
def test_terms_of_any_text_pass_through_the_index_unchanged(text):
    terms = tokens(text)
    assert all(term and not any(c.isspace() or (c.isascii() and not c.isalnum()) for c in term) for term in terms)
    if terms:
        assert finds(text, text) == [0]


BOTH_WAYS = [
    ("école", "L'ECOLE EST FERMEE"),
    ("élève", "un Elève"),
    ("θάλασσα", "Η ΘΑΛΑΣΣΑ ΕΙΝΑΙ ΕΔΩ"),
    ("λόγος", "ΛΟΓΟΣ"),
    ("Προϋπόθεση", "ΠΡΟΥΠΟΘΕΣΗ"),
    ("Müller", "Muller"),
    ("Müller", "Mueller"),
    ("Bäckerei", "Baeckerei"),
    ("straße", "STRASSE"),
    ("GROẞE", "große"),
    ("ışık", "IŞIK"),
    ("istanbul", "İSTANBUL"),
    ("Łódź", "Lodz"),
    ("đường", "duong"),
    ("smørrebrød", "smorrebrod"),
    ("Tromsø", "Tromsoe"),
    ("Århus", "Aarhus"),
    ("þjóðgarður", "thjodgardur"),
    ("Ærø", "aero"),
    ("cœur", "coeur"),
    ("Ħamrun", "hamrun"),
    ("Əliyev", "eliyev"),
    ("ещё", "еще"),
    ("замо́к", "замок"),
    ("صديقة", "صدیقه"),
    ("مسؤول", "مسوول"),
    ("كـتـاب", "کتاب"),
    ("שָׁלוֹם", "שלום"),
    ("ज़मीन", "जमीन"),
    ("चाँद", "चांद"),
    ("e\u0301cole", "\u00e9cole"),
    ("میخواهم", "من می\u200cخواهم"),
    ("خواهم", "من می\u200cخواهم"),
    ("password", "pass\u200bword"),
    ("password", "pass\u00adword"),
    ("password", "pass\u2060wo\ufeffrd"),
    ("खाना", "खा\u200dना"),
    ("об'єкт", "об\u02bcєкт"),
    ("об\u2019єкт", "об\uff07єкт"),
    ("обєкт", "об\u02b9єкт"),
    ("o\u02bbzbek", "o'zbek"),
    ("col·lecció", "collecció"),
    ('צה"ל', "צה\u05f4ל"),
    ("2024", "سنة ٢٠٢٤"),
    ("४२", "number 42"),
    ("๑๒", "ห้อง 12"),
    ("１９", "19"),
    ("hyphen", "hy\u2010phen"),
    ("nonbreaking", "non\u2011breaking"),
    ("breaking", "non\u2011breaking"),
    ("example", "an ex-\n  ample"),
    ("e-mail", "email"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), BOTH_WAYS)
def test_spellings_of_a_word_find_each_other(one, other):
    assert finds(one, "Mond", other) == [1]
    assert finds(other, "Mond", one)[0] == 1


@pytest.mark.parametrize(
    ("one", "other"), [("мой", "мои"), ("її", "іі"), ("ў", "у"), ("年", "日"), ("ড়", "ড"), ("2024-01", "202401")]
)
def test_letters_of_their_own_stay_apart(one, other):
    assert finds(one, other) == finds(other, one) == []


@pytest.mark.parametrize(
    ("exact", "folded_too"),
    [("école", "ECOLE"), ("Müller", "Muller"), ("Łódź", "Lodz"), ("mã", "ma"), ("θάλασσα", "ΘΑΛΑΣΣΑ"), ("ещё", "еще")],
)
def test_the_spelling_that_was_asked_for_comes_first(exact, folded_too):
    others = ["Mond", "Sonne", "Stern", "Licht"]
    assert finds(exact, *others, folded_too, exact) == [5, 4]


@pytest.mark.parametrize(
    ("character", "passage"),
    [
        ("茶", "绿茶是中国人最常见的饮料之一。"),
        ("茶", "我喝绿茶。"),
        ("猫", "私の家には猫が二匹います。"),
        ("물", "물을 많이 마셔야 한다."),
        ("집", "우리는 새 집을 지었다."),
        ("집", "새집"),
        ("ก", "วันนี้กินข้าว"),
        ("ว", "ข้าว"),
        ("か", "おか"),
        ("ប", "នំប៉័ង"),
    ],
)
def test_one_character_finds_its_texts(character, passage):
    assert finds(character, "Mond", "月亮圆", passage) == [2]


PHRASES = ['"{}"', "„{}“", "“{}”", "«{}»", "»{}«", "「{}」", "『{}』", "say «{}»!"]


@pytest.mark.parametrize("marks", PHRASES)
def test_what_stands_in_quotation_marks_stands_side_by_side(marks):
    passages = ("bread from yesterday, fresh water", "say: a loaf of fresh bread", "FRESH\nBréad", "fresh-bread")
    assert set(finds(marks.format("Fresh bread"), *passages)) == {1, 2, 3}


def test_a_phrase_may_be_in_a_script_without_spaces():
    assert finds("「緑茶」", "緑の茶", "お茶は緑", "この緑茶です") == [2]
    assert finds('"새 집"', "집은 새롭다", "우리는 새 집을 지었다") == [1]
    assert finds('什么是"绿茶"', "绿的茶", "绿茶") == [1]


def test_words_beside_a_phrase_rank_and_do_not_choose():
    passages = ("an oven", "fresh bread table", "fresh bread oven", "Mond", "Sonne", "Stern", "Licht")
    assert finds('"fresh bread" oven', *passages) == [2, 1]


def test_phrases_know_hyphens_and_apostrophes_both_ways():
    assert finds('"e-mail address"', "my email address", "my e\u2011mail address", "address of e mail") == [1, 0]
    assert finds('"об\u02bcєкт тут"', "об'єкт тут") == [0]


@pytest.mark.parametrize("query", ['fresh "bread', 'bread 5" fresh', 'a 5" by 7" bread', "«bread", "bread»", "「bread"])
def test_a_quotation_mark_without_its_pair_is_a_character(query):
    assert parse(query).phrases == ()
    assert finds(query, "water", "bread") == [1]


def test_an_apostrophe_parts_as_well_as_joins():
    assert finds("l'école", "école") == [0]
    assert finds("école", "l\u2019école") == [0]


LETTERS = st.characters(categories=("Lu", "Ll", "Lo"), max_codepoint=0x1FFF, exclude_characters="\u1e9e\u0345")
WORDS = st.text(LETTERS, min_size=1, max_size=12)
HIDDEN = st.sampled_from(["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u200e", "\ufe0f"])


@given(st.text(max_size=40))
def test_folding_is_idempotent(text):
    once = normalised(text)
    assert normalised(once) == once
    assert folded(folded(once)) == folded(once)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@given(WORDS)
def test_a_word_is_found_in_every_normal_form(form, word):
    assert finds(unicodedata.normalize(form, word), word) == finds(word, unicodedata.normalize(form, word)) == [0]


@given(st.text(st.sampled_from("abcdeiloßszéèüñçşğåøæđłþðćžабвйёїґαβσςάώήհամ"), min_size=1, max_size=12))
def test_a_word_is_found_in_either_case(word):
    for other in (word.upper(), word.lower(), word.title()):
        assert finds(other, word) == finds(word, other) == [0]


@given(st.text(st.sampled_from("abcdeiloszéèüñçşåøæđłþðćžабвёαβσάώή"), min_size=1, max_size=12))
def test_a_word_is_found_with_or_without_accents(word):
    bare = folded(normalised(word))
    stripped = "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
    for other in (bare, stripped, bare.upper(), stripped.upper()):
        assert finds(other, word) == finds(word, other) == [0]


@given(WORDS, HIDDEN, st.data())
def test_a_word_is_found_with_something_invisible_in_it(word, hidden, data):
    place = data.draw(st.integers(0, len(word)))
    other = word[:place] + hidden + word[place:]
    assert finds(other, word) == finds(word, other) == [0]


@given(st.text(max_size=60))
def test_a_text_holds_itself_as_a_phrase(text):
    text = text.replace('"', "")
    if tokens(text):
        assert finds(f'"{text}"', text) == [0]
