"""Audits the open library: asks each of its encoders the same questions in every language, and writes reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine.errors import DataError
from .pace import stages
from .reports import in_file_name, new_folder
from .requests import Operation, Request

if TYPE_CHECKING:
    from ...engine.encoders import Encoder
    from ...train.audit.kits import Kit
    from ...train.audit.pages import Page

LoadEncoder = Callable[[str], "Encoder"]


def operations(load: LoadEncoder) -> Mapping[str, Operation]:
    """The operations by name; `load` loads an encoder by its name."""

    def bound(request: Request, **parameters: Any) -> dict[str, Any]:
        return audit(load, request, **parameters)

    return {"audit": bound}


def audit(
    load: LoadEncoder, request: Request, library: str, encoders: Sequence[str], questions: int, mend: bool = True
) -> dict[str, Any]:
    """Audit a library with each of some encoders, and write the reports.

    Args:
        load: loads an encoder by name.
        request: gets each page when it is done.
        library: its folder or address.
        encoders: names; "bm25" is search by words.
        questions: the number to ask, each with its translations.
        mend: whether to try remedies too.
    """
    from ...train.audit import audit as audited
    from ...train.audit.pages import page_of, write_audit
    from ...train.audit.targets import Options

    request.tell(words="making questions of the documents…")
    kit = _kit(library).some(questions=questions)
    folder = new_folder("audit")
    rows = []
    for number, name in enumerate(encoders, start=1):
        start = f"{name} ({number} of {len(encoders)}) · " if len(encoders) > 1 else f"{name} · "
        # It loads encoders as the open library has them.
        options = Options(load=lambda each, **_: load(each), encoder=name, cwd=Path.cwd())
        found = audited(f"library:{library}", kit, options, mend=mend, progress=stages(request, start))
        request.check()
        place = folder / (in_file_name(name) or "-")
        report = write_audit(found, place)[0]
        page = page_of(found)
        row = {"encoder": name, "report": str(report), **_page_data(page)}
        rows.append(row)
        request.tell(words=f"{name}: {page.headline}", page=row)
    return {"library": library, "pages": rows, "folder": str(folder)}


def _page_data(page: Page) -> dict[str, Any]:
    """The texts and tables of a page, without its pictures."""
    return {
        "title": page.title,
        "subtitle": page.subtitle,
        "level": page.level,
        "headline": page.headline,
        "sections": [
            {
                "title": section.title,
                "lines": list(section.lines),
                "tables": [
                    {
                        "title": table.title,
                        "columns": list(table.columns),
                        "rows": [list(row) for row in table.rows],
                    }
                    for table in section.tables
                ],
            }
            for section in page.sections
        ],
    }


def _kit(library: str) -> Kit:
    """Questions made of the library's own documents; if that is impossible, the bundled ones, without right answers."""
    from ...engine.library import Library
    from ...engine.places import place_of
    from ...train.audit.kits import bundled_kit, own_kit

    if place_of(Path(library)) is not None:
        return bundled_kit()
    with Library.open(Path(library), readonly=True) as opened:
        try:
            kit = own_kit(opened)
        except DataError:
            return bundled_kit()
    return kit if kit.groups else bundled_kit()
