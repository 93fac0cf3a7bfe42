"""The rules of the house, enforced: layout, direction of imports, types, style, and what may be imported when."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("engine", "train", "tui", "assets")
FRONT_DOOR = ROOT / "train" / "front-door"
PRINTING = ("print", "sys.stdout.write", "sys.stderr.write")
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
    found = {"hybrid_search"} | {
        "hybrid_search." + ".".join(path.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
        if path.parent != FRONT_DOOR
    }
    assert found == mapped


def test_top_level_is_as_agreed():
    tracked = run("git", "ls-files").stdout.splitlines()
    if not tracked:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in tracked}
    agreed = {"pyproject.toml", "README.md", "LICENSE", "NOTICE", "tui", "engine", "train", "assets", "tests"}
    agreed |= {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
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
    done = run(sys.executable, str(ROOT / "tests" / "making" / "contracts.py"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_style():
    done = run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout
    done = run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_types_are_strict(tmp_path: Path):
    package = tmp_path / "hybrid_search"
    package.mkdir()
    for room in ROOMS:
        (package / room).symlink_to(ROOT / room)
    for each in FRONT_DOOR.iterdir():
        if each.suffix in (".py", ".typed"):
            (package / each.name).symlink_to(each)
    done = run(
        *(sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")),
        *("--cache-dir", str(tmp_path / "cache"), "-p", "hybrid_search"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def modules() -> dict[str, Path]:
    """Every module of the rooms by its dotted name below the project."""
    found = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if path.parent == FRONT_DOOR:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path) -> Iterator[str]:
    """The modules that a module imports from the rooms, late imports included."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                yield ".".join([*base, alias.name])


def test_a_sub_package_is_entered_by_its_door():
    """Outside a sub-package only what its `__init__` exports is imported; inside it, modules import each other."""
    known = modules()
    packages = {name for name, path in known.items() if path.name == "__init__.py"}
    intruders = []
    for name, path in known.items():
        for target in imported(name, path):
            home = target.rsplit(".", 1)[0]
            while home not in packages:
                home = home.rsplit(".", 1)[0]
            module = target[len(home) + 1 :].split(".")[0]
            inside = name == home or name.startswith(home + ".")
            private = f"{home}.{module}" in known and f"{home}.{module}" not in packages
            if home in ROOMS or inside or not private or module in exported(known[home]):
                continue
            intruders.append(f"{path.relative_to(ROOT)} reaches into {home} for {module}")
    assert intruders == []


def exported(init: Path) -> set[str]:
    """The names that a package's `__all__` lists."""
    for node in ast.walk(ast.parse(init.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


@pytest.mark.parametrize("name", sorted(name for name, path in modules().items() if path.name == "__init__.py"))
def test_every_exported_name_is_there(name: str):
    module = importlib.import_module(f"hybrid_search.{name}")
    assert [each for each in getattr(module, "__all__", ()) if not hasattr(module, each)] == []


def test_no_room_is_a_pile():
    crowded = {}
    for name, path in modules().items():
        if path.name == "__init__.py" and name not in ROOMS:
            files = [each for each in path.parent.glob("*.py") if each.name != "__init__.py"]
            if len(files) > 13:
                crowded[name] = len(files)
    assert crowded == {}


def test_every_module_says_in_its_first_line_what_it_is_for():
    silent = [name for name, path in modules().items() if not path.read_text("utf-8").startswith('"""')]
    assert silent == []


def test_library_code_never_prints():
    offenders = []
    for name, path in modules().items():
        if name.startswith(("engine", "train")):
            calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
            offenders += [f"{name}:{call.lineno}" for call in calls if ast.unparse(call.func) in PRINTING]
    assert offenders == []


def test_the_home_of_an_unknown_user_raises_nowhere():
    raising = [name for name, path in modules().items() if ".expanduser()" in path.read_text("utf-8")]
    assert raising == [], "`paths.typed` does not raise"


def test_search_by_words_is_named_in_one_place():
    places = [
        path.relative_to(ROOT).as_posix()
        for room in ("engine", "train", "tui")
        for path in (ROOT / room).rglob("*.py")
        if '= "bm25"' in path.read_text("utf-8") or '== "bm25"' in path.read_text("utf-8")
    ]
    assert places == ["engine/encoders/names.py"]
