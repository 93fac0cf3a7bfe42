"""The language of a text is told with a confidence, or not at all."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest
from hybrid_search.engine import languages
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.engine.languages import (
    Detected,
    chosen,
    code_of,
    detect,
    detect_many,
    detect_question,
    detection,
    matching,
    name,
    native_name,
)
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("text", ["བོད་ནི་མཐོ་སྒང་ཡིན།", "ދިވެހި ބަސް", "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"])
def test_a_text_in_a_script_of_no_known_language_is_in_none(text):
    assert detect(text) == detect(text, LIBRARY) == detect_question(text, LIBRARY) == Detected("und", 0.0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ｶﾞﾗｽ ﾉ ｼｺﾞﾄ", "ja"),
        ("𝐓𝐡𝐞 𝐝𝐨𝐮𝐠𝐡 𝐢𝐬 𝐰𝐚𝐫𝐦 𝐚𝐧𝐝 𝐫𝐢𝐬𝐞𝐬", "en"),
        ("Ｄｅｒ　Ｔｅｉｇ　ｉｓｔ　ｗａｒｍ　ｕｎｄ　ｇｅｈｔ", "de"),
        ("ﻣﺮﺣﺒﺎ ﺑﺎﻟﻌﺎﻟﻢ", "ar"),
    ],
)
def test_letters_in_special_forms_are_the_letters_they_are(text, code):
    told = detect(text)
    assert told.code == code
    assert told.confidence > 0.8


def test_japanese_among_latin_names_is_told_by_both_of_its_scripts():
    assert detect("Kubernetes クラスタ構築手順 Terraform").code == "ja"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("iPhone 15 Pro 发布", "zh"),
        ("Microsoft Visual Studio Code 教程", "zh"),
        ("Google Pixel 9 レビュー", "ja"),
        ("Apple Watch Series 9 출시", "ko"),
        ("Samsung Galaxy S24 Ultra обзор", "ru"),
        ("TNF-α IL-1β Signalling in Mice", "en"),
        ("The word 发布 is a verb", "en"),
    ],
)
def test_names_in_latin_letters_are_of_no_language_beside_words_in_another_script(text, code):
    assert detect_question(text, LIBRARY).code == code


NO_LANGUAGE = ["", "12345 - 67", "a1", "😀😀😀", "https://example.org/some/long/path", "木", "me@example.org", "..."]


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_nothing_is_said_of_what_has_too_few_letters(text):
    assert detect(text) == Detected("und", 0.0)


@pytest.mark.parametrize("library", [LIBRARY, ("en", "de"), tuple(set(LIBRARY) - {"ru", "ko"}), ("th",), ()])
def test_a_question_may_be_in_a_language_that_the_library_does_not_have(library):
    for code, question in QUESTIONS.items():
        told = detect_question(question, library)
        assert told.code == code
        assert 0.4 < told.confidence <= 1


def test_a_russian_question_is_not_thai_where_the_library_has_no_russian():
    assert detect_question("Как понять, что хлеб готов?", ["th", "en", "zh"]).code == "ru"


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_nothing_is_said_of_a_question_with_too_few_letters(text):
    for library in (LIBRARY, ("en",), ()):
        assert detect_question(text, library) == Detected("und", 0.0)


def test_a_short_question_is_rather_in_a_language_of_the_library():
    assert detect_question("pan", ["es", "en"]).code in ("es", "en")
    assert detect_question("Тесто", ["bg", "en"]).code == "bg"
    assert detect_question("面包", ["ja", "en"]).code == "ja"
    assert detect_question("gjær i deigen", ["da"]).code in ("da", "no")


def test_a_question_gets_the_code_that_the_library_has_for_its_language():
    assert detect_question("Hvordan vet jeg at brødet er ferdig stekt?", ["nb", "de"]).code == "nb"
    assert detect_question("面包要烤多长时间？", ["zh-tw", "en"]).code == "zh-tw"
    assert detect_question("How long does bread take?", ["und", "de"]).code == "en"


MEANT = [
    ("zh-CN", ["en", "zh"], ["zh"]),
    ("zh-Hans", ["zh"], ["zh"]),
    ("zh-Hans-CN", ["zh"], ["zh"]),
    ("zh_TW", ["zh"], ["zh"]),
    ("zh_TW", ["zh", "zh-tw"], ["zh-tw"]),
    ("zh-HK", ["zh", "zh-tw"], ["zh-tw"]),
    ("zh-CN", ["zh", "zh-tw"], ["zh"]),
    ("zh", ["zh-tw", "zh", "en"], ["zh-tw", "zh"]),
    ("pt-BR", ["es", "pt"], ["pt"]),
    ("en", ["en-gb", "en-us"], ["en-gb", "en-us"]),
    ("en-AU", ["en-gb", "de"], ["en-gb"]),
    ("iw", ["he"], ["he"]),
    ("he", ["iw"], ["iw"]),
    ("in", ["id"], ["id"]),
    ("nb", ["no"], ["no"]),
    ("no", ["nb", "nn"], ["nb", "nn"]),
    ("nn", ["nb", "nn"], ["nn"]),
    ("deu", ["de"], ["de"]),
    ("German", ["de"], ["de"]),
    ("sr-Latn-RS", ["sr"], ["sr"]),
    ("de_DE.UTF-8", ["de"], ["de"]),
    ("fr", ["de", "und"], []),
    ("fr", [], []),
]


@pytest.mark.parametrize(("tag", "there", "meant"), MEANT)
def test_a_tag_means_what_there_is_of_its_language(tag, there, meant):
    assert matching(tag, there) == tuple(meant)
    assert matching(tag.lower(), there) == matching(tag.upper(), there) == tuple(meant)


@given(st.from_regex(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", fullmatch=True), st.lists(st.sampled_from(LIBRARY)))
def test_a_tag_always_means_itself_and_never_a_language_that_is_not_there(tag, there):
    assert matching(tag, [*there, tag])[-1] == tag
    assert set(matching(tag, there)) <= set(there)


def test_tags_that_mean_nothing_stay_so_that_they_find_nothing():
    assert chosen(["pt-BR", "de", "pt"], ["pt", "en"]) == ("pt", "de")
    assert chosen([], ["pt"]) == ()


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


def test_without_room_for_temporary_files_that_is_said_once_and_tried_again(monkeypatch, capsys):
    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    detection._model_once.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr("tempfile.TemporaryFile", full)
        languages.prepare()
        with pytest.raises(HybridSearchError, match=r"temporary file .*no space left on device.*TMPDIR"):
            detection._model()
    assert capsys.readouterr() == ("", "")
    assert detect("Wie lange muss der Teig gehen?").code == "de"
