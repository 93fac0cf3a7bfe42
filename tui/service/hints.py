"""Rewrites next steps for the app: a command or an option becomes what does the same there."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z`])")
_SHELL = re.compile(r"`(?:hybrid-search|push)\b[^`]*`|(?<![\w-])--[a-z]")
_HERE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"`hybrid-search index [^`]*--encoder [^`]*`", "e on the Library screen (F3)"),
        (
            r"`hybrid-search index DIR` makes one\b",
            "i on the Library screen (F3) makes one, o there opens another one or the demo",
        ),
        (r"`hybrid-search index DIR`", "i on the Library screen (F3)"),
        (r"`hybrid-search check[^`]*`", "v on the Library screen (F3)"),
        (
            r"name it in a command: `hybrid-search search QUESTION --encoder '[^`]*'`; in Python, [^.]*",
            "c on Compare (F2), then / and its name, allows it",
        ),
        (r"`hybrid-search encoders(?: list)?`", "c on Compare (F2)"),
        (r"`hybrid-search (?:status|remove)[^`]*`", "the Library screen (F3)"),
        (r"`hybrid-search train`", "Train (F5)"),
        (r"`hybrid-search runs`", "Runs (F7)"),
        (r"Name another place with --library\b", "o on the Library screen (F3) opens another place"),
        (
            r"Give its folder with --data, or download it with --fetch\b",
            "Name its folder in the form; `hybrid-search evaluate --fetch` downloads it in a terminal",
        ),
        (r"with --encoder bm25\b", "with the column bm25 (c on Compare)"),
        (r"--data\b", "the form's line for data"),
        (r"--batches (\w+)", r"the batches “\1”"),
        (r"--batch-size\b", "batch size"),
    )
)


def for_the_app(text: str) -> str:
    """The text with the app's keys in place of commands; other commands are marked as for a terminal."""
    return " ".join(_said(sentence) for sentence in _SENTENCE.split(text)) if _SHELL.search(text) else text


def _said(sentence: str) -> str:
    for pattern, words in _HERE:
        sentence = pattern.sub(words, sentence)
    if _SHELL.search(sentence) and "in a terminal" not in sentence:
        return f"In a terminal: {sentence}"
    return sentence[:1].upper() + sentence[1:] if re.match(r"the [a-z]", sentence) else sentence
