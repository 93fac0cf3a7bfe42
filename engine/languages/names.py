"""The names of languages, in English and in the languages themselves."""

from __future__ import annotations

from ..shown import one_line

UNDETERMINED = "und"

# code: (English name, own name), in the order of writing systems.
NAMES: dict[str, tuple[str, str]] = {
    "af": ("Afrikaans", "Afrikaans"), "az": ("Azerbaijani", "azərbaycanca"), "bs": ("Bosnian", "bosanski"),
    "ca": ("Catalan", "català"), "cs": ("Czech", "čeština"), "cy": ("Welsh", "Cymraeg"), "da": ("Danish", "dansk"),
    "de": ("German", "Deutsch"), "en": ("English", "English"), "eo": ("Esperanto", "Esperanto"),
    "es": ("Spanish", "español"), "et": ("Estonian", "eesti"), "eu": ("Basque", "euskara"),
    "fi": ("Finnish", "suomi"), "fr": ("French", "français"), "ga": ("Irish", "Gaeilge"),
    "gl": ("Galician", "galego"), "ha": ("Hausa", "Hausa"), "hr": ("Croatian", "hrvatski"),
    "hu": ("Hungarian", "magyar"), "id": ("Indonesian", "Indonesia"), "ig": ("Igbo", "Igbo"),
    "is": ("Icelandic", "íslenska"), "it": ("Italian", "italiano"), "la": ("Latin", "latina"),
    "lb": ("Luxembourgish", "Lëtzebuergesch"), "lt": ("Lithuanian", "lietuvių"), "lv": ("Latvian", "latviešu"),
    "mg": ("Malagasy", "Malagasy"), "ms": ("Malay", "Melayu"), "mt": ("Maltese", "Malti"),
    "nb": ("Norwegian Bokmål", "norsk bokmål"), "nl": ("Dutch", "Nederlands"), "nn": ("Norwegian Nynorsk", "nynorsk"),
    "no": ("Norwegian", "norsk"), "om": ("Oromo", "Oromoo"), "pl": ("Polish", "polski"),
    "pt": ("Portuguese", "português"), "ro": ("Romanian", "română"), "rw": ("Kinyarwanda", "Ikinyarwanda"),
    "sk": ("Slovak", "slovenčina"), "sl": ("Slovenian", "slovenščina"), "sn": ("Shona", "chiShona"),
    "so": ("Somali", "Soomaali"), "sq": ("Albanian", "shqip"), "sv": ("Swedish", "svenska"),
    "sw": ("Swahili", "Kiswahili"), "tl": ("Tagalog", "Tagalog"), "tr": ("Turkish", "Türkçe"),
    "uz": ("Uzbek", "oʻzbekcha"), "vi": ("Vietnamese", "Tiếng Việt"), "xh": ("Xhosa", "isiXhosa"),
    "yo": ("Yoruba", "Yorùbá"), "zu": ("Zulu", "isiZulu"),
    "be": ("Belarusian", "беларуская"), "bg": ("Bulgarian", "български"), "kk": ("Kazakh", "қазақ тілі"),
    "ky": ("Kyrgyz", "кыргызча"), "mk": ("Macedonian", "македонски"), "mn": ("Mongolian", "монгол"),
    "ru": ("Russian", "русский"), "sr": ("Serbian", "српски"), "tg": ("Tajik", "тоҷикӣ"),
    "tt": ("Tatar", "татар"), "uk": ("Ukrainian", "українська"),
    "ar": ("Arabic", "العربية"), "fa": ("Persian", "فارسی"), "ku": ("Kurdish", "kurdî"), "ps": ("Pashto", "پښتو"),
    "ug": ("Uyghur", "ئۇيغۇرچە"), "ur": ("Urdu", "اردو"),
    "hi": ("Hindi", "हिन्दी"), "mr": ("Marathi", "मराठी"), "ne": ("Nepali", "नेपाली"), "sa": ("Sanskrit", "संस्कृतम्"),
    "am": ("Amharic", "አማርኛ"), "bn": ("Bengali", "বাংলা"), "as": ("Assamese", "অসমীয়া"), "el": ("Greek", "Ελληνικά"),
    "gu": ("Gujarati", "ગુજરાતી"), "he": ("Hebrew", "עברית"), "hy": ("Armenian", "հայերեն"),
    "ja": ("Japanese", "日本語"), "ka": ("Georgian", "ქართული"), "km": ("Khmer", "ខ្មែរ"), "kn": ("Kannada", "ಕನ್ನಡ"),
    "ko": ("Korean", "한국어"), "lo": ("Lao", "ລາວ"), "ml": ("Malayalam", "മലയാളം"), "my": ("Burmese", "မြန်မာ"),
    "or": ("Odia", "ଓଡ଼ିଆ"), "pa": ("Punjabi", "ਪੰਜਾਬੀ"), "si": ("Sinhala", "සිංහල"), "ta": ("Tamil", "தமிழ்"),
    "te": ("Telugu", "తెలుగు"), "th": ("Thai", "ไทย"), "zh": ("Chinese", "中文"), "yue": ("Cantonese", "粵語"),
    "zh-tw": ("Chinese (traditional)", "繁體中文"), UNDETERMINED: ("undetermined", "—"),
}  # fmt: skip


def name(code: str) -> str:
    """The English name of a language code; the code itself, on one line, if unknown."""
    return one_line(NAMES.get(code.lower(), NAMES.get(code.lower().split("-")[0], (code, code)))[0])


def native_name(code: str) -> str:
    """The language's own name; the code itself if unknown."""
    return NAMES.get(code.lower(), NAMES.get(code.lower().split("-")[0], (code, code)))[1]
