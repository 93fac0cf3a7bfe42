"""Makes pairs in several languages a data set for sentence-transformers' trainer, with rows made on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from datasets import Dataset, Features, Value

from ...engine.errors import DataError, several
from ..batches import Batch, Pick, Pool
from ..settings import SourceConfig
from . import given
from .corpora import open_corpus, store
from .pairs import Corpus
from .sources import Sources, checked
from .texts import Assembler, Texts
from .triples import Triple, Triples

ANCHOR, POSITIVE, NEGATIVE = "anchor", "positive", "negative"
TEXT = Value("string")


# Methods of a data set that read or rewrite its table directly.
_OF_A_TABLE = frozenset(
    (
        *("map", "filter", "sort", "unique", "flatten", "flatten_indices", "iter", "cast", "cast_column"),
        *("add_column", "add_item", "rename_column", "rename_columns", "remove_columns", "class_encode_column"),
        *("to_pandas", "to_polars", "to_dict", "to_list", "to_csv", "to_json", "to_parquet", "to_sql"),
        *("to_iterable_dataset", "save_to_disk", "push_to_hub", "add_faiss_index", "add_elasticsearch_index"),
    )
)


class NoTable(DataError, AttributeError):
    """A method was called that needs a table of all rows."""


class BatchRows(list[dict[str, str]]):
    """The rows of a drawn batch, and all its texts, since negatives and a teacher's texts have no column."""

    def __init__(self, rows: Iterable[dict[str, str]], texts: Texts) -> None:
        super().__init__(rows)
        self.texts = texts


