"""Texts in the encodings people still have come out as the letters that were meant."""

from __future__ import annotations

import pytest
from hybrid_search.engine.documents.decoding import Undecodable, clean, decode
from hybrid_search.engine.documents.kinds import looks_binary
from hypothesis import given
from hypothesis import strategies as st

TEXTS = {
    "de": "Größere Brötchen müssen länger in den Ofen, sagt die Bäckerin über die Kruste.",
    "fr": "Le pain a levé toute la nuit; à l'aube, la boulangère l'a façonné et enfourné, déjà prêt.",
    "es": "¿Cuánto pan comió la niña? El señor compró más harina y añadió azúcar.",
    "pl": "Chleb rośnie całą noc, a rano piekarka kształtuje bochenki i wkłada je do gorącego pieca.",
    "cs": "Chléb kyne celou noc a ráno pekařka tvaruje bochníky a vkládá je do žhavé pece.",
    "hu": "A kenyér egész éjjel kel, reggel a pék megformázza és forró kemencébe teszi, főleg ősszel.",
    "tr": "Ekmek bütün gece kabarır; sabah fırıncı hamuru şekillendirip kızgın fırına koyar, çünkü öğle yakındır.",
    "lt": "Duona kyla visą naktį, o ryte kepėja formuoja kepalus ir šauna juos į karštą krosnį.",
    "ru": "Хлеб поднимается всю ночь, а утром пекарь формует буханки и сажает их в горячую печь.",
    "el": "Το ψωμί φουσκώνει όλη τη νύχτα και το πρωί ο φούρναρης το βάζει στον καυτό φούρνο.",
    "ar": "يختمر الخبز طوال الليل وفي الصباح يشكل الخباز الأرغفة ويضعها في الفرن الساخن.",
    "he": "הלחם תופח כל הלילה ובבוקר האופה מעצבת כיכרות ומכניסה אותן לתנור חם.",
    "ja": "パンの生地は一晩かけて発酵し、朝になるとパン屋が形を整えて熱い窯に入れます。",
    "zh": "面团整夜发酵，早晨面包师把它揉成形，然后放进炽热的烤炉里烤熟。",
    "zh-tw": "麵團整夜發酵，早晨麵包師把它揉成形，然後放進熾熱的烤爐裡烤熟。",
    "ko": "반죽은 밤새 부풀고 아침이 되면 제빵사가 모양을 잡아 뜨거운 오븐에 넣는다.",
    "th": "แป้งขนมปังขึ้นฟูตลอดคืน พอเช้าคนทำขนมปังก็ปั้นเป็นก้อนแล้วใส่เตาร้อน",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *[
            (language, encoding)
            for language in TEXTS
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
        ],
        *[("de", "cp1252"), ("de", "iso8859_15"), ("fr", "cp1252"), ("es", "cp1252"), ("fr", "mac_roman")],
        *[
            ("pl", "cp1250"),
            ("pl", "iso8859_2"),
            ("cs", "cp1250"),
            ("hu", "cp1250"),
            ("tr", "cp1254"),
            ("lt", "cp1257"),
        ],
        *[
            ("ru", "cp1251"),
            ("ru", "koi8_r"),
            ("ru", "iso8859_5"),
            ("el", "cp1253"),
            ("he", "cp1255"),
            ("ar", "cp1256"),
        ],
        *[
            ("ja", "shift_jis"),
            ("ja", "euc_jp"),
            ("ja", "iso2022_jp"),
            ("zh", "gb18030"),
            ("zh-tw", "big5"),
            ("ko", "cp949"),
        ],
        ("th", "cp874"),
    ],
)
def test_a_text_survives_its_encoding(language, encoding):
    text = "\n".join([TEXTS[language]] * 3)
    assert decode(text.encode(encoding)) == text


def test_a_few_damaged_bytes_do_not_turn_utf8_into_something_else():
    text = TEXTS["ru"] * 5
    damaged = text[:50].encode() + b"\xff" + text[50:].encode()
    assert decode(damaged).replace("\ufffd", "") == text


def test_a_page_says_its_encoding_itself():
    page = '<meta charset="koi8-r"><p>Да</p>'
    assert "Да" in decode(page.encode("koi8-r"))
    assert "é" in decode(b'<?xml version="1.0" encoding="ISO-8859-1"?><p>\xe9</p>')
    assert "“" in decode(b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">\x93')


def test_a_wrong_declaration_does_not_stop_reading():
    assert decode(b'<meta charset="no-such-thing">' + "Größe über alles".encode("cp1252"))


def test_long_ascii_before_the_telling_letters():
    text = "plain words only\n" * 5000 + (TEXTS["pl"] + "\n") * 5
    assert decode(text.encode("cp1250")) == text


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 8, b"\x89PNG\r\n\x1a\n\x00\x00" * 40, bytes(400)],
    ids=["program", "picture", "zeros"],
)
def test_binary_data_is_no_text(data):
    assert looks_binary(data)
    with pytest.raises(Undecodable):
        decode(data)


@given(st.text())
def test_clean_text_can_be_stored_anywhere(text):
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned and "\r" not in cleaned
    assert clean(cleaned) == cleaned


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=200))
def test_utf8_is_always_taken_for_utf8(text):
    assert decode(text.encode()) == clean(text)
