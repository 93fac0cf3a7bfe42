"""Writes an audit to a folder: report.html, report.md, pictures, and audit.json, a baseline for the next audit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from ....engine.errors import DataError
from ....engine.files import write_text
from ....engine.shown import as_json
from ..auditing import SCHEMA, Audit
from ..gate import Gate
from .html import html
from .markdown import markdown
from .page import page_of


def write_audit(found: Audit, folder: Path, gate: Gate | None = None) -> list[Path]:
    """Write the files of an audit; existing ones are replaced. Returns their paths, report.html first.

    Raises:
        DataError: the folder cannot be written to.
    """
    page = page_of(found, gate)
    drawn = [picture for section in page.sections for picture in section.pictures]
    names = {words: f"picture-{number}.svg" for number, (words, _) in enumerate(drawn, 1)}
    row = {"schema": SCHEMA, **found.as_dict(), **({} if gate is None else {"gate": gate.as_dict()})}
    files = {
        "report.html": html(page),
        "report.md": markdown(page, names),
        "audit.json": as_json(row, indent=1) + "\n",
        **{names[words]: picture for words, picture in drawn},
    }
    with _writing(folder):
        for name, text in files.items():
            write_text(folder / name, text)
    return [folder / name for name in files]


def make_folder(folder: Path) -> None:
    """Create a report's folder and check that it is writable; call it before an audit that may take long.

    Raises:
        DataError: it cannot be written to.
    """
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            f"The report cannot be written to {folder} ({error.strerror or error}).", hint="Name another folder."
        ) from error
