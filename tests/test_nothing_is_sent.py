"""Nothing leaves the machine: real commands look no name up, connect nowhere, and write into their own folders only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hybrid_search.engine.quiet import SWITCHES

HERE = Path(__file__).resolve().parent
RUN = "from hybrid_search.tui.cli.main import main; main()"
Seen = tuple[subprocess.CompletedProcess[str], list[str], set[str]]


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that notes every look-up and every connection of a process, native code included."""
    if sys.platform != "linux" or not (compiler := shutil.which("cc")):
        pytest.skip("watching native code needs Linux and a C compiler")
    made = tmp_path_factory.mktemp("watch") / "watch.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", made, HERE / "support" / "network_watch.c", "-ldl"], check=True)
    return made


@pytest.fixture
def run(watch: Path, tmp_path: Path):
    """Run Python in an empty home under the watch: the process, what was asked of the network, what files appeared."""
    home = tmp_path / "home"
    home.mkdir()
    log = tmp_path / "network.log"

    def go(
        code: str, *arguments: str, **variables: str
    ) -> tuple[subprocess.CompletedProcess[str], list[str], set[str]]:
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {"HOME": str(home), "NETWORK_WATCH": str(log), "LD_PRELOAD": str(watch), "OMP_NUM_THREADS": "2"}
        environment |= {name: value for name, value in variables.items() if value}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True,
            timeout=600,
        )  # fmt: skip
        asked = log.read_text().splitlines() if log.exists() else []
        made = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
        return done, asked, made

    return go


def test_the_watch_sees_what_python_and_native_code_ask_for(run):
    _, asked, made = run("import socket, pathlib; pathlib.Path.home().joinpath('mark').touch(); "
                         "socket.getaddrinfo('example.invalid', 80)")  # fmt: skip
    assert asked == ["lookup example.invalid"] and made == {"mark"}


@pytest.mark.slow
def test_searching_indexing_and_evaluating_ask_nobody_and_write_nowhere_else(run, tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "moon.md").write_text("# Moon\n\nThe moon rises behind the house.\n")
    commands = (
        ("index", "docs", "--encoder", "hybrid", "--json"),
        ("search", "Mond", "--encoder", "hybrid", "--json"),
        ("search", "bread", "--library", "none-yet", "--json"),
        ("compare", "moon", "--encoder", "hybrid,base", "--json"),
        ("status", "--json"),
        ("check", "--json"),
        ("encoders", "--json"),
        ("doctor", "--json"),
        ("mcp",),
        ("evaluate", "hybrid", "--benchmark", "demo", "--questions", "20", "--json"),
    )
    for command in commands:
        done, asked, made = run(RUN, *command)
        assert "Traceback" not in done.stderr, done.stderr
        assert asked == [], command
        elsewhere = {name for name in made if "hybrid-search" not in name}
        assert elsewhere == set(), command
    assert json.loads(done.stdout)


def test_an_endpoint_is_the_only_place_that_is_asked_and_only_once_it_is_named(run, tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "moon.md").write_text("# Moon\n\nThe moon rises behind the house.\n")
    # As a library of somebody else's would have it: vectors of an endpoint that nobody here has named.
    make = (
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from hybrid_search.engine.library.library import Library\n"
        "class Stored:\n"
        "    name, fingerprint, dimension, max_tokens = 'openai:m@http://far.invalid/v1', 'f', 2, 512\n"
        "    def encode_document(self, texts, progress=None): return np.tile(np.float32([1, 0]), (len(texts), 1))\n"
        "    def count_tokens(self, texts): return [9 for _ in texts]\n"
        "with Library.open(Path('theirs'), create=True) as library:\n"
        "    library.index([Path('docs')], encoders=[Stored()])\n"
    )
    done, asked, _ = run(make)
    assert done.returncode == 0 and asked == [], done.stderr
    for arguments in (("search", "moon"), ("compare", "moon"), ("search", "moon", "--encoder", "all")):
        done, asked, _ = run(RUN, *arguments, "--library", "theirs")
        assert done.returncode == 2 and "have not named" in done.stderr and asked == [], done.stderr
    done, asked, made = run(RUN, "search", "moon", "--library", "theirs", "--encoder", "openai:m@http://far.invalid/v1")
    assert done.returncode == 2 and "cannot be reached" in done.stderr, done.stderr
    assert set(asked) == {"lookup far.invalid"}
    assert {name for name in made if "hybrid-search" not in name} == set()


@pytest.mark.slow
def test_training_asks_nobody_and_writes_nowhere_else(run, tmp_path: Path):
    rows = [
        {"id": str(n), "question": {"en": f"what {word}"}, "passage": {"en": f"a {word} of the house"}}
        for n, word in enumerate(("bread", "water", "tree", "fire"))
    ]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done, asked, made = run(
        RUN, "train", "pairs.jsonl", "--out", "tiny", "--batches", "mono", "--steps", "2", "--batch-size", "2",
        "--lora", "1", "--holdout", "0",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert asked == []
    assert {name for name in made if "hybrid-search" not in name} == set()


def test_the_switches_are_set_before_anything_is_imported_and_in_children(run):
    code = (
        "import os, subprocess, sys, hybrid_search.engine\n"
        "print(subprocess.check_output([sys.executable, '-c', 'import os; print(dict(os.environ))'], text=True))"
    )
    done, _, _ = run(code)
    environment = eval(done.stdout)
    assert {name: environment.get(name) for name in SWITCHES} == SWITCHES
    done, _, _ = run(code, ORT_DISABLE_TELEMETRY="0")
    assert eval(done.stdout)["ORT_DISABLE_TELEMETRY"] == "0"


@pytest.mark.slow
def test_stores_in_a_folder_are_read_without_telling_anybody(run):
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(HERE.parent)!r})\n"
        "from contextlib import suppress\n"
        "from pathlib import Path\n"
        "import pytest\n"
        "from tests.support import filled_stores\n"
        "from hybrid_search.tui.cli.main import main\n"
        "for kind in ('qdrant', 'chroma', 'lancedb', 'milvus'):\n"
        "    with suppress(pytest.skip.Exception):\n"
        "        folder = Path(kind); folder.mkdir()\n"
        "        with filled_stores.ALL[kind](folder, filled_stores.vectors()) as name:\n"
        "            assert main(['neutralise', name, '--yes']) == 0\n"
    )
    done, asked, made = run(code)
    assert done.returncode == 0, done.stderr
    assert asked == []
    assert {name for name in made if "hybrid-search" not in name} == set()
