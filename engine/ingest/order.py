"""In which order texts get their vectors: what people ask for first, then the newest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

# After the first hundred passages it is said how long the rest will take: they are drawn from all of them.
SAMPLE = 100
# Texts of like length are encoded faster together, so the newest come a block at a time, its longest first.
BLOCK = 4096
_UNKNOWN: Mapping[int, int] = MappingProxyType({})


def in_turn(
    longest_first: Sequence[int], wanted: Iterable[int] = (), changed: Mapping[int, int] = _UNKNOWN
) -> list[int]:
    """Texts in the order in which they are encoded, each once.

    Args:
        longest_first: the numbers of the texts, which grow with every new one.
        wanted: those that answer what was asked before, best first; numbers of other texts are passed over.
        changed: when what texts stand in was changed, where that is known: a folder comes in the order of its names.
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
