"""The event loop never computes for long: not while encoders work, not while answers arrive, not while one types."""

from __future__ import annotations

import asyncio
import sys

from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.service.service import Service

# A child whose encoders compute without a break for a second, as real ones do on a slow machine.
CHILD = """
import time
from hybrid_search.tui.desk.child import serve

TEXT = "ขนมปัง bread 面包 " * 40

def hit(rank):
    return {"rank": rank, "score": 1 / rank, "id": rank, "language": "en", "title": f"Bread {rank}", "heading": "",
            "path": "/x", "text": TEXT, "part": "", "ordinal": 0, "start": 0, "end": 9, "confidence": 1.0}

def opened(request, library=""):
    return {"path": "/x", "file": "", "name": "x", "demo": True, "passages": 500, "documents": 500,
            "languages": {"en": 500},
            "encoders": {name: {"encoded": 500, "pending": 0} for name in ("mono", "cross", "hybrid")}, "folders": [],
            "unreadable": [], "available": [{"name": n, "description": ""} for n in ("mono", "cross", "hybrid")]}

def ask(request, query, encoders, k=10, **more):
    for name in encoders:
        until = time.process_time() + 0.3
        while time.process_time() < until:
            request.check()
        request.tell(column=name, ranking={"encoder": name, "hits": [hit(n) for n in range(1, k + 1)], "searched": 500,
                     "exact": True, "seconds": 0.3, "query_language": {"code": "en", "confidence": 1.0},
                     "languages": {"en": k}, "share": 1.0, "library_share": 1.0})
    return {"query": query, "query_language": {"code": "en", "confidence": 1.0}, "overlap": []}

def sentences(request, query, encoder, ids):
    for number in ids:
        request.tell(id=number, span=[0, 9])
    return {}

def passage(request, id, query="", encoders=None):
    return {"passage": hit(id), "before": [], "after": [], "translations": [], "ranks": {},
            "strips": {name: {"en": id} for name in encoders or []}}

serve(lambda: {"open": opened, "status": opened, "ask": ask, "sentences": sentences, "passage": passage})
"""
# Calls of Python and C functions in one callback: a count is the same on any machine, seconds are not. The longest
# takes 150,000, a full repaint of three columns; that is 80 ms where Python is quick.
MOST_CALLS = 250_000


async def test_the_loop_never_computes_for_long_while_encoders_do(until, monkeypatch):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    app = HybridSearchApp(answers=Service((sys.executable, "-c", CHILD)))
    app.settings.k = 50
    stretches: list[int] = []
    run = asyncio.events.Handle._run

    def counted(handle: asyncio.events.Handle) -> None:
        calls = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        # A debugger or a measurement of coverage may be at work.
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            run(handle)
        finally:
            sys.setprofile(before)
        stretches.append(calls)

    async with app.run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: app.status)
        monkeypatch.setattr(asyncio.events.Handle, "_run", counted)
        screen = app.screen
        for query in ("bread", "bread and water", "why does bread rise"):
            screen.question.put(query)
            await until(
                pilot, lambda query=query: screen.asked.get("query") == query and len(screen.columns.rankings) == 3
            )
            for key in ("down", "down", "right", "down"):
                await pilot.press(key)
        monkeypatch.setattr(asyncio.events.Handle, "_run", run)
    assert len(stretches) > 100
    assert max(stretches) > 10_000, "nothing was painted"
    assert max(stretches) <= MOST_CALLS, sorted(stretches)[-10:]
