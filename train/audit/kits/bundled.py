"""The kit that ships: short texts on everyday subjects in fourteen languages, written for this, never trained on."""

from __future__ import annotations

from ...benchmarks import load, text_folders
from ..targets import Question
from .kit import Kit, Passage
from .nonsense import nonsense

NAME = "the bundled kit"


def bundled_kit() -> Kit:
    """The demo collection and more of its kind; passages are sentences, as `evaluate --benchmark kit` has them.

    Raises:
        DataError: it did not ship with this installation.
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
