"""Orders the texts to be encoded: first those that people asked for, then the newest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

# So many texts, drawn from all of them, are encoded early, since they serve to estimate the remaining time.
SAMPLE = 100
# Texts of similar length are encoded faster together, so the newest come in blocks, each longest first.
BLOCK = 4096
_UNKNOWN: Mapping[int, int] = MappingProxyType({})


def in_turn(
    longest_first: Sequence[int], wanted: Iterable[int] = (), changed: Mapping[int, int] = _UNKNOWN
) -> list[int]:
    """Texts in the order of encoding, each once.

    Args:
        longest_first: the numbers of the texts; newer texts have larger ones.
        wanted: those that answer earlier questions, best first; unknown numbers are ignored.
        changed: when the files of texts were changed, if known; text numbers alone follow the order of file names.
    """
    rest = dict.fromkeys(longest_first)
    order = [text for text in dict.fromkeys(wanted) if rest.pop(text, 0) is None]
    if len(rest) > 10 * SAMPLE:
        order += list(rest)[:: len(rest) // SAMPLE][:SAMPLE]
        for text in order:
            rest.pop(text, None)
    newest = sorted(rest, key=lambda text: (changed.get(text, 0), text), reverse=True)
    age = {text: place // BLOCK for place, text in enumerate(newest)}
    return order + sorted(rest, key=age.__getitem__)
