"""The tools `read` and `status`, and documents as resources: what the library holds, word for word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ...engine.errors import LibraryError
from ...engine.languages import name as language_name
from ..contract.shapes import many, record, table, text, truth, whole
from .paging import cursor_after, offset_of
from .refusals import Refused
from .rows import MOST_SHOWN, PASSAGE, SCHEME, address, passage_row

if TYPE_CHECKING:
    from ...engine.library import Library
    from .shelf import Shelf

MOST_NEIGHBOURS = 5
MOST_FAILED = 50
DOCUMENTS_A_PAGE = 100
_CHARACTERS, _PASSAGES = 60_000, 400
_ADDRESS = re.compile(SCHEME + r"://document/(\d{1,18})(?:\?from=(\d{1,9}))?")
TEMPLATE = SCHEME + "://document/{document_id}{?from}"

READ = record(
    {
        **PASSAGE,
        "number": whole("of the passage in its document, from 0"),
        "before": many(record(PASSAGE), "passages before it in its document, in order"),
        "after": many(record(PASSAGE), "passages after it, in order"),
        "translations": many(record(PASSAGE), "passages at the same place of parallel files, one a language"),
    }
)

STATUS = record(
    {
        "path": text(),
        "folders": many(text()),
        "files": whole(),
        "documents": whole("a row of a table is a document"),
        "passages": whole(),
        "languages": many(
            record({"language": text(), "name": text(), "passages": whole()}), "with the most passages first"
        ),
        "encoders": many(
            record(
                {
                    "name": text(),
                    "vectors": whole("passages with a vector of it"),
                    "missing": whole("passages without a vector of it"),
                }
            )
        ),
        "answers_by_default": text("encoder"),
        "can_index": truth("whether the tool `index` is available"),
        "failed": many(record({"path": text(), "reason": text()}), "files that could not be read"),
        "failed_in_all": whole(),
        "kinds_of_errors": table(text(), "meaning of an error's `kind`"),
    }
)


def read(shelf: Shelf, given: Mapping[str, Any]) -> dict[str, Any]:
    """A passage with its neighbours and translations; see `READ`."""
    library = shelf.library()
    here = library.passage(given["passage_id"])
    around = library.neighbours(here.id, given["before"], given["after"])
    family = library.translations(here.id) if given["translations"] else {}
    return {
        **passage_row(here, MOST_SHOWN),
        "number": here.ordinal,
        "before": [passage_row(each) for each in around if each.ordinal < here.ordinal],
        "after": [passage_row(each) for each in around if each.ordinal > here.ordinal],
        "translations": [passage_row(each) for _, each in sorted(family.items())],
    }


def status(shelf: Shelf, _given: Mapping[str, Any]) -> dict[str, Any]:
    """What the library holds; see `STATUS`."""
    from .refusals import KINDS

    found = shelf.library().status()
    return {
        "path": found.path,
        "folders": list(found.folders)[:MOST_FAILED],
        "files": found.files,
        "documents": found.documents,
        "passages": found.passages,
        "languages": [
            {"language": code, "name": language_name(code), "passages": number}
            for code, number in found.languages.items()
        ],
        "encoders": [{"name": each.name, "vectors": each.vectors, "missing": each.missing} for each in found.encoders],
        "answers_by_default": shelf.first_encoder(),
        "can_index": shelf.allow_index,
        "failed": [{"path": each.path, "reason": each.reason} for each in found.failed[:MOST_FAILED]],
        "failed_in_all": len(found.failed),
        "kinds_of_errors": dict(KINDS),
    }


def documents(shelf: Shelf, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the library's documents, each with its address, and the cursor of the next page."""
    library = _on_disk(shelf)
    after = offset_of(cursor, {"of": "documents"}, 1 << 62)
    found = library.documents(after, DOCUMENTS_A_PAGE + 1)
    page = found[:DOCUMENTS_A_PAGE]
    rows = [
        {
            "uri": address(each.id),
            "name": PurePath(each.path).name + (f", {each.part}" if each.part else ""),
            "title": each.title[:200],
            "description": f"{each.path}: {each.passages:,} passages",
            "size": each.length,
        }
        for each in page
    ]
    return rows, cursor_after(page[-1].id, {"of": "documents"}) if len(found) > len(page) else None


def document(shelf: Shelf, uri: str) -> tuple[str, dict[str, Any]]:
    """The text of a document from one of its passages on, and facts about the document.

    Characters keep their places in the document: a passage's offsets minus `start` index this text. What no passage
    covers is white space.

    Raises:
        Refused: the address is invalid, or the document has no such passage.
    """
    found = _ADDRESS.fullmatch(uri)
    if found is None:
        raise Refused("not_found", f"{uri[:100]!r} is not a document's address.", hint=f"They look like {TEMPLATE}.")
    library = _on_disk(shelf)
    known = library.document(int(found[1]))
    first = int(found[2] or 0)
    passages = library.passages_of(known.id, first, _PASSAGES)
    if not passages:
        raise Refused(
            "not_found", f"The document has no passage {first:,}.", hint=f"It has {known.passages:,}, from 0."
        )
    start = passages[0].start

    shown = [each for each in passages if each.end - start <= _CHARACTERS] or passages[:1]
    end = max(each.end for each in shown)
    letters = [" "] * (end - start)
    for each in shown:
        letters[each.start - start : each.end - start] = each.text
        if each.end < end:
            letters[each.end - start] = "\n"
    following = shown[-1].ordinal + 1
    about = {
        "path": known.path,
        "part": known.part,
        "title": known.title,
        "start": start,
        "end": end,
        "passages_in_all": known.passages,
        "passages": [
            {"passage_id": each.id, "start": each.start, "end": each.end, "language": each.language} for each in shown
        ],
        "next": address(known.id, following) if following < known.passages else None,
    }
    return "".join(letters), about


def _on_disk(shelf: Shelf) -> Library:
    from ...engine.library import Library

    library = shelf.library()
    if not isinstance(library, Library):
        raise LibraryError(
            "A library on an engine does not list its documents.", hint="Use `search` and `read`, which answer there."
        )
    return library
