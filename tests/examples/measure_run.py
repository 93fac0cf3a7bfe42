"""Measure the language bias of a run: `python measure_run.py RUN QRELS LANGUAGES [RUN2]`.

RUN and QRELS are TREC files; LANGUAGES has one `id language` a line, for documents and for queries. With a second run
of the same queries both are compared.
"""

import sys
from pathlib import Path

from hybrid_search import compare_runs, measures


def main(run: str, qrels: str, languages: str, other: str = "") -> None:
    """Print what the run reaches, and how it differs from another."""
    language_of = dict(line.split() for line in Path(languages).read_text("utf-8").splitlines())
    rankings = measures.Rankings.from_run(run, qrels, language_of=language_of, query_language_of=language_of)
    for name, value in measures.summary(rankings).items():
        print(f"{name:32} {value:10.4f}")
    shares = rankings.by_language(measures.own_language_share(rankings, 10))
    print("own language in the first 10:", ", ".join(f"{code} {share:.0%}" for code, share in shares.items()))
    if other:
        spoken = {"language_of": language_of, "query_language_of": language_of}
        for found in compare_runs({run: run, other: other}, qrels, measure=measures.rank_distance, **spoken):
            print(found.verdict("rank_distance"))


if __name__ == "__main__":
    main(*sys.argv[1:])
