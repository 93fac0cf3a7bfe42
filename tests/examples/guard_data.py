"""Take what overlaps a benchmark out of a data set: `python guard_data.py BENCHMARK DATA.jsonl CLEAN.jsonl`.

BENCHMARK is a file or folder in a published format (SQuAD, XQuAD-R, JSON lines ...). Which rows are left out, and what
they share with it, is said for each.
"""

import json
import sys
from pathlib import Path

from hybrid_search import Guard


def main(benchmark: str, data: str, clean: str) -> None:
    """Write the rows that overlap nothing."""
    rows = [json.loads(line) for line in Path(data).read_text("utf-8").splitlines()]
    overlaps = Guard.of([benchmark]).overlaps(rows)
    for each in overlaps.found:
        print(each)
    kept = [json.dumps(rows[row], ensure_ascii=False) + "\n" for row in overlaps.clean]
    Path(clean).write_text("".join(kept), "utf-8")
    print(f"{len(overlaps)} of {len(rows)} rows left out")


if __name__ == "__main__":
    main(*sys.argv[1:])
