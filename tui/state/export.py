"""Saves a comparison to a file as Markdown, JSON, an HTML page, or a picture of the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...engine.languages import name as language_name
from ...engine.paths import typed
from ...engine.shown import as_json, in_markdown, one_line
from .new_file import why_no_file

FORMS = (".md", ".json", ".html", ".svg")
# A file ending; "v1.2" and "e. coli" have none.
_ENDING = re.compile(r"\.(?=\w*[^\W\d])\w{1,5}")


def markdown(comparison: Mapping[str, Any]) -> str:
    """The comparison as Markdown: a table of bias, then a list for each encoder."""
    code = comparison["query_language"]
    lines = [f"# {in_markdown(comparison['query'])}", ""]
    lines += [f"Question in {language_name(code)} ({code}), top {comparison['k']}.", ""]
    lines += ["| encoder | languages | in the question's language | in the library |", "|---|---|---|---|"]
    for name, ranking in comparison["rankings"].items():
        found = ", ".join(f"{language} {number}" for language, number in ranking["languages"].items())
        lines.append(f"| {in_markdown(name)} | {found} | {ranking['share']:.0%} | {ranking['library_share']:.0%} |")
    for each in comparison["overlap"]:
        first, second = map(in_markdown, each["pair"])
        lines += ["", f"{first} and {second} share {each['shared']} passages (RBO {each['rbo']:.2f})."]
    for name, ranking in comparison["rankings"].items():
        lines += ["", f"## {in_markdown(name)}", ""]
        for hit in ranking["hits"]:
            title = in_markdown(one_line(hit["title"]) or hit["path"])
            lines.append(
                f"{hit['rank']}. `{hit['language']}` {hit['score']:.3f} **{title}** ({in_markdown(hit['path'])})"
            )
    return "\n".join(lines) + "\n"


def refusal(name: str) -> str:
    """Why a comparison cannot be saved under this name, in a sentence; "" if it can."""
    if not name.strip():
        return "Name a file."

    def problem(path: Path) -> str:
        given = typed(name.strip())
        if given.is_dir() or path.is_dir():
            return f"{given} is a folder; name a file in it."
        known = path.suffix.lower() in FORMS
        return "" if known else f"{path.suffix} is none of its forms: .md, .json, .html and .svg are."

    return why_no_file(lambda: _target(name), problem)


def _target(name: str) -> Path:
    """The file of this name, with .md added if it has no ending."""
    path = typed(name.strip()).absolute()
    return path if _ENDING.fullmatch(path.suffix) else path.with_name(path.name + ".md")


def save(name: str, comparison: Mapping[str, Any], picture: Callable[[], str]) -> Path:
    """Write the comparison in the form that the file's ending names (.md by default), in an existing folder.

    An existing file is not overwritten: the name gets a number. Raises OSError.
    """
    path = _target(name)
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    if path.suffix.lower() == ".json":
        text = as_json(comparison, indent=2) + "\n"
    elif path.suffix.lower() == ".html":
        from .web_page import page

        text = page(comparison)
    else:
        text = picture() if path.suffix.lower() == ".svg" else markdown(comparison)
    free.write_text(text, "utf-8")
    return free
