"""Judging on Compare: marks answers known to be right, judges by keys, and exports judgements or trains on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.binding import Binding, BindingType
from textual.getters import query_one

from ....engine import paths
from ....train.judged import EVALUATION, FORMS, PAIRS, QRELS
from ...display import counted
from ...service import JudgedArrived, ServiceError
from ...state import why_no_file
from ...widgets import Columns, Detail, Question
from .. import dialogs
from ..mode import ModeScreen, Offer

if TYPE_CHECKING:
    from ..train import TrainScreen

WORDS = {2: "right", 1: "partly right", 0: "wrong"}
KEYS = "1 right · 2 partly · 0 wrong"


class Judges(ModeScreen):
    """The part of Compare that judges answers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "judge(2)", "Right", show=False, id="judge.right", tooltip="This passage answers the question"),
        Binding("2", "judge(1)", "Partly", show=False, id="judge.partly", tooltip="It answers in part"),
        Binding("0", "judge(0)", "Wrong", show=False, id="judge.wrong", tooltip="It does not answer"),
        Binding("asterisk", "show_right", "Right answer", show=False, id="judge.show", tooltip="Read the right answer"),
    ]
    question = query_one(Question)
    columns = query_one(Columns)
    detail = query_one(Detail)

    # -- showing judgements

    def forget_judged(self) -> None:
        """Remove the marks, since another question is asked."""
        self.workers.cancel_group(self, "judged")
        self.columns.judge({}, {})

    @work(exclusive=True, group="judged", exit_on_error=False)
    async def find_judged(self) -> None:
        """Fetch the judgements of the question, and mark them."""
        query, encoders = self.question.text, list(self.columns.answers)
        try:
            data = await self.hybrid.ask("judged", wake=False, encoders=encoders, **self.question.parameters())
        except ServiceError:
            # Nothing is marked; the columns show the error.
            return
        self.post_message(JudgedArrived(query, data))

    @on(JudgedArrived)
    def _judged(self, event: JudgedArrived) -> None:
        if event.query != self.question.text:
            return
        grades = {int(number): int(grade) for number, grade in event.data["grades"]}
        right = {name: {int(n): int(rank) for n, rank in ranks} for name, ranks in event.data["ranks"].items()}
        known = grades != self.columns.grades
        self.columns.judge(grades, right)
        if known:
            self.detail.refetch()

    def judged_of(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The judgements of a passage in the child's form: its grade, and the languages of right answers beside it."""
        grades = self.columns.grades
        family = [data["passage"], *data["translations"]]
        right = [each["language"] for each in family if grades.get(each["id"], 0) > 0]
        return {"grade": grades.get(data["passage"]["id"]), "right": right}

    def action_show_right(self) -> None:
        """Show the right answer that ranks best, even if no column shows it."""
        best = self.columns.best_right()
        if best is None:
            self.notify("No right answer is known to this question. 1 on a result says that it is one.", markup=False)
        else:
            self.detail.point(best)

    # -- judging

    def action_judge(self, grade: int) -> None:
        """Judge whether the passage under the cursor answers the question; the same grade again removes it."""
        hit = self.columns.pointed
        if not self.question.text or hit is None:
            self.notify("Go to a result first; then say whether it answers the question.", markup=False)
            return
        self._judge(self.question.text, hit.id, None if self.columns.grades.get(hit.id) == grade else grade)

    @work(group="judging", exit_on_error=False)
    async def _judge(self, query: str, passage: int, grade: int | None) -> None:
        language = self.question.language
        try:
            told = await self.hybrid.ask("judge", query=query, id=passage, grade=grade, query_language=language)
        except ServiceError as error:
            self.notify(f"{error.message} {error.hint}".strip(), title="Not judged", severity="error", markup=False)
            return
        title = f"Judged {WORDS[grade]}" if grade is not None else "Taken back"
        self.notify(told["progress"], title=title, markup=False)
        if query == self.question.text:
            self.find_judged()

    # -- using judgements

    def action_export_judgements(self, form: str) -> None:
        """Ask for a file or folder, and write the judgements to it."""
        place = "judgements" if form == QRELS else f"judgements-{form}.jsonl"
        hint = f"{FORMS[form]} · enter apply · esc cancel"
        dialog = dialogs.AskText(f"Export judgements: {form}", place, hint, refusal)

        def named(target: str | None) -> None:
            if target:
                self._export(form, target)

        self.app.push_screen(dialog, named)

    @work(exclusive=True, group="export", exit_on_error=False)
    async def _export(self, form: str, target: str) -> None:
        path = paths.typed(target).absolute()
        try:
            done = await self.hybrid.ask("export_judgements", form=form, target=str(path))
        except ServiceError as error:
            self.notify(f"{error.message} {error.hint}".strip(), severity="error", markup=False)
        else:
            self.notify(
                f"{counted(done['questions'], 'question')} written to {done['path']}. {done['words']}".strip(),
                markup=False,
                timeout=10,
            )

    @work(exclusive=True, group="export", exit_on_error=False)
    async def action_train_on_judgements(self) -> None:
        """Write the judgements as pairs, and enter them as data in the form of Train."""
        status = self.hybrid.status or {}
        name = "".join(each if each.isalnum() else "-" for each in str(status.get("name", ""))) or "library"
        path = paths.data_folder() / "judgements" / f"{name}.jsonl"
        try:
            done = await self.hybrid.ask("export_judgements", form=PAIRS, target=str(path))
        except ServiceError as error:
            self.notify(f"{error.message} {error.hint}".strip(), severity="error", markup=False)
            return
        await self.app.switch_mode("train")
        cast("TrainScreen", self.app.screen).train_on(done["path"])
        self.notify(
            f"The data of the form: {counted(done['questions'], 'judged question')}. ^r trains on them.", markup=False
        )

    def judging_offers(self) -> list[Offer]:
        """The commands of the palette on judgements."""
        offers: list[Offer] = []
        if self.columns.pointed is not None and self.question.text:
            offers += [
                (f"judge: {WORDS[grade]}", "The passage under the cursor", lambda grade=grade: self.action_judge(grade))
                for grade in WORDS
            ]
        offers += [
            (f"judgements: export {form}…", words, lambda form=form: self.action_export_judgements(form))
            for form, words in ((QRELS, FORMS[QRELS]), (EVALUATION, FORMS[EVALUATION]), (PAIRS, FORMS[PAIRS]))
        ]
        offers.append(
            ("judgements: train on them", "Write them as pairs and open Train", self.action_train_on_judgements)
        )
        return offers


def refusal(target: str) -> str:
    """Why judgements cannot be written to this file or folder, in a sentence; "" if they can."""
    if not target:
        return "Name a file or folder."

    def problem(path: Path) -> str:
        taken = path.is_file() or (path.is_dir() and any(path.iterdir()))
        return f"{path} is there already; name another one." if taken else ""

    return why_no_file(lambda: paths.typed(target).absolute(), problem)
