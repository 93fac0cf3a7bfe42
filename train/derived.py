"""An encoder made from a trained adapter: a copy with something changed, told in its card and its run, registered."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.encoders import head, registry
from ..engine.encoders.base import read_json
from ..engine.encoders.source import ENCODER
from ..engine.errors import EncoderError
from .checkpoints import write_json
from .outcome import readable

RUN = "run.json"


@dataclass(frozen=True)
class Change:
    """What was done to an encoder.

    Attributes:
        key: of its facts in `run.json`.
        word: what the encoder is called now, as in "calibrated".
        facts: plain values.
        section: of the card, in Markdown.
    """

    key: str
    word: str
    facts: Mapping[str, Any]
    section: str


def origin(name: str, encoder: str, word: str) -> Path:
    """The folder of the adapter that something is to be made from.

    Args:
        name: of what is made.
        encoder: the adapter, by name or folder.
        word: what it becomes.

    Raises:
        UnknownEncoder: there is no such encoder.
        EncoderError: it is no adapter, or calibrated; a name that is taken or cannot be.
    """
    registry.refuse_taken(name)
    folder = registry.adapter_folder(encoder, word)
    if (folder / head.FILE).is_file():
        raise EncoderError(
            f"{encoder} is calibrated already.", hint="Name the encoder that it was made from: calibration comes last."
        )
    return folder


def derive(name: str, folder: Path, change: Change, write: Callable[[Path], None]) -> Path:
    """Register a copy under a name of its own; the encoder itself stays as it is.

    Args:
        name: of the copy.
        folder: see `origin`.
        change: what is to be told of it.
        write: changes the copy's files, given its folder.

    Returns:
        The copy's folder.
    """
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "derived"
        shutil.copytree(folder, target)
        write(target)
        _describe(target, name, change)
        readable(target)
        found = registry.register(target, name)
    assert found.path is not None
    return found.path


def _describe(folder: Path, name: str, change: Change) -> None:
    """Add what was done to `encoder.json`, `run.json` and the card."""
    described = read_json(folder / ENCODER)
    told = str(described.get("description", ""))
    described["description"] = f"{told}, {change.word}" if told else change.word
    (folder / ENCODER).write_text(json.dumps(described, indent=1, ensure_ascii=False), "utf-8")
    run = read_json(folder / RUN) if (folder / RUN).is_file() else {}
    write_json(folder / RUN, {**run, change.key: dict(change.facts)})
    card = folder / "README.md"
    before = card.read_text("utf-8").rstrip() if card.is_file() else f"# {name}"
    card.write_text(f"{before}\n\n{change.section}\n", "utf-8")
