"""The plane of the map: neighbours stay neighbours, and how mixed languages are is counted right."""

from __future__ import annotations

import numpy as np
from hybrid_search.train.measure import principal
from hybrid_search.tui.desk.maps.projection import same_language_neighbours, sample, squared, tsne


def clouds(number: int = 3, each: int = 12, apart: float = 4.0) -> tuple[np.ndarray, list[str]]:
    random = np.random.default_rng(0)
    centres = random.normal(size=(number, 16)) * apart
    vectors = np.concatenate([centre + random.normal(size=(each, 16)) * 0.1 for centre in centres]).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), [
        code for code in "abc"[:number] for _ in range(each)
    ]


def test_clouds_stay_apart_in_the_plane():
    vectors, codes = clouds()
    points = tsne(principal(vectors, 10), iterations=150)
    labels = np.array(codes)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(len(points)) * 1e9
    assert np.isfinite(points).all()
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.95


def test_equal_points_and_few_points_do_no_harm():
    same = np.ones((9, 4), dtype=np.float32)
    assert np.isfinite(squared(tsne(principal(same, 3), iterations=20))).all()
    assert squared(tsne(principal(np.eye(3, dtype=np.float32), 3))).shape == (3, 2)


def test_islands_and_chance_are_told_apart():
    vectors, codes = clouds()
    same, chance = same_language_neighbours(vectors, codes)
    assert same == 1.0 and abs(chance - 11 / 35) < 1e-6
    mixed, _ = same_language_neighbours(vectors, ["a", "b", "c"] * 12)
    assert mixed < 0.5


def test_a_sample_keeps_every_language():
    rows = sample(["en"] * 900 + ["th"] * 100 + ["ja"], 100)
    assert len(rows) in range(98, 104) and rows[-1] == 1000 and list(rows) == sorted(rows)
