"""Collections of vectors as targets: whatever the store, the answers are those of comparing every vector."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hybrid_search.train.audit.targets import Options, Question, TargetError, open_target

from tests.conftest import CONCEPTS, KeywordEncoder
from tests.support import filled_stores
from tests.support.filled_stores import LANGUAGES, TEXTS

QUESTIONS = [
    Question(f"{concept}-{code}", code, words[place], concept)
    for concept, words in CONCEPTS.items()
    for code, place in LANGUAGES.items()
]


@pytest.fixture(scope="module", params=filled_stores.ALL)
def name(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with filled_stores.ALL[request.param](tmp_path_factory.mktemp(request.param), filled_stores.vectors()) as made:
        yield made


def options(encoder: KeywordEncoder) -> Options:
    return Options(load=lambda _: encoder, encoder=encoder.name)


def test_every_store_answers_as_the_encoder_itself_ranks(name: str):
    encoder = KeywordEncoder(bias=2.0)
    made = filled_stores.vectors()
    target = open_target(name, options(encoder))
    try:
        target.prepare(QUESTIONS)
        assert encoder.calls == len(QUESTIONS)
        for question, query in zip(QUESTIONS, encoder.encode_query([each.text for each in QUESTIONS]), strict=True):
            found = target.ask(question, 5)
            cosines = [float(made[list(TEXTS).index(answer.id)] @ query) for answer in found]
            np.testing.assert_allclose(cosines, np.sort(made @ query)[::-1][:5], atol=1e-5)
            assert all((answer.text, answer.language) == (TEXTS[answer.id], answer.id[-2:]) for answer in found)
            assert found[0].source == f"{found[0].id}.md"
        assert dict(target.languages()) == dict.fromkeys(LANGUAGES, 2 * len(CONCEPTS))
    finally:
        target.close()


def test_the_encoder_has_to_be_the_one_that_made_the_vectors(name: str):
    with pytest.raises(TargetError, match="which encoder made its own"):
        open_target(name, Options(load=lambda _: KeywordEncoder()))
    other = KeywordEncoder()
    other.dimension = 3
    with pytest.raises(TargetError, match="vectors of 13 numbers, keyword gives 3"):
        open_target(name, options(other))