class ParallelPairs(Dataset):  # type: ignore[misc]
    """Questions with their passages in several languages: every row in every pair of its languages, made on demand.

    It is a `datasets.Dataset` with the columns `anchor` and `positive` (and `negative`, if every row has one), so it
    can be passed to `SentenceTransformerTrainer(train_dataset=…)`. Languages are not columns, since the trainer would
    tokenise and train on them; they are in the index. `pairs[7, "de", "en"]` is row 7's German question with its
    English passage; integers index all such triples, row after row, without a table in memory. `rows` includes rows
    that are held out or overlap a benchmark, but these have no triples.

    It is made by `from_files`, `from_rows`, `from_dataset`, `from_pandas` and `from_bitext`, joined with `+`, and
    divided by `split`.

    Attributes:
        sources: the pairs of each source, and its settings.
        reports: numbers of each source's rows that are broken, held out, or overlap a benchmark.
        triples: numbers the rows in each pair of languages.
        epoch: the epoch of the training, from 0.
    """

    def __init__(self, sources: Sources, assembler: Assembler | None = None) -> None:
        self.sources = sources
        self._assembler = assembler or Assembler(sources.corpora, sources.configs)
        self.triples = Triples(sources.pools)
        names = [ANCHOR, POSITIVE, *([NEGATIVE] if all(map(_all_wrong, sources.corpora, sources.pools)) else [])]
        super().__init__(Dataset.from_dict({name: [] for name in names}, Features(dict.fromkeys(names, TEXT))).data)
        self.epoch = 0
        self.info.dataset_name = ", ".join(dict.fromkeys(report.path.rpartition("/")[2] for report in self.reports))

    # -- construction

    @classmethod
    def from_files(cls, path: str | Path, **settings: Any) -> ParallelPairs:
        """Pairs of files in the formats of `hybrid-search train`.

        Args:
            path: a file (`.jsonl`, `.json`, `.tsv`, `.csv`, `.tmx`, packed or not), several joined by commas, a folder
                of them (including SQuAD's `de.json`, `en.json`, …), or `hf:ID[:CONFIG[:SPLIT]]`.
            settings: `protect`, benchmarks whose overlap is left out besides the known ones; `allow_overlap`;
                `languages` to train on; and of `SourceConfig`: `language`, `mono`, `cross`, `crop`, `neighbourhood`,
                `spans`, `negatives` (`siblings`), `holdout`, `include`.

        Raises:
            DataError: the data cannot be read, or a setting is unknown.
            TrainingError: a setting has an invalid value.
        """
        source, options = _settings(str(path), settings)
        return cls._of(open_corpus(source), source, options)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        name: str = "rows",
        columns: given.Columns | None = None,
        **settings: Any,
    ) -> ParallelPairs:
        """Pairs of mappings in a layout of the training files: `{"question": {"de": …}, "passage": {"de": …}}`.

        Args:
            rows: read twice; an iterator is copied to memory.
            name: the name of the data in reports.
            columns: other names of fields: `{"question": "ask"}`, or by language
                `{"text": {"en": "english", "de": "german"}}`.
            settings: as in `from_files`.

        Raises:
            DataError: there is no usable row, or too many are broken; the first of these is named.
        """
        source, options = _settings(name, settings)
        kept = list(rows) if isinstance(rows, Iterator) else rows

        def examples(report: given.Report) -> Iterator[Any]:
            return given.rows_to_examples(kept, name, report, language=source.language, columns=columns)

        return cls._of(store(name, examples), source, options)

    @classmethod
    def from_dataset(
        cls,
        dataset: Any,
        *,
        name: str = "dataset",
        columns: given.Columns | None = None,
        **settings: Any,
    ) -> ParallelPairs:
        """Pairs of a `datasets.Dataset`, or of one per language (`{"de": …, "en": …}`) joined by the column `id`.

        Args:
            dataset: rows as in `from_rows`, also with bitext's `translation` or SQuAD's `context` columns.
            name: the name of the data in reports.
            columns: as in `from_rows`.
            settings: as in `from_files`.

        Raises:
            DataError: as in `from_rows`.
        """
        if not isinstance(dataset, Mapping):
            return cls.from_rows(dataset, name=name, columns=columns, **settings)
        source, options = _settings(name, settings)

        def examples(report: given.Report) -> Iterator[Any]:
            return given.by_language(dataset, name, report, columns)

        return cls._of(store(name, examples), source, options)

    @classmethod
    def from_pandas(
        cls, frame: Any, *, name: str = "frame", columns: given.Columns | None = None, **settings: Any
    ) -> ParallelPairs:
        """Pairs of a pandas data frame: columns as in `from_rows`, or a row for each language of an `id`.

        Args:
            frame: its columns are fields; NaN cells count as missing.
            name: the name of the data in reports.
            columns: as in `from_rows`.
            settings: as in `from_files`.

        Raises:
            DataError: as in `from_rows`.
        """
        names = [str(column) for column in frame.columns]
        rows = [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
        return cls.from_rows(rows, name=name, columns=columns, **settings)

    @classmethod
    def from_bitext(cls, texts: Mapping[str, Sequence[str]], *, name: str = "bitext", **settings: Any) -> ParallelPairs:
        """Sentences and their translations: one is the query, the other the passage. There are no mono batches.

        Args:
            texts: sentences by language, aligned by position.
            name: the name of the data in reports.
            settings: as in `from_files`.

        Raises:
            DataError: the lists differ in length, or there is no usable row.
        """
        source, options = _settings(name, settings)
        return cls._of(store(name, partial(given.sentences_to_examples, texts, name)), source, options)

    @classmethod
    def _of(cls, corpus: Corpus, source: SourceConfig, options: Mapping[str, Any]) -> ParallelPairs:
        if missing := [code for code in options.get("languages", ()) if code not in corpus.languages]:
            known = ", ".join(sorted(corpus.languages))
            raise DataError(f"{source.path} has no text in {missing[0]!r}.", hint=f"It has {known}.")
        return cls(checked([corpus], [source], **options))

    def __add__(self, other: ParallelPairs) -> ParallelPairs:
        """The pairs of both; a batch is drawn from one source, chosen by weight."""
        return ParallelPairs(self.sources + other.sources)

    def split(self, one_in: int) -> tuple[ParallelPairs, ParallelPairs]:
        """Split into pairs to train on and held-out pairs to measure on.

        Rows that share a passage or a question in any language stay together. The choice depends on a digest of the
        texts, so it is the same in every process and for any order of rows.

        Args:
            one_in: hold out one in this many passages, 2 or more.

        Raises:
            DataError: one side would be empty.
        """
        held = [corpus.held_out(one_in) for corpus in self.sources.corpora]
        sides = []
        for chosen in ([~each for each in held], held):
            kept = [pool.keep & mine for pool, mine in zip(self.pools, chosen, strict=True)]
            if one_in < 2 or not any(map(np.any, kept)):
                raise DataError(
                    f"{self.rows} rows cannot be split so that every {one_in}th passage is kept out.",
                    hint="Give a smaller one_in, from 2 on, or more data.",
                )
            pools = tuple(replace(pool, keep=keep) for pool, keep in zip(self.pools, kept, strict=True))
            sides.append(ParallelPairs(replace(self.sources, pools=pools), self._assembler))
        return sides[0], sides[1]

    def __reduce__(self) -> tuple[type[ParallelPairs], tuple[Sources, Assembler]]:
        """Pickles the sources; a data loader's process opens the same files."""
        return ParallelPairs, (self.sources, self._assembler)

    # -- contents

    @property
    def reports(self) -> Any:
        """A report for each source; see `SourceReport`."""
        return self.sources.reports

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The integers that batches are drawn from, one pool per source."""
        return self.sources.pools

    @property
    def rows(self) -> int:
        """Rows of all sources, including those that are left out."""
        return self.triples.rows

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that are trained on, sorted."""
        return tuple(
            sorted(
                {
                    pool.languages[code]
                    for pool in self.pools
                    for side in (pool.question, pool.passage)
                    for code in np.unique(side.codes)
                }
            )
        )

    @property
    def num_rows(self) -> int:
        """The number of triples: over all rows, question languages times passage languages (see `Triples`)."""
        return len(self.triples)

    def __len__(self) -> int:
        """The same as `num_rows`."""
        return self.num_rows

    def index(self, row: int, question: str, passage: str) -> int:
        """The integer index of a row in two languages.

        Raises:
            IndexError: there is no such row.
            DataError: the row has no text in that language, or is left out.
        """
        return self.triples.number(self.triples.named(row, question, passage))

    def triple(self, index: int) -> Triple:
        """The row and the languages of an integer index.

        Raises:
            IndexError: the index is out of range.
        """
        pick = self.triples.pick(int(index))
        return Triple(self.triples.row(pick.source, pick.row), pick.question, pick.passage)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch to draw batches for; called by the trainer, also when a resumed training skips batches."""
        self.epoch = epoch

    # -- the interface of a data set

    def __getitem__(self, key: Any) -> Any:
        """A row as texts by column; columns of several rows; or all texts of a column.

        Args:
            key: an integer, `(row, question language, passage language)`, a slice, several integers, or a column's
                name.

        Raises:
            IndexError: there is no such row.
            DataError: the row has no text in that language, or is left out.
        """
        if isinstance(key, str):
            return super().__getitem__(key)
        if isinstance(key, tuple):
            return self._transformed([self._row(self.triples.named(*key))])[0]
        if isinstance(key, slice):
            key = range(*key.indices(len(self)))
        if isinstance(key, Iterable):
            rows = self.__getitems__(list(key))
            return {name: [row[name] for row in rows] for name in (rows[0] if rows else self.column_names)}
        return self._transformed([self._row(self.triples.pick(int(key)))])[0]

    def __getitems__(self, keys: Sequence[int]) -> list[dict[str, Any]]:
        """The rows of several integers, or of a batch that `samplers` drew."""
        batch: Batch | None = getattr(keys, "batch", None)
        if batch is None:
            return self._transformed([self._row(self.triples.pick(int(key))) for key in keys])
        texts = self._assembler.texts(batch)
        rows = [
            self._columns(pick, query, passage)
            for pick, query, passage in zip(batch.picks, texts.queries, texts.passages, strict=True)
        ]
        return BatchRows(self._transformed(rows), texts)

    def __iter__(self) -> Iterator[Any]:
        """All triples in order."""
        return (self[index] for index in range(len(self)))

    def select(self, indices: Iterable[int], **_: Any) -> Dataset:
        """A plain data set of some triples, with their texts in memory.

        Args:
            indices: integers.
        """
        return Dataset.from_dict(self[list(indices)])

    def select_columns(self, column_names: str | list[str], **_: Any) -> ParallelPairs:
        """These pairs: only all columns together can be selected.

        Raises:
            DataError: the names are not those of all columns.
        """
        if set([column_names] if isinstance(column_names, str) else column_names) != set(self.column_names):
            raise DataError(f"ParallelPairs always have all of the columns {', '.join(self.column_names)}.")
        return self

    def __getattribute__(self, name: str) -> Any:
        """An attribute, except methods that need a table, which these pairs do not have.

        Raises:
            NoTable: says what to do instead.
        """
        # Python empties modules at its end, while data sets are still let go.
        if name in (_OF_A_TABLE or ()):
            raise NoTable(
                f"ParallelPairs make their rows on demand, and have no table for `{name}`.",
                hint="Change the rows beforehand, or convert some to a plain data set with pairs.select(range(1000)).",
            )
        return super().__getattribute__(name)

    def _row(self, pick: Pick) -> dict[str, str]:
        """A pair outside a batch; random choices, such as the width of a crop, depend only on the pair."""
        texts = self._assembler.texts(Batch("", self.triples.number(pick), (pick,)))
        return self._columns(pick, texts.queries[0], texts.passages[0])

    def _columns(self, pick: Pick, query: str, passage: str) -> dict[str, str]:
        row = {ANCHOR: query, POSITIVE: passage}
        if NEGATIVE in self.column_names:
            row[NEGATIVE] = self._assembler.known_wrong(pick) or ""
        return row

    def _transformed(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows after a transform that was set, as the trainer does for several data sets."""
        transform = cast("Callable[[dict[str, list[Any]]], dict[str, list[Any]]] | None", self._transform())
        if transform is None or not rows:
            return rows
        made = transform({name: [row[name] for row in rows] for name in rows[0]})
        return [{name: values[place] for name, values in made.items()} for place in range(len(rows))]

    def _transform(self) -> Any:
        told = self.format
        return told["format_kwargs"].get("transform") if told["type"] == "custom" else None


def _all_wrong(corpus: Corpus, pool: Pool) -> bool:
    """Whether every row for training has a passage that is known to be wrong."""
    counts = np.diff(np.asarray(corpus.negative.starts))
    return bool(len(counts)) and bool((counts[pool.keep] > 0).all())


def _settings(path: str, settings: Mapping[str, Any]) -> tuple[SourceConfig, dict[str, Any]]:
    """The source's own settings, and those that apply to all sources."""
    shared = {"protect", "allow_overlap", "languages"}
    own = set(SourceConfig.__dataclass_fields__) - {"path"}
    unknown = sorted(set(settings) - shared - own)
    if unknown:
        raise DataError(f"There is no setting {unknown[0]}.", hint=f"There are {', '.join(sorted(shared | own))}.")
    if settings.get("negatives") == "mine":
        raise DataError("Mined negatives need a training run's encoder.", hint="Use hybrid-search train, or siblings.")
    if "languages" in settings:
        settings = {**settings, "languages": several(settings["languages"], "languages", str)}
    source = SourceConfig(path=path, **{name: value for name, value in settings.items() if name in own})
    return source, {name: value for name, value in settings.items() if name in shared}
