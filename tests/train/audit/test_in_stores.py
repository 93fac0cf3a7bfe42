"""Collections of vectors as targets: whatever the store, the answers are those of comparing every vector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from hybrid_search.train.audit.auditing import audit
from hybrid_search.train.audit.kits import Kit, Passage
from hybrid_search.train.audit.targets import Options, Question, TargetError, in_stores, open_target

from tests.conftest import CONCEPTS, KeywordEncoder
from tests.support import filled_stores
from tests.support.filled_stores import LANGUAGES, TEXTS

QUESTIONS = [
    Question(f"{concept}-{code}", code, words[place], concept)
    for concept, words in CONCEPTS.items()
    for code, place in LANGUAGES.items()
]


class Distinct(KeywordEncoder):
    """No two texts are equally near to a question, so that there is one order."""

    def _encode(self, texts):
        vectors = super()._encode(texts)
        for row, text in enumerate(texts):
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")
            vectors[row] += 0.05 * np.random.default_rng(seed).standard_normal(self.dimension)
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


MADE = Distinct(bias=2.0).encode_document(list(TEXTS.values()))


@pytest.fixture(scope="module", params=filled_stores.ALL)
def name(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with filled_stores.ALL[request.param](tmp_path_factory.mktemp(request.param), MADE) as made:
        yield made


def options(encoder: KeywordEncoder) -> Options:
    return Options(load=lambda _: encoder, encoder=encoder.name)


def test_every_store_answers_as_the_encoder_itself_ranks(name: str):
    encoder = Distinct(bias=2.0)
    target = open_target(name, options(encoder))
    try:
        target.prepare(QUESTIONS)
        assert encoder.calls == len(QUESTIONS)
        for question, query in zip(QUESTIONS, encoder.encode_query([each.text for each in QUESTIONS]), strict=True):
            found = target.ask(question, 5)
            cosines = [float(MADE[list(TEXTS).index(answer.id)] @ query) for answer in found]
            np.testing.assert_allclose(cosines, np.sort(MADE @ query)[::-1][:5], atol=1e-5)
            assert all((answer.text, answer.language) == (TEXTS[answer.id], answer.id[-2:]) for answer in found)
            assert found[0].source == f"{found[0].id}.md"
        assert dict(target.languages()) == dict.fromkeys(LANGUAGES, 2 * len(CONCEPTS))
    finally:
        target.close()


def kit() -> Kit:
    """The concepts as questions, and as passages in every language."""
    passages = tuple(Passage(key, key[-2:], text) for key, text in TEXTS.items())
    relevant = tuple(
        tuple(row for row, key in enumerate(TEXTS) if key.startswith(question.group)) for question in QUESTIONS
    )
    return Kit("concepts", tuple(QUESTIONS), passages, relevant)


def test_an_audit_of_any_store_has_the_figures_of_the_encoder_itself(name: str):
    encoder = Distinct(bias=2.0)
    here = audit("encoder:biased", kit(), options(encoder), mend=False)
    there = audit(name, kit(), options(encoder), mend=False)
    assert here.judged is not None and there.judged is not None
    for key, values in here.values().items():
        for question, value in values.items():
            assert there.values()[key][question] == pytest.approx(value, abs=1e-4), (key, question)


def test_a_large_collection_is_not_ranked_whole(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(in_stores, "_RANKED_WHOLE", len(TEXTS) - 1)
    target = open_target(name, options(KeywordEncoder()))
    assert target.depth == 100
    target.close()


def test_the_encoder_has_to_be_the_one_that_made_the_vectors(name: str):
    with pytest.raises(TargetError, match="which encoder made them"):
        open_target(name, Options(load=lambda _: KeywordEncoder()))
    other = KeywordEncoder()
    other.dimension = 3
    with pytest.raises(TargetError, match="vectors of 13 numbers, keyword gives 3"):
        open_target(name, options(other))
