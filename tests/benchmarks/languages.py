"""How well and how fast languages are identified: `python tests/benchmarks/languages.py [--json] [FOLDER]`.

Without a folder, the texts are the demo's passages and questions; with one, the questions and paragraphs of the
SQuAD-format files in it, whose names end in the language's code (`xquad.de.json`). "short" is the first three words of
a question, or its first eight characters in a script without spaces. Candidates: the languages measured, as for a query
to a library that holds them, and the default ones, as for passages. "library" rows identify questions as a search does,
for a library of all the languages measured, of English and German, and of all but Korean and Russian. The last line
compares the speed of ranking passages with that of the identifier's own walk, byte by byte, in the same run; the ranks
are the same.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hybrid_search.engine.languages import CANDIDATES, Detected, detect_many, detect_question, detection
from hybrid_search.engine.paths import assets_folder

Texts = dict[str, dict[str, list[str]]]
KINDS = ("short", "question", "passage")
UNSPACED = ("zh", "ja", "th")


def short(question: str, language: str) -> str:
    """The beginning of a question, as a user may type it."""
    return question[:8] if language in UNSPACED else " ".join(question.split()[:3])


def of_the_demo() -> Texts:
    """Questions and passages of the demo library, by language."""
    folder = assets_folder() / "demo"
    texts: Texts = {}
    for path in sorted(folder.glob("passages/*/*.md")):
        kinds = texts.setdefault(path.parent.name, {kind: [] for kind in KINDS})
        kinds["passage"].append(path.read_text("utf-8"))
    for path in sorted(folder.glob("questions*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            for language, question in json.loads(line)["question"].items():
                texts[language]["question"].append(question)
                texts[language]["short"].append(short(question, language))
    return texts


def of_folder(folder: Path) -> Texts:
    """Questions and paragraphs of SQuAD-format files."""
    texts: Texts = {}
    for path in sorted(folder.rglob("*.json")):
        match = re.search(r"(?:^|[._-])([a-z]{2})$", path.stem)
        if not match:
            continue
        language = match[1]
        kinds = texts.setdefault(language, {kind: [] for kind in KINDS})
        for article in json.loads(path.read_text("utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                kinds["passage"].append(paragraph["context"])
                questions = [each["question"] for each in paragraph["qas"]]
                kinds["question"] += questions
                kinds["short"] += [short(question, language) for question in questions]
    return texts


def measure(texts: Texts) -> list[dict[str, object]]:
    """Macro accuracy over languages, texts per second on one thread, and the five commonest mistakes."""
    every = tuple(texts)
    ways: list[tuple[str, tuple[str, ...], Callable[[list[str]], list[Detected]]]] = [
        (f"{len(texts)} measured", KINDS, lambda those: detect_many(those, every)),
        (f"{len(CANDIDATES)} default", KINDS, detect_many),
    ]
    for label, library in (
        ("library: all", every),
        ("library: en de", ("en", "de")),
        ("library: not ko ru", tuple(code for code in texts if code not in ("ko", "ru"))),
    ):
        ways.append((label, KINDS[:2], lambda those, own=library: [detect_question(each, own) for each in those]))  # type: ignore[misc]
    return [row for label, kinds, tell in ways for kind in kinds if (row := _row(texts, label, kind, tell))]


def _row(texts: Texts, label: str, kind: str, tell: Callable[[list[str]], list[Detected]]) -> dict[str, object]:
    accuracies, mistakes, number, seconds = [], Counter[str](), 0, 0.0
    for language, kinds in texts.items():
        if not kinds[kind]:
            continue
        tell(kinds[kind][:1])
        start = time.perf_counter()
        told = tell(kinds[kind])
        seconds += time.perf_counter() - start
        number += len(told)
        accuracies.append(sum(each.code == language for each in told) / len(told))
        mistakes.update(f"{language}→{each.code}" for each in told if each.code != language)
    if not number:
        return {}
    return {
        "candidates": label,
        "kind": kind,
        "texts": number,
        "accuracy": round(100 * sum(accuracies) / len(accuracies), 2),
        "texts_per_second": round(number / max(seconds, 1e-9)),
        "mistakes": dict(mistakes.most_common(5)),
    }


def walks(texts: Texts) -> dict[str, float]:
    """Passages of 600 characters a second, ranked by steps over the whole text and by the identifier's own walk."""
    ranker = detection._ranker(CANDIDATES)
    cut = [text[:600] for kinds in texts.values() for text in kinds["passage"]][:300]
    ranker.rank(cut[0])
    ways = {"ranks a second": ranker.rank, "by the identifier's own walk": ranker._identifier.rank}
    rates = {}
    for name, way in ways.items():
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            for text in cut:
                way(text)
            best = min(best, time.process_time() - start)
        rates[name] = len(cut) / best
    first, second = rates.values()
    return {**rates, "ratio": first / second}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    texts = of_folder(arguments.folder) if arguments.folder else of_the_demo()
    rows, walked = measure(texts), walks(texts)
    if arguments.json:
        print(json.dumps({"rows": rows, "walks": walked}, ensure_ascii=False, indent=2))
        return
    print(f"{'candidates':<20}{'kind':<10}{'texts':>7}{'accuracy':>10}{'texts/s':>10}  commonest mistakes")
    for row in rows:
        mistakes = ", ".join(f"{pair} {count}" for pair, count in dict(row["mistakes"]).items())  # type: ignore[call-overload]
        print(
            f"{row['candidates']:<20}{row['kind']:<10}{row['texts']:>7}{row['accuracy']:>10}"
            f"{row['texts_per_second']:>10}  {mistakes}"
        )
    print(", ".join(f"{name} {value:,.1f}" for name, value in walked.items()))


if __name__ == "__main__":
    main()
