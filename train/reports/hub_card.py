"""Reads and writes a card's header for the hub: licence, base, languages, data sets and scores (`model-index`)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...engine.errors import HybridSearchError
from ..measure import registry

_TAGS = ("sentence-transformers", "multilingual", "retrieval", "hybrid-search")
_LARGEST = 1 << 20
# The order of a header's fields; others follow.
_FIELDS = (
    "library_name",
    "pipeline_tag",
    "tags",
    "license",
    "base_model",
    "language",
    "datasets",
    "model-index",
)


def told(card: str) -> dict[str, Any]:
    """The fields of a card's header; empty if it is missing or cannot be read."""
    import yaml

    found = _header(card)
    try:
        fields = yaml.safe_load(found[1]) if found else None
    except (yaml.YAMLError, RecursionError):
        return {}
    return {str(name): value for name, value in fields.items()} if isinstance(fields, dict) else {}


def without_header(card: str) -> str:
    """A card's text below its header."""
    found = _header(card)
    return card[found.end() :] if found else card


def with_header(card: str, fields: Mapping[str, Any]) -> str:
    """A card with these fields as its header, replacing an existing one; empty fields are left out."""
    import yaml

    kept = {name: fields[name] for name in (*_FIELDS, *sorted(set(fields) - set(_FIELDS))) if fields.get(name)}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=10**6)
    return f"---\n{text}---\n{without_header(card)}"


def header(
    name: str,
    base: str,
    *,
    licence: str = "",
    languages: Iterable[str] = (),
    sources: Iterable[str] = (),
    scores: Mapping[str, float] | None = None,
    benchmark: str = "",
) -> dict[str, Any]:
    """The header's fields for a trained encoder.

    Args:
        name: the encoder's name.
        base: the name of its base.
        licence: an identifier that the hub knows; empty if unknown.
        languages: codes of the training data's languages.
        sources: paths of the training data; only those on the hub are listed.
        scores: scores after training, by their measures' keys.
        benchmark: the benchmark of these scores.
    """
    return {
        "library_name": "sentence-transformers",
        "pipeline_tag": "sentence-similarity",
        "tags": list(_TAGS),
        "license": licence,
        "base_model": base,
        "language": hub_languages(languages),
        "datasets": list(dict.fromkeys(path[3:].split(":")[0] for path in sources if path.startswith("hf:"))),
        "model-index": model_index(name, scores or {}, benchmark),
    }


def model_index(name: str, scores: Mapping[str, float], benchmark: str) -> list[dict[str, Any]]:
    """Measured scores as the hub's `model-index`; empty without scores.

    Args:
        name: the encoder's name.
        scores: figures by their measures' keys; unknown keys are left out.
        benchmark: the benchmark's name or path, of which the last part is shown.
    """
    measured = {each.key: each for each in registry.of("mono", "cross", "multi", "bias")}
    metrics = [
        {"type": key, "name": measured[key].label, "value": round(float(value), 6)}
        for key, value in scores.items()
        if key in measured
    ]
    if not metrics:
        return []
    kind = _last(benchmark) or "unknown"
    title = {"held-out": "rows held out of the training data"}.get(kind, kind)
    result = {
        "task": {"type": "information-retrieval", "name": "Multilingual retrieval"},
        "dataset": {"type": kind, "name": title},
        "metrics": metrics,
    }
    return [{"name": name, "results": [result]}]


def hub_languages(codes: Iterable[str]) -> list[str]:
    """Language codes for the hub: without region and script, each once, sorted."""
    return sorted({code.partition("-")[0] for code in codes})


def licence_of(base: str) -> str:
    """The licence in the card of a base, if the card is on this machine; else ""."""
    text = _card_of(base)
    found = told(text).get("license") if text else None
    return str(found) if isinstance(found, str) else ""


def hub_base(base: str) -> str:
    """The name of a base on the hub; "" for one that is only on this machine."""
    if re.fullmatch(r"[\w.-]+/[\w.-]+", base) and not Path(base).exists():
        return base
    text = _card_of(base)
    above = told(text).get("base_model") if text else None
    return above if isinstance(above, str) and re.fullmatch(r"[\w.-]+/[\w.-]+", above) else ""


def _card_of(base: str) -> str:
    from ...engine import encoders
    from ...engine.files import read_regular

    place: Path | None = None
    with contextlib.suppress(HybridSearchError, OSError):
        place = encoders.resolve(base).path
    if place is None:
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError

        try:
            kept = try_to_load_from_cache(base, "README.md")
        except (HFValidationError, OSError):
            return ""
        place = Path(kept).parent if isinstance(kept, str) else None
    try:
        return read_regular(place / "README.md", _LARGEST).decode("utf-8", "replace") if place is not None else ""
    except OSError:
        return ""


def _header(card: str) -> re.Match[str] | None:
    return re.match(r"---\r?\n(.*?)^---\r?\n", card, re.DOTALL | re.MULTILINE)


def _last(place: str) -> str:
    return place.rstrip("/").rpartition("/")[2]


def languages_told(card: str) -> Sequence[str]:
    """The languages that a card lists below its table of data; empty for cards of other programs."""
    found = re.search(r"^Languages: ([a-z\- ]+)\.$", card, re.MULTILINE)
    return found[1].split() if found else ()
