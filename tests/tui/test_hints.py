"""Next steps are those of the app, not of a shell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hybrid_search.tui.service.hints import for_the_app
from hybrid_search.tui.service.service import ServiceError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("hint", "here"),
    [
        (
            "`hybrid-search index DIR` makes one.",
            "i on the Library screen (F3) makes one, o there opens another one or the demo.",
        ),
        ("`hybrid-search index DIR --encoder base` makes them.", "e on the Library screen (F3) makes them."),
        (
            "`hybrid-search check --library /x` brings it up to date.",
            "v on the Library screen (F3) brings it up to date.",
        ),
        ("`hybrid-search encoders` lists them.", "c on Compare (F2) lists them."),
        (
            "If you trust it, name it in a command: `hybrid-search search QUESTION --encoder 'tei:http://x/'`; "
            "in Python, load it with named=True.",
            "If you trust it, c on Compare (F2), then / and its name, allows it.",
        ),
        ("`hybrid-search runs` lists them.", "Runs (F7) lists them."),
        ("Use --device cpu.", "In a terminal: Use --device cpu."),
        ("Make room. Push it again with --replace.", "Make room. In a terminal: Push it again with --replace."),
        ("Install hybrid-search again.", "Install hybrid-search again."),
        ("Give more data or a smaller --batch-size.", "Give more data or a smaller batch size."),
        ("", ""),
    ],
)
def test_a_command_becomes_a_key_and_the_rest_is_for_a_terminal(hint, here):
    assert for_the_app(hint) == here
    assert ServiceError("No.", hint=hint).hint == here


def test_every_hint_of_the_engine_that_needs_a_shell_says_so():
    found = []
    for path in [*(ROOT / "engine").rglob("*.py"), *(ROOT / "train").rglob("*.py")]:
        found += re.findall(r'hint=f?"([^"\n]*)"', path.read_text("utf-8"))
    shell = [hint for hint in found if re.search(r"`hybrid-search | --[a-z]", hint)]
    assert len(shell) > 20
    for hint in shell:
        here = for_the_app(hint)
        assert "terminal" in here or not re.search(r"`hybrid-search | --[a-z]", here), hint
