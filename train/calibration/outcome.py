"""Writes a calibrated encoder: the old one with the fitted map, described in its card and `run.json`."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.encoders import ENCODER, Encoder, registry
from ...engine.encoders.neutral import Affine
from ...engine.encoders.weights import head, read_json
from ...engine.errors import EncoderError
from ...engine.progress import OnStage
from ..reports import hub_card
from ..run import readable, write_json
from ..settings import CalibrationSettings, RunConfig, bundled_pairs
from .fitting import Calibrated, draw, fit_map

RUN = "run.json"


def calibrate(
    name: str,
    encoder: str,
    config: RunConfig,
    settings: CalibrationSettings | None = None,
    progress: OnStage | None = None,
) -> tuple[Path, Calibrated]:
    """Fit a map behind an encoder and register both as a new encoder; the old one does not change.

    Args:
        name: the new encoder's name; an existing one is not overwritten.
        encoder: an adapter, by name or folder.
        config: sources, sampling, temperature and seed of the run that made it.
        settings: how the map is fitted.
        progress: see `draw`.

    Returns:
        The new encoder's folder, and the map.

    Raises:
        UnknownEncoder: there is no such encoder.
        EncoderError: it is not an adapter or is calibrated already, or the name is taken or invalid.
        DataError: data cannot be read, or there are too few pairs.
    """
    settings = settings or CalibrationSettings()
    registry.refuse_taken(name)
    folder = registry.adapter_folder(encoder, "calibrated")
    if (folder / head.FILE).is_file():
        raise EncoderError(f"{encoder} is already calibrated.", hint="Calibrate the encoder that it was made from.")
    material = draw(config, registry.load(encoder), settings, progress)
    made = fit_map(material, config.temperature, config.seed, settings)
    with registry.making(name) as target:
        shutil.copytree(folder, target, dirs_exist_ok=True)
        head.write(target / head.FILE, made.weight, made.bias, np.float16)
        _describe(target, name, encoder, config, settings, made)
        readable(target)
    found = registry.resolve(name)
    assert found.path is not None
    return found.path, made


def correction_through(
    encoder: Encoder,
    progress: OnStage | None = None,
    config: RunConfig | None = None,
    settings: CalibrationSettings | None = None,
) -> Affine:
    """Fit the same map for any encoder, also behind an endpoint, to correct vectors that are already stored.

    Args:
        encoder: encodes the texts of the pairs.
        progress: see `draw`.
        config: sources, sampling, temperature and seed; the bundled pairs in hybrid batches by default.
        settings: how the map is fitted.

    Raises:
        DataError: there are too few pairs.
        EncoderError: the encoder fails.
    """
    settings = settings or CalibrationSettings()
    if config is None:
        config = RunConfig(sources=(bundled_pairs(),))
    made = fit_map(draw(config, encoder, settings, progress), config.temperature, config.seed, settings)
    return Affine(made.weight, made.bias)


def _describe(
    folder: Path, name: str, encoder: str, config: RunConfig, settings: CalibrationSettings, made: Calibrated
) -> None:
    """Describe the calibration in `encoder.json`, `run.json` and the card."""
    described = read_json(folder / ENCODER)
    told = str(described.get("description", ""))
    described["description"] = f"{told}, calibrated" if told else "calibrated"
    (folder / ENCODER).write_text(json.dumps(described, indent=1, ensure_ascii=False), "utf-8")
    facts: dict[str, Any] = {
        "of": Path(encoder).name,
        "settings": asdict(settings),
        "config": config.as_dict(),
        "fragment_rank_before": made.before,
        "fragment_rank_after": made.after,
        "passages": made.passages,
    }
    run = read_json(folder / RUN) if (folder / RUN).is_file() else {}
    write_json(folder / RUN, {**run, "calibration": facts})
    card = folder / "README.md"
    before = card.read_text("utf-8", "replace").rstrip() if card.is_file() else f"# {name}"
    if fields := hub_card.told(before):
        # The scores in the header belong to the encoder without the map.
        before = hub_card.with_header(before, {key: fields[key] for key in fields if key != "model-index"})
    before = re.sub(r"^# .*$", lambda _: f"# {name}", before, count=1, flags=re.MULTILINE)
    card.write_text(f"{before}\n\n{_section(Path(encoder).name, settings, config, made)}\n", "utf-8")


def _section(of: str, settings: CalibrationSettings, config: RunConfig, made: Calibrated) -> str:
    agreeing = (
        f", those of cross batches also in {settings.translations} further languages, and ranking as the means over "
        f"translations do with weight {settings.agree:g} at temperature {settings.agree_temperature:g}"
        if settings.agree
        else ""
    )
    aim = "keeps texts that say little from being buried below those that say something else"
    if settings.agree:
        aim += ", and has the languages of a text agree"
    sentences = (
        f"Behind the pooling of {of}, an affine map {aim}.",
        f"It was fitted with all else frozen, on {settings.pairs:,} pairs of {config.batches} batches{agreeing}:",
        f"{settings.steps} updates, learning rate {settings.learning_rate:g},",
        f"staying as it was with weight {settings.keep:g} at temperature {settings.keep_temperature:g},",
        f"seed {config.seed}; {settings.share:.0%} of the map was taken.",
        f"On these pairs, the median rank of a passage's fragment among {made.passages:,} other passages went from",
        f"{made.before:,.0f} to {made.after:,.0f}.",
        "The scores above are from before.",
    )
    return f"## Calibration\n\n{' '.join(sentences)}"
