"""Parts of sentences: cut between words, or between characters where words are not set apart."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hybrid_search.train.data.spans import SHARES, cut, drawn, fragment
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("one two three four five six seven eight", "en", "three four five six"),
        ("一二三四五六七八九十一二三四五六", "zh", "五六七八九十一二"),
        ("واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية", "ar", "ثلاثة أربعة خمسة ستة"),
        ("too short", "en", "too short"),
        ("短句", "zh", "短句"),
    ],
)
def test_a_part_holds_the_units_between_two_fractions_of_a_text(text, language, expected):
    assert cut(text, (0.25, 0.75), language) == expected


@given(st.integers(0, 10_000))
def test_a_thai_text_is_never_cut_before_a_mark_that_belongs_to_a_letter(seed):
    text = "น้ำที่ไหลจากภูเขาลงสู่ทะเลนั้นเย็นและใสมาก"
    part = cut(text, drawn(random.Random(seed)), "th")
    begins = text.index(part)
    for character in (part[0], (text + " ")[begins + len(part)]):
        assert not unicodedata.category(character).startswith("M")


@given(st.integers())
def test_a_drawn_part_lies_within_its_sentence_and_is_of_the_widths_wanted(seed):
    start, end = drawn(random.Random(seed))
    assert 0 <= start < end <= 1 + 1e-9
    assert SHARES[0] - 1e-9 <= end - start <= SHARES[1] + 1e-9


@pytest.mark.parametrize(
    ("text", "language", "most"),
    [
        ("The bridge over the river was built in nine years.", "en", 4),
        ("น้ำที่ไหลจากภูเขาลงสู่ทะเลนั้นเย็นและใสมาก", "th", 8),
        ("هذا الجسر فوق النهر بني في تسع سنوات.", "ar", 4),
        ("这座桥建了九年。", "zh", 8),
    ],
)
def test_a_fragment_is_a_few_units_from_either_end_of_a_text(text, language, most):
    drawn_parts = {fragment(text, language, random.Random(seed)) for seed in range(200)}
    assert any(text.startswith(part) for part in drawn_parts) and any(text.endswith(part) for part in drawn_parts)
    for part in drawn_parts:
        assert part and (text.startswith(part) or text.endswith(part))
        units = part.split() if " " in text else [c for c in part if not unicodedata.category(c).startswith("M")]
        assert len(units) <= most
        assert not unicodedata.category(part[0]).startswith("M")


@pytest.mark.parametrize("text", ["Word", "字", "", " "])
def test_a_text_that_has_no_more_than_a_fragment_stays_whole(text):
    assert fragment(text, "en", random.Random(0)).strip() == text.strip()
