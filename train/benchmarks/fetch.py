"""Downloads public benchmarks from their published addresses and checks them."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from ...engine import paths
from ...engine.errors import DataError
from ...engine.files import replacing_file
from ...engine.progress import OnStage

BLOCK = 256 * 1024
PATIENCE = 30.0


@dataclass(frozen=True)
class Source:
    """A benchmark that can be downloaded.

    Args:
        address: the address of the folder with its files.
        files: SHA-256 by file name.
        licence: the licence of the data.
    """

    address: str
    files: dict[str, str]
    licence: str


SOURCES: dict[str, Source] = {
    "xquad-r": Source(
        "https://raw.githubusercontent.com/google-research-datasets/lareqa/master/xquad-r",
        {
            "ar.json": "c52922d3b8ac1ae03ed5ac38647ad59870dca3dda2beefe18ecdc30729acb69d",
            "de.json": "16fb0f4bf4916154b585a20c24c66074591c9718a1affe764ff4697572328949",
            "el.json": "163fd43ee785a30eb534ae2061e9eaa766a7ee4e8ffce5e4b422480c150f64b6",
            "en.json": "7b0954f39297c27a31fef610f0883337dd2907fa8699151dc922afdd0fa12ffe",
            "es.json": "f8e836b2d91009c4363e04315f7ede363eedbbb49c67dda60de6c4aa782f58de",
            "hi.json": "ea45ba8ae4513d1533b222bebdc02a90bc319c055d3aeea68584a053d2e92872",
            "ru.json": "7f4dff853538b9a5fcc28c070b8bb983a5c5d190ac747b8e005a1ada9cab18f1",
            "th.json": "c3a041864c3a9fb0b4dd91cfdf99cf36b411b3e704c58a303c97bc6dc786cfe4",
            "tr.json": "f3e8c13002bbce154a4578f535f7533cb70f3da08840e6b62735935baec7bd94",
            "vi.json": "e35926bf5cc6fc6ecbdfca49467aabeb454f08d152d7818143a906bd31dde995",
            "zh.json": "80c2cde7b9c2fb134c303cbb52f2ba396ead9eb0014aec43993543d2ba9e93ed",
        },
        "CC BY-SA 4.0",
    ),
}
ELSEWHERE = {
    "mlqa-r": "It was removed from its public repository; give a folder of its LANG.json files with --data.",
    "miracl": "Its corpora have gigabytes per language: download topics, qrels and corpus of the languages you want "
    "from huggingface.co/datasets/miracl, one folder per language, and give --data.",
    "demo": "It comes with the program.",
}


def default_folder() -> Path:
    """The folder of benchmarks when none is named."""
    return paths.data_folder() / "benchmarks"


def fetch(name: str, folder: Path, *, mirror: str | None = None, progress: OnStage | None = None) -> Path:
    """Download a benchmark into `folder/name`; files with the right checksum are not downloaded again.

    A file appears under its name only when it is complete and its checksum is right.

    Args:
        name: a key of `SOURCES`.
        folder: where benchmarks are stored.
        mirror: an address to use instead of the published one.
        progress: called with a file's name, bytes done and their total.

    Raises:
        DataError: the benchmark is not in `SOURCES`, the address cannot be reached, or a checksum is wrong.
    """
    source = SOURCES.get(name)
    if source is None:
        raise DataError(f"{name} cannot be fetched.", hint=ELSEWHERE.get(name, f"Known: {', '.join(sorted(SOURCES))}."))
    place = folder / name
    for file, checksum in source.files.items():
        target = place / file
        if not (target.is_file() and _digest(target) == checksum):
            _download(f"{(mirror or source.address).rstrip('/')}/{file}", target, checksum, progress)
    return place


def _download(address: str, target: Path, checksum: str, progress: OnStage | None) -> None:
    if not address.startswith(("https://", "http://")):
        raise DataError(f"{address} is not a web address.", hint="It must begin with https:// or http://.")
    digest = hashlib.sha256()
    done = 0
    try:
        with (
            replacing_file(target) as partial,
            urllib.request.urlopen(address, timeout=PATIENCE) as reply,
        ):
            total = int(reply.headers.get("Content-Length") or 0)
            with partial.open("wb") as file:
                while block := reply.read(BLOCK):
                    file.write(block)
                    digest.update(block)
                    done += len(block)
                    if progress is not None:
                        progress(target.name, done, total)
            if total and done < total:
                raise DataError(
                    f"{address} broke off after {done:,} of {total:,} bytes.", hint="Run the command again."
                )
            if digest.hexdigest() != checksum:
                raise DataError(
                    f"{address} is not the published file: its SHA-256 is {digest.hexdigest()[:16]}…, "
                    f"not {checksum[:16]}….",
                    hint="Nothing was kept. The publisher may have changed it; --data uses your own copy.",
                )
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise DataError(
            f"{address} cannot be fetched ({error}).",
            hint="Check the network; --mirror gives another address, --data a local copy.",
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
