"""Texts in the encodings people still have come out as the letters that were meant."""

from __future__ import annotations

import pytest
from hybrid_search.engine.documents.decoding import Undecodable, clean, decode, looks_binary
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


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *[("de", "cp437"), ("de", "cp850"), ("fr", "cp850"), ("fr", "cp863"), ("pl", "cp852"), ("cs", "cp852")],
        *[("tr", "cp857"), ("tr", "iso8859_9"), ("lt", "iso8859_13"), ("lt", "cp775"), ("es", "mac_roman")],
        *[("ru", "cp855"), ("ru", "cp866"), ("ru", "mac_cyrillic"), ("el", "iso8859_7"), ("el", "cp737")],
        *[("he", "iso8859_8"), ("he", "cp862"), ("ar", "iso8859_6"), ("th", "tis_620"), ("ja", "iso2022_jp_2")],
        *[("ko", "euc_kr"), ("ko", "johab"), ("ko", "iso2022_kr"), ("zh", "hz"), ("zh-tw", "big5hkscs")],
    ],
)
@pytest.mark.parametrize("lines", [1, 3])
def test_a_text_survives_an_encoding_of_old_machines(language, encoding, lines):
    text = "\n".join([TEXTS[language]] * lines)
    if encoding == "cp737":
        text = text.replace("ύ", "υ")
    assert decode(text.encode(encoding, "replace")) == text.encode(encoding, "replace").decode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe", "cp1252"),
        ("Brötchen und Käse", "cp850"),
        ("café au lait", "cp1252"),
        ("Хлеб и соль", "cp1251"),
        ("Хлеб и соль", "koi8_r"),
        ("Хлеб и соль", "cp866"),
        ("Chléb a sůl, prosím", "cp1250"),
        ("Άρτος και αλάτι", "iso8859_7"),
        ("Ψωμί και αλάτι", "cp1253"),
        ("לחם ומלח", "cp1255"),
        ("パンと塩", "cp932"),
        ("パンと塩", "euc_jp"),
        ("面包和盐", "gb18030"),
        ("빵과 소금", "cp949"),
    ],
)
def test_a_few_words_are_enough(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "utf-32"])
def test_utf32_with_and_without_a_mark(language, encoding):
    assert decode(TEXTS[language].encode(encoding)) == TEXTS[language]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_stray_zero_byte_does_not_make_utf8_something_else(language, place):
    data = (TEXTS[language] + "\n").encode() * 5
    at = len(TEXTS[language][:place].encode())
    assert decode(data[:at] + b"\0" + data[at:]) == (TEXTS[language] + "\n") * 5


@pytest.mark.parametrize(
    ("language", "encoding"), [("de", "cp1252"), ("ru", "cp1251"), ("ru", "koi8_r"), ("pl", "cp1250")]
)
def test_a_stray_zero_byte_in_a_legacy_text(language, encoding):
    text = TEXTS[language] + "\n" + TEXTS[language]
    assert decode(text.replace("\n", "\n\0").encode(encoding)) == text


def test_a_stretch_of_zeros_that_was_never_written_is_no_binary_file():
    text = (TEXTS["de"] + "\n") * 3
    assert decode(text.encode() + bytes(4000)) == text


def test_ascii_words_are_not_taken_for_chinese():
    assert decode(b"Bush hid the facts") == "Bush hid the facts"
    assert decode(b"this app can break\n\0" * 3) == "this app can break\n" * 3


