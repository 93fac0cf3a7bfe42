"""Loads the bundled kit: short texts on everyday subjects in fourteen languages, never used for training."""

from __future__ import annotations

from ...benchmarks import load, text_folders
from ..targets import Question
from .kit import Kit, Passage
from .nonsense import nonsense

NAME = "the bundled kit"


def bundled_kit() -> Kit:
    """The demo collection and similar texts; passages are sentences, as in `evaluate --benchmark kit`.

    Raises:
        DataError: this installation does not contain it.
    """
    benchmark = load("kit")
    passages = []
    for item in benchmark.pool:
        topic, code, _ = item.id.rsplit("-", 2)
        passages.append(Passage(item.id, code, item.text, item.title, f"{topic}.{code}.md"))
    texts = {}
    for folder in text_folders("kit"):
        for path in sorted((folder / "passages").glob("*/*.md")):
            texts[f"{path.stem}.{path.parent.name}.md"] = path.read_text("utf-8")
    texts = {name: texts[name] for name in dict.fromkeys(each.document for each in passages)}
    questions = tuple(
        Question(f"{query.id}-{query.language}", query.language, query.text, query.id) for query in benchmark.queries
    )
    return Kit(NAME, questions, tuple(passages), benchmark.relevant, tuple(texts.items()), nonsense(questions))
