"""The light path: encodes texts with tokenizers, numpy and ONNX Runtime, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graphs import SENTENCES, bfloat, states
from .graphs import building as graph
from .graphs import cache as graphs
from .guard import guarded, sound
from .prompts import PrefixingEncoder, origins_of
from .protocol import TextsDone, Vectors, texts_of
from .shares import TokenShares, told_apart
from .source import Source
from .tokens import Tokens
from .weights import Floats, damaged

# Tokens in a batch: enough to keep every core busy, few enough to fit its cache.
BUDGET = 4096
# A batch of texts of one length needs no mask, so that attention is faster; with fewer tokens it does not pay off.
UNIFORM = 1024

Ids = NDArray[np.int32]


class LightEncoder(PrefixingEncoder):
    """A BERT-style encoder on ONNX Runtime.

    Args:
        name: the name by which it was loaded.
        source: what it is made of.
        precision: `fp32`, `int8`, or `auto` for the one chosen for this encoder by measurement. `bf16` runs in OpenVINO
            if that is installed and the processor supports it. Otherwise `bf16`, like `fp16`, is computed in fp32, for
            vectors that were made elsewhere: they differ only by the rounding there.
        threads: of the processor's cores; all by default.

    Raises:
        EncoderError: a file of it is missing or damaged.
    """

    def __init__(self, name: str, source: Source, *, precision: str = "auto", threads: int | None = None) -> None:
        self.name = name
        self.source = source
        self.precision = source.precision if precision == "auto" else precision
        self.fingerprint = source.fingerprint(self.precision)
        self.dimension = source.architecture.hidden
        self.prompts = source.prompts
        self.max_tokens = source.max_tokens
        with guarded(source.path):
            self._table = source.table()
            self._tokens = Tokens(source.tokenizer, source.max_tokens, quick=source.quick_tokenizer())
            kept = source.fingerprint("int8" if self.precision == "int8" else "fp32")
            serialised = graphs.fetch(kept, self._graph)
            narrow = self.precision == "bf16" and bfloat.available()
            self._session = bfloat.BfloatSession(serialised, threads) if narrow else _session(serialised, threads)
        self._opened: tuple[states.Opened, Any] | None = None
        if self._tokens.size > self._table.shape[0]:
            raise damaged(
                source.weights,
                f"its tokenizer knows {self._tokens.size:,} tokens, its token table has {self._table.shape[0]:,} rows",
            )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has as a document, with prompt and special tokens, without truncation."""
        given = texts_of(texts)
        with guarded(self.source.weights):
            return self._tokens.count(given, self.source.prompts["document"])

    @property
    def origins(self) -> tuple[str, ...]:
        """Its name, and the names of the models it was made from."""
        return origins_of(self.name, self.source.path, self.source.weights)

    def token_shares(self, text: str, targets: NDArray[Any]) -> TokenShares | None:
        """The products of a passage's vector with targets of shape (m, dimension), split by token.

        None if the encoder's vector is not a mean over tokens.
        """
        if self.source.architecture.pooling != "mean":
            return None
        prompt = self.source.prompts["document"]
        with guarded(self.source.path):
            if self._opened is None:
                opened = states.opened(graphs.fetch(self.fingerprint, self._graph))
                self._opened = opened, _session(opened.graph, 1)
            opened, session = self._opened
            ids, spans = self._tokens.placed(text, prompt)
            self._in_table([ids])
            tokens = session.run([states.STATES], self._feed([ids]))[0][0].astype(np.float64)
        wanted = targets.astype(np.float64).T
        total = tokens.sum(axis=0)
        unit = total / np.linalg.norm(total)
        if opened.turn is None or opened.shift is None:
            return told_apart(spans, len(prompt), tokens @ wanted / np.linalg.norm(total), np.zeros(wanted.shape[1]))
        length = np.linalg.norm(unit @ opened.turn + opened.shift)
        parts = tokens @ (opened.turn @ wanted) / (np.linalg.norm(total) * length)
        return told_apart(spans, len(prompt), parts, opened.shift @ wanted / length)

    def _graph(self) -> bytes:
        shape, weights = self.source.architecture, self.source.layers()
        reach = self._reach(weights) if self.precision == "int8" else None
        return graph.build(shape, weights, "fp32" if reach is None else "int8", reach=reach)

    def _reach(self, weights: Mapping[str, Floats]) -> dict[str, Floats]:
        """The largest magnitude of each input channel of each linear layer, over sentences in many languages."""
        session = _session(graph.build(self.source.architecture, weights, "fp32", probe=True), None)
        names = [output.name for output in session.get_outputs() if output.name.startswith(graph.REACH)]
        reach: list[Floats] = []
        for prompt in set(self.source.prompts.values()):
            for row in self._tokens.encode(SENTENCES, prompt):
                found = session.run(names, self._feed([row]))
                reach = [np.maximum(*pair) for pair in zip(reach or found, found, strict=True)]
        return {name.removeprefix(graph.REACH): far for name, far in zip(names, reach, strict=True)}

    def _encode(self, texts: Sequence[str], prompt: str, progress: TextsDone | None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        with guarded(self.source.weights):
            ids = self._tokens.encode(texts, prompt)
            self._in_table(ids)
        for batch in batches([len(row) for row in ids]):
            with guarded(self.source.path):
                vectors[batch] = sound(self._run([ids[index] for index in batch]), self.source.path)
            if progress is not None:
                progress(len(batch))
        return vectors

    def _in_table(self, ids: Sequence[Ids]) -> None:
        """Refuse token numbers beyond the table, which a tokenizer with changed special tokens may give."""
        rows = self._table.shape[0]
        if not all(len(row) and row.min() >= 0 and row.max() < rows for row in ids):
            raise damaged(self.source.weights, f"its tokenizer gives token numbers beyond its table of {rows:,} rows")

    def _run(self, ids: Sequence[Ids]) -> Vectors:
        found: Vectors = self._session.run(["vectors"], self._feed(ids))[0]
        return found

    def _feed(self, ids: Sequence[Ids]) -> dict[str, Any]:
        """The graph's inputs for one batch; the row of each distinct token is converted to float32 once."""
        lengths = np.array([len(row) for row in ids], dtype=np.int32)
        padded = np.full((len(ids), lengths.max()), ids[0][0], dtype=np.int32)
        for row, own in zip(padded, ids, strict=True):
            row[: len(own)] = own
        distinct, places = np.unique(padded, return_inverse=True)
        return {
            "rows": self._table.rows(distinct.astype(np.int64)),
            "ids": places.reshape(padded.shape).astype(np.int32),
            "lengths": lengths,
        }


def batches(lengths: Sequence[int], budget: int = BUDGET, uniform: int = UNIFORM) -> Iterator[list[int]]:
    """Indices of texts, longest first, in batches of at most `budget` tokens with their padding.

    Once a batch holds `uniform` tokens, it ends where the length changes, so that large collections are encoded without
    padding.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        longest = lengths[batch[0]] if batch else 0
        full = (len(batch) + 1) * longest > budget
        even = len(batch) * longest >= uniform and lengths[index] != lengths[batch[-1]]
        if batch and (full or even):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _session(serialised: bytes, threads: int | None) -> Any:
    """An ONNX Runtime session on the processor, with few optimisations, since the graph is written as it should run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Idle threads sleep, because the interface and the index need the cores, too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(serialised, options, providers=["CPUExecutionProvider"])
