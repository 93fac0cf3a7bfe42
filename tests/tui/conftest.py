"""The app over a small real library and encoders one can compute by hand, without a process between them."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hybrid_search.engine.errors import HybridSearchError, UnknownEncoder
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.desk.desk import Desk
from hybrid_search.tui.desk.requests import Cancelled, Later, Request
from hybrid_search.tui.service.service import ServiceError
from hybrid_search.tui.widgets.ask_bar import QueryInput
from hybrid_search.tui.widgets.column import Column

from tests.conftest import KeywordEncoder

TEXTS = {
    "bread": {
        "en": "Bread needs flour and water. The bread rises slowly overnight. Good bread has a dark crust.",
        "de": "Brot braucht Mehl und Zeit. Das Brot geht über Nacht langsam auf. Gutes Brot hat eine dunkle Kruste.",
        "es": "El pan necesita harina y tiempo. El pan sube despacio durante la noche. El buen pan tiene corteza.",
        "ru": "Хлеб требует муки и времени. Хлеб медленно поднимается за ночь. У хорошего хлеба тёмная корка.",
        "ja": "パンには小麦粉と時間が必要です。パンは一晩かけてゆっくり膨らみます。よいパンの皮は濃い色です。",
        "th": "ขนมปังต้องใช้แป้งและเวลา ขนมปังจะขึ้นฟูช้าๆ ตลอดคืน ขนมปังที่ดีมีเปลือกสีเข้ม",
        "ar": "يحتاج خبز جيد إلى الدقيق والوقت. يرتفع خبز العجين ببطء خلال الليل. قشرة خبز القمح داكنة.",
    },
    "moon": {
        "en": "The moon pulls the sea. When the moon is full the tide is high. The moon has no light of its own.",
        "de": "Der Mond zieht das Meer an. Bei vollem Mond steht die Flut hoch. Der Mond leuchtet nicht selbst.",
        "es": "La luna atrae el mar. Con luna llena la marea es alta. La luna no tiene luz propia.",
        "ru": "Луна притягивает море. Когда луна полная, прилив высок. У луны нет собственного света.",
        "ja": "月は海を引き寄せます。満月のとき潮は高くなります。月は自分では光りません。",
        "th": "ดวงจันทร์ดึงดูดทะเล เมื่อดวงจันทร์เต็มดวงน้ำจะขึ้นสูง ดวงจันทร์ไม่มีแสงในตัวเอง",
        "ar": "يجذب قمر السماء البحر. حين يكتمل قمر الليل يعلو المد. ليس في قمر السماء ضوء من ذاته.",
    },
    "tree": {
        "en": "A tree drinks with its roots. An old tree keeps the soil in place. Each tree has rings, one a year.",
        "de": "Ein Baum trinkt mit den Wurzeln. Ein alter Baum hält den Boden fest. Jeder Baum hat Jahresringe.",
        "es": "Un árbol bebe con sus raíces. Un árbol viejo sujeta el suelo. Cada árbol tiene anillos, uno por año.",
        "ru": "Дерево пьёт корнями. Старое дерево держит почву. У дерева есть годовые кольца.",
        "ja": "木は根で水を飲みます。古い木は土を守ります。木には年輪があります。",
        "th": "ต้นไม้ดูดน้ำด้วยราก ต้นไม้เก่าแก่ช่วยยึดดิน ต้นไม้ทุกต้นมีวงปี",
        "ar": "تشرب شجرة الحديقة بجذورها. تحفظ شجرة قديمة التربة. لكل شجرة حلقات بعدد السنين.",
    },
}
ENCODERS = ("mono", "cross", "hybrid")
BIAS = {"mono": 2.0, "cross": 0.5, "hybrid": 0.0}


def write_texts(folder: Path) -> Path:
    for topic, texts in TEXTS.items():
        for code, text in texts.items():
            path = folder / code / f"{topic}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {text.split('.')[0].split('。')[0][:24]}\n\n{text}\n", "utf-8")
    return folder


class LocalService:
    """Does what the child process does, in a thread of the test: requests in order, cancellation, errors in words."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.running = True
        self.closed = False
        self._operations = desk.operations()
        self._thread = ThreadPoolExecutor(max_workers=1)

    async def ask(
        self, op: str, progress: Callable[[dict[str, Any]], None] | None = None, **parameters: Any
    ) -> dict[str, Any]:
        self.asked.append((op, parameters))
        loop, cancelled = asyncio.get_running_loop(), threading.Event()

        def send(message: dict[str, Any]) -> None:
            if progress is not None and not cancelled.is_set():
                loop.call_soon_threadsafe(lambda: None if cancelled.is_set() else progress(message["progress"]))

        request = Request(len(self.asked), send, cancelled.is_set)

        def work() -> dict[str, Any]:
            request.check()
            result = self._operations[op](request, **parameters)
            return result.finish() if isinstance(result, Later) else result

        try:
            return await loop.run_in_executor(self._thread, work)
        except Cancelled:
            raise ServiceError("cancelled", kind="cancelled") from None
        except HybridSearchError as error:
            raise ServiceError(error.message, hint=error.hint, kind=type(error).__name__) from None
        except asyncio.CancelledError:
            cancelled.set()
            raise
        except Exception as error:
            raise ServiceError(f"{type(error).__name__}: {error}", kind="unexpected") from error

    def count(self, op: str) -> int:
        return sum(name == op for name, _ in self.asked)

    def close(self) -> None:
        self.closed, self.running = True, False
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def ended(self) -> None:
        pass


