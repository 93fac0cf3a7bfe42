"""Formats an audit's page as Markdown; pictures are files beside it."""

from __future__ import annotations

from collections.abc import Mapping

from ....engine.shown import in_markdown, one_line
from .page import Page, Table


def markdown(page: Page, files: Mapping[str, str]) -> str:
    """The page's text; `files` has each picture's file name by its description."""
    lines = [f"# {in_markdown(page.title)}", "", in_markdown(page.subtitle), "", f"**{in_markdown(page.headline)}**"]
    for section in page.sections:
        lines += ["", f"## {in_markdown(section.title)}", ""]
        lines += [f"- {_words(line)}" for line in section.lines]
        for each in section.tables:
            lines += ["", *_table(each)]
        for words, _ in section.pictures:
            lines += ["", f"![{in_markdown(words)}]({files[words]})"]
    return "\n".join(lines) + "\n"


def _words(line: str) -> str:
    """A sentence in Markdown; text between backticks stays code."""
    parts = line.split("`")
    if len(parts) % 2 == 0:
        return in_markdown(line)
    return "".join(f"`{one_line(part)}`" if number % 2 else _joint(part) for number, part in enumerate(parts))


def _joint(part: str) -> str:
    """A part of a sentence in Markdown, keeping the spaces at its ends."""
    kept = in_markdown(part)
    return f"{' ' if part[:1] == ' ' else ''}{kept}{' ' if part[-1:] == ' ' and kept else ''}"


def _table(each: Table) -> list[str]:
    title = [f"{in_markdown(each.title)}:", ""] if each.title else []
    return [
        *title,
        "| " + " | ".join(map(in_markdown, each.columns)) + " |",
        "|" + "---|" * len(each.columns),
        *("| " + " | ".join(map(in_markdown, row)) + " |" for row in each.rows),
    ]
