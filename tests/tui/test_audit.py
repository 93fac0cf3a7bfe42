"""Audit mode: one key, a real child process, a page for each encoder and a report on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.service import JobEnded, JobProgress
from textual.widgets import Static

pytestmark = pytest.mark.slow


async def test_one_key_audits_the_open_library_and_writes_its_reports(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.settings.columns = ["mono", "hybrid"]
        await pilot.press("f8")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "audit")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.job.has_class("-done") or screen.job.has_class("-failed"), "it ends", 6000)
        assert screen.job.has_class("-done"), str(screen.job.words.render())
        assert [page["encoder"] for page in screen.pages] == ["mono", "hybrid"]
        for page in screen.pages:
            assert Path(page["report"]).read_text("utf-8").startswith("<!")
            assert page["headline"] and page["sections"]
        first = str(screen.names.render())
        await pilot.press("right")
        assert str(screen.names.render()) != first
        await pilot.press("y")
        assert pilot.app.clipboard == screen.pages[1]["report"]


@pytest.mark.usefixtures("demo_at_home")
async def test_the_demo_is_audited_by_a_real_child_with_the_bundled_encoder(until, monkeypatch):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr("hybrid_search.tui.screens.audit.AuditScreen.QUESTIONS", 6)
    # Trying what may mend it takes half a minute.
    monkeypatch.setattr("hybrid_search.tui.screens.audit.AuditScreen.MEND", False)
    app = HybridSearchApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.status, "the demo opens", 6000)
        app.settings.columns = ["mono"]
        await pilot.press("f8")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "audit")
        screen = app.screen
        await until(pilot, lambda: screen.job.has_class("-done") or screen.job.has_class("-failed"), "it ends", 18000)
        assert screen.job.has_class("-done"), str(screen.job.words.render())
        (page,) = screen.pages
        assert page["level"] in ("clear", "strong") and "14 languages" in page["subtitle"]


def words(screen):
    return "\n".join(str(each.render()) for each in screen.page.query(Static))


async def test_the_page_says_why_it_is_empty_and_an_audit_waits_for_other_work(start, until, library, monkeypatch):
    async with start(library) as pilot:
        app, begun = pilot.app, []
        await until(pilot, lambda: app.status)
        monkeypatch.setattr(app.jobs, "running", "evaluating")
        await pilot.press("f8")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "audit")
        screen = app.screen
        await until(pilot, lambda: "Evaluating is still running" in words(screen), "the reason")

        def start_job(job, op, **parameters):
            begun.append(parameters["library"])
            return ""

        monkeypatch.setattr(app.jobs, "running", "")
        monkeypatch.setattr(app.jobs, "start", start_job)
        app.tell(lambda: JobEnded("evaluating", {}, ""))
        await until(pilot, lambda: begun, "the audit begins by itself")
        await until(pilot, lambda: "appears here" in words(screen), "what will stand there")
        app.tell(lambda: JobProgress("the audit", "asking", {"done": 1, "total": 2}))
        app.tell(lambda: JobEnded("the audit", None, ""))
        await until(pilot, lambda: "no audit" in words(screen), "that there is none")
        assert begun == [app.status["path"]], "what was cancelled does not begin again by itself"