@pytest.mark.parametrize(
    ("utf8", "other", "encoding"),
    [
        ("Größere Brötchen.", "Süß und heiß.", "cp1252"),
        ("Größere Brötchen müssen länger backen.\n" * 20, "größer, höher, süßer", "cp1252"),
        ("Hello 😀 world, plain ascii otherwise.\n" * 3, "café", "cp1252"),
        ("Le pain a levé toute la nuit.\n" * 4, "déjà prêt à l'aube", "cp1252"),
        ("Хлеб поднимается всю ночь.\n" * 4, "утром пекарь формует буханки", "cp1251"),
        ("Chleb rośnie całą noc.", TEXTS["pl"], "cp1250"),
        ("麵團整夜發酵\n面团整夜发酵，早晨面包师把它揉成形\n" * 3, TEXTS["zh"], "gb18030"),
        ("パンの生地は一晩かけて発酵し、朝になる\n" * 3, TEXTS["ja"], "cp932"),
        ("반죽은 밤새 부풀고 아침이 되면\n" * 4, TEXTS["ko"], "cp949"),
    ],
)
@pytest.mark.parametrize("first", ["utf-8", "other"])
def test_lines_of_two_encodings_are_read_each_in_its_own(utf8, other, encoding, first):
    parts = [(utf8.strip("\n"), "utf-8"), (other, encoding)]
    if first == "other":
        parts.reverse()
    data = b"\n".join(text.encode(name) for text, name in parts)
    assert decode(data) == "\n".join(text for text, _ in parts)


def test_a_foreign_letter_in_a_line_of_utf8_spoils_nothing_else():
    text = "Größere Brötchen müssen länger in den Ofen, süß und heiß, sagt die Bäckerin über die Kruste."
    assert decode(text.replace("süß", "s#ß").encode().replace(b"#", b"\xfc")) == text


def test_a_character_cut_at_the_end_is_damage_and_no_letter():
    assert decode((TEXTS["ru"] + " ночь").encode()[:-1]) == TEXTS["ru"] + " ноч\ufffd"
    cut = (TEXTS["de"] + " für").encode()[:-2]
    assert decode(cut) == TEXTS["de"] + " f\ufffd"


def test_utf8_with_its_emoji_in_halves():
    halves = "😀".encode("utf-16-be")
    written = b"".join(chr(int.from_bytes(halves[at : at + 2])).encode("utf-8", "surrogatepass") for at in (0, 2))
    assert decode("Größe ".encode() + written) == "Größe 😀"


def test_letters_struck_twice_are_one_letter():
    assert clean("N\bNA\bAM\bME\bE _\bx_\by") == "NAME xy"


@pytest.mark.parametrize(
    "label",
    [
        *["undefined", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "hex", "rot13", "base64", "zip"],
        *["x-user-defined", "utf-7", "utf-16", "utf-32", "cp037", "cp500", "no-such-thing", "mbcs", "charmap", "..."],
    ],
)
@pytest.mark.parametrize("form", ['<meta charset="{}"><p>', '<?xml version="1.0" encoding="{}"?><p>', "# coding: {}\n"])
def test_labels_that_name_no_encoding_are_ignored(label, form):
    assert decode((form.format(label) + "Größe und Bäckerei überzeugt").encode("cp1252")).endswith("überzeugt")


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("x-sjis", "cp932", "日本語"),
        ("windows-874", "cp874", "ขนมปัง"),
        ("ks_c_5601-1987", "cp949", "한국어"),
        ("x-gbk", "gb18030", "面团"),
        ("ISO-8859-9", "cp1254", "çünkü"),
        ("iso-8859-8-i", "iso8859_8", "לחם"),
        ("x-mac-cyrillic", "mac_cyrillic", "Хлеб"),
        ("koi8-r-unix", "koi8_r", "Хлеб"),
    ],
)
def test_labels_of_the_web_that_python_does_not_know(label, encoding, text):
    assert text in decode(f'<meta charset="{label}"><p>{text}'.encode(encoding))


@pytest.mark.parametrize("code", ['(format t "~{~a~^, ~}" list)', "a = ~{b}", "~{ ~}", 'x =~ "~{1~}"'])
def test_tildes_and_braces_are_no_chinese(code):
    assert decode(code.encode()) == code


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_undecodable(data):
    try:
        text = decode(data)
    except Undecodable:
        return
    text.encode()
    assert clean(text) == text
