"""The rules of the house, enforced: layout, direction of imports, types, style, and what may be imported when."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("engine", "train", "tui", "assets")
HEAVY = ("torch", "transformers", "sentence_transformers", "datasets", "pandas", "peft", "onnx", "scipy")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=900)


def modules_after(statement: str, cwd: Path) -> set[str]:
    """The modules that a clean interpreter holds after a statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = run(sys.executable, "-c", code, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines())


def test_every_package_folder_is_in_the_mapping():
    mapped = set(project()["tool"]["setuptools"]["packages"])
    found = {
        "hybrid_search." + ".".join(path.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert found == mapped


def test_top_level_is_as_agreed():
    tracked = run("git", "ls-files").stdout.splitlines()
    if not tracked:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in tracked}
    agreed = {"pyproject.toml", "README.md", "LICENSE", "NOTICE", "tui", "engine", "train", "assets", "tests"}
    assert {name for name in top if not name.startswith(".")} <= agreed


def test_no_tracked_file_is_too_large_to_clone():
    tracked = run("git", "ls-files").stdout.splitlines()
    sizes = {name: (ROOT / name).stat().st_size for name in tracked if (ROOT / name).is_file()}
    assert not {name: size for name, size in sizes.items() if size > 90e6}
    assert sum(size for name, size in sizes.items() if name.startswith("assets/")) < 180e6


@pytest.mark.parametrize(
    "statement",
    [
        "import hybrid_search.engine.library.library",
        "import hybrid_search.engine.encoders",
        "import hybrid_search.tui.app.app",
        "from hybrid_search.tui.cli.main import main; main(['--help'])",
        "import hybrid_search.train.batches.samplings",
    ],
)
def test_a_clean_interpreter_stays_light(statement: str, tmp_path: Path):
    loaded = modules_after(statement, tmp_path)
    assert not {name for name in loaded if name.split(".")[0] in HEAVY}


def test_help_imports_no_command_and_no_screen(tmp_path: Path):
    loaded = modules_after("from hybrid_search.tui.cli.main import main; main(['--help'])", tmp_path)
    assert not {name for name in loaded if name.split(".")[0] in {"textual", "numpy", "sqlite3", "onnxruntime"}}


def test_importing_creates_nothing(tmp_path: Path, home: Path):
    modules_after(
        "import hybrid_search.tui.app.app, hybrid_search.engine.library.library, hybrid_search.engine.encoders",
        tmp_path,
    )
    assert list(home.iterdir()) == []


def test_imports_follow_the_data():
    done = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_style():
    done = run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout
    done = run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_types_are_strict(tmp_path: Path):
    package = tmp_path / "hybrid_search"
    package.mkdir()
    for room in ROOMS:
        (package / room).symlink_to(ROOT / room)
    done = run(
        *(sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")),
        *("--cache-dir", str(tmp_path / "cache"), "-p", "hybrid_search"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_library_code_never_prints():
    offenders = [
        f"{path.relative_to(ROOT)}"
        for room in ("engine", "train")
        for path in (ROOT / room).rglob("*.py")
        if "\nprint(" in path.read_text("utf-8")
    ]
    assert offenders == []