@pytest.fixture
def encoders(keyword_encoder_type) -> dict[str, Any]:
    """The trio, from very biased to not at all."""
    return {name: keyword_encoder_type(name, bias=BIAS[name]) for name in ENCODERS}


@pytest.fixture
def load(encoders) -> Callable[[str], Any]:
    def load(name: str) -> Any:
        if name not in encoders:
            raise UnknownEncoder(f"There is no encoder {name}.", hint="`hybrid-search encoders` lists them.")
        return encoders[name]

    return load


@pytest.fixture(scope="session")
def indexed(tmp_path_factory) -> Path:
    """A folder with three topics in seven languages and a library of them with vectors of the trio, to be copied."""
    folder = tmp_path_factory.mktemp("indexed")
    with Library.open(folder / "library", create=True) as opened:
        trio = [KeywordEncoder(name, bias=BIAS[name]) for name in ENCODERS]
        opened.index([write_texts(folder / "texts")], encoders=trio)
    return folder


@pytest.fixture
def library(tmp_path, indexed) -> Path:
    """Three topics in seven languages, with vectors of the trio. Tests that change its texts ask for `texts`, too."""
    shutil.copytree(indexed / "library", tmp_path / "library")
    return tmp_path / "library"


@pytest.fixture
def texts(tmp_path, library, encoders) -> Path:
    """The texts of the library, for tests that change them: a copy of their own, which the library is made of anew."""
    shutil.rmtree(library)
    folder = write_texts(tmp_path / "texts")
    with Library.open(library, create=True) as opened:
        opened.index([folder], encoders=list(encoders.values()))
    for encoder in encoders.values():
        encoder.calls = 0
    return folder


@pytest.fixture
def demo(library, monkeypatch) -> Path:
    """The small library, taken for the demo."""
    monkeypatch.setattr("hybrid_search.engine.library.library_folder", lambda: library)
    return library


@pytest.fixture
def start(load, monkeypatch):
    """Runs the app: `async with start(library) as pilot`; the services are at `pilot.app`."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")

    @asynccontextmanager
    async def start(library: Path | str = "", query: str = "", size: tuple[int, int] = (130, 42), **more: Any):
        app = HybridSearchApp(
            str(library), query, answers=LocalService(Desk(load)), worker=lambda: LocalService(Desk(load)), **more
        )
        async with app.run_test(size=size) as pilot:
            yield pilot

    return start


def settled(pilot: Any) -> bool:
    """Whether Compare has everything that follows a question: answers, marked words, the passage and its ranks."""
    screen = pilot.app.screen
    columns = list(screen.query(Column))
    if not all(column.has_class("-result") or column.has_class("-error") for column in columns):
        return False
    spans = all(hit.span for column in columns for hit in column.results.hits)
    passage, pointed = screen.detail.passage, screen.columns.pointed
    here = passage is not None and pointed is not None and passage["passage"]["id"] == pointed.id
    return spans and here and screen.detail.strip.strips is not None


@pytest.fixture
def still(monkeypatch) -> None:
    """Nothing in a picture moves by itself: clocks and carets are stopped."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr("hybrid_search.tui.widgets.column.duration", lambda seconds: "12 ms")
    monkeypatch.setattr(QueryInput, "cursor_blink", False, raising=False)


@pytest.fixture
def until():
    """Waits until something is so, while the app goes on; fails with what it waited for."""

    async def until(pilot: Any, so: Callable[[], Any], words: str = "it happens", tries: int = 3000) -> None:
        for _ in range(tries):
            if so():
                await pilot.pause()
                return
            await pilot.pause(0.02)
        raise AssertionError(f"waited in vain until {words}")

    return until
