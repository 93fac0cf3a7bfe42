"""Write `assets/docs/session.md`: an agent's session of ten questions in ten languages, cited in other languages.

Run `python tests/making/agent_session.py` after the bundled encoders or the demo have changed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from hybrid_search.engine import encoders
from hybrid_search.engine.documents import read
from hybrid_search.engine.languages import name
from hybrid_search.engine.paths import assets_folder
from hybrid_search.engine.shown import in_markdown
from hybrid_search.tui.agents.server import build
from hybrid_search.tui.agents.shelf import Shelf
from mcp import Client

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.agent import ERRANDS, Session  # noqa: E402

SHOWN = 160


async def record() -> str:
    """The session as Markdown."""
    rows = (assets_folder() / "demo" / "questions.jsonl").read_text("utf-8").splitlines()
    questions = {row["id"]: row for row in map(json.loads, rows)}
    parts = [
        "<!-- Made by `python tests/making/agent_session.py`; a change here is lost. -->",
        "# A session of an agent",
        "An agent without a model (`tests/support/agent.py`) asks the demo library over the protocol: `search` in the "
        "language of the question, then `read` of the same passage in the language that its reader wants. A test asks "
        "the same and holds each citation against the document: the characters cited contain the known answer.",
    ]
    shelf = Shelf(None, lambda wanted, stored: encoders.load(wanted, stored=stored))
    try:
        async with Client(build(shelf)) as client:
            session = Session(client)
            for each, asked, wanted in ERRANDS:
                question = questions[each]["question"][asked]
                cited = await session.cite(question, wanted)
                found, _ = (call["answer"] for call in session.calls[-2:])
                first = found["results"][0]
                (document,) = read(cited.path)
                answer = questions[each]["answer"][wanted]
                right = answer in document.text[cited.start : cited.end]
                place = "/".join(Path(cited.path).parts[-2:])
                others = ", ".join(also["language"] for also in first["also_answered_in"])
                parts += [
                    f"## {in_markdown(question)}",
                    f"Asked in {name(asked)}, to be cited in {name(wanted)}. First result: {first['language']}, "
                    f"“{in_markdown(first['title'])}”, score {first['score']:.3f} ({found['score']['kind']}); also "
                    f"answered in {others}.",
                    f"Cited: `{place}`, characters {cited.start} to {cited.end}"
                    f"{'' if right else ' (without the known answer)'}: “{in_markdown(answer)[:SHOWN]}”",
                ]
    finally:
        shelf.close()
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    target = ROOT / "assets" / "docs" / "session.md"
    target.write_text(asyncio.run(record()), "utf-8")
    print(f"wrote {target.relative_to(ROOT)}")
