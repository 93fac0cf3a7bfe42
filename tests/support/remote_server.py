"""Shared by tests of libraries on an engine: texts for a library to push, and a Milvus Lite server to kill."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

TEXTS = {
    "en/bread.md": "# Bread\n\nBread is baked from flour and water in a hot oven over a fire.",
    "de/bread.md": "# Brot\n\nDas Brot wird aus Mehl und Wasser im heißen Ofen über dem Feuer gebacken.",
    "ru/bread.md": "# Хлеб\n\nХлеб пекут из муки, и нужна вода, а печь топят: огонь должен быть жарким.",
    "ja/bread.md": "# パン\n\nパンは小麦粉と水から作り、火で熱くした窯で焼きます。",
    "en/moon.md": "# Moon\n\nThe moon rises behind the tree.\n\n# Night\n\nIt shines on the old house.",
    "de/moon.md": "# Mond\n\nDer Mond geht hinter dem Baum auf.\n\n# Nacht\n\nEr scheint auf das alte Haus.",
    'th/a "quoted\\ name".md': "# น้ำ\n\nน้ำไหลจากภูเขาลงสู่ทะเล",
}
# Far more passages of one text than are asked for: only their ids decide which are returned.
COPIES = 40


def written(folder: Path) -> Path:
    """Write the texts, and copies of one more."""
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder / "copies.csv").write_text("text\n" + "The water of the moon is ice.\n" * COPIES, "utf-8")
    return folder


class Server:
    """Milvus Lite in a separate process, so that a connection can really be lost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        import grpc

        options = ("--host", "127.0.0.1", "--port", str(self.port), "--data-dir", str(self.folder))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milvus_lite", "server", *options],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with grpc.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            grpc.channel_ready_future(channel).result(timeout=300)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
