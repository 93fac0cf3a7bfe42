"""The language of a text is told with a confidence, or not at all."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hybrid_search.engine import languages
from hybrid_search.engine.languages import Detected, code_of, detect, detect_many, name, native_name

LIBRARY = ("ar", "de", "el", "en", "es", "fr", "hi", "ja", "ko", "ru", "th", "tr", "vi", "zh")
QUESTIONS = {
    "ar": "كم من الوقت يجب أن يتخمر العجين؟",
    "de": "Wie lange muss der Teig gehen?",
    "el": "Πόση ώρα πρέπει να φουσκώσει το ζυμάρι;",
    "en": "How long does the dough have to rise?",
    "es": "¿Cuánto tiempo tiene que fermentar la masa?",
    "fr": "Combien de temps la pâte doit-elle lever ?",
    "hi": "आटे को कितनी देर फूलना चाहिए?",
    "ja": "生地はどのくらい発酵させますか。",
    "ko": "반죽은 얼마나 오래 부풀려야 하나요?",
    "ru": "Сколько времени должно подниматься тесто?",
    "th": "ต้องพักแป้งนานเท่าไร",
    "tr": "Hamur ne kadar süre mayalanmalı?",
    "vi": "Bột phải ủ trong bao lâu?",
    "zh": "面团要发酵多长时间？",
}


@pytest.mark.parametrize("code", LIBRARY)
def test_questions_in_the_languages_of_the_demo(code):
    for candidates in (None, LIBRARY):
        told = detect(QUESTIONS[code], candidates)
        assert told.code == code
        assert 0.4 < told.confidence <= 1


NO_LANGUAGE = ["", "12345 - 67", "a1", "😀😀😀", "https://example.org/some/long/path", "木", "me@example.org", "..."]


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_nothing_is_said_of_what_has_too_few_letters(text):
    assert detect(text) == Detected("und", 0.0)


def test_a_slash_or_an_address_in_a_text_without_spaces_takes_nothing_of_it_away():
    assert detect("面包/蛋糕的做法").code == "zh"
    assert detect("パンの作り方はhttps://example.org/breadを見てください").code == "ja"
    assert detect("質問はme@example.orgへ送ってください").code == "ja"


def test_two_chinese_characters_are_enough():
    assert detect("面包").code == "zh"
    assert detect("パン").code == "ja"


def test_names_in_latin_letters_do_not_turn_a_text_around():
    assert detect("Το Debian GNU/Linux είναι ένα λειτουργικό σύστημα (Debian Project)").code == "el"
    assert detect("C++ の std::vector の使い方").code == "ja"


def test_only_candidates_are_told_and_unknown_ones_are_passed_over():
    assert detect("Das Brot ist gut und frisch", ["en", "nl", "xx"]).code in ("en", "nl")
    assert detect("面包是用面粉做的", ["zh-tw", "en"]).code == "zh"
    assert detect("Brødet er godt og helt ferskt", ["nb", "de"]).code == "no"
    assert detect("Das Brot ist gut", ["tlh"]).code == "de"


def test_a_script_that_no_candidate_uses_still_gets_an_answer():
    assert detect("Сколько времени", ["de", "en"]).code in ("de", "en")


def test_many_are_told_as_one_by_one():
    assert detect_many(list(QUESTIONS.values())) == [detect(text) for text in QUESTIONS.values()]


def test_short_is_less_sure_than_long():
    assert detect("bread").confidence < detect(QUESTIONS["en"]).confidence


def test_names():
    assert (name("de"), native_name("de")) == ("German", "Deutsch")
    assert (name("zh-TW"), name("pt-br"), name("qqq"), name("und")) == (
        "Chinese (traditional)",
        "Portuguese",
        "qqq",
        "undetermined",
    )
    assert all(name(code) != code for code in languages.CANDIDATES)
    assert [code_of(word) for word in ("DE", "german", "Deutsch", "日本語", "zh_TW", "klingon?")] == [
        "de",
        "de",
        "de",
        "ja",
        "zh-tw",
        "",
    ]


def test_a_script_of_one_candidate_needs_no_model():
    code = (
        "import sys; from hybrid_search.engine.languages import detect; "
        f"assert detect('ขนมปัง', {LIBRARY!r}).code == 'th'; assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
