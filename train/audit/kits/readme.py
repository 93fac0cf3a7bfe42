"""Writes the README of a kit: what it contains, how to ask its questions, and which forms a run may have."""

from __future__ import annotations

from ....engine.shown import in_markdown
from .kit import Kit

_PAGE = """\
# {name}

{groups} questions in {count} languages ({languages}), {passages} passages in {documents} documents{judged}.
With it you measure whether your search prefers one language to another, whatever it is built with.

## What is here

- `markdown/`: the documents, one file each, as `topic.language.md`. Let your pipeline read and cut them as it does
  others.
- `passages.jsonl`: the same texts, cut into passages: `id`, `language`, `document`, `title`, `text`.
- `questions.jsonl`: `id`, `language`, `question`; translations share a `group`; `relevant` has the ids of the passages
  that answer. Questions with `"answerable": false` are made of shuffled letters: ask them, too.
- `beir/`: the same in BEIR's layout (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`), all languages in one corpus.

Index either the Markdown files or the passages, in one index for all languages, and ask every question.

## Hand the run back

    hybrid-search audit RUN --kit THIS-FOLDER

RUN has your answers to each question, best first, in one of these forms:

- TREC: `QUESTION Q0 PASSAGE RANK SCORE NAME` a line;
- BEIR: one JSON object, `{{"QUESTION": {{"PASSAGE": SCORE}}}}`;
- JSON lines: `{{"question": "QUESTION", "answers": ["PASSAGE", {{"text": "…", "source": "topic.language.md"}}]}}`.

QUESTION is an id of `questions.jsonl`. An answer is known by a passage's id, by the name of a document's file, or by
its text, so that chunks of your own will do. Give at least 20 answers a question, better 100.

Or let it ask: `hybrid-search audit http://localhost:8000/search --kit THIS-FOLDER`, `python:MODULE:FUNCTION`,
`command:LINE`; see `hybrid-search audit --help`.
"""


def readme(kit: Kit) -> str:
    """The page, in Markdown."""
    return _PAGE.format(
        name=in_markdown(kit.name[:1].upper() + kit.name[1:]),
        groups=f"{len(kit.groups):,}",
        count=len(kit.languages),
        languages=", ".join(map(in_markdown, kit.languages)),
        passages=f"{len(kit.passages):,}",
        documents=f"{len(kit.texts):,}",
        judged=" and judgements" if kit.judged else "",
    )
