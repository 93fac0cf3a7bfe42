"""Marks index files that this machine wrote, by a MAC with a secret from the user's data folder.

hnswlib loads a file without checks, so a malicious one can make it do anything. A digest next to the file only proves
that the file is intact, since an attacker can write both.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from ..files import read_regular
from ..paths import data_folder
from ..store import IndexFile

_BYTES = 32


def place() -> Path:
    """The path of the secret."""
    return data_folder() / "index.secret"


def can() -> bool:
    """Whether there is a secret; it is created if missing."""
    return bool(_secret(make=True))


def mac_of(file: IndexFile) -> str:
    """The MAC of an index file, independent of its library; "" if no secret can be created."""
    secret = _secret(make=True)
    return _mac(secret, file) if secret else ""


def is_ours(file: IndexFile) -> bool:
    """Whether an index file was written with this user's secret."""
    secret = _secret(make=False)
    return bool(secret) and hmac.compare_digest(_mac(secret, file).encode(), file.mac.encode("utf-8", "replace"))


def _mac(secret: bytes, file: IndexFile) -> str:
    facts = (file.sha256, file.fingerprint, str(file.dimension), str(file.rows))
    return hmac.new(secret, "\0".join(facts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _secret(*, make: bool) -> bytes:
    path = place()
    for _ in range(2):
        try:
            found = read_regular(path, _BYTES, follow=False)
        except FileNotFoundError:
            found = b""
        except OSError:
            return b""
        if len(found) == _BYTES:
            return found
        if not make:
            return b""
        try:
            _write(path)
        except OSError:
            return b""
    return b""


def _write(path: Path) -> None:
    """Create the secret atomically; if two processes do, the first one's is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(handle)
        if path.exists() and path.stat().st_size != _BYTES:
            # It was truncated by a crash: index files that it marked are rebuilt.
            partial.replace(path)
            return
        try:
            os.link(partial, path)
        except FileExistsError:
            return
        except OSError:
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
