"""Projects vectors to a plane by principal components and then t-SNE, which keeps near neighbours near."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
NEIGHBOURS = 10


def sample(languages: Sequence[str], most: int) -> NDArray[np.int64]:
    """At most `most` row numbers, ascending, with each language's share kept as far as whole numbers allow."""
    total = len(languages)
    if total <= most:
        return np.arange(total)
    random = np.random.default_rng(0)
    codes = np.asarray(languages)
    chosen = []
    for code in sorted(set(languages)):
        rows = np.flatnonzero(codes == code)
        number = max(1, round(len(rows) / total * most))
        chosen.append(random.permutation(rows)[:number])
    return np.sort(np.concatenate(chosen))


def same_language_neighbours(vectors: Floats, languages: Sequence[str]) -> tuple[float, float]:
    """(share of the ten nearest passages by cosine that are in a passage's own language, share by chance), 0 to 1."""
    codes = np.unique(np.asarray(languages), return_inverse=True)[1]
    total = len(codes)
    number = min(NEIGHBOURS, total - 1)
    if number < 1:
        return 0.0, 0.0
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argpartition(-cosines, number - 1, axis=1)[:, :number]
    same = float((codes[nearest] == codes[:, None]).mean())
    counts = np.bincount(codes)
    chance = float((counts * (counts - 1)).sum() / (total * (total - 1)))
    return same, chance


def tsne(
    coordinates: Floats,
    *,
    perplexity: float = 20.0,
    iterations: int = 300,
    follow: Callable[[int, Floats], None] | None = None,
) -> Floats:
    """The exact t-SNE of van der Maaten and Hinton (2008), shape (n, 2).

    scikit-learn's is not used: its import takes seconds, its exact method takes six times as long as this one, and it
    neither reports progress nor can be stopped.

    Args:
        coordinates: shape (n, d); it starts from the first two columns, scaled, so that it is reproducible.
        perplexity: the approximate number of neighbours of each point.
        iterations: steps; the first quarter exaggerates attraction.
        follow: called every few steps with the step and the points so far; may raise to stop.
    """
    total = len(coordinates)
    start = np.zeros((total, 2), dtype=np.float32)
    start[:, : min(2, coordinates.shape[1])] = coordinates[:, :2]
    points: Floats = (start / (start[:, :1].std() + 1e-9) * 1e-2).astype(np.float32)
    if total < 5:
        return points
    affinities = _affinities(coordinates, min(perplexity, (total - 1) / 3))
    speed = np.zeros_like(points)
    gains = np.ones_like(points)
    rate = max(50.0, total / 12)
    for step in range(iterations):
        pull = affinities * (12.0 if step < iterations // 4 else 1.0)
        squares = (points**2).sum(axis=1)
        near = 1.0 / (1.0 + np.maximum(squares[:, None] + squares[None] - 2 * points @ points.T, 0))
        np.fill_diagonal(near, 0)
        force = (pull - near / near.sum()) * near
        gradient = 4 * (force.sum(axis=1)[:, None] * points - force @ points)
        gains = np.where(np.sign(gradient) == np.sign(speed), np.maximum(gains * 0.8, 0.01), gains + 0.2)
        speed = (0.5 if step < iterations // 4 else 0.8) * speed - rate * gains * gradient
        points = (points + speed).astype(np.float32)
        points -= points.mean(axis=0)
        if follow is not None and step % 20 == 19:
            follow(step + 1, points)
    return points


def _affinities(coordinates: Floats, perplexity: float) -> Floats:
    """Symmetric joint probabilities; each row's width is found by bisection on its entropy."""
    squares = (coordinates**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None] - 2 * coordinates @ coordinates.T, 0)
    np.fill_diagonal(distances, np.inf)
    distances -= distances.min(axis=1, keepdims=True)
    low, high = np.zeros(len(distances)), np.full(len(distances), np.inf)
    typical = float(np.median(distances[np.isfinite(distances)]))
    beta = np.full(len(distances), 1.0 / (typical + 1e-6))
    wanted = np.log(perplexity)
    for _ in range(40):
        weights = np.exp(-distances * beta[:, None])
        totals = weights.sum(axis=1)
        finite = np.where(np.isinf(distances), 0, distances)
        entropy = np.log(totals) + beta * (finite * weights).sum(axis=1) / totals
        too_flat = entropy > wanted
        low, high = np.where(too_flat, beta, low), np.where(too_flat, high, beta)
        beta = np.where(np.isinf(high), beta * 2, (low + high) / 2)
    conditional = weights / totals[:, None]
    joint: Floats = ((conditional + conditional.T) / (2 * len(distances))).astype(np.float32)
    return np.maximum(joint, 1e-12)


def squared(points: Floats) -> Floats:
    """Points moved and scaled into the unit square, each axis separately, with a few outliers clipped."""
    low, high = np.quantile(points, 0.005, axis=0), np.quantile(points, 0.995, axis=0)
    room = np.where(high - low < 1e-9, 1, high - low)
    scaled: Floats = np.clip((points - low) / room, 0, 1).astype(np.float32)
    return scaled
