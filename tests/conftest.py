"""What every test shares: a home of its own, no network, a fixed look, and an encoder one can compute by hand."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from tests.support import homes

# A machine that does other work at the same time is no fault of what is tested, and what passes today passes tomorrow.
# `--hypothesis-profile new` draws examples that nobody has tried yet.
settings.register_profile("any machine", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None, print_blob=True)
settings.load_profile("any machine")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_NUM_THREADS", "2")

SHARED = Path(__file__).resolve().parents[2] / "shared"

CONCEPTS: dict[str, tuple[str, ...]] = {
    "bread": ("bread", "brot", "pan", "хлеб", "パン", "面包", "ขนมปัง", "خبز"),
    "water": ("water", "wasser", "agua", "вода", "水", "น้ำ", "ماء"),
    "moon": ("moon", "mond", "luna", "луна", "月", "ดวงจันทร์", "قمر"),
    "tree": ("tree", "baum", "árbol", "дерево", "木", "树", "ต้นไม้", "شجرة"),
    "fire": ("fire", "feuer", "fuego", "огонь", "火", "ไฟ", "نار"),
    "house": ("house", "haus", "casa", "дом", "家", "房子", "บ้าน", "بيت"),
}
SCRIPTS = ("latin", "cyrillic", "kana", "han", "thai", "arabic")


def script_of(text: str) -> int:
    """The index in SCRIPTS of the script that tells most about a text's language."""
    patterns = (r"[\u0400-\u04ff]", r"[\u3040-\u30ff]", r"[\u0e00-\u0e7f]", r"[\u0600-\u06ff]", r"[\u4e00-\u9fff]")
    for index, pattern in zip((1, 2, 4, 5, 3), patterns, strict=True):
        if re.search(pattern, text):
            return index
    return 0


class KeywordEncoder:
    """Counts concepts in any language; `bias` adds a component that tells the script, as a biased encoder does."""

    def __init__(self, name: str = "keyword", *, bias: float = 0.0, before: Callable[[], None] | None = None) -> None:
        self.name = name
        self.bias = bias
        self.before = before
        self.fingerprint = hashlib.sha256(f"keyword:{name}:{bias}".encode()).hexdigest()[:16]
        self.dimension = len(CONCEPTS) + len(SCRIPTS) + 1
        self.max_tokens = 512
        self.calls = 0
        self.texts: list[str] = []

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        if self.before is not None:
            self.before()
        self.calls += len(texts)
        self.texts += texts
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            lowered = text.casefold()
            for column, words in enumerate(CONCEPTS.values()):
                vectors[row, column] = sum(lowered.count(word) for word in words)
            vectors[row, len(CONCEPTS) + script_of(lowered)] = self.bias
            vectors[row, -1] = 0.1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts)

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        vectors = self._encode(texts)
        if progress is not None:
            progress(len(texts))
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) + 3 + text.count("\u3000") for text in texts]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes share the tests: as many as there are cores, or this one alone where tests are named.

    Each takes up to three gigabytes, most of it with the bundled encoder whole in torch.
    """
    import psutil

    cores = os.cpu_count() or 1
    processes = min(cores, 4, psutil.virtual_memory().total // (4 * 1024**3))
    if processes < 2 or config.args_source is pytest.Config.ArgsSource.ARGS:
        return 0
    # They inherit their share of the cores, and their children with them.
    os.environ["OMP_NUM_THREADS"] = str(min(int(os.environ["OMP_NUM_THREADS"]), cores // processes))
    return processes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, then those of the app: no process is left alone with a long one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: 0 if item.path in slow else 1 if "tui" in item.path.parts else 2)


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a home of its own, no network and no colours of the machine it runs on."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HYBRID_SEARCH_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    for variable in ("HYBRID_SEARCH_LIBRARY", "NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture(scope="session")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What tests of the bundled encoders share: graphs are made once for each encoder, not once for each home."""
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture(scope="session")
def demo_library(tmp_path_factory: pytest.TempPathFactory, graphs: Path) -> Path:
    """The demo library, made once, to be copied."""
    return homes.make_demo(tmp_path_factory.mktemp("demo"), graphs)


@pytest.fixture
def used_before(home: Path, graphs: Path) -> None:
    """Graphs of the bundled encoders are there from other tests."""
    homes.furnish(home, graphs)


@pytest.fixture
def demo_at_home(home: Path, graphs: Path, demo_library: Path) -> None:
    """The same, and a demo library that is made already."""
    homes.furnish(home, graphs, demo_library)


@pytest.fixture
def keyword_encoder() -> KeywordEncoder:
    """An encoder without language bias whose scores one can compute by hand."""
    return KeywordEncoder()


@pytest.fixture
def biased_encoder() -> KeywordEncoder:
    """The same, but leaning towards the query's script."""
    return KeywordEncoder("biased", bias=2.0)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of models and data that is not part of the project; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the shared models and data beside the checkout")
    return SHARED


@pytest.fixture
def keyword_encoder_type() -> type[KeywordEncoder]:
    """The class itself, for tests that need several encoders or a blocking one."""
    return KeywordEncoder
