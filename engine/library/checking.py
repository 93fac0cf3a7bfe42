"""Verifies a library part by part and repairs what it can; deletes only what can be made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import what_else
from ..progress import Teller
from ..search import Unusable, VectorIndex, exact, path_of, refresh, sweep_files
from ..shown import counted
from ..store import EncoderRow, Mending, Reading, TextsFound, Verifying, damaged

# With more damaged passages than this, the cause is not single flipped bits.
_MOST_FLIPPED = 200


@dataclass(frozen=True)
class Finding:
    """A fault, and whether it was repaired."""

    problem: str
    repaired: bool


@dataclass(frozen=True)
class CheckReport:
    """The results of a check.

    `checked` counts the checked passages, vectors and index files; `stopped` means that the check is incomplete.
    """

    findings: tuple[Finding, ...]
    checked: dict[str, int]
    stopped: bool = False

    @property
    def ok(self) -> bool:
        """Whether everything was checked and every fault repaired."""
        return not self.stopped and all(finding.repaired for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "ok": self.ok,
            "stopped": self.stopped,
            "checked": self.checked,
            "findings": [{"problem": each.problem, "repaired": each.repaired} for each in self.findings],
        }


class _Stopped(Exception):
    """Raised when the caller cancels the check, or its function fails."""


def check(
    reading: Reading,
    store: Mending | None,
    folder: Path,
    notify: Callable[[str], None],
    teller: Teller,
    prepare: Callable[[], None] = lambda: None,
) -> CheckReport:
    """Verify everything; with a `store`, repair what can be repaired.

    Args:
        reading: the library's database.
        store: the same database for writing; None to check only.
        folder: where index files are.
        notify: gets notices for the user.
        teller: receives progress, and says when to stop.
        prepare: updates words and checksums of an older library, after the file was found intact.

    Raises:
        LibraryError: SQLite finds the file itself damaged, or it cannot be read at all; it is not changed.

    """
    run = _Check(reading, store, folder, notify, teller)
    try:
        run.everything(prepare)
    except _Stopped as stopped:
        if stopped.__cause__ is not None:
            raise stopped.__cause__ from None
        return CheckReport(tuple(run.findings), run.checked, stopped=True)
    return CheckReport(tuple(run.findings), run.checked)


class _Check:
    """One check, from the file to the index files: each part relies on those before it."""

    def __init__(
        self, reading: Reading, store: Mending | None, folder: Path, notify: Callable[[str], None], teller: Teller
    ) -> None:
        self.reading = reading
        self.store = store
        self.folder = folder
        self.notify = notify
        self.teller = teller
        self.look = Verifying(reading.connection)
        # The faults found in passages, until something changes.
        self.texts: TextsFound | None = None
        self.findings: list[Finding] = []
        self.checked = {"passages": 0, "vectors": 0, "indexes": 0}

    def everything(self, prepare: Callable[[], None]) -> None:
        """All parts, in order."""
        self._file()
        self._small()
        self._orphans()
        if self.store is not None:
            if self.findings or not self.look.sealed:
                self.texts = None
            prepare()
            self.look = Verifying(self.reading.connection)
        self._passages()
        self._words()
        self._judgements()
        encoders = self._encoders()
        self._astray()
        for number, known in encoders.items():
            self._vectors(number, known)
        for encoder in self.reading.encoders():
            self._index(encoder)
        self._left_over()

    def _found(self, problem: str, repaired: bool | None = None) -> None:
        self.findings.append(Finding(problem, self.store is not None if repaired is None else repaired))

    def _going_on(self, stage: str) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            try:
                self.teller.tell(stage, done, total)
                cancelled = self.teller.cancelled()
            except Exception as error:
                # Within a query, an error of the caller's own function would be taken for damage of the database.
                raise _Stopped from error
            if cancelled:
                raise _Stopped

        return told

    def _file(self) -> None:
        """Check SQLite's integrity and single flipped bits; use the data in its indexes before they are rebuilt."""
        going_on = self._going_on("the database")
        found = self.look.integrity(going_on)
        if found.fatal:
            raise damaged(self.reading.path, found.fatal[0])
        for name in self.look.schema():
            self._found(f"the definition of {name!r} was changed; index the folders into another library", False)
        texts = self.look.texts(self._going_on("passages"))
        flips = list(self.look.flipped(list(texts.passages)[:_MOST_FLIPPED]))
        lost = self.look.lost() if found.indexes else set()
        if found.indexes:
            if self.store is not None:
                self.store.reindex()
                again = self.look.integrity(going_on)
                if again.fatal + again.indexes:
                    raise damaged(self.reading.path, (again.fatal + again.indexes)[0], changed=True)
            self._found(f"an index of the database did not fit its table ({found.indexes[0]})")
        if flips and self.store is not None:
            number = self.store.put_right(flips)
            self._found(f"{counted(number, 'value')} had a flipped bit")
            texts = self.look.texts(self._going_on("passages"))
        # Files with damaged passages are reported later.
        lost = (lost | self.look.incomplete()) - set(texts.passages.values())
        if lost:
            if self.store is not None:
                self.store.forget_files(lost)
            files = f"{counted(len(lost), 'file')} {'has' if len(lost) == 1 else 'have'}"
            self._found(f"{files} lost passages, or their records; `hybrid-search index DIR` reads them again", False)
        self.texts = texts if self.store is None or not texts.passages else None

    def _small(self) -> None:
        wrong = list(self.look.small())
        if not wrong:
            return
        if self.store is not None:
            self.store.make_readable(wrong)
        for table in dict.fromkeys(table for table, _, _ in wrong):
            number = sum(each[0] == table for each in wrong)
            remade = table in ("facts", "failures", "indexes")
            self._found(
                f"{counted(number, 'value')} of the table {table!r} cannot be read"
                + ("" if remade else "; the next `hybrid-search index DIR` stores what the folders say"),
                None if remade else False,
            )

    def _orphans(self) -> None:
        orphans = self.look.orphans()
        if orphans and self.store is not None:
            self.store.drop_orphans()
        for table, number in orphans.items():
            made = table in ("vectors", "indexes")
            self._found(
                f"{number:,} rows of {table} belonged to nothing"
                + ("" if made else "; `hybrid-search index DIR` reads their files anew"),
                None if made else False,
            )

    def _passages(self) -> None:
        found = self.texts or self.look.texts(self._going_on("passages"))
        self.checked["passages"] = self.reading.count("passages")
        if found.unsealed:
            self._found(
                f"{found.unsealed:,} passages have no checksum, since an earlier version stored them; "
                "`hybrid-search check` gives them one",
                False,
            )
        if found.digests:
            if self.store is not None:
                self.store.set_digests(found.digests)
            self._found(f"{counted(len(found.digests), 'text')} had a damaged digest")
        if found.unused:
            if self.store is not None:
                self.store.drop_texts(found.unused)
            self._found(f"{counted(len(found.unused), 'text')} that no passage has any more were damaged")
        if found.passages:
            if self.store is not None:
                self.store.set_aside(found.passages)
            self._name(found.passages)

    def _name(self, passages: dict[int, int | None]) -> None:
        """Add a finding for each file with damaged passages, since only the file has the lost text."""
        counts: dict[int | None, int] = {}
        for file in passages.values():
            counts[file] = counts.get(file, 0) + 1
        folders = self.reading.folders()
        paths = self.look.paths([file for file in counts if file is not None])
        for file, number in counts.items():
            where = paths.get(file, "a file that is not known any more") if file is not None else "no file"
            known = any(where == folder or where.startswith(folder.rstrip("/") + "/") for folder in folders)
            self._found(
                f"{counted(number, 'passage')} of {where}: texts are not what was stored, or where they belong; "
                + (
                    "`hybrid-search index` of its folder reads the file anew"
                    if known
                    else "it is in no indexed folder: `hybrid-search remove` removes it"
                ),
                False,
            )

    def _words(self) -> None:
        if not self.reading.words_are_current():
            if not self.reading.count("passages"):
                # Before the first indexing there are no words yet.
                return
            self._found(
                "the index of words was made by another version; the next `hybrid-search index` renews it", False
            )
            return
        problem = self.look.words(self._going_on("words"))
        damaged_passages = any("texts are not what" in each.problem for each in self.findings)
        if problem or (damaged_passages and self.store is not None):
            if self.store is not None:
                # Also if only passages are damaged, because entries are deleted by the terms of their current texts.
                self.store.remake_words()
            if problem:
                self._found(f"the index of words did not match the texts ({problem})")

    def _judgements(self) -> None:
        found = self.look.judgements()
        flips = [("judgements", right[0], number, right[1]) for number, right in found.items() if right is not None]
        lost = [number for number, right in found.items() if right is None]
        if self.store is not None:
            self.store.put_right(flips)
            self.store.drop_judgements(lost)
        if flips:
            self._found(f"{counted(len(flips), 'judgement')} had a flipped bit")
        if lost:
            self._found(f"{counted(len(lost), 'judgement')} whose judged passage is not known; judge again", False)

    def _encoders(self) -> dict[int, tuple[str, int]]:
        """The name and dimension of each encoder whose vectors can be checked, by its id."""
        sound: dict[int, tuple[str, int]] = {}
        for number, values in self.look.encoders().items():
            if values is not None:
                sound[number] = str(bytes(values[0]), "utf-8"), int(values[2])  # type: ignore[arg-type]
            elif self.store is None:
                self._found(f"the record of encoder {number} is damaged", False)
            elif self.store.set_dimension(number, self.look.dimension(number)):
                self._found(f"the dimension of encoder {number} was damaged")
                row = next(each for each in self.reading.encoders() if each.id == number)
                sound[number] = row.name, row.dimension
            else:
                self.store.drop_encoder(number)
                self._found(
                    f"the name or fingerprint of encoder {number} was damaged: its vectors were taken out; "
                    "`hybrid-search index DIR` makes them anew"
                )
        return sound

    def _astray(self) -> None:
        for owner, numbers in self.look.astray().items():
            if self.store is not None:
                self.store.drop_vectors(owner, numbers)
            self._found(f"{len(numbers):,} vectors were stored under the number of no encoder")

    def _vectors(self, number: int, known: tuple[str, int]) -> None:
        name, dimension = known
        found = self.look.vectors(number, dimension, self._going_on(f"vectors of {name}"))
        self.checked["vectors"] += found.number
        if found.unsealed:
            self._found(
                f"{found.unsealed:,} vectors of {name} have no checksum, since an earlier version stored them; "
                "`hybrid-search check` gives them one",
                False,
            )
        if found.damaged:
            if self.store is not None:
                self.store.drop_vectors(number, found.damaged)
            self._found(
                f"{len(found.damaged):,} vectors of {name} are damaged; "
                f"`hybrid-search index DIR --encoder {name}` makes them anew"
            )

    def _index(self, encoder: EncoderRow) -> None:
        known = self.reading.index_file(encoder)
        wanted = self.reading.vector_count(encoder) > exact.EXACT_LIMIT
        problem = "it is missing" if wanted else ""
        self.checked["indexes"] += known is not None
        if known is not None:
            problem = "it does not match the vectors" if known.revision != encoder.revision and wanted else ""
            try:
                VectorIndex(encoder.dimension).load(path_of(self.folder, known, encoder), known, encoder)
            except Unusable as error:
                problem = str(error)
            except ImportError:
                return
        if not problem:
            return
        mended = False
        if self.store is not None and wanted:
            tell = self._going_on(f"index of {encoder.name}")
            mended = refresh(self.folder, self.store, encoder, notify=self.notify, progress=tell)
        elif self.store is not None:
            self.store.set_index_file(encoder, None)
            mended = True
        self._found(f"the index of {encoder.name}: {problem}", mended)

    def _left_over(self) -> None:
        if what := what_else(self.folder, folder=True):
            self._found(f"{self.folder} is {what}, not a folder of the library: it is left alone", False)
        if self.store is not None:
            for name in sweep_files(self.folder, self.store):
                self._found(f"the index file {name} belonged to nothing")
