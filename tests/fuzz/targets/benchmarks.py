"""Files of benchmarks and training data: they give their content and a report of broken rows, or an error message."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import zlib
from pathlib import Path
from random import Random

from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks import Benchmark, load
from hybrid_search.train.data.formats.readers import read
from hybrid_search.train.data.pairs import Example

from ..mutating import mutated, mutated_json
from ..running import Attempt, Wrong

_CODES = ("de", "en", "ja")
_TEXTS = {"de": "Brot ist gut. Wasser auch.", "en": "Bread is good. Water too.", "ja": "パンは良い。水も良い。"}


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """A folder of each layout with one or two files changed; only `DataError` may be raised."""
    benchmarks = [
        _squad(folder / "squad"),
        _parallel(folder / "parallel"),
        _miracl(folder / "miracl"),
        _beir(folder / "beir"),
    ]
    data = _training(folder / "training")

    def attempt(chance: Random, place: Path) -> None:
        theirs = place / "theirs"
        training = chance.random() < 0.5
        shutil.copytree(data if training else chance.choice(benchmarks), theirs)
        files = sorted(path for path in theirs.rglob("*") if path.is_file())
        if training:
            # One format at a time: a damaged file would end the reading of those after it.
            kept = chance.choice(files)
            for file in files:
                if file != kept:
                    file.unlink()
            files = [kept]
        for _ in range(chance.choice((1, 1, 2))):
            _change(chance.choice(files), chance)
        if training:
            _read(theirs, chance)
        else:
            inside = [path for path in theirs.iterdir() if path.suffix in (".jsonl", ".gz")]
            source = inside[0] if len(inside) == 1 else theirs
            some = chance.choice((None, 1, 2, 0))
            _sound(load(source, languages=chance.choice(((), (), ("de",), ("xx",))), questions=some))

    return attempt, (DataError,)


def _read(theirs: Path, chance: Random) -> None:
    reported: list[str] = []
    for example in read(str(theirs), reported.append, language=chance.choice(("", "de"))):
        _whole(example)


def _whole(example: Example) -> None:
    for texts in (example.question, example.passage):
        if not texts or not all(isinstance(text, str) and text.strip() for text in texts.values()):
            raise Wrong(f"example: {example.id} has texts {texts}")
        if not all(isinstance(code, str) and code for code in texts):
            raise Wrong(f"example: {example.id} has languages {list(texts)}")


def _sound(made: Benchmark) -> None:
    if not len(made.queries) == len(made.relevant) or any(
        not 0 <= row < len(made.pool) for rows in made.relevant for row in rows
    ):
        raise Wrong("benchmark: relevant rows that are not in the pool")
    for item in (*made.queries, *made.pool):
        if not isinstance(item.text, str) or not isinstance(item.language, str) or not isinstance(item.id, str):
            raise Wrong(f"benchmark: {item!r}"[:200])
    assert made.digest and made.pool_texts() is not None and made.query_languages is not None


def _change(file: Path, chance: Random) -> None:
    data = file.read_bytes()
    packed = file.suffix == ".gz"
    if packed and chance.random() < 0.7:
        with contextlib.suppress(OSError, EOFError, zlib.error):
            # The content is changed before packing, so that it can still be unpacked.
            data = gzip.compress(_odd(file.with_suffix(""), gzip.decompress(data), chance), 1)
    elif packed:
        data = mutated(data, chance)
    else:
        data = _odd(file, data, chance)
    file.write_bytes(data)
    if chance.random() < 0.05:
        file.rename(
            file.with_name(
                chance.choice(("x.json", "context-de-question-en.json", "de.jsonl", "a.tsv", "b.tmx", "c.csv"))
            )
        )
        file.touch()


def _odd(file: Path, data: bytes, chance: Random) -> bytes:
    return mutated_json(data, chance) if file.suffix in (".json", ".jsonl") else mutated(data, chance)


def _lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _squad(folder: Path) -> Path:
    folder.mkdir()
    for code in _CODES:
        context = _TEXTS[code]
        asked = [
            {
                "id": f"q{number}",
                "question": f"{code} {number}?",
                "answers": [{"answer_start": 1, "text": context[1:3]}],
            }
            for number in range(2)
        ]
        breaks = {"sentences": [context], "sentence_breaks": [[0, len(context)]]} if code != "ja" else {}
        whole = {"data": [{"title": "t", "paragraphs": [{"context": context, "qas": asked, **breaks}]}]}
        (folder / f"{code}.json").write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    return folder


def _row(number: int) -> dict:
    question = {code: f"{code} {number}?" for code in _CODES}
    passage = {code: f"{text} {number}" for code, text in _TEXTS.items()}
    return {
        "id": str(number),
        "question": question,
        "passage": passage,
        "answer": {"en": "Bread", "de": "Brot", "ja": ""},
    }


def _parallel(folder: Path) -> Path:
    folder.mkdir()
    (folder / "rows.jsonl").write_text(_lines([_row(number) for number in range(3)]), "utf-8")
    return folder


def _miracl(folder: Path) -> Path:
    for code in ("de", "ja"):
        base = folder / code
        (base / "topics").mkdir(parents=True)
        (base / "qrels").mkdir()
        (base / "corpus").mkdir()
        (base / "topics" / f"topics.miracl-v1.0-{code}-dev.tsv").write_text("1\tBrot?\n2\tWasser?\n", "utf-8")
        (base / "qrels" / f"qrels.miracl-v1.0-{code}-dev.tsv").write_text(
            "1 Q0 a#0 1\n2\tQ0\tb#0\t1\n1 Q0 b#0 0\n", "utf-8"
        )
        rows = [{"docid": f"{name}#0", "title": name, "text": text} for name, text in (("a", "Brot"), ("b", "Wasser"))]
        with gzip.open(base / "corpus" / "docs-0.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(_lines(rows))
    return folder


def _beir(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(_lines([{"_id": name, "title": "", "text": f"text {name}"} for name in "abc"]))
    (folder / "queries.jsonl").write_text(_lines([{"_id": "1", "text": "which?"}, {"_id": "2", "text": "what?"}]))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\ta\t1\n2\tb\t2\n")
    return folder


def _training(folder: Path) -> Path:
    folder.mkdir()
    rows = [_row(number) for number in range(3)]
    rows += [{"text": _TEXTS}, {"query": "a?", "positive": "b", "language": "en", "negative": ["c"]}]
    rows += [
        {
            "query": "x?",
            "positive_passages": [{"title": "t", "text": "p"}],
            "negative_passages": [{"text": "n"}],
            "lang": "de",
        }
    ]
    rows += [{"translation": _TEXTS, "document": "d"}]
    (folder / "rows.jsonl").write_text(_lines(rows), "utf-8")
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(_lines(rows).encode()))
    (folder / "bitext.tsv").write_text("en\tde\nBread\tBrot\nWater\tWasser\n")
    (folder / "pairs.csv").write_text('question,passage,language\n"a, b?",c,de\nd?,e,en\n')
    (folder / "two.tsv").write_text("where?\there\nwhat?\tthis\n")
    unit = "".join(f'<tuv xml:lang="{code}"><seg>{text} <b/>x</seg></tuv>' for code, text in _TEXTS.items())
    (folder / "memory.tmx").write_text(
        f'<?xml version="1.0" encoding="utf-8"?><tmx version="1.4"><header/><body>'
        f'<tu tuid="1">{unit}</tu><tu>{unit}</tu></body></tmx>'
    )
    _squad(folder / "squad")
    for path in (folder / "squad").iterdir():
        path.rename(folder / path.name)
    (folder / "squad").rmdir()
    return folder
