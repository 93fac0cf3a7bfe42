"""A recipe and a seed give the batches that they always gave: digests of whole runs, written down once."""

from __future__ import annotations

import hashlib
import json

import pytest
from hybrid_search.train.data.prepared import prepare
from hybrid_search.train.settings.config import RunConfig, SourceConfig

from tests.support import tiny_models

BATCHES = 30
TOPICS = tiny_models.CONCEPTS


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Questions on short passages, questions with answers in long ones, and sentences of texts with translations."""
    folder = tmp_path_factory.mktemp("recipes")
    asked, found, bitext = [], [], []
    for row in range(80):
        words = dict(zip(tiny_models.LANGUAGES, TOPICS[row % len(TOPICS)], strict=True))
        other = dict(zip(tiny_models.LANGUAGES, TOPICS[(row + 5) % len(TOPICS)], strict=True))
        codes = tiny_models.LANGUAGES if row % 3 else tiny_models.LANGUAGES[:2]
        asked.append({"id": f"a{row}", "question": {c: f"{words[c]} {row}?" for c in codes},
                      "passage": {c: f"{row} {words[c]} {row}." for c in codes},
                      "negative": {c: f"{other[c]} {row + 1000}" for c in codes}})  # fmt: skip
        found.append({"id": f"b{row}", "title": f"text {row // 4}",
                      "question": {c: f"Where is {words[c]} number {row} of this place?" for c in codes},
                      "passage": {c: f"First, {other[c]} {row} stands here alone. The {words[c]} {row} is far away. "
                                     f"After that, {other[c]} comes again in {row} hours." for c in codes},
                      "answer": {c: f"{words[c]} {row}" for c in codes}})  # fmt: skip
        bitext.append(
            {
                "id": f"c{row}",
                "document": f"text {row // 10}",
                "text": {c: f"{words[c]} and {other[c]} and then {words[c]} number {row} again" for c in codes},
            }
        )
    made = {}
    for name, rows in (("asked", asked), ("found", found), ("bitext", bitext)):
        made[name] = str(folder / f"{name}.jsonl")
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return made


def recipes(files):
    plain = RunConfig(name="same", sources=(SourceConfig(files["asked"]),), steps=BATCHES, batch_size=8)
    several = (
        SourceConfig(files["asked"], holdout=7),
        SourceConfig(files["found"], mono=2, crop="answer", negatives="siblings"),
        SourceConfig(files["bitext"], cross=3, spans=0.5, neighbourhood=0.3, negatives="siblings"),
    )
    return {
        "mono": plain.replace(batches="mono"),
        "cross": plain.replace(batches="cross", seed=3),
        "hybrid": plain.replace(alpha=0.5, seed=7),
        "hybrid, languages of a batch at once, weights": plain.replace(
            alpha=0.25, pairing="batch", languages={"de": 3.0, "*": 1.0}
        ),
        "three sources": plain.replace(sources=several, seed=1),
        "three sources and a teacher": plain.replace(
            sources=several, seed=2, distill=0.5, languages={"en": 1, "es": 1}
        ),
    }


def content_of(config):
    """A digest of everything that batches are made of; places of files do not count."""
    data = prepare(config)
    hashed = hashlib.blake2b(digest_size=12)
    for number in range(BATCHES):
        batch = data.batches.batch(number)
        texts = data.assembler.texts(batch)
        others = data.assembler.translations(batch, 1, config.language_weights)
        hashed.update(json.dumps([batch.kind, batch.number, *batch.picks, vars(texts), others]).encode())
    return hashed.hexdigest()


RECORDED = {
    "mono": "b517d156cbb6cd8f284d2deb",
    "cross": "061bc2832856d37db853d0b0",
    "hybrid": "ae9dc2799c7b64d3f80e4d37",
    "hybrid, languages of a batch at once, weights": "55d4bba16e975b7af05fb4f6",
    "three sources": "9743ec56f7fde1701768a86c",
    "three sources and a teacher": "ed3040bb4838e0c12d9297c6",
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recipe_gives_the_batches_that_it_always_gave(files, name):
    assert content_of(recipes(files)[name]) == RECORDED[name]


def test_every_recipe_is_recorded(files):
    assert set(recipes(files)) == set(RECORDED)
