"""Finds encoders by name: trained ones in the user's data folder, then bundled ones, folders, Hugging Face ids."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from .. import environment, paths
from ..errors import EncoderError, UnknownEncoder
from ..files import replacing_folder
from . import source
from .names import BASE, BM25, NEUTRAL, TRIO, kind_of, name_problem
from .protocol import Encoder
from .weights import base

Kind = Literal["trained", "bundled", "folder", "hub", "endpoint", "vectors", "static", "neutral", "column"]
Precision = Literal["auto", "fp32", "fp16", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class EncoderInfo:
    """What is known about an encoder without loading it; None for values that only loading tells."""

    name: str
    kind: Kind
    path: Path | None
    dimension: int | None
    fingerprint: str | None
    description: str


def available() -> list[EncoderInfo]:
    """Bundled and trained encoders, each once, damaged ones marked; then names with a prefix that the user typed."""
    names = [name for name in (BASE, *TRIO[::-1]) if _folder_of(name) is not None]
    if paths.encoders_folder().is_dir():
        own = sorted(path.name for path in paths.encoders_folder().iterdir() if _is_encoder(path))
        names += [name for name in own if name not in names]
    found = []
    for name in names:
        try:
            found.append(resolve(name))
        except EncoderError as error:
            kind: Kind = "trained" if (paths.encoders_folder() / name).is_dir() else "bundled"
            found.append(EncoderInfo(name, kind, _folder_of(name), None, None, f"cannot be used: {error.message}"))
    return found + [resolve(name) for name in _typed()]


def _typed() -> list[str]:
    """Names with a prefix that the user typed and that worked."""
    from . import endpoints

    return endpoints.kept()


def resolve(name: str) -> EncoderInfo:
    """Resolve a name: by its prefix, else as a trained encoder, a bundled one, a folder, a hub id.

    Raises:
        UnknownEncoder: it is none of these.
        EncoderError: it is damaged.
    """
    plain = name.removesuffix(NEUTRAL)
    prefixed = kind_of(plain)
    if prefixed is not None:
        return EncoderInfo(name, prefixed.runs, None, None, None, prefixed.what)
    kind, folder = _locate(plain)
    if folder is None:
        return EncoderInfo(name, "hub", None, None, None, "from the Hugging Face hub")
    found = source.read(folder, _base_folder)
    if found is None:
        return EncoderInfo(name, kind, folder, None, None, "a SentenceTransformer folder")
    fingerprint = found.fingerprint("auto")
    return EncoderInfo(
        name,
        kind,
        folder,
        found.architecture.hidden,
        # Its fingerprint is known only after neutralising is estimated.
        None if plain != name else fingerprint,
        found.description,
    )


def load(
    name: str,
    *,
    device: str = "cpu",
    precision: Precision = "auto",
    threads: int | None = None,
    workers: int | None = None,
    stored: Collection[str] = (),
    named: bool = False,
) -> Encoder:
    """Load an encoder, ready to use. Bundled, exported and trained ones run without torch on a processor.

    Args:
        name: see `resolve`; `NAME+neutral` removes what a language adds to its vectors.
        device: `cpu`, or a torch device such as `cuda`.
        precision: `auto` is int8 if that was measured to lose at most .005 mAP, else fp32; on an NVIDIA card fp16 for
            BERT-style networks, else bf16. On a processor, fp32 is used for stored vectors in fp16 and bf16.
        threads: cores to use; by default all, or `HYBRID_SEARCH_THREADS`.
        workers: processes to encode documents with, through sentence-transformers.
        stored: fingerprints of existing vectors: `auto` then means the precision that made them, so that a library
            encoded in fp32 on a graphics card can be searched and updated on a processor without encoding it again.
        named: whether the user typed the name; an endpoint is used only if they typed it now or before.

    Raises:
        UnknownEncoder: there is no encoder of that name, or the hub cannot be reached.
        EncoderError: it is damaged, or its endpoint cannot be used.
    """
    if precision not in PRECISIONS:
        raise EncoderError(f"There is no precision {precision}.", hint=f"Use one of {', '.join(PRECISIONS)}.")
    plain = name.removesuffix(NEUTRAL)
    prefixed = kind_of(plain)
    if prefixed is not None:
        from .prefixed import load as load_prefixed

        def load_other(other: str) -> Encoder:
            return load(
                other, device=device, precision=precision, threads=threads, workers=workers, stored=stored, named=named
            )

        return load_prefixed(name, prefixed, load_other, device=device, named=named)
    _, folder = _locate(plain)
    found = source.read(folder, _base_folder) if folder is not None else None
    encoder: Encoder
    if found is not None and device == "cpu" and (workers or 1) == 1:
        from .light import LightEncoder

        chosen = found.precision_for(stored) if precision == "auto" else precision
        encoder = LightEncoder(plain, found, precision=chosen, threads=threads or _threads())
    elif device.split(":", maxsplit=1)[0] == "cuda" and (workers or 1) == 1:
        from .devices import load as load_on_device

        encoder = load_on_device(plain, folder, found, device=device, precision=precision, stored=stored)
    else:
        from .sentence_transformer import load as load_st

        encoder = load_st(
            plain, folder, found, device=device, precision=precision, threads=threads, workers=workers, stored=stored
        )
    if plain == name:
        return encoder
    from .neutral import neutralised

    return neutralised(encoder)


def register(folder: Path, name: str) -> EncoderInfo:
    """Register a folder under a name: it is copied into the user's data folder, completely or not at all.

    Raises:
        EncoderError: the folder holds no encoder, the name is not valid or reserved, or it cannot be copied.
    """
    folder = Path(folder)
    target = paths.encoders_folder() / name
    _refuse_name(name)
    if not _is_encoder(folder):
        raise EncoderError(
            f"{folder} holds no encoder: neither modules.json nor encoder.json is in it.",
            hint="Give the folder that `train` or `SentenceTransformer.save` wrote.",
        )
    source.read(folder, _base_folder)
    if folder.resolve() != target.resolve():
        _copy(folder, target)
    return resolve(name)


@contextmanager
def making(name: str) -> Iterator[Path]:
    """An empty folder to write an encoder into; at the end of the block it is registered under the name.

    It is next to its final place, so that leftovers of killed processes are removed when the next encoder is written.

    Raises:
        EncoderError: the name is taken or not valid, or the folder cannot be written.
    """
    _refuse_name(name)
    refuse_taken(name)
    target = paths.encoders_folder() / name
    try:
        with replacing_folder(target) as partial:
            yield partial
    except OSError as error:
        raise EncoderError(
            f"The encoder {name} cannot be written to {target}: {error.strerror or error}.",
            hint="Make room and try again.",
        ) from error


def _refuse_name(name: str) -> None:
    if problem := name_problem(name):
        raise EncoderError(f"{name!r} cannot be given to an encoder.", hint=problem)


def refuse_taken(name: str, hint: str = "Choose another name.") -> None:
    """Make sure that no trained encoder has a name.

    Raises:
        EncoderError: one has it.
    """
    if name and (paths.encoders_folder() / name).exists():
        raise EncoderError(f"There is an encoder called {name} already.", hint=hint)


def adapter_folder(name: str, done: str) -> Path:
    """The folder of an encoder that is an adapter on a base.

    Args:
        name: of the encoder, or its folder.
        done: the participle for the error, as in "only adapters are averaged".

    Raises:
        UnknownEncoder: there is no encoder of that name.
        EncoderError: it is not an adapter.
    """
    folder = resolve(name).path
    # An export has the same file, but complete weights.
    adapts = folder is not None and (folder / source.ENCODER).is_file() and not (folder / "modules.json").is_file()
    if folder is None or not adapts or name.endswith(NEUTRAL):
        raise EncoderError(
            f"{name} is not an adapter on a base, and only adapters are {done}.",
            hint="Train with an adapter (the default of `hybrid-search train`), without --full.",
        )
    return folder


def export(name: str, folder: Path, *, onnx: bool = False) -> Path:
    """Write an encoder as a folder that plain `SentenceTransformer(folder)` loads; returns the folder.

    Args:
        name: of the encoder, or its folder.
        folder: a new or empty one.
        onnx: also write `onnx/model.onnx`, for fastembed, Optimum and Transformers.js.

    Raises:
        UnknownEncoder: there is no encoder of that name.
        EncoderError: the encoder is damaged, the folder is not empty, or it cannot be written; with `onnx`, its network
            cannot be written as ONNX here.
    """
    from .exporting import export_folder, export_source

    if name.endswith(NEUTRAL):
        raise EncoderError(
            f"{name} cannot be exported: what {NEUTRAL} does happens after encoding.",
            hint=f"Export {name.removesuffix(NEUTRAL)}.",
        )
    place, found = _read(name)
    if onnx and found is None:
        raise EncoderError(
            f"{name} cannot be written as ONNX here: only Transformer, Pooling and Normalize modules with a BERT or "
            f"XLM-R network can.",
            hint="Export it without --onnx, and use optimum-cli export onnx.",
        )
    if found is None or (place / "modules.json").is_file():
        return export_folder(place, Path(folder), found if onnx else None)
    return export_source(found, name, Path(folder), onnx=onnx)


def exported(name: str) -> Path:
    """A folder that plain `SentenceTransformer(folder)` loads: the encoder's own, or an export kept in the cache.

    Raises:
        UnknownEncoder: there is no encoder of that name.
        EncoderError: the encoder is damaged, is not on this machine, or cannot be written.
    """
    from .exporting import export_cached

    place, found = _read(name)
    if found is None or (place / "modules.json").is_file():
        return place
    return export_cached(found, name)


def _read(name: str) -> tuple[Path, source.Source | None]:
    """The folder of an encoder, and what the light path runs of it; None if it cannot run it.

    Raises:
        EncoderError: the encoder is damaged, or is not on this machine.
    """
    _, place = _locate(name)
    if place is None:
        raise EncoderError(
            f"{name} is not an encoder on this machine.", hint="Give a trained or bundled encoder or a folder."
        )
    return place, source.read(place, _base_folder)


def _locate(name: str) -> tuple[Kind, Path | None]:
    """The kind and folder of a name; a Hugging Face id has no folder."""
    trained = paths.encoders_folder() / name
    if name and name == Path(name).name and _is_encoder(trained):
        return "trained", trained
    bundled = _folder_of(name)
    if bundled is not None:
        return "bundled", bundled
    folder = paths.typed(name)
    if name and os.path.isdir(folder):  # noqa: PTH112
        if not _is_encoder(folder) and not (folder / "config.json").is_file():
            raise UnknownEncoder(
                f"{name} is a folder without an encoder: neither modules.json nor encoder.json is in it.",
                hint="Give the folder that `train` or `SentenceTransformer.save` wrote.",
            )
        return "folder", folder
    if _could_be_on_hub(name):
        return "hub", None
    if name == BM25:
        raise UnknownEncoder(
            f"{BM25} is search by words and makes no vectors.",
            hint="Every library has it without encoding: name it to search, compare and evaluate.",
        )
    known = ", ".join(found for found in (BASE, *TRIO[::-1]) if _folder_of(found) is not None)
    raise UnknownEncoder(
        f"There is no encoder {name!r}.",
        hint=f"Bundled: {known}. A folder or a Hugging Face id (owner/name) works, too; "
        "`hybrid-search encoders list` shows all.",
    )


def _could_be_on_hub(name: str) -> bool:
    """Whether a name looks like `owner/name`, or is one of the old ids without an owner."""
    parts = name.split("/")
    if len(parts) == 2 and all(parts) and not name.startswith((".", "~", "/")):
        return True
    return name in ("xlm-roberta-base", "xlm-roberta-large", "bert-base-multilingual-cased")


def _folder_of(name: str) -> Path | None:
    """The folder of the bundled encoder of that name, or None."""
    if name != Path(name).name or not name:
        return None
    if name == BASE:
        folder = paths.assets_folder() / "base"
        return folder if base.is_packed(folder) else None
    folder = paths.assets_folder() / "encoders" / name
    return folder if _is_encoder(folder) else None


def _base_folder(name: str) -> Path:
    """The folder of the base that an adapter names.

    Raises:
        EncoderError: it is not on this machine.
    """
    try:
        _, folder = _locate(name)
    except UnknownEncoder:
        folder = None
    if folder is None:
        raise EncoderError(
            f"The base {name} of an adapter is not on this machine.",
            hint="Restore the base under its name, or train again with --full, which keeps both in one.",
        )
    return folder


def _is_encoder(folder: Path) -> bool:
    # False also if the name is too long for a path or access is denied.
    return any(os.path.isfile(folder / name) for name in ("modules.json", source.ENCODER, base.DESCRIPTION))  # noqa: PTH113


def _copy(folder: Path, target: Path) -> None:
    """Copy a folder next to its place, then move it there."""
    try:
        with replacing_folder(target) as partial:
            shutil.copytree(folder, partial, dirs_exist_ok=True)
    except OSError as error:
        raise EncoderError(
            f"{folder} cannot be copied to {target}: {error.strerror or error}.", hint="Make room and try again."
        ) from error


def _threads() -> int | None:
    """The number of threads set in the environment, or None."""
    asked = environment.THREADS.value()
    return int(asked) if asked.isdecimal() and len(asked) < 5 and int(asked) > 0 else None
