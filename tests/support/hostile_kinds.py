"""Kinds of document whose readers crash, hang, swell and do damage; a worker runs this file before it reads."""

from __future__ import annotations

import os
import signal
import sys
import time
import types

from hybrid_search.engine.documents import Document, kinds


def crash(source):
    os.kill(os.getpid(), signal.SIGSEGV)
    yield


def leave(source):
    os._exit(7)
    yield


def compute(source):
    while True:
        pass
    yield


def wait(source):
    while True:
        time.sleep(3600)
    yield


def swell(source):
    held = []
    while True:
        held.append(bytearray(8 * 1024 * 1024))
    yield


def half(source):
    """Give more rows than fit into one answer, then crash."""
    for number in range(40):
        yield Document(source.path, f"row {number}", "row", f"The moon of row {number}. " + "and the tree " * 1000)
    os.kill(os.getpid(), signal.SIGSEGV)


def damage(source):
    """Make the reading of the next document crash."""
    from hybrid_search.engine.documents import worker
    from hybrid_search.engine.documents.worker import child

    assert worker
    child.read_in_pieces = lambda *_, **__: crash(source)
    yield Document(source.path, "", "damage", "Nothing to be seen here.")


module = types.ModuleType("hostile")
for reader in (crash, leave, compute, wait, swell, half, damage):
    setattr(module, reader.__name__, reader)
    kinds.BY_SUFFIX["." + reader.__name__] = reader.__name__
    kinds.BY_NAME[reader.__name__] = kinds.Kind(
        reader.__name__, ("." + reader.__name__,), f"hostile:{reader.__name__}", "", ""
    )
sys.modules["hybrid_search.engine.documents.hostile"] = module
