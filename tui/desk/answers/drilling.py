"""Lists the questions behind a figure of an evaluation, worst first, with what each lost to language."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ....engine.encoders import BM25
from ....engine.errors import DataError
from ..requests import Later, Operation, Request
from .judging import Keeper

if TYPE_CHECKING:
    from ....train.benchmarks import Benchmark
    from ....train.drill import Cell, Scores

MOST = 300
# Benchmarks, and encoders' scores on them, that stay in memory.
_KEPT = 4


class Drilling:
    """The operation that lists the questions of a cell.

    Args:
        desk: keeps the encoders.
    """

    def __init__(self, desk: Keeper) -> None:
        self._desk = desk
        self._benchmarks: OrderedDict[tuple[str, str, int], Benchmark] = OrderedDict()
        self._scores: OrderedDict[tuple[str, str], tuple[Scores, Scores | None]] = OrderedDict()

    def operations(self) -> Mapping[str, Operation]:
        """The operations by the names that requests use."""
        return {"drill": self.drill}

    def drill(
        self,
        request: Request,
        encoder: str,
        benchmark: str,
        asked: str,
        read: str,
        data: str = "",
        questions: int = 0,
        digest: str = "",
        against: str = "",
    ) -> Any:
        """The questions of a cell; with `against`, those first on which the encoder does worst compared with it.

        Raises:
            DataError: the benchmark is gone, or does not match the digest.
        """
        request.tell(words=f"reading {benchmark}…")
        found = self._benchmark(benchmark, data, questions)
        if digest and found.digest != digest:
            raise DataError(
                f"{found.name} has changed since it was measured.", hint="Measure again (^r), then open the cell."
            )
        request.check()
        names = [encoder, *([against] if against else [])]
        scores = {name: self._of(found, name, request) for name in names}

        def finish() -> dict[str, Any]:
            from ....train.drill import cell

            cells = {
                name: cell(found, asked, read, given, neutral, request.check)
                for name, (given, neutral) in scores.items()
            }
            return _plain(cells[encoder], cells.get(against))

        return Later(finish)

    def _benchmark(self, benchmark: str, data: str, questions: int) -> Benchmark:
        from ....train.benchmarks import load

        # The benchmark is read again, which is cheap, since its file may have changed.
        found = load(benchmark, data or None, questions=questions or None)
        key = benchmark, data, questions
        kept = self._benchmarks.get(key)
        if kept is None or kept.digest != found.digest:
            self._benchmarks[key] = found
        while len(self._benchmarks) > _KEPT:
            self._benchmarks.popitem(last=False)
        return self._benchmarks[key]

    def _of(self, benchmark: Benchmark, name: str, request: Request) -> tuple[Scores, Scores | None]:
        from ....train.drill import by_vectors, by_words
        from ....train.measure import encode_benchmark, neutralised

        if name == BM25:
            key = benchmark.digest, name
        else:
            model = self._desk.encoder(name, request)
            key = benchmark.digest, model.fingerprint
        if key not in self._scores:
            if name == BM25:
                self._scores[key] = by_words(benchmark), None
            else:

                def told(stage: str, done: int, total: int) -> None:
                    request.check()
                    request.count(words=f"{name}: {stage} · {done:,} of {total:,}")

                queries, pool = encode_benchmark(model, benchmark, told)
                self._scores[key] = by_vectors(queries, pool), by_vectors(*neutralised(benchmark, queries, pool))
        self._scores.move_to_end(key)
        while len(self._scores) > _KEPT:
            self._scores.popitem(last=False)
        return self._scores[key]


def _plain(found: Cell, against: Cell | None) -> dict[str, Any]:
    rows = [
        {**vars(row), "language": row.language, "meaning": row.meaning, "other": None, "number": number}
        for number, row in enumerate(found.rows)
    ]
    if against is not None:
        others = {row.id: row.precision for row in against.rows}
        for each in rows:
            each["other"] = others.get(each["id"])
        rows.sort(key=lambda each: (each["precision"] - (each["other"] or 0.0), each["number"]))
    return {
        "asked": found.asked,
        "read": found.read,
        "precision": found.precision,
        "other": None if against is None else against.precision,
        "places": found.places(),
        "questions": len(rows),
        "unanswered": found.unanswered,
        "rows": rows[:MOST],
    }
