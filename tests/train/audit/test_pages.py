"""The report: nothing in it is fetched or run whatever names hold, and a real browser shows its pictures."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.auditing import Audit
from hybrid_search.train.audit.judged import judged
from hybrid_search.train.audit.pages import make_folder, page_of, write_audit
from hybrid_search.train.audit.remedies import Audited, remedies
from hybrid_search.train.audit.targets import Options
from hybrid_search.train.audit.unjudged import unjudged
from hybrid_search.train.audit.verdict import verdict

from tests.support.audits import Scripted, by_meaning, small_kit

HOSTILE = "<script>alert(1)</script><img src=http://example.org/x.png> & `code` | [a](http://example.org)\x1b[31m"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def audit_of(*, name: str = "retriever", bias: bool = True, hostile: bool = False) -> Audit:
    kit = small_kit()
    if hostile:
        passages = tuple(replace(each, text=f"{each.text} {HOSTILE}") for each in kit.passages)
        questions = tuple(replace(each, text=f"{each.text} {HOSTILE}") for each in kit.questions)
        kit = replace(kit, name=HOSTILE, passages=passages, questions=questions)
    target = Scripted(by_meaning(kit, bias=bias))
    target.name = name
    asked = ask(target, kit)
    found, right = unjudged(asked), judged(asked)
    tried = remedies(Audited(asked, target, Options()))
    return Audit(asked, found, right, tried, verdict(found, right, tried))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("report")
    write_audit(audit_of(name=HOSTILE, hostile=True), place)
    return place


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_nothing_of_a_name_or_text_becomes_markup(folder):
    text = (folder / "report.html").read_text("utf-8")
    seen = Seen()
    seen.feed(text)
    assert not {"script", "img", "link", "iframe", "a", "object"} & set(seen.tags)
    assert not {"src", "href", "onload", "onclick"} & set(seen.attributes)
    assert "\x1b" not in text and "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    markdown = (folder / "report.md").read_text("utf-8")
    assert "<script" not in markdown and not re.search(r"(?<!\\)\]\(http", markdown)


def test_every_picture_is_whole_and_stands_in_the_page(folder):
    pictures = sorted(folder.glob("*.svg"))
    assert len(pictures) == 4
    text = (folder / "report.html").read_text("utf-8")
    for each in pictures:
        drawn = each.read_text("utf-8")
        ElementTree.fromstring(drawn)
        assert drawn in text
    assert all(f"({each.name})" in (folder / "report.md").read_text("utf-8") for each in pictures)


def test_a_page_leads_with_the_verdict_and_what_would_mend_it():
    page = page_of(audit_of())
    assert page.level == "strong" and page.headline.startswith("Strongly biased")
    assert [each.title for each in page.sections[:2]] == ["What was found", "What would reduce it"]
    for section in page.sections:
        for table in section.tables:
            assert all(len(row) == len(table.columns) for row in table.rows), section.title


def test_a_report_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "taken").write_text("", "utf-8")
    with pytest.raises(DataError, match="cannot be written"):
        write_audit(audit_of(), tmp_path / "taken")
    with pytest.raises(DataError, match="cannot be written"):
        make_folder(tmp_path / "taken" / "report")


# -- in a browser


def colours(path: Path) -> tuple[tuple[int, int, int], int]:
    """The commonest colour of a PNG and how many different ones there are; 8 bits a channel, as Chromium writes it."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8
    channels = {2: 3, 6: 4}[kind]
    packed, place = b"", 8
    while place < len(data):
        size, name = struct.unpack(">I4s", data[place : place + 8])
        packed += data[place + 8 : place + 8 + size] if name == b"IDAT" else b""
        place += 12 + size
    lines, stride = zlib.decompress(packed), width * channels + 1
    before, counts = bytearray(stride - 1), {}
    for row in range(height):
        kind, line = lines[row * stride], bytearray(lines[row * stride + 1 : (row + 1) * stride])
        for n in range(stride - 1):
            left = line[n - channels] if n >= channels else 0
            up, corner = before[n], before[n - channels] if n >= channels else 0
            if kind == 1:
                line[n] = (line[n] + left) & 255
            elif kind == 2:
                line[n] = (line[n] + up) & 255
            elif kind == 3:
                line[n] = (line[n] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                nearest = min((left, up, corner), key=lambda value: abs(guess - value))
                line[n] = (line[n] + nearest) & 255
        before = line
        for n in range(0, stride - 1, channels * 4):
            colour = tuple(line[n : n + 3])
            counts[colour] = counts.get(colour, 0) + 1
    return max(counts, key=counts.get), len(counts)


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize(("scheme", "paper"), [("1", (255, 255, 255)), ("0", (20, 24, 31))])
def test_a_browser_shows_it_light_and_dark_without_a_network(folder, tmp_path, scheme, paper):
    text = (folder / "report.html").read_text("utf-8")
    # The first picture at the top: a heat map has many colours, and an empty page one.
    figure = re.search(r"<figure>.*?</figure>", text, re.DOTALL)
    body = text.index("<h1>")
    (tmp_path / "page.html").write_text(text[:body] + figure[0] + "</body></html>", "utf-8")
    shot = tmp_path / "shot.png"
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=560,300"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command += [
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={shot}",
        (tmp_path / "page.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if not shot.exists():
        pytest.skip(f"the browser does not run here: {done.stderr[-200:]}")
    commonest, different = colours(shot)
    assert commonest == paper
    assert different > 8
