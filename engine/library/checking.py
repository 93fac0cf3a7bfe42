"""A library verified, part by part, and what can be mended mended; nothing is thrown away that cannot be made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import LibraryError
from ..search import Unusable, VectorIndex, exact, refresh, sweep_files
from ..store import NUMBER_BYTES, EncoderRow, Reading, Store, digest_of, unpacked


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, and whether it was mended."""

    problem: str
    repaired: bool


@dataclass(frozen=True)
class CheckReport:
    """What a check found; `checked` counts passages, vectors and index files."""

    findings: tuple[Finding, ...]
    checked: dict[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong any more."""
        return all(finding.repaired for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "ok": self.ok,
            "checked": self.checked,
            "findings": [{"problem": each.problem, "repaired": each.repaired} for each in self.findings],
        }


def check(reading: Reading, store: Store | None, folder: Path, notify: Callable[[str], None]) -> CheckReport:
    """Verify everything; with a `store` to write to, mend what can be mended.

    A database that SQLite finds damaged is only reported.

    Raises:
        LibraryError: the database is so damaged that it cannot be read at all.

    """
    findings: list[Finding] = []
    checked = {"passages": reading.count("passages"), "vectors": 0, "indexes": 0}
    problems = reading.integrity()
    if problems:
        raise LibraryError(
            f"The library's database {reading.path} is damaged ({problems[0]}). It has not been changed.",
            hint="Restore it from a copy, or move it away and index the folders again.",
        )
    _check_texts(reading, findings)
    _check_words(reading, store, findings)
    for encoder in reading.encoders():
        checked["vectors"] += _check_vectors(reading, store, encoder, findings)
        checked["indexes"] += _check_index(
            reading, store, reading.encoder(encoder.fingerprint), folder, findings, notify
        )
    if store is not None:
        findings += [Finding(f"the index file {name} belonged to nothing", True) for name in sweep_files(folder, store)]
    return CheckReport(tuple(findings), checked)


def _check_texts(reading: Reading, findings: list[Finding]) -> None:
    wrong = sum(digest_of(text) != digest for block in reading.text_blocks() for _, digest, text in block)
    if wrong:
        findings.append(
            Finding(f"{wrong:,} texts are not what was stored; remove their folder and index it again", False)
        )


def _check_words(reading: Reading, store: Store | None, findings: list[Finding]) -> None:
    problem = reading.words_problem()
    if problem:
        if store is not None:
            store.enter_words()
        findings.append(Finding(f"the index of words was out of step ({problem})", store is not None))


def _check_vectors(reading: Reading, store: Store | None, encoder: EncoderRow, findings: list[Finding]) -> int:
    number, wrong = 0, []
    for block in reading.raw_vector_blocks(encoder):
        number += len(block)
        right = [row for row in block if len(row[1]) == NUMBER_BYTES * encoder.dimension]
        wrong += [text for text, blob in block if len(blob) != NUMBER_BYTES * encoder.dimension]
        vectors = unpacked([blob for _, blob in right], encoder.dimension)
        norms = np.linalg.norm(vectors, axis=1)
        good = np.isfinite(norms) & (norms > 0.5) & (norms < 2.0)
        wrong += [row[0] for row, fine in zip(right, good, strict=True) if not fine]
    if wrong:
        if store is not None:
            store.delete_vectors(encoder, wrong)
        findings.append(
            Finding(
                f"{len(wrong):,} vectors of {encoder.name} are damaged; "
                f"`hybrid-search index DIR --encoder {encoder.name}` makes them anew",
                store is not None,
            )
        )
    return number


def _check_index(
    reading: Reading,
    store: Store | None,
    encoder: EncoderRow | None,
    folder: Path,
    findings: list[Finding],
    notify: Callable[[str], None],
) -> int:
    if encoder is None:
        return 0
    known = reading.index_file(encoder)
    wanted = reading.vector_count(encoder) > exact.EXACT_LIMIT
    problem = "it is missing" if wanted else ""
    if known is not None:
        problem = "it is out of step" if known.revision != encoder.revision and wanted else ""
        try:
            VectorIndex(encoder.dimension).load(folder / known.file, known, encoder)
        except Unusable as error:
            problem = str(error)
        except ImportError:
            return 0
    if problem:
        mended = False
        if store is not None and wanted:
            mended = refresh(folder, store, encoder, notify=notify)
        elif store is not None:
            store.set_index_file(encoder, None)
            mended = True
        findings.append(Finding(f"the index of {encoder.name}: {problem}", mended))
    return int(known is not None)
