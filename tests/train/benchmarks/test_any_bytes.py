"""Whatever the bytes of a benchmark's files are, they give a benchmark of texts or an error in words."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks.loading import load
from hypothesis import given, settings
from hypothesis import strategies as st

KEYS = (
    "data paragraphs context qas id question answers answer_start text title _id passage answer query-id corpus-id "
    "score sentences sentence_breaks is_impossible en de"
)
TEXTS = st.sampled_from(["", "q1", "d1", "en", "Bread. Ice.", "\ud800"])
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=6)
    ),
    max_leaves=12,
)
CELLS = st.sampled_from(
    ["q1", "d1", "1", "0.5", "nan", "é", "Q0", "query-id", "score", '"', "\t", " ", ",", "\n", "\r\n"]
)
ANSWERS = st.one_of(
    st.lists(st.fixed_dictionaries({}, optional={"text": PLAIN, "answer_start": PLAIN}), max_size=2),
    st.fixed_dictionaries({"text": st.lists(TEXTS, max_size=2), "answer_start": st.lists(PLAIN, max_size=2)}),
    VALUES,
)
ASKED = st.fixed_dictionaries({"id": TEXTS | PLAIN, "question": TEXTS | PLAIN, "answers": ANSWERS})
PARAGRAPHS = st.fixed_dictionaries(
    {"context": TEXTS | PLAIN, "qas": st.lists(ASKED, max_size=2) | VALUES},
    optional={"sentences": VALUES, "sentence_breaks": VALUES | st.just([[0, 5]])},
)
SQUAD = st.builds(lambda each: {"data": [{"paragraphs": each}]}, st.lists(PARAGRAPHS, max_size=2))
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
CONTENT = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda value: json.dumps(value).encode(), VALUES | SQUAD | st.lists(ASKED)),
    st.builds(lambda values: "\n".join(map(json.dumps, values)).encode(), st.lists(VALUES, max_size=3)),
    st.builds(lambda cells, encoding: "".join(cells).encode(encoding), st.lists(CELLS, max_size=20), ENCODINGS),
    st.builds(lambda data, cut: gzip.compress(data)[: -cut or None], st.binary(max_size=30), st.integers(0, 20)),
)
WHOLE = {
    "corpus.jsonl": b'{"_id": "d1", "text": "Bread."}\n',
    "queries.jsonl": b'{"_id": "q1", "text": "why?"}\n',
    "qrels.test.tsv": b"q1\td1\t1\n",
}


@pytest.mark.parametrize(
    "name", [*WHOLE, "topics.dev.tsv", "qrels.test.jsonl", "en.json", "dev.json", "rows.jsonl", "rows.jsonl.gz"]
)
@given(content=CONTENT)
@settings(max_examples=40, deadline=None)
def test_no_bytes_raise_anything_but_an_error_in_words(name: str, content: bytes):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if name.startswith(("corpus", "queries", "qrels", "topics")):
            for other, whole in WHOLE.items():
                if not (name.startswith("qrels") and other.startswith("qrels")):
                    (place / other).write_bytes(whole)
        (place / name).write_bytes(content)
        try:
            made = load(place / name if name.startswith("rows") else place)
        except DataError as error:
            assert error.hint, "the next step is said"
        else:
            assert made.digest
            assert {type(text) for text in [*made.query_texts(), *made.pool_texts()]} == {str}
