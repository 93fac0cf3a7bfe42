"""Mutates bytes and values: flips, cuts, repeats, splices, nests, leaves unclosed, renumbers, changes encodings."""

# ruff: noqa: E501
from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

LARGEST = 300_000
_NUMBER = re.compile(rb"(?<![\w.])-?\d+(?:\.\d+)?")
_TOKEN = re.compile(
    rb"<[^<>]{1,300}>|[{}\[\]()]|\\[a-z]+-?\d*|\"[^\"]{0,200}\"|^[#=*>|~-].*$|\d+ 0 obj|[\r\n]+", re.MULTILINE
)
_MARKED = re.compile(rb"<([A-Za-z][\w:.-]{0,40})[^<>]{0,300}>")
ODD_NUMBERS = (
    "0", "-1", "-0", "00", "1e999", "NaN", "-Infinity", "²", "٣", "1_000", "0x10", "4294967296", "-2147483649",
    "9223372036854775808", "1e-400", "1.5", "1" * 4400, "65536", "255", "１２",
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "\x00", "\ufeff", "\u202e", "\ud800", "\udfff\ud800", "\U0010ffff", "a\u0301" * 50, "ﷺ" * 20, "\x1b[31m",
    "\r", "\u2028", "İ", "ß", "ก็็็็็็", "🏳️‍🌈", "%s%n", "${HOME}", "../../etc/passwd", "'; DROP TABLE texts; --", "\\", '"', "x" * 5000,
    "\x85\x0b\x0c", "NaN", "null", "-", "*", "a" * 300 + "*", "()", "NEAR(", "und", "en", "AND OR NOT",
)  # fmt: skip
_ODD_BYTES = (
    b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1a", b"\x1b$B",
    b"<![CDATA[", b"<!--", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#x110000;", b"&#" + b"9" * 4400 + b";", b"]]>",
    b"<?xml version='1.0' encoding='utf-7'?>", b"<script>", b"<a x='", b"<svg>", b"<table><tr>", b"<template>", b"{\\rtf1",
    b"\\bin9999999 ", b"\\u-1", b"{{{{", b"\\begin{", b"\\def\\a{\\a\\a}\\a", b"```", b"---\n", b"From ", b"Content-Type: multipart/mixed; boundary=x\n\n",
    b"charset=undefined", b"=?utf-8?B?////?=", b"=?x?Q?=", b'"""', b"msgid ", b"00:00:00,000 --> ", b"[", b"{\"a\":", b"/Kids [2 0 R]",
    b"/Length 99999999", b"endstream", b"startxref\n-1\n", b"<< /Type /XObject >>", b"\t", b'"', b",", b";", b"%", b"\r\n\r\n",
)  # fmt: skip
_ENCODINGS = (
    "utf-16",
    "utf-16-le",
    "utf-32",
    "utf-8-sig",
    "cp1251",
    "shift_jis",
    "gb18030",
    "iso-2022-jp",
    "utf-7",
    "cp037",
)


def mutated(data: bytes, chance: Random, others: Sequence[bytes] = ()) -> bytes:
    """Data after one to four changes, never much larger than `LARGEST`.

    Args:
        data: the bytes to change.
        chance: decides all changes.
        others: data of the same kind, to splice from.
    """
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        change = chance.choice(_CHANGES)
        data = change(data, chance, others)[: LARGEST * 2]
    return data


def _flip(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _set(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 16))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice((0, 255, 127, 128, 60, 62, 34, 92, 10, 32))
    return bytes(changed)


def _part(data: bytes, chance: Random, most: int = 1 << 30) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(
        len(data), start + chance.choice((1, 4, 16, 64, 512, chance.randrange(len(data) + 1))), start + most
    )


