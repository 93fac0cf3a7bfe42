"""Missing prompts are measured on the spot: by an encoder, in a store, and for what is asked from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.encoders import Prompted
from hybrid_search.engine.encoders.prompts import family_named
from hybrid_search.engine.library import Library
from hybrid_search.train.audit.auditing import Audit, audit
from hybrid_search.train.audit.pages.page import page_of
from hybrid_search.train.audit.remedies import Remedy
from hybrid_search.train.audit.targets import Options

from tests.conftest import KeywordEncoder
from tests.support import filled_stores
from tests.support.filled_stores import TEXTS
from tests.train.audit.test_in_stores import kit

KIT = kit()
E5 = {"query": "query: ", "document": "passage: "}
NONE = {"query": "", "document": ""}


class Worded(KeywordEncoder):
    """An encoder that leans towards scripts unless the words of its family stand before a text."""

    def __init__(self, prompts: Mapping[str, str], made_from: str = "multilingual-e5-small", *, best=E5) -> None:
        super().__init__("worded")
        self.prompts = dict(prompts)
        self.origins = ("worded", made_from)
        self.best = best
        self.fingerprint = f"worded-{sorted(prompts.items())}-{made_from}"

    def encode_after(
        self, prompt: str, texts: Sequence[str], kind: str, progress: Callable[[int], None] | None = None
    ) -> np.ndarray:
        self.bias = 0.2 if prompt == self.best[kind] else 20.0
        found = self._encode([f"{prompt}{text}" for text in texts])
        if progress is not None:
            progress(len(texts))
        return found

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode_after(self.prompts["query"], texts, "query")

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        return self.encode_after(self.prompts["document"], texts, "document", progress)


def audited(place: str, encoder: KeywordEncoder, named: str | None = None) -> Audit:
    options = Options(load=lambda _, **__: encoder, encoder=encoder.name if named is None else named)
    return audit(place, KIT, options)


def prompts_in(found: Audit) -> Remedy | None:
    return next((each for each in found.remedies if each.key == "prompts"), None)


def helped(remedy: Remedy | None) -> Remedy:
    """The remedy, measured: less pull, and more found."""
    assert remedy is not None and remedy.figures is not None and remedy.difference is not None, remedy
    assert remedy.difference.mean > 0
    return remedy


def test_the_encoder_of_the_tests_is_one_with_prompts():
    assert isinstance(Worded(NONE), Prompted)
    assert (family := family_named("e5")) is not None and (family.query, family.document) == tuple(E5.values())


def test_an_encoder_that_leaves_its_prompts_out_is_asked_with_them():
    found = audited("encoder:worded", Worded(NONE))
    remedy = helped(prompts_in(found))
    assert remedy.without is None and remedy.figures is not None
    assert remedy.figures.pull.value < found.unjudged.pull.value
    assert (
        "worded was trained with 'query: ' before every question and 'passage: ' before every passage" in remedy.words
    )
    # The figures are those of an audit of the encoder as it should be.
    better = audited("encoder:worded", Worded(E5))
    assert better.judged is not None
    assert remedy.figures.multi.value == pytest.approx(better.judged.result.summary()["multi"], abs=0.02)
    assert remedy.figures.pull.value == pytest.approx(better.unjudged.pull.value)


@pytest.mark.parametrize(
    "encoder", [Worded(E5), Worded(NONE, "unheard-of"), KeywordEncoder()], ids=["has", "?", "none"]
)
def test_where_none_is_missing_nothing_is_said_of_prompts(encoder):
    assert prompts_in(audited("encoder:worded", encoder)) is None


def test_a_library_is_compared_by_the_encoder_alone(tmp_path: Path):
    (tmp_path / "texts.jsonl").write_text("".join(f'{{"text": "{text}"}}\n' for text in TEXTS.values()), "utf-8")
    encoder = Worded(NONE)
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "texts.jsonl"], encoders=[encoder])
    remedy = helped(prompts_in(audited(str(tmp_path / "library"), encoder)))
    assert remedy.without is not None and remedy.without.pull.value > remedy.figures.pull.value


# -- stores


def stored(tmp_path: Path, made: np.ndarray):
    return filled_stores.npy(tmp_path, made)


def test_stored_vectors_that_were_made_without_prompts_are_found_out(tmp_path: Path):
    named = Worded(E5)
    with stored(tmp_path, named.encode_after("", list(TEXTS.values()), "document")) as place:
        found = audited(place, named)
    remedy = helped(prompts_in(found))
    assert remedy.without is not None and "The stored vectors were made without 'passage: '." in remedy.words
    rows = (
        next(section for section in page_of(found).sections if section.title == "What would reduce it").tables[0].rows
    )
    assert [row[0] for row in rows if "prompts" in row[0]] == [
        "the encoder alone, without its prompts",
        "the encoder alone, with its own prompts",
    ]
    assert any(" with and " in line and " without" in line for line in found.verdict.remedies)


def test_stored_vectors_that_were_made_with_prompts_need_none(tmp_path: Path):
    with stored(tmp_path, Worded(E5).encode_document(list(TEXTS.values()))) as place:
        assert prompts_in(audited(place, Worded(E5))) is None


def test_a_store_is_asked_again_where_questions_alone_lack_theirs(tmp_path: Path):
    with stored(tmp_path, Worded(E5).encode_document(list(TEXTS.values()))) as place:
        remedy = helped(prompts_in(audited(place, Worded({"query": "", "document": "passage: "}))))
    assert remedy.without is None
    # Passages of a family that has a prompt for queries alone are stored as they are.
    best = {"query": "Represent this sentence for searching relevant passages: ", "document": ""}
    bge = Worded(NONE, "BAAI/bge-small-en-v1.5", best=best)
    (tmp_path / "bge").mkdir()
    with stored(tmp_path / "bge", bge.encode_document(list(TEXTS.values()))) as place:
        assert helped(prompts_in(audited(place, bge))).without is None


def test_vectors_of_somebody_else_are_no_matter_of_prompts(tmp_path: Path):
    other = np.random.default_rng(0).standard_normal((len(TEXTS), KeywordEncoder().dimension)).astype(np.float32)
    with stored(tmp_path, other) as place:
        remedy = prompts_in(audited(place, Worded(E5)))
    assert remedy is not None and remedy.figures is None and "worded does not give the stored vectors" in remedy.why_not


def test_a_stores_vectors_are_centred_on_the_spot(tmp_path: Path):
    encoder = KeywordEncoder(bias=2.0)
    with stored(tmp_path, encoder.encode_document(list(TEXTS.values()))) as place:
        found = audited(place, encoder)
    remedy = next(each for each in found.remedies if each.key == "centring")
    assert remedy.figures is not None and remedy.figures.pull.value < found.unjudged.pull.value
    alone = next(each for each in audited("encoder:biased", encoder).remedies if each.key == "centring")
    assert alone.figures is not None
    assert remedy.figures.multi.value == pytest.approx(alone.figures.multi.value, abs=0.01)


# -- what is asked from outside


def outside(tmp_path: Path, encoder: KeywordEncoder) -> str:
    """A run of what an encoder answers."""
    names = list(TEXTS)
    scores = (
        encoder.encode_query([each.text for each in KIT.questions]) @ encoder.encode_document(list(TEXTS.values())).T
    )
    lines = [
        f"{question.id} Q0 {names[row]} {rank} {-rank} x\n"
        for question, line in zip(KIT.questions, scores, strict=True)
        for rank, row in enumerate(np.argsort(-line, kind="stable"), 1)
    ]
    (tmp_path / "run.trec").write_text("".join(lines), "utf-8")
    return str(tmp_path / "run.trec")


def test_of_a_run_file_only_a_named_encoder_can_be_tried(tmp_path: Path):
    run = outside(tmp_path, Worded(NONE))
    blind = audited(run, Worded(E5), named="")
    for key, words in (("prompts", "Which encoder gave a run's answers"), ("centring", "A run file contains no")):
        remedy = next(each for each in blind.remedies if each.key == key)
        assert remedy.figures is None and words in remedy.why_not and "--encoder NAME" in remedy.why_not
    seen = audited(run, Worded(E5))
    remedy = helped(prompts_in(seen))
    assert remedy.without is not None and "cannot be seen from outside" in remedy.words
    # The encoder without its prompts is what gave the run.
    assert remedy.without.multi.value == pytest.approx(seen.judged.intervals["multi"].value, abs=0.02)
    centring = next(each for each in seen.remedies if each.key == "centring")
    assert centring.figures is not None and centring.without is not None


def test_a_named_encoder_that_cannot_be_had_is_a_reason_and_no_end(tmp_path: Path):
    from hybrid_search.engine.errors import UnknownEncoder

    def refuse(_name: str):
        raise UnknownEncoder("There is no encoder 'gone'.")

    found = audit(outside(tmp_path, Worded(NONE)), KIT, Options(load=refuse, encoder="gone"))
    assert {each.why_not for each in found.remedies if each.key in ("prompts", "centring", "hybrid")} == {
        "There is no encoder 'gone'."
    }
