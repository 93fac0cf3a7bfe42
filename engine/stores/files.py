"""Reads and writes files of vectors: .npy, .npz, .parquet and .safetensors, with ids and, if they have them, texts.

`.parquet`: columns id, vector (or embedding), and optionally text, language, source. `.npz` and `.safetensors`: arrays
of the same names. `.npy` and `.safetensors` can hold only numbers: ids, texts and languages are then in a second file
of the same name with the suffix `.jsonl` (an object per row) or `.txt` (an id per line).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from ..files import open_regular, replacing_file
from ..paths import typed
from ..shown import one_line, why_no_array
from .arrays import arrays_of, refuse_bomb
from .collection import AT_ONCE, Block, Change, Done, Fields, Found, StoreError, Vectors, checked, taken
from .place import StorePlace

_IDS = ("id", "ids", "_id")
_VECTORS = ("vector", "vectors", "embedding", "embeddings")
SUFFIXES = (".npy", ".npz", ".parquet", ".safetensors")
_UNEVEN = "some of its vectors are missing, or they are not all of one length"
# Of a value, when unpacked: a half-precision number.
_LEAST_BYTES = 2
_DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, RecursionError)


class VectorFile:
    """A file of vectors as a `Collection`.

    Args:
        place: names the file.

    Raises:
        StoreError: it is missing, of an unknown kind, damaged, or has no ids.
    """

    def __init__(self, place: StorePlace) -> None:
        self.name = str(place)
        self.path = typed(place.address)
        self._fields = place.fields
        if self.path.suffix not in SUFFIXES:
            raise StoreError(f"{self.path} is not a file of vectors.", hint=f"Such files end in {', '.join(SUFFIXES)}.")
        if not os.path.isfile(self.path):  # noqa: PTH113 - False for a name that is too long
            raise StoreError(f"There is no file {self.path}.", hint="Check its name.")
        try:
            columns = _READERS[self.path.suffix](self.path, self._fields)
            vectors = np.asarray(columns.pop("vectors"))
            beside = _beside(self.path)
        except StoreError:
            raise
        except _DAMAGE as error:
            raise self._damaged(why_no_array(error)) from error
        except Exception as error:  # pyarrow and safetensors have exceptions of their own
            raise self._damaged(f"{type(error).__name__}: {one_line(str(error))[:200]}") from error
        if not vectors.size:
            raise self._damaged("it holds no vectors")
        self.vectors = checked(self.name, vectors, len(vectors) if vectors.ndim else 0)
        self.dimension = self.vectors.shape[1]
        self._rows = self._told(columns, beside)

    def _told(self, columns: Mapping[str, Any], beside: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        """The fields of each row, which always include an id."""
        number = len(self.vectors)
        if beside is not None and len(beside) != number:
            raise self._damaged(f"it has {number:,} vectors, and the file beside it {len(beside):,} rows")
        for name, column in columns.items():
            if len(column) != number:
                raise self._damaged(f"it has {number:,} vectors and {len(column):,} values of {name}")
        rows = [{name: _plain(column[row]) for name, column in columns.items()} for row in range(number)]
        if beside is not None:
            rows = [{**own, **other} for own, other in zip(rows, beside, strict=True)]
        given = (self._fields.id,) if self._fields.id else _IDS
        key = next((key for key in given if key in rows[0]), None)
        if key is None:
            raise StoreError(
                f"{self.path} has no ids.",
                hint=f"Put them into a column id, or one a line into {self.path.with_suffix('.txt').name} beside it.",
            )
        found = [{**row, "id": "" if row.get(key) is None else str(row[key])} for row in rows]
        ids = {row["id"] for row in found}
        if len(ids) != number or "" in ids:
            raise self._damaged("some of its ids are missing or repeated")
        return found

    def _damaged(self, why: str) -> StoreError:
        return StoreError(f"{self.path} cannot be used: {why}.", hint="Write it anew, or name another file.")

    def count(self) -> int:
        """How many vectors it has."""
        return len(self.vectors)

    def blocks(self) -> Iterator[Block]:
        """All records, in blocks."""
        for first in range(0, len(self._rows), AT_ONCE):
            rows = self._rows[first : first + AT_ONCE]
            told = [self._fields.of(row) for row in rows]
            yield Block(
                [row["id"] for row in rows],
                [text for text, _, _ in told],
                [source for _, source, _ in told],
                [language for _, _, language in told],
                self.vectors[first : first + AT_ONCE],
            )

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best by cosine, comparing every vector."""
        lengths = np.linalg.norm(self.vectors, axis=1) * max(float(np.linalg.norm(vector)), 1e-12)
        scores = self.vectors @ np.asarray(vector, dtype=np.float32) / np.maximum(lengths, 1e-12)
        order = np.argsort(-scores, kind="stable")[:k]
        return [Found(self._rows[row]["id"], *self._fields.of(self._rows[row]), float(scores[row])) for row in order]

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Write another file of the same kind with the same ids and texts; see `Collection.copy`."""
        target = self.path.parent / to
        if Path(to).name != to or target.suffix != self.path.suffix:
            raise StoreError(
                f"{to!r} cannot be the name of the copy.", hint=f"Give a file name that ends in {self.path.suffix}."
            )
        companion = target.with_suffix(".jsonl")
        there = next((path for path in (target, companion) if path.exists()), None)
        if there is not None:
            raise taken(self.name, f"the file {there}")
        parts = []
        for block in self.blocks():
            parts.append(checked(self.name, change(block), len(block.ids), self.dimension))
            if done is not None:
                done(len(block.ids))
        try:
            if self.path.suffix in (".npy", ".safetensors"):
                with replacing_file(companion) as partial, partial.open("w", encoding="utf-8") as file:
                    for row in self._rows:
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
            with replacing_file(target) as partial:
                _WRITERS[target.suffix](partial, np.concatenate(parts), self._rows, self.path, self._fields)
        except OSError as error:
            companion.unlink(missing_ok=True)
            raise StoreError(
                f"{target} cannot be written: {error.strerror or error}.", hint="Make room there, or give another name."
            ) from error
        return len(self._rows)

    def close(self) -> None:
        """Do nothing: no file is kept open."""


# -- reading


def _npy(path: Path, _fields: Fields) -> dict[str, Any]:
    with open_regular(path) as file:
        return {"vectors": np.load(file, allow_pickle=False)}


def _npz(path: Path, fields: Fields) -> dict[str, Any]:
    return _named(arrays_of(path), fields)


def _safetensors(path: Path, fields: Fields) -> dict[str, Any]:
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as stored:
        columns = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - it is not a dict
        told = stored.metadata() or {}
    for name in (*_IDS, "text", "language", "source"):
        if name in told and name not in columns:
            columns[name] = json.loads(told[name])
            if not isinstance(columns[name], list):
                raise ValueError(f"its {name} is no list")
    return _named(columns, fields)


def _parquet(path: Path, fields: Fields) -> dict[str, Any]:
    import pyarrow.parquet as parquet

    with open_regular(path) as file, parquet.ParquetFile(file) as stored:
        names = stored.schema_arrow.names
        wanted = fields.vector or next((name for name in _VECTORS if name in names), "")
        if wanted not in names:
            raise ValueError("it has no column called vector or embedding")
        # Repeated values take next to no room in the file, so its pages' sizes do not say how many there are.
        groups = [stored.metadata.row_group(number) for number in range(stored.metadata.num_row_groups)]
        values = sum(group.column(place).num_values for group in groups for place in range(group.num_columns))
        refuse_bomb(path, values * _LEAST_BYTES)
        columns: dict[str, list[Any]] = {name: [] for name in names if name != wanted}
        parts, unpacked = [], 0
        for batch in stored.iter_batches(batch_size=AT_ONCE):
            unpacked += batch.nbytes
            refuse_bomb(path, unpacked)
            parts.append(_matrix(batch.column(wanted)))
            for name, column in columns.items():
                column += batch.column(name).to_pylist()
        if len({part.shape[1] for part in parts}) > 1:
            raise ValueError(_UNEVEN)
    return {**columns, "vectors": np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)}


def _matrix(column: Any) -> Vectors:
    """A column of lists of numbers as an array, without a Python object for each number."""
    lengths = column.value_lengths() if hasattr(column, "value_lengths") else None
    if lengths is None or lengths.null_count or len(lengths.unique()) != 1:
        raise ValueError(_UNEVEN)
    flat = column.flatten()
    if flat.null_count:
        raise ValueError(_UNEVEN)
    found: Vectors = flat.to_numpy(zero_copy_only=False).astype(np.float32).reshape(len(column), -1)
    return found


def _named(columns: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """The columns, with the vectors renamed to `vectors`; a single value, such as a model's name, is no column."""
    columns = {name: column for name, column in columns.items() if getattr(column, "ndim", 1)}
    flat = [name for name, column in columns.items() if getattr(column, "ndim", 1) == 2]
    name = fields.vector or next((name for name in _VECTORS if name in columns), flat[0] if len(flat) == 1 else "")
    if name not in columns:
        raise ValueError("it has no array called vectors")
    return {
        **{key: column for key, column in columns.items() if key not in flat and key != name},
        "vectors": columns[name],
    }


