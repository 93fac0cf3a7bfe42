"""Reads what was typed into a PDF's form or onto its pages: values of fields, ticked boxes, free text."""

from __future__ import annotations

import ctypes
from typing import Any

_MOST_ANNOTATIONS = 5_000
_PASSWORD = 1 << 13
_TICKED, _OPEN = "☑", "☐"


def of_page(raw: Any, page: Any, form: Any) -> str:
    """The values of the page's fields, one per line; a box as ☑ or ☐ with its label.

    `raw` is PDFium's interface, `form` its form environment, or None if the file has no form.
    """
    values: dict[str, None] = {}
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if kind == raw.FPDF_ANNOT_WIDGET:
                value = _of_field(raw, annotation, form)
            else:
                value = _string(raw, annotation, b"Contents") if kind == raw.FPDF_ANNOT_FREETEXT else ""
            if value.strip():
                values[value.strip()] = None
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return "\n".join(values)


def _of_field(raw: Any, annotation: Any, form: Any) -> str:
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation) if form is not None else -1
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        return _box(raw, annotation, form)
    if kind in (raw.FPDF_FORMFIELD_PUSHBUTTON, raw.FPDF_FORMFIELD_SIGNATURE):
        return ""
    if kind > 0:
        if raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD and kind == raw.FPDF_FORMFIELD_TEXTFIELD:
            return ""
        return _call(raw.FPDFAnnot_GetFormFieldValue, form, annotation)
    return _string(raw, annotation, b"V")


def _box(raw: Any, annotation: Any, form: Any) -> str:
    name = _call(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
    label = name or _call(raw.FPDFAnnot_GetFormFieldName, form, annotation)
    mark = _TICKED if raw.FPDFAnnot_IsChecked(form, annotation) else _OPEN
    return f"{mark} {label}" if label else ""


def _string(raw: Any, annotation: Any, key: bytes) -> str:
    return _call(lambda *buffer: raw.FPDFAnnot_GetStringValue(annotation, key, *buffer))


def _call(function: Any, *arguments: Any) -> str:
    """The text that a function of PDFium writes into a buffer; a first call returns its size in bytes."""
    size = function(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(*arguments, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
