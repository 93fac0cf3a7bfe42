"""What is kept of training data is made again where it is damaged, and the pairs are the same."""

from __future__ import annotations

import pytest
from hybrid_search import ParallelPairs
from hybrid_search.engine import paths

from tests.support import tiny_models

DAMAGES = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "grown": lambda whole: whole + b"\0",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_of_it_that_is_damaged_costs_time_and_nothing_else(damage, tmp_path):
    data = tiny_models.pairs(tmp_path / "pairs.jsonl", 30)
    pair = ParallelPairs.from_files(data)[3, "de", "en"]
    kept = [path for path in (paths.cache_folder() / "training").rglob("*") if path.is_file()]
    assert len(kept) > 10
    for path in kept:
        whole = path.read_bytes()
        if DAMAGES[damage](whole) == whole or (damage == "grown" and path.name.startswith(("guard", "clean"))):
            continue
        path.write_bytes(DAMAGES[damage](whole))
        assert ParallelPairs.from_files(data)[3, "de", "en"] == pair
        assert path.read_bytes() == whole, path
