"""In which order texts get their vectors: what people ask for first, then the newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# After the first hundred passages it is said how long the rest will take: they are drawn from all of them.
SAMPLE = 100
# Texts of like length are encoded faster together, so the newest come a block at a time, its longest first.
_BLOCK = 4096


def in_turn(longest_first: Sequence[int], wanted: Iterable[int] = ()) -> list[int]:
    """Texts in the order in which they are encoded, each once.

    Args:
        longest_first: the numbers of the texts, which grow with every new one.
        wanted: those that answer what was asked before, best first; numbers of other texts are passed over.
    """
    rest = dict.fromkeys(longest_first)
    order = [text for text in dict.fromkeys(wanted) if rest.pop(text, 0) is None]
    if len(rest) > 10 * SAMPLE:
        order += list(rest)[:: len(rest) // SAMPLE][:SAMPLE]
        for text in order:
            rest.pop(text, None)
    age = {text: place // _BLOCK for place, text in enumerate(sorted(rest, reverse=True))}
    return order + sorted(rest, key=age.__getitem__)
