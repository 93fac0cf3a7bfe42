"""Publishes an encoder on the hub: exports it, completes its card and uploads it, only when called."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine import encoders
from ...engine.encoders.weights import read_json
from ...engine.errors import DataError, EncoderError
from ...engine.json_lines import json_document
from ..reports import hub_card

RUN = "run.json"
# Figures by their measures' keys, and the benchmark.
Measured = tuple[dict[str, float], str]
# Values that the hub client reads as true in the variables that keep it offline.
_YES = frozenset(("1", "on", "yes", "true"))
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


@dataclass(frozen=True)
class Pushed:
    """What was published.

    Attributes:
        repository: `owner/name` on the hub.
        url: of the commit.
        files: sizes in bytes, by name.
    """

    repository: str
    url: str
    files: dict[str, int]


def push(
    name: str,
    repository: str,
    *,
    licence: str = "",
    private: bool = False,
    onnx: bool = False,
    message: str = "",
    scores: Path | None = None,
) -> Pushed:
    """Upload an encoder to the hub, as a folder that `SentenceTransformer(repository)` loads.

    The access token is that of `hf auth login`, or `HF_TOKEN`. A repository that does not exist is created.

    Args:
        name: the encoder's name or folder.
        repository: `owner/name`.
        licence: an identifier that the hub knows, such as `apache-2.0`; if empty, the one in the card of the encoder or
            of its base.
        private: whether a new repository is private.
        onnx: upload `onnx/model.onnx` too.
        message: the commit's message.
        scores: a file that `evaluate --json` wrote, for the card; None for the scores of the run's validation.

    Raises:
        UnknownEncoder: there is no such encoder.
        EncoderError: the encoder cannot be exported, its licence is not known, or the hub is offline or refuses it.
        DataError: the scores cannot be read or belong to other encoders.
    """
    checked = _repository(repository)
    for variable in _OFFLINE:
        if os.environ.get(variable, "").strip().lower() in _YES:
            raise EncoderError(
                f"Nothing is sent while {variable} is set.",
                hint=f"Unset it, or write what would be sent to a folder with --dry-run FOLDER: {name} stays as it is.",
            )
    with tempfile.TemporaryDirectory() as place:
        folder = write_folder(name, checked, Path(place) / "encoder", licence=licence, onnx=onnx, scores=scores)
        url = _upload(folder, checked, private, message or f"{name}, by hybrid-search")
        return Pushed(checked, url, sizes(folder))


def write_folder(
    name: str,
    repository: str,
    folder: Path,
    *,
    licence: str = "",
    onnx: bool = False,
    scores: Path | None = None,
) -> Path:
    """Write the folder that `push` would upload, with its card; nothing is sent.

    Args:
        name: the encoder's name or folder.
        repository: `owner/name`, for the card.
        folder: a new or empty one.
        licence: as in `push`.
        onnx: as in `push`.
        scores: as in `push`.

    Raises:
        UnknownEncoder, EncoderError, DataError: as in `push`.
    """
    _repository(repository)
    path = encoders.resolve(name).path
    # Complete the card before the export, which takes minutes: a missing licence fails at once.
    told = _text(path / "README.md") if path is not None else ""
    measured = _scores_in(scores, name) if scores is not None else None
    card = _completed(told, name, repository, licence, path, measured)
    encoders.export(name, folder, onnx=onnx)
    own = _text(folder / "README.md")
    if onnx or not card.strip():
        card = hub_card.with_header(own, hub_card.told(card))
    (folder / "README.md").write_text(card, "utf-8")
    return folder


def sizes(folder: Path) -> dict[str, int]:
    """Names of a folder's files, and their sizes in bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _scores_in(file: Path, name: str) -> Measured:
    """The figures of an encoder that `evaluate --json` wrote, and what they were measured on."""
    told = json_document(file)
    results = told.get("results") if isinstance(told, dict) else None
    if not isinstance(results, list) or not all(isinstance(each, dict) and "encoder" in each for each in results):
        raise DataError(f"{file} is not output of evaluate --json.", hint="Run evaluate --json > scores.json.")
    own = next((each for each in results if each["encoder"] == name), None)
    if own is None:
        measured = ", ".join(str(each["encoder"]) for each in results)
        raise DataError(f"{file} has no scores of {name}.", hint=f"It has those of {measured or 'none'}.")
    figures = {**(own.get("summary") or {}), **(own.get("bias") or {})}
    scores = {key: float(value) for key, value in figures.items() if isinstance(value, int | float)}
    return scores, str(told["benchmark"]) if "benchmark" in told else ""


