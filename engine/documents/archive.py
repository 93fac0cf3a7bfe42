"""An untrusted zip file, opened from bytes: its members are unpacked as a stream under one size limit.

    archive = Archive(source.data, source.limit)
    if "word/document.xml" in archive: root = archive.xml("word/document.xml")
    name = archive.find("OPS/Chapter%201.xhtml")  # or None; case, slashes and escapes may differ
    data = archive.read(name)

The members that are read may together unpack to `limit` bytes, counted while unpacking; the sizes that the file
declares are ignored. Only stored and deflated members are read. Every failure is an `UnreadableDocument` with its
reason: damaged, encrypted, too large. `archive.xml` refuses entity declarations and tolerates harmless errors (see
`xmltree`). `archive.refuse_if_encrypted_odf()` is for OpenDocument; `archive.encrypted_parts()` lists what an EPUB
encrypts.
"""

from __future__ import annotations

import io
import posixpath
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from ..errors import UnreadableDocument
from .xmltree import Element, local, parse_xml

MOST_MEMBERS = 65_535
MOST_READ = 10_000
_PIECE = 1024 * 1024
_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_ENCRYPTION_DATA = re.compile(rb"<(?:[\w.-]{1,64}:)?encryption-data\b")
ENCRYPTED = "it is encrypted"
# Many books that are not encrypted obfuscate their fonts.
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_FONTS = (".ttf", ".otf", ".woff", ".woff2", ".ttc", ".dfont")


class Archive:
    """The members of a zip file, unpacked within a limit.

    Args:
        data: the file's bytes.
        limit: bytes that all members read may together unpack to.

    Raises:
        UnreadableDocument: it is not a zip file, damaged, or has more than `MOST_MEMBERS` members.

    """

    def __init__(self, data: bytes, limit: int) -> None:
        if data.count(_ENTRY) > MOST_MEMBERS:
            raise UnreadableDocument(f"it has more than {MOST_MEMBERS:,} members")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception as error:  # a damaged directory may raise anything
            raise UnreadableDocument(f"it is damaged: {error}") from error
        self._left = limit
        self._read = 0
        self._members = {info.filename: info for info in self._zip.infolist()}
        self._folded: dict[str, str] = {}

    @property
    def left(self) -> int:
        """Bytes that may still be unpacked: the limit for a zip file inside this one."""
        return self._left

    def spend(self, inner: Archive) -> None:
        """Count the bytes that a zip file inside this one, opened with `left`, unpacked to."""
        self._left = min(self._left, inner.left)

    def __contains__(self, name: object) -> bool:
        """Whether there is a member of exactly this name."""
        return name in self._members

    def names(self) -> list[str]:
        """The members' names, unchanged, in the order of the directory."""
        return list(self._members)

    def find(self, name: str) -> str | None:
        """The member called `name`, else one whose name differs only in case, slashes or escapes."""
        if name in self._members:
            return name
        if not self._folded:
            for each in self._members:
                self._folded.setdefault(_folded(each), each)
        return self._folded.get(_folded(name)) or self._folded.get(_folded(unquote(name)))

    def stream(self, name: str) -> Iterator[bytes]:
        """A member's content in pieces of at most 1 MB, each counted against the limit.

        Raises:
            UnreadableDocument: it is missing, encrypted, damaged, packed by an unknown method, or over the limit.

        """
        info = self._members.get(name)
        if info is None:
            raise UnreadableDocument(f"it is damaged: {name} is missing")
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableDocument(ENCRYPTED)
        if info.compress_type not in _METHODS:
            raise UnreadableDocument(f"{name} in it uses an unsupported compression method ({info.compress_type})")
        self._read += 1
        if self._read > MOST_READ:
            raise UnreadableDocument(f"it has more than {MOST_READ:,} parts")
        try:
            with self._zip.open(info) as member:
                while piece := member.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise UnreadableDocument("it unpacks to more than the size limit")
                    yield piece
        except UnreadableDocument:
            raise
        except Exception as error:  # zlib.error, struct.error, BadZipFile and others have no common base
            raise UnreadableDocument(f"it is damaged: {error}") from error

    def read(self, name: str) -> bytes:
        """A member's content; raises as `stream` does."""
        return b"".join(self.stream(name))

    def xml(self, name: str) -> Element:
        """The root element of a member that is XML.

        Raises:
            UnreadableDocument: as `read` and `parse_xml` do.

        """
        return parse_xml(self.read(name), name)

    def refuse_if_encrypted_odf(self) -> None:
        """Raise if the manifest of an OpenDocument file says that its parts are encrypted."""
        # Many manifests are not valid XML alone: an external document type declares their namespace.
        manifest = self.find("META-INF/manifest.xml")
        if manifest and _ENCRYPTION_DATA.search(self.read(manifest)):
            raise UnreadableDocument(ENCRYPTED)

    def encrypted_parts(self) -> set[str] | None:
        """The members that META-INF/encryption.xml lists as encrypted, except fonts; None: all members."""
        name = self.find("META-INF/encryption.xml")
        parts: set[str] = set()
        if not name:
            return parts
        for entry in self.xml(name).iter():
            if local(entry) != "EncryptedData":
                continue
            methods = [each.get("Algorithm", "") for each in entry.iter() if local(each) == "EncryptionMethod"]
            uris = [each.get("URI", "") for each in entry.iter() if local(each) == "CipherReference"]
            if not uris:
                return None
            if not any(method in _FONT_METHODS for method in methods):
                parts |= {self.find(uri) or uri for uri in uris if not uri.lower().endswith(_FONTS)}
        return parts


def _folded(name: str) -> str:
    path = posixpath.normpath(name.replace("\\", "/")).lstrip("/")
    return unicodedata.normalize("NFC", path).casefold()
