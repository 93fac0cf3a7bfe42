"""Text in cells, in every script."""

from __future__ import annotations

import re

import pytest
from hybrid_search.tui.display.cells import around, cut, fit, flat, plain
from hybrid_search.tui.display.picture import in_cells
from rich.cells import cell_len

SCRIPTS = [
    "plain words",
    "中文字猫很多字",
    "नमस्ते दुनिया कैसे हो",
    "สวัสดีชาวโลกทั้งหลาย",
    "👩‍👩‍👧 family 👍🏽",
    "مرحبا بالعالم كله",
    "한국어 문장입니다",
]


@pytest.mark.parametrize("text", SCRIPTS)
@pytest.mark.parametrize("width", [0, 1, 2, 5, 7, 40])
def test_a_fitted_text_has_exactly_the_cells_asked_for(text, width):
    assert cell_len(fit(text, width)) == width


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_cut_text_says_so_and_breaks_no_character(text):
    shortened = cut(text, 6)
    assert cell_len(shortened) <= 6
    assert shortened.endswith("…") and text.startswith(shortened[:-1])


def test_cutting_takes_a_family_whole_or_not_at_all():
    assert cut("a👩‍👩‍👧bcdef", 3) in ("a…", "a👩‍👩‍👧…")[:1]


def test_flat_text_has_no_controls_and_no_stray_directions():
    assert flat("a\tb\n\x1b[31mc\u202ed") == "a b [31mc d"


def test_plain_text_keeps_its_lines():
    assert plain("a\x07\n\tb  \nc") == "a\n    b\nc"


def test_the_line_shows_the_sentence_that_matched():
    text = "First comes this. The answer is here. Then more."
    line, start, end = around(text, 18, 37, 30)
    assert line[start:end] == "The answer is here."
    assert line.startswith("… ") and cell_len(line) <= 30


def test_a_text_that_fits_is_shown_whole():
    line, start, end = around("One. Two.", 5, 9, 80)
    assert line == "One. Two." and line[start:end] == "Two."


@pytest.mark.parametrize("text", SCRIPTS)
def test_in_a_picture_a_text_is_as_long_as_its_cells(text):
    svg = f'<text class="a" x="0" y="20" textLength="{12.2 * len(text):g}" clip-path="url(#a)">{text}</text>'
    found = in_cells(svg)
    assert float(re.search('textLength="([^"]+)"', found)[1]) == pytest.approx(12.2 * cell_len(text))
    # What a fixed pitch shows by itself is left as it is.
    assert ("lengthAdjust" in found) == (len(text) != cell_len(text))
    assert found.endswith(f">{text}</text>") and 'clip-path="url(#a)"' in found
