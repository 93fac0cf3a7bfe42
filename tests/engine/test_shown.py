"""What others wrote is shown harmlessly, and as it was where it is harmless."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hybrid_search.engine.shown import as_json, in_markdown, in_xml, lines, one_line
from hypothesis import given
from hypothesis import strategies as st

ESCAPE = "\x1b]0;owned\x07\x1b[31mred\x9b2J"
ANY = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize("show", [one_line, lines, in_markdown, in_xml])
def test_a_terminals_commands_lose_what_makes_them_commands(show):
    assert not set("\x1b\x07\x9b") & set(show(ESCAPE))


@pytest.mark.parametrize("text", ["हिमनद", "ขนมปัง", "خبز", "面包", "e\u0301", "नहीं\u200d", "😀‍👩", "a\u00adb"])
def test_no_script_loses_anything(text: str):
    assert one_line(text) == lines(text) == in_markdown(text) == in_xml(text) == text
    assert json.loads(as_json(text)) == text and text in as_json(text)


def test_markup_is_text_in_markdown():
    shown = in_markdown("<img src=x onerror=alert(1)> [a](javascript:b) | *c* # d\n- e")
    assert "<" not in shown and "\\[a\\]" in shown and "\\|" in shown and "\\*c\\*" in shown and "\n" not in shown
    assert in_markdown("# title") == "\\# title" and in_markdown("1. one") == "\\1. one"


@given(ANY)
def test_whatever_is_put_into_xml_parses_and_is_one_line(text: str):
    root = ElementTree.fromstring(f'<svg a="{in_xml(text)}">{in_xml(text)}</svg>')
    assert "\n" not in (root.text or "")


@given(st.recursive(ANY, lambda inner: st.lists(inner) | st.dictionaries(ANY, inner), max_leaves=5))
def test_json_reads_back_and_holds_no_control_character(value):
    text = as_json(value)
    assert json.loads(text) == value
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in text)
    text.encode("utf-8")
