"""Writes small office files with only the parts that a test needs."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hybrid_search.engine.documents import Document, read

OPEN = "http://schemas.openxmlformats.org"
STRICT = "http://purl.oclc.org/ooxml"
RELATIONS = f"{OPEN}/officeDocument/2006/relationships"
W = (
    f'xmlns:w="{OPEN}/wordprocessingml/2006/main" xmlns:mc="{OPEN}/markup-compatibility/2006" '
    f'xmlns:m="{OPEN}/officeDocument/2006/math" xmlns:r="{RELATIONS}" xmlns:dgm="{OPEN}/drawingml/2006/diagram" '
    f'xmlns:a="{OPEN}/drawingml/2006/main" xmlns:c="{OPEN}/drawingml/2006/chart"'
)
P = (
    f'xmlns:a="{OPEN}/drawingml/2006/main" xmlns:p="{OPEN}/presentationml/2006/main" xmlns:r="{RELATIONS}" '
    f'xmlns:dgm="{OPEN}/drawingml/2006/diagram" xmlns:mc="{OPEN}/markup-compatibility/2006"'
)
X = f'xmlns="{OPEN}/spreadsheetml/2006/main" xmlns:r="{RELATIONS}"'
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
O = " ".join(  # noqa: E741
    [f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "text", "table", "presentation")]
    + [
        f'xmlns:draw="{_OASIS}:drawing:1.0"',
        f'xmlns:svg="{_OASIS}:svg-compatible:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
        'xmlns:xlink="http://www.w3.org/1999/xlink"',
        'xmlns:math="http://www.w3.org/1998/Math/MathML"',
    ]
)


def packed(path: Path, parts: dict[str, str | bytes]) -> Path:
    """A zip file of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def relations(**targets: str) -> str:
    """A part of relationships: id="type target"."""
    each = (
        f'<Relationship Id="{name}" Type="{RELATIONS}/{told.split()[0]}" Target="{told.split()[1]}"/>'
        for name, told in targets.items()
    )
    return f'<Relationships xmlns="{OPEN}/package/2006/relationships">{"".join(each)}</Relationships>'


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of Word."""
    return f"<w:p>{properties and f'<w:pPr>{properties}</w:pPr>'}<w:r><w:t>{text}</w:t></w:r></w:p>"


def word(path: Path, body: str, parts: dict[str, str | bytes] | None = None) -> Path:
    """A Word document of this body and further parts."""
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    return packed(path, {"word/document.xml": document, **(parts or {})})


def shape(text: str, placeholder: str = "") -> str:
    """A shape of PowerPoint; its text is a paragraph's content or plain words."""
    runs = text if text.startswith("<") else f"<a:r><a:t>{text}</a:t></a:r>"
    mark = placeholder and f'<p:ph type="{placeholder}"/>'
    return f"<p:sp><p:nvSpPr><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:txBody><a:p>{runs}</a:p></p:txBody></p:sp>"


def slide(*shapes: str, kind: str = "sld") -> str:
    """A slide's part, or with kind "notes" that of its notes."""
    return f"<p:{kind} {P}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:{kind}>"


def deck(path: Path, slides: list[str], order: list[int] | None = None, parts: dict[str, str] | None = None) -> Path:
    """A deck of these slides; `order` has the numbers of those to show."""
    shown = order or list(range(1, len(slides) + 1))
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in shown)
    targets = {f"rId{number}": f"slide slides/slide{number}.xml" for number in range(1, len(slides) + 1)}
    return packed(
        path,
        {
            "ppt/presentation.xml": f"<p:presentation {P}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(**targets),
            **{f"ppt/slides/slide{number}.xml": content for number, content in enumerate(slides, 1)},
            **(parts or {}),
        },
    )


def odf(path: Path, body: str, kind: str = "text", parts: dict[str, str | bytes] | None = None) -> Path:
    """An OpenDocument file of this body."""
    content = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    content = f"<office:document-content {O}>{content}</office:document-content>"
    return packed(
        path, {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content, **(parts or {})}
    )


def the(path: Path) -> Document:
    """The one document of a file."""
    (document,) = read(path)
    return document


def headings(document: Document) -> list[tuple[int, str]]:
    """(level, words) of each heading, after checking its place in the text."""
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title)
    return [(heading.level, heading.title) for heading in document.headings]
