"""Lists a folder's files, without hidden, excluded and binary ones; links out of it or in circles are not followed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import HybridSearchError
from .decoding import SAMPLE
from .kinds import COMPRESSED, kind_by_content, kind_by_name, kind_under_another_name, suffixes
from .leftovers import SYSTEM_FOLDERS, left_by_program
from .model import FoundFile, SkippedFile

if TYPE_CHECKING:
    import pathspec


def storable(path: str | Path) -> str:
    r"""A path as text that every store and terminal accepts: bytes that are not UTF-8 become `\xNN`."""
    text = path if isinstance(path, str) else path.as_posix()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.replace("\\", "\\\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def walk(folder: Path | str, *, exclude: Sequence[str] = ()) -> Iterator[FoundFile | SkippedFile]:
    """The files below `folder`, in a stable order; `folder` may also be a single file.

    Hidden names and matches of `exclude` (`.gitignore` patterns, relative to the folder) are not listed; any other
    skipped file is listed as a `SkippedFile`.

    Raises:
        HybridSearchError: the folder does not exist or cannot be listed, or a pattern is not valid.

    """
    root = Path(folder)
    one_file = is_file(root)
    patterns = exclusion(exclude)
    if one_file:
        yield _look_at(root, root.name)
        return
    try:
        os.scandir(root).close()
    except OSError as error:
        raise HybridSearchError(f"{storable(root)} cannot be listed: {_said(error)}.") from error
    yield from _below(root, "", root.resolve(), patterns)


def is_file(root: Path) -> bool:
    """Whether a path is a single file and not a folder.

    Raises:
        HybridSearchError: the path does not exist, or access is denied.

    """
    try:
        return stat.S_ISREG(root.stat().st_mode)
    except PermissionError as error:
        raise HybridSearchError(
            f"{storable(root)} cannot be accessed: {_said(error)}.",
            hint="Name a folder that you may read, or get permission.",
        ) from error
    except (OSError, ValueError) as error:
        # No file can have a name that is too long or has invalid characters.
        raise HybridSearchError(f"{_short(root)} does not exist.", hint="Name a folder with documents.") from error


def concerns(relative: str, patterns: pathspec.GitIgnoreSpec) -> bool:
    """Whether a change of the file or folder of this name may change the result of a walk.

    It may not if a walk skips every file of this name: hidden, excluded, left by a program, not text.
    """
    parts = relative.split("/")
    if any(part.startswith(".") or part in SYSTEM_FOLDERS for part in parts) or left_by_program(parts[-1]):
        return False
    return not patterns.match_file(relative) and kind_by_name(Path(parts[-1])) != "not prose"


def exclusion(exclude: Sequence[str]) -> pathspec.GitIgnoreSpec:
    """`.gitignore` patterns, ready to be matched.

    Raises:
        HybridSearchError: one of them is not valid.

    """
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(exclude)
    except ValueError as error:
        raise HybridSearchError(f"An exclude pattern is not valid: {error}.") from error


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _short(path: Path) -> str:
    text = storable(path)
    return text if len(text) <= 300 else f"{text[:150]}…{text[-50:]}"


def _below(
    folder: Path, prefix: str, root: Path, patterns: pathspec.GitIgnoreSpec
) -> Iterator[FoundFile | SkippedFile]:
    pending = [(folder, prefix)]
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield SkippedFile(folder, f"cannot be listed: {_said(error)}", relative=storable(prefix.rstrip("/")))
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path, relative = folder / entry.name, prefix + entry.name
            try:
                is_folder, is_link = entry.is_dir(follow_symlinks=False), entry.is_symlink()
            except OSError as error:
                yield SkippedFile(path, _said(error), relative=storable(relative))
                continue
            if patterns.match_file(storable(relative) + ("/" if is_folder else "")):
                continue
            if is_folder and entry.name in SYSTEM_FOLDERS:
                yield SkippedFile(path, "a system folder", problem=False, relative=storable(relative))
            elif is_folder:
                folders.append((path, relative + "/"))
            elif is_link:
                yield from _link(path, relative, root)
            else:
                yield _look_at(path, relative)
        pending.extend(reversed(folders))


def _link(path: Path, relative: str, root: Path) -> Iterator[FoundFile | SkippedFile]:
    """Follow a link to a file only if the walk itself would not reach that file."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield SkippedFile(path, "a broken link", problem=False, relative=storable(relative))
        return
    if not target.is_relative_to(root):
        reason = f"a link out of the folder, to {storable(target)}; index that folder, too, to include it"
        yield SkippedFile(path, reason, problem=False, relative=storable(relative))
    elif any(part.startswith(".") for part in target.relative_to(root).parts):
        seen = _look_at(path, relative)
        if isinstance(seen, FoundFile) or seen.problem:
            yield seen


def _look_at(path: Path, relative: str) -> FoundFile | SkippedFile:
    name = storable(relative)
    if left_by_program(path.name):
        return SkippedFile(path, "a program's lock or working file", problem=False, relative=name)
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        return SkippedFile(path, _said(error) if isinstance(error, OSError) else str(error), relative=name)
    if not stat.S_ISREG(facts.st_mode):
        return SkippedFile(path, "not a regular file", problem=False, relative=name)
    kind = kind_by_name(path)
    if kind == "no reader" and not _has_reader_all_the_same(path):
        return SkippedFile(path, f"no reader for {suffixes(path)[0]} files", relative=name)
    if kind == "" and facts.st_size:
        try:
            kind = _kind_of_unnamed(path)
        except OSError as error:
            return SkippedFile(path, _said(error), relative=name)
    if kind == "not prose":
        return SkippedFile(path, "not a text", problem=False, relative=name)
    return FoundFile(path, name, facts.st_size, _stamp(facts), _touched(facts))


def _touched(facts: os.stat_result) -> int:
    """When a file was last changed: for a while after that, another change could get the same times.

    If the change time of the inode has fractions of a second, it is so fine that any later change differs in it.
    """
    coarse = facts.st_ctime_ns % 1_000_000_000 == 0
    return max(facts.st_mtime_ns, facts.st_ctime_ns) if coarse else facts.st_mtime_ns


def _stamp(facts: os.stat_result) -> int:
    """A positive 63-bit hash of the modification time, the change time of the inode, and its number."""
    said = f"{facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino}".encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest()) >> 1 or 1


def _has_reader_all_the_same(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(kind_under_another_name(file.read(SAMPLE)))
    except OSError:
        return False


def _kind_of_unnamed(path: Path) -> str:
    if path.suffix.lower() in COMPRESSED:
        return "text"
    with path.open("rb") as file:
        return kind_by_content(file.read(SAMPLE)) or "not prose"
