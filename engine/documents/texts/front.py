"""Finds front matter, the lines between two rules at the start of a Markdown text, and the title in it."""

from __future__ import annotations

import re

from ..building import one_line

_LONGEST = 200_000
_RULES = {"---": ("---", "..."), "+++": ("+++",)}
# What an unindented line of YAML begins with; between two rules that part sections, there is prose.
_YAML = re.compile(r"\s|$|[#\]}-]|[\"']?[\w./-][\w ./-]*[\"']?[ \t]*:(?:\s|$)")


def without_front_matter(text: str) -> str:
    """The text with spaces in place of its front matter, so that offsets stay; unchanged if there is nothing else."""
    end = front_matter(text)[1]
    return re.sub(r"[^\n]", " ", text[:end]) + text[end:] if text[end:].strip() else text


def front_matter(text: str) -> tuple[str, int]:
    """(title, where the text after the front matter starts): YAML between `---`, TOML between `+++`; else ("", 0)."""
    first = text[:200].split("\n", 1)[0].rstrip()
    if first not in _RULES:
        return "", 0
    lines = text[:_LONGEST].split("\n")
    end = next((place for place, line in enumerate(lines) if place and line.rstrip() in _RULES[first]), 0)
    if not end or (first == "---" and not (lines[1].strip() and all(map(_YAML.match, lines[1:end])))):
        return "", 0
    return _title(lines[1:end]), min(len(text), sum(len(line) + 1 for line in lines[: end + 1]))


def _title(lines: list[str]) -> str:
    for place, line in enumerate(lines):
        name, mark, value = line.partition(":")
        if name.rstrip().lower() != "title" or not mark:
            name, mark, value = line.partition("=")
        if name.rstrip().lower() != "title" or not mark:
            continue
        value = value.strip()
        if value.rstrip("+-0123456789") in ("", ">", "|"):
            # A folded value: the indented lines that follow.
            value = " ".join(_indented(lines[place + 1 :]))
        quote = value[:1]
        if quote in ("'", '"') and value.endswith(quote) and len(value) > 1:
            value = value[1:-1].replace("''", "'") if quote == "'" else value[1:-1].replace('\\"', '"')
        return one_line(value)
    return ""


def _indented(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if not line[:1].isspace():
            break
        found.append(line.strip())
    return found
