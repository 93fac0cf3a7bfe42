"""What `hybrid_search` exports: it is listed, documented, costs nothing to import, and its examples are true."""

from __future__ import annotations

import ast
import doctest
import importlib.metadata
import inspect
import subprocess
import sys
import warnings
from pathlib import Path

import hybrid_search
import pytest
from hybrid_search.engine import deprecation

from tests.making import surface

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = list(surface.public())
DOCTESTED = sorted(
    {sys.modules[each.thing.__module__] for each in PUBLIC if hasattr(each.thing, "__module__")} | {deprecation},
    key=lambda module: module.__name__,
)


def clean(code: str, cwd: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_public_surface_is_the_one_that_is_listed():
    assert surface.LISTED.read_text("utf-8") == surface.text(), f"run `{surface.MENDS}`"


def test_what_is_exported_late_is_what_is_listed_and_what_types_see():
    source = ast.parse((ROOT / "train" / "front-door" / "__init__.py").read_text("utf-8"))
    seen = {
        alias.asname or alias.name
        for node in ast.walk(source)
        if isinstance(node, ast.If)
        for inner in node.body
        if isinstance(inner, ast.ImportFrom)
        for alias in inner.names
    }
    assert set(hybrid_search.__all__) == set(hybrid_search.PUBLIC) == seen
    assert set(dir(hybrid_search)) >= set(hybrid_search.__all__)
    assert hybrid_search.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = hybrid_search.nothing


@pytest.mark.parametrize("each", PUBLIC, ids=[each.name for each in PUBLIC])
def test_every_public_name_says_what_it_is(each):
    doc = inspect.getdoc(each.thing)
    assert (doc and doc[0].isupper()) or doc.startswith(("`", "nDCG")), each.name


def test_every_measure_gives_unit_source_and_an_example():
    incomplete = []
    for each in PUBLIC:
        module, _, name = each.name.rpartition(".")
        if module == "hybrid_search.measures" and inspect.isfunction(each.thing) and "read_" not in name:
            wanted = {">>> "} if name in ("occurrences", "summary") else {">>> ", "Returns:", "Source:"}
            incomplete += [name for part in wanted if part not in each.thing.__doc__]
    assert incomplete == []


@pytest.mark.parametrize("module", DOCTESTED, ids=[module.__name__ for module in DOCTESTED])
def test_the_examples_in_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0


def test_most_public_functions_have_an_example():
    examples = sum(doctest.DocTestFinder().find(module) != [] for module in DOCTESTED)
    counted = sum(len(test.examples) for module in DOCTESTED for test in doctest.DocTestFinder().find(module))
    assert examples and counted > 50


def test_importing_costs_nothing_until_something_is_used(tmp_path: Path):
    heavy = (
        "{'numpy', 'torch', 'transformers', 'sentence_transformers', 'datasets', 'pandas', 'onnxruntime', 'sqlite3'}"
    )
    code = f"import sys, hybrid_search; print(sorted({heavy} & set(sys.modules)))"
    assert clean(code, tmp_path).strip() == "[]"
    light = "{'torch', 'transformers', 'sentence_transformers', 'datasets', 'pandas', 'onnxruntime', 'ir_measures'}"
    code = f"""
import sys, hybrid_search
from hybrid_search import Guard, Library, Neutraliser, compare_runs, measures
ranked = measures.Rankings.from_run({{"q": {{"d": 1.0}}}}, {{"q": {{"d": 1}}}})
measures.summary(ranked)
print(sorted({light} & set(sys.modules)))
"""
    assert clean(code, tmp_path).strip() == "[]"


def test_a_deprecated_name_warns_with_what_replaces_it_and_where_it_goes():
    @deprecation.deprecated(since="0.2", removed_in="9.0", instead="measures.recall")
    def old(k: int) -> int:
        return k

    with pytest.warns(
        DeprecationWarning, match=r"old is deprecated since .* 0.2 and will be removed in 9.0. Use measures.recall"
    ):
        assert old(3) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning):
            old(3)
    deprecation.GOING.popitem()


def test_nothing_outlives_the_version_in_which_it_was_to_go():
    def numbers(version: str) -> tuple[int, ...]:
        return tuple(int(part) for part in version.split(".")[:2])

    now = numbers(importlib.metadata.version("hybrid-search")) if installed() else (0, 1)
    assert {name: going for name, going in deprecation.GOING.items() if numbers(going) <= now} == {}


def installed() -> bool:
    try:
        importlib.metadata.version("hybrid-search")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
