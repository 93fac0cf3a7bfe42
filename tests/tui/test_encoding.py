"""A column whose passages are not encoded: what is begun, what is waited for, what is not begun again."""

from __future__ import annotations

import pytest
from hybrid_search.tui.service.encoding import Encoding
from hybrid_search.tui.service.messages import JobEnded, JobProgress


class Work:
    """Long work of which it is only noted what was begun."""

    def __init__(self) -> None:
        self.running = ""
        self.begun: list[str] = []

    def start(self, job: str, op: str, **parameters: object) -> str:
        self.running = job
        self.begun.append(job)
        return ""


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def encoding(work) -> Encoding:
    return Encoding(work, lambda: {"library": "/x"})


def test_work_for_the_same_encoder_is_not_waited_for(encoding, work):
    assert encoding.want("base", 420).words == "Encoding 420 passages for base…"
    assert encoding.follow(JobProgress("encoding for base", "encoding · 413 of 420 passages", {})) == "base"
    assert encoding.want("base", 7).words == "encoding · 413 of 420 passages"
    assert work.begun == ["encoding for base"]


def test_other_work_is_waited_for_whatever_comes_of_it(encoding, work):
    work.running = "indexing"
    assert encoding.want("base", 420).words.startswith("Waiting for indexing to end")
    assert encoding.end(JobEnded("indexing", None, "")) is None
    assert encoding.others_wait() and not encoding.others_wait()


@pytest.mark.parametrize(
    ("error", "words"), [("Disk full.", "Disk full."), ("", "was cancelled; what was done is kept")]
)
def test_what_failed_or_was_cancelled_is_not_begun_again_by_itself(encoding, work, error, words):
    encoding.want("base", 420)
    told = encoding.end(JobEnded("encoding for base", None, error))
    assert told is not None and words in told.words and told.over
    work.running = ""
    assert encoding.want("base", 420) == told and work.begun == ["encoding for base"]
    encoding.forget(["base"])
    assert not encoding.want("base", 420).over and len(work.begun) == 2


def test_much_is_left_to_the_library_screen(encoding, work):
    told = encoding.want("base", 1_000_000)
    assert told.over and "F3" in told.hint and not work.begun
