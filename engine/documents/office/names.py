"""Short names ("w:p", "text:h") for the elements and attributes of office formats, the same for every edition."""

from __future__ import annotations

from functools import lru_cache

# Transitional and strict OOXML differ only in their namespaces; so do OpenDocument and its predecessor.
_OPEN = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {
    f"{_OPEN}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OPEN}presentationml/2006/main": "p",
    f"{_STRICT}presentationml/main": "p",
    f"{_OPEN}spreadsheetml/2006/main": "x",
    f"{_STRICT}spreadsheetml/main": "x",
    f"{_OPEN}drawingml/2006/main": "a",
    f"{_STRICT}drawingml/main": "a",
    f"{_OPEN}drawingml/2006/diagram": "dgm",
    f"{_STRICT}drawingml/diagram": "dgm",
    f"{_OPEN}drawingml/2006/chart": "c",
    f"{_STRICT}drawingml/chart": "c",
    f"{_OPEN}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    f"{_OPEN}officeDocument/2006/relationships": "r",
    f"{_STRICT}officeDocument/relationships": "r",
    f"{_OPEN}markup-compatibility/2006": "mc",
    f"{_OPEN}package/2006/relationships": "rel",
    f"{_OPEN}package/2006/content-types": "ct",
    "urn:schemas-microsoft-com:vml": "v",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/1998/Math/MathML": "math",
    f"{_OASIS}svg-compatible:1.0": "svg",
    "http://www.w3.org/2000/svg": "svg",
    f"{_OASIS}drawing:1.0": "draw",
    f"{_OASIS}manifest:1.0": "manifest",
}
_PREFIXES |= {f"{_OASIS}{name}:1.0": name for name in ("office", "text", "table", "presentation", "form", "style")}
_PREFIXES |= {
    f"http://openoffice.org/2000/{name}": {"drawing": "draw"}.get(name, name)
    for name in ("office", "text", "table", "presentation", "drawing", "form", "manifest", "style")
}


@lru_cache(maxsize=8192)
def short(name: str) -> str:
    """The short name of expat's "namespace local"; the local name alone if the namespace is unknown."""
    namespace, _, local = name.rpartition(" ")
    prefix = _PREFIXES.get(namespace, "")
    return f"{prefix}:{local}" if prefix else local


def attribute(facts: dict[str, str], name: str) -> str:
    """The attribute of that short name, "" without it. An unprefixed name matches in any unknown namespace."""
    for key, value in facts.items():
        if short(key) == name:
            return value
    return ""


def number(text: str, default: int) -> int:
    """A small integer from an attribute's text; `default` for any other text."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
