"""`agree`: a trained adapter taught by the means over translations, as an encoder of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from ..engine.encoders import registry
from ..engine.encoders.base import read_json
from ..engine.encoders.source import ENCODER
from .agreement import Settings, Taught, prepare_lessons, start, teach
from .checkpoints import write_json
from .config import RunConfig
from .derived import Change, derive, origin
from .fit import quiet
from .outcome import adapter_config, write_adapter
from .translated import Progress


def agree(
    name: str, encoder: str, config: RunConfig, settings: Settings | None = None, progress: Progress | None = None
) -> tuple[Path, Taught]:
    """Teach an encoder and register what it becomes; the encoder itself stays as it is.

    Args:
        name: of the new encoder; one that exists is not written over.
        encoder: an adapter, by name or folder.
        config: sources, sampling, lengths and seed of the run that made it.
        settings: how it is taught.
        progress: called with `queries`, `passages` or `updates`, done and in all.

    Returns:
        The new encoder's folder, and what teaching did.

    Raises:
        UnknownEncoder: there is no such encoder.
        EncoderError: it is no adapter, or calibrated; a name that is taken or cannot be.
        DataError: data that cannot be read, too few of them, or none with a translation.
    """
    settings = settings or Settings()
    folder = origin(name, encoder, "taught")
    config = adapter_config(folder, config)
    given = prepare_lessons(config, registry.load(encoder), settings, progress)
    told = (lambda done, _: progress("updates", done, settings.steps)) if progress is not None else None
    with quiet():
        model = start(config, folder)
        done = teach(model, given, settings, config, told)

    def write(target: Path) -> None:
        described = read_json(target / ENCODER)
        write_adapter(model, target, config, str(described.get("base_fingerprint", "")))
        write_json(target / ENCODER, described)

    facts = {
        "of": Path(encoder).name,
        "settings": asdict(settings),
        "config": config.as_dict(),
        "divergence_first": done.first,
        "divergence_last": done.last,
    }
    change = Change("agreement", "translations agreed", facts, _section(settings, config, done))
    return derive(name, folder, change, write), done


def _section(settings: Settings, config: RunConfig, done: Taught) -> str:
    return "\n".join(
        [
            "## Agreement",
            "",
            "Afterwards each language was taught to rank as the means over translations do, the encoder being its own "
            f"teacher: {settings.steps} updates of {settings.size} questions and as many passages, of "
            f"{settings.pairs:,} pairs of the same {config.batches} batches, those of cross batches also in "
            f"{settings.translations} further languages; learning rate {settings.learning_rate:g}, temperature "
            f"{settings.temperature:g}, seed {config.seed}. The divergence from the teacher went from {done.first:.3f} "
            f"to {done.last:.3f}. The scores above are from before.",
        ]
    )
