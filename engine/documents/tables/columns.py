"""Chooses the columns of a table that hold the text and the title; turns values of every type into text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from unicodedata import normalize

from ...errors import UnreadableDocument

# Names of columns with the text, and with its title, the likeliest first; a line has a word in several languages.
_TEXTS = """
    text textcontent full_text texte texto testo tekst текст 文本 テキスト 텍스트 النص
    content inhalt contenu contenido conteúdo contenuto содержание 内容 內容 내용 المحتوى
    contents
    body 正文 本文 본문
    passage
    sentence
    document
    article
    abstract 摘要
    answer antwort réponse respuesta resposta risposta ответ 答案 回答 답변 الإجابة
    context
    description beschreibung descripción descrição descrizione описание 描述 説明 설명 الوصف
"""
_TITLES = """
    title titel titre título titolo заголовок 标题 標題 题目 タイトル 題名 제목 العنوان
    headline überschrift 見出し
    heading
    name nom nome название 名称 名前 이름 الاسم
    subject betreff asunto assunto oggetto 主题 件名
    question frage pregunta pergunta domanda вопрос 问题 質問 질문 السؤال
"""
TEXT_NAMES = {name: place for place, names in enumerate(_TEXTS.strip().split("\n")) for name in names.split()}
TITLE_NAMES = {name: place for place, names in enumerate(_TITLES.strip().split("\n")) for name in names.split()}
_CHAT_NAMES = ("messages", "conversations", "conversation", "dialogue", "dialog", "turns", "chat", "mapping")
_ROLES = ("role", "from", "speaker", "author", "sender")
_SAID = ("content", "value", "text", "message", "utterance", "parts")
_DEEPEST = 6
_DEEPEST_VALUE = 40
# A name that numbers one object among others.
_ID = re.compile(r"\d+|(?=[^\d]*\d)[\w-]{16,}")
_SPACED = re.compile(r"\s")
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_ADDRESS = re.compile(r"(?:https?|ftp|file)://\S+|[^\s@]+@[^\s@]+\.\w+")

Row = Mapping[str, Any]


def choose(rows: Iterable[Row]) -> str:
    """The column that holds the text, as a dotted path.

    A column called text, content, body or similar comes first, then a conversation, then the one with the most prose.

    Raises:
        UnreadableDocument: no row has any text.

    """
    prose: dict[str, float] = {}
    filled: dict[str, int] = {}
    for row in rows:
        for path, value in _leaves(row):
            text = as_text(value)
            prose[path] = prose.get(path, 0.0) + _prose(text)
            filled[path] = filled.get(path, 0) + bool(text.strip())
    candidates = [path for path in filled if filled[path] and prose[path]]
    if not candidates:
        raise UnreadableDocument("it has no column with text")

    def rank(path: str) -> tuple[int, int, float]:
        names = path.split(".")
        name = plain(names[-1])
        known = TEXT_NAMES.get(name, len(TEXT_NAMES))
        if name in _CHAT_NAMES and known == len(TEXT_NAMES):
            known -= 1
        return (known, len(names) if known < len(TEXT_NAMES) else 0, -prose[path])

    return min(candidates, key=rank)


def is_record(row: Row) -> bool:
    """Whether a single object is a text or a conversation with what belongs to it: that is most of its words."""
    try:
        path = choose([row])
    except UnreadableDocument:
        return False
    known = plain(path) in TEXT_NAMES or plain(path) in _CHAT_NAMES
    return known and 2 * prose_of(value_at(row, path)) > prose_of(row)


def plain(name: str) -> str:
    """A column's name for comparison."""
    return normalize("NFC", name.strip().lower())


def value_at(row: Row, path: str) -> Any:
    """The value of a column, or None; a dotted path leads into objects."""
    if path in row:
        return row[path]
    here: Any = row
    for name in path.split("."):
        if not isinstance(here, Mapping) or name not in here:
            return None
        here = here[name]
    return here


def has_column(row: Row, path: str) -> bool:
    """Whether the row has the column, even if it is empty."""
    if path in row:
        return True
    above, _, name = path.rpartition(".")
    holder = value_at(row, above) if above else row
    return isinstance(holder, Mapping) and name in holder


def title_columns(rows: Iterable[Row], column: str) -> tuple[str, ...]:
    """The columns called title, name or similar as dotted paths, first those in the same object as the text."""
    paths = dict.fromkeys(path for row in rows for path in paths_of(row) if path != column)
    beside = column.rpartition(".")[0]
    found = []
    for path in paths:
        above, _, name = path.rpartition(".")
        place = TITLE_NAMES.get(plain(name))
        if place is not None and above in ("", beside):
            found.append((above != beside, place, path))
    return tuple(path for *_, path in sorted(found))


def title_of(row: Row, titles: Iterable[str]) -> str:
    """The first value of the title columns that is text, "" if none is."""
    for path in titles:
        value = value_at(row, path)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def paths_of(row: Row) -> list[str]:
    """The columns of a row; those inside objects as dotted paths."""
    return [path for path, _ in _leaves(row)]


def as_text(value: Any, depth: int = 0) -> str:
    """A value as text: a string unchanged, a list with one item per line, a conversation as who said what.

    Any other object gives the texts in it, without punctuation.
    """
    if isinstance(value, str):
        return value
    if value is None or depth > _DEEPEST_VALUE:
        return ""
    if isinstance(value, list):
        # Texts among objects are the pieces of one, parted by its links and names.
        whole = any(isinstance(item, str) for item in value) and any(isinstance(item, Mapping) for item in value)
        return ("" if whole else "\n").join(filter(None, (as_text(item, depth + 1) for item in value)))
    if not isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    said = next((as_text(value[name], depth + 1) for name in _SAID if name in value), None)
    if said is None:
        return as_text([item for item in value.values() if isinstance(item, (str, list, Mapping))], depth + 1)
    role = next(filter(None, map(_name_of, (value.get(name) for name in _ROLES))), "")
    return f"{role}: {said}" if role and said else said


def _name_of(speaker: Any) -> str:
    """The role or name of who says something; "" if it is told by a number."""
    if isinstance(speaker, Mapping):
        speaker = speaker.get("role") or speaker.get("name")
    return speaker if isinstance(speaker, str) else ""


def _leaves(row: Row, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and value and depth < _DEEPEST and not all(map(_ID.fullmatch, value)):
            yield from _leaves(value, f"{path}.", depth + 1)
        else:
            yield path, value


def prose_of(value: Any, depth: int = 0) -> float:
    """How much prose there is in all texts of a value."""
    if isinstance(value, str):
        return _prose(value)
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return sum(prose_of(each, depth + 1) for each in inside) if depth < _DEEPEST_VALUE else 0.0


def _prose(text: str) -> float:
    """How much of a text is prose: its length, reduced for addresses and single words, 0 without letters."""
    if not text or not any(map(str.isalpha, text[:1000])):
        return 0.0
    if _ADDRESS.fullmatch(text.strip()):
        return 0.01 * len(text)
    return len(text) * (1.0 if _SPACED.search(text.strip()) or _WITHOUT_SPACES.search(text) else 0.2)
