"""`calibrate`: a trained adapter with a map behind it, as an encoder of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..engine.encoders import head, registry
from .calibration import Calibrated, Settings, draw, fit_map
from .config import RunConfig
from .derived import Change, derive, origin
from .translated import Progress


def calibrate(
    name: str, encoder: str, config: RunConfig, settings: Settings | None = None, progress: Progress | None = None
) -> tuple[Path, Calibrated]:
    """Fit a map behind an encoder and register both together; the encoder itself stays as it is.

    Args:
        name: of the new encoder; one that exists is not written over.
        encoder: an adapter, by name or folder.
        config: sources, sampling, temperature and seed of the run that made it.
        settings: how the map is fitted.
        progress: see `draw`.

    Returns:
        The new encoder's folder, and the map.

    Raises:
        UnknownEncoder: there is no such encoder.
        EncoderError: it is no adapter, or calibrated already; a name that is taken or cannot be.
        DataError: data that cannot be read, or too few of them.
    """
    settings = settings or Settings()
    folder = origin(name, encoder, "calibrated")
    material = draw(config, registry.load(encoder), settings, progress)
    made = fit_map(material, config.temperature, config.seed, settings)
    facts = {
        "of": Path(encoder).name,
        "settings": asdict(settings),
        "config": config.as_dict(),
        "fragment_rank_before": made.before,
        "fragment_rank_after": made.after,
        "passages": made.passages,
    }
    change = Change("calibration", "calibrated", facts, _section(settings, config, made))
    path = derive(
        name, folder, change, lambda target: head.write(target / head.FILE, made.weight, made.bias, np.float16)
    )
    return path, made


def _section(settings: Settings, config: RunConfig, made: Calibrated) -> str:
    return "\n".join(
        [
            "## Calibration",
            "",
            "Behind the pooling, an affine map keeps texts that say little from being buried below those that say "
            "something else, and has the languages of a text agree. It was fitted with all else frozen, on "
            f"{settings.pairs:,} pairs of the same {config.batches} batches, those of cross batches also in "
            f"{settings.translations} further languages: {settings.steps} updates, learning rate "
            f"{settings.learning_rate:g}, staying as it was with weight {settings.keep:g} at temperature "
            f"{settings.keep_temperature:g}, ranking as the means over translations do with weight {settings.agree:g} "
            f"at temperature {settings.agree_temperature:g}, seed {config.seed}. On these pairs, the median rank of a "
            f"passage's fragment among {made.passages:,} other passages went from {made.before:,.0f} to "
            f"{made.after:,.0f}. The scores above are from before.",
        ]
    )