def _beside(path: Path) -> list[dict[str, Any]] | None:
    """The rows of the second file; None if there is none."""
    if path.suffix in (".parquet", ".npz"):
        return None
    rows, ids = path.with_suffix(".jsonl"), path.with_suffix(".txt")
    if rows.is_file():
        with open_regular(rows) as file:
            found = [json.loads(line) for line in _lines(file)]
        if not all(isinstance(row, dict) for row in found):
            raise ValueError(f"{rows.name} does not hold one JSON object a line")
        return found
    if ids.is_file():
        with open_regular(ids) as file:
            return [{"id": line.strip()} for line in _lines(file)]
    return None


def _lines(file: BufferedReader) -> list[str]:
    """The lines that are not empty; only a line feed ends one, since a text may hold other ends of lines."""
    return [line for line in file.read().decode("utf-8-sig").split("\n") if line.strip()]


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return plain.decode("utf-8", "replace") if isinstance(plain, bytes) else plain


_READERS = {".npy": _npy, ".npz": _npz, ".safetensors": _safetensors, ".parquet": _parquet}

# -- writing


def _write_npy(path: Path, vectors: Vectors, _rows: list[dict[str, Any]], _origin: Path, _fields: Fields) -> None:
    with path.open("wb") as file:
        np.save(file, vectors)


def _write_npz(path: Path, vectors: Vectors, rows: list[dict[str, Any]], _origin: Path, _fields: Fields) -> None:
    columns: dict[str, Any] = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    with path.open("wb") as file:
        np.savez(file, vectors=vectors, **columns)


def _write_safetensors(
    path: Path, vectors: Vectors, _rows: list[dict[str, Any]], _origin: Path, _fields: Fields
) -> None:
    from safetensors.numpy import save

    path.write_bytes(save({"vectors": np.ascontiguousarray(vectors)}))


def _write_parquet(path: Path, vectors: Vectors, _rows: list[dict[str, Any]], origin: Path, fields: Fields) -> None:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    table = parquet.read_table(origin)
    name = fields.vector or next(name for name in _VECTORS if name in table.column_names)
    flat = arrow.array(vectors.reshape(-1))
    column = arrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    parquet.write_table(table.set_column(table.column_names.index(name), name, column), path)


_WRITERS = {".npy": _write_npy, ".npz": _write_npz, ".safetensors": _write_safetensors, ".parquet": _write_parquet}
