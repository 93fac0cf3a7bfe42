"""The colours of languages: one each, told apart also by colour-blind eyes, readable in both themes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hybrid_search.tui.display.colours import PALETTE, _luminance, block, colour, stroke

# Machado, Oliveira and Fernandes (2009), severity 1.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def lab(colours: list[str], vision: object) -> np.ndarray:
    values = np.array([[int(each[at : at + 2], 16) / 255 for at in (1, 3, 5)] for each in colours])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(vision).T, 0, 1)
    xyz = seen @ np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]).T
    scaled = xyz / np.array([0.9505, 1, 1.089])
    root = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    light, red, yellow = 116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])
    return np.stack([light, red, yellow], axis=1)


@pytest.mark.parametrize("vision", VISION)
def test_every_two_languages_of_the_demo_differ_for_every_kind_of_colour_vision(vision):
    seen = lab(list(PALETTE.values()), VISION[vision])
    closest = min(np.linalg.norm(first - second) for first, second in combinations(seen, 2))
    assert closest >= 16


def test_codes_are_readable_on_their_blocks():
    for code in PALETTE:
        style = block(code)
        light, dark = sorted((_luminance(style.color.name), _luminance(style.bgcolor.name)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4


def test_marks_are_readable_on_the_light_theme():
    for code in PALETTE:
        assert 1.05 / (_luminance(stroke(code, dark=False).color.name) + 0.05) >= 3


def test_other_languages_have_one_colour_each_always_the_same():
    assert colour("sw") == colour("sw")
    assert colour("zh-tw") == colour("zh")
    assert colour("und") == colour("")