def _cut(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    start, end = _part(data, chance)
    return data[:start] + (data[end:] if chance.random() < 0.6 else b"")


def _repeat(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    start, end = _part(data, chance, 4096)
    times = min(chance.choice((2, 10, 1000, 20_000)), LARGEST // max(1, end - start))
    return data[:start] + data[start:end] * times + data[end:]


def _splice(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others) if others else data
    start, end = _part(other, chance)
    at, until = _part(data, chance)
    return data[:at] + other[start:end] + data[until if chance.random() < 0.5 else at :]


def _insert(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    what = chance.choice(_ODD_BYTES)
    if chance.random() < 0.2:
        what *= min(chance.choice((50, 2000, 20_000)), LARGEST // len(what))
    at = _place(data, chance)
    return data[:at] + what + data[at:]


def _place(data: bytes, chance: Random) -> int:
    """A random place, mostly the end of a token."""
    tokens = [found.end() for found in _TOKEN.finditer(data[:50_000])]
    return chance.choice(tokens) if tokens and chance.random() < 0.7 else chance.randrange(len(data) + 1)


def _token(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    """Data with a token doubled, removed, moved or repeated many times."""
    tokens = list(_TOKEN.finditer(data[:50_000]))
    if not tokens:
        return data
    found = chance.choice(tokens)
    what, how = found.group(), chance.randrange(4)
    if how == 0:
        return data[: found.start()] + data[found.end() :]
    if how == 1:
        at = chance.choice(tokens).start()
        return data[:at] + what + data[at:]
    times = 2 if how == 2 else min(chance.choice((100, 3000, 30_000)), LARGEST // max(1, len(what)))
    return data[: found.start()] + what * times + data[found.end() :]


def _nest(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    """Data with the part between two places nested in many levels of a mark."""
    marks = list(_MARKED.finditer(data[:50_000]))
    times = chance.choice((2, 50, 1100, 12_000))
    if marks and chance.random() < 0.8:
        found = chance.choice(marks)
        opening, closing = found.group(), b"</" + found.group(1) + b">"
        at = found.start()
    else:
        opening, closing = chance.choice(
            ((b"[", b"]"), (b"{", b"}"), (b"(", b")"), (b"<<", b">>"), (b"> ", b""), (b"{\\b ", b"}"))
        )
        at = _place(data, chance)
    times = min(times, LARGEST // (len(opening) + len(closing)))
    until = chance.choice((at, len(data), _part(data, chance)[1]))
    until = max(at, until)
    return (
        data[:at] + opening * times + data[at:until] + closing * (times if chance.random() < 0.7 else 0) + data[until:]
    )


def _renumber(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    numbers = list(_NUMBER.finditer(data[:100_000]))
    if not numbers:
        return data
    found = chance.choice(numbers)
    odd = chance.choice(ODD_NUMBERS).encode()
    return data[: found.start()] + odd + data[found.end() :]


def _recode(data: bytes, chance: Random, _others: Sequence[bytes]) -> bytes:
    return data.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS), "replace")


_CHANGES: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (
    _flip, _flip, _set, _cut, _repeat, _splice, _insert, _insert, _token, _token, _nest, _nest, _renumber, _renumber, _recode,
)  # fmt: skip


def mutated_zip(data: bytes, chance: Random, others: Sequence[bytes] = ()) -> bytes:
    """A zip file with members changed, exchanged, renamed, removed, doubled, packed differently, or of false sizes."""
    members = _members(data)
    if not members or chance.random() < 0.1:
        return mutated(data, chance, others)
    for _ in range(chance.choice((1, 1, 2, 3))):
        _change_member(members, chance, others)
    method = chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED] * 9 + [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", method) as archive:
        # Two members of one name are intended.
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    made = packed.getvalue()
    return _lying(made, chance) if chance.random() < 0.2 else made


def _members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def _change_member(members: list[tuple[str, bytes]], chance: Random, others: Sequence[bytes]) -> None:
    at = chance.randrange(len(members))
    name, content = members[at]
    other = chance.randrange(len(members))
    how = chance.randrange(10)
    if how < 6:
        members[at] = (name, mutated(content, chance, [content for _, content in members]))
    elif how == 6:
        members[at], members[other] = (name, members[other][1]), (members[other][0], content)
    elif how == 7:
        odd = (
            name.upper(),
            "../" + name,
            "/" + name,
            name + "/",
            name.replace("/", "\\"),
            "a" * 300,
            "\u202e" + name,
            name + " ",
        )
        members[at] = (chance.choice(odd), content)
    elif how == 8 and len(members) > 1:
        del members[at]
    elif others:
        stranger = chance.choice(others)
        if zipfile.is_zipfile(io.BytesIO(stranger)):
            members.append(chance.choice(_members(stranger) or [(name, b"")]))
    else:
        members.append((name, content))


def _lying(data: bytes, chance: Random) -> bytes:
    """A zip file with a false value in a header: method, checksum, sizes, lengths of names, offset."""
    changed = bytearray(data)
    headers = [found.start() for found in re.finditer(rb"PK\x01\x02|PK\x03\x04", data)]
    for _ in range(chance.choice((1, 2))):
        start = chance.choice(headers)
        field = start + chance.choice((4, 6, 8, 10, 14, 16, 18, 20, 22, 24, 26, 28, 42))
        size = chance.choice((2, 4))
        value = chance.choice((0, 1, 255, 65_535, 2**31, 2**32 - 1, chance.randrange(2**32))) % 256**size
        changed[field : field + size] = value.to_bytes(size, "little")
    return bytes(changed)


def odd_value(chance: Random, depth: int = 0) -> Any:
    """Any value that JSON or TOML can hold."""
    how = chance.randrange(10 if depth < 3 else 7)
    if how == 0:
        return chance.choice((None, True, False))
    if how == 1:
        return chance.choice((0, -1, 1, 2, 7, 2**31, 2**63, -(2**64), 10**30, 10**400, 65_537))
    if how == 2:
        return chance.choice((0.0, -0.0, 0.5, 1.5, -1e-9, 1e308, float("inf"), float("nan"), float("-inf"), 1e-320))
    if how < 6:
        return chance.choice(ODD_TEXTS)
    if how == 6:
        return chance.choice(ODD_NUMBERS)
    if how < 9:
        return [odd_value(chance, depth + 1) for _ in range(chance.choice((0, 1, 2, 5)))]
    return {chance.choice(ODD_TEXTS): odd_value(chance, depth + 1) for _ in range(chance.choice((0, 1, 3)))}


def odd_json(value: Any, chance: Random) -> Any:
    """A JSON value with one part, at any depth, made odd, removed, doubled, or moved to another key."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        changed = dict(value)
        key = chance.choice(list(changed))
        how = chance.randrange(8)
        if how == 0:
            del changed[key]
        elif how == 1:
            changed[chance.choice(ODD_TEXTS)] = changed.pop(key)
        else:
            changed[key] = odd_json(changed[key], chance)
        return changed
    if isinstance(value, list) and value and chance.random() < 0.85:
        listed = list(value)
        at = chance.randrange(len(listed))
        how = chance.randrange(8)
        if how == 0:
            del listed[at]
        elif how == 1:
            listed += listed
        else:
            listed[at] = odd_json(listed[at], chance)
        return listed
    if isinstance(value, (dict, list)) and chance.random() < 0.3:
        return [value]
    return odd_value(chance)


def mutated_json(data: bytes, chance: Random, others: Sequence[bytes] = ()) -> bytes:
    """A JSON text with an odd value in it, or with its bytes changed; in JSON lines, one line."""
    if chance.random() < 0.3:
        return mutated(data, chance, others)
    try:
        return _dumped(odd_json(json.loads(data), chance))
    except (ValueError, RecursionError):
        lines = data.splitlines(keepends=True)
        at = chance.randrange(len(lines)) if lines else 0
        try:
            lines[at] = _dumped(odd_json(json.loads(lines[at]), chance)) + b"\n"
        except (ValueError, IndexError, RecursionError):
            return mutated(data, chance, others)
        return b"".join(lines)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
