"""The kit that ships: short texts on everyday subjects in fourteen languages, written for this, never trained on."""

from __future__ import annotations

from ....engine.paths import assets_folder
from ...benchmarks import load
from ..targets import Question
from .kit import Kit, Passage
from .nonsense import nonsense

NAME = "the bundled kit"


def bundled_kit() -> Kit:
    """The demo collection, whose passages are its sentences, as `evaluate` has them.

    Raises:
        DataError: it did not ship with this installation.
    """
    benchmark = load("demo")
    passages = []
    for item in benchmark.pool:
        topic, code, _ = item.id.rsplit("-", 2)
        passages.append(Passage(item.id, code, item.text, item.title, f"{topic}.{code}.md"))
    folder = assets_folder() / "demo" / "passages"
    texts = {}
    for name in dict.fromkeys(each.document for each in passages):
        topic, code, _ = name.split(".")
        texts[name] = (folder / code / f"{topic}.md").read_text("utf-8")
    questions = tuple(
        Question(f"{query.id}-{query.language}", query.language, query.text, query.id) for query in benchmark.queries
    )
    return Kit(NAME, questions, tuple(passages), benchmark.relevant, tuple(texts.items()), nonsense(questions))