def _completed(
    card: str, name: str, repository: str, licence: str, path: Path | None, measured: Measured | None
) -> str:
    """The card with every field that the hub reads; its own fields are kept, except names and a given licence."""
    run = read_json(path / RUN) if path is not None and (path / RUN).is_file() else {}
    told = hub_card.told(card)
    settings = run.get("config")
    config: dict[str, Any] = settings if isinstance(settings, dict) else {}
    base = str(told.get("base_model") or config.get("base") or "")
    # An averaged or calibrated encoder is not the one that was measured.
    changed = {"averaged", "calibration"} & run.keys()
    validated: Measured = ({} if changed else run.get("scores_after") or {}, str(config.get("validation", "")))
    scores, benchmark = measured or validated
    title = repository.partition("/")[2]
    fields = hub_card.header(
        title,
        hub_card.hub_base(base),
        licence=licence or str(told.get("license") or "") or hub_card.licence_of(base),
        languages=hub_card.languages_told(card),
        sources=[str(source.get("path", "")) for source in config.get("sources", []) if isinstance(source, dict)],
        scores=scores,
        benchmark=benchmark,
    )
    kept = {key: value for key, value in told.items() if value and key not in ("license", "base_model")}
    if measured:
        kept.pop("model-index", None)
    whole: dict[str, Any] = {**fields, **kept}
    for entry in whole.get("model-index") or []:
        if isinstance(entry, dict):
            entry["name"] = title
    if not whole["license"]:
        raise EncoderError(
            f"The licence of {name} is not known: neither its card nor that of its base names one.",
            hint="Name it with --license, such as --license apache-2.0.",
        )
    return hub_card.with_header(card, whole)


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


def _repository(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", name) or "--" in name or ".." in name:
        raise EncoderError(f"{name} is not a repository of the hub.", hint="Name it OWNER/NAME, such as me/my-encoder.")
    return name


def _upload(folder: Path, repository: str, private: bool, message: str) -> str:
    """Create the repository if it is missing and commit the folder; returns the commit's address."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    api = HfApi(library_name="hybrid-search")
    try:
        with _quiet():
            api.create_repo(repository, private=private, exist_ok=True)
            made = api.upload_folder(repo_id=repository, folder_path=str(folder), commit_message=message)
    except OfflineModeIsEnabled as error:
        raise EncoderError(f"Nothing is sent: {error}.", hint="Unset HF_HUB_OFFLINE.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        hint = "Try again later."
        if status in (401, 403):
            hint = "Log in with `hf auth login`, or set HF_TOKEN to a token that may write there."
        raise EncoderError(f"The hub refuses {repository} ({status}): {_first_line(error)}", hint=hint) from error
    except LocalTokenNotFoundError as error:
        raise EncoderError(
            f"There is no access token for {repository}.", hint="Log in with `hf auth login`, or set HF_TOKEN."
        ) from error
    except Exception as error:
        raise EncoderError(
            f"{repository} could not be sent to {api.endpoint}: {_first_line(error)}",
            hint="Check that the hub is reachable. Files already sent are not sent again.",
        ) from error
    return str(made.commit_url)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the hub client's progress bars."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            enable_progress_bars()


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{lines[0].rstrip('.') if lines else type(error).__name__}."
