"""The columns side by side: their encoders and order, the reference among them, and the passage marked in all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.worker import Worker

from ...engine.encoders import TRIO, is_encoder
from ..service import for_the_app
from ..state import Settings
from .charts import UNRANKED
from .column import Column
from .results import Hit, Results

Ranking = dict[str, Any]


class Columns(Horizontal):
    """A column for each encoder; order and reference are kept in the settings.

    Args:
        settings: the app's; `columns` and `reference` are read and written here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "side(-1)", "Left column", show=False, id="columns.left", tooltip="The column to the left"),
        Binding(
            "right,l", "side(1)", "Right column", show=False, id="columns.right", tooltip="The column to the right"
        ),
        Binding("<", "shift(-1)", "Move left", show=False, id="columns.shift_left", tooltip="Move column left"),
        Binding(">", "shift(1)", "Move right", show=False, id="columns.shift_right", tooltip="Move column right"),
        Binding("r", "reference", "Reference", show=False, id="columns.reference", tooltip="Movement against this one"),
    ]

    class Changed(Message):
        """The columns or their order have changed; `added` are the new encoders."""

        def __init__(self, added: list[str]) -> None:
            super().__init__()
            self.added = added

    class Answered(Message):
        """A column got its ranking."""

        def __init__(self, ranking: Ranking) -> None:
            super().__init__()
            self.ranking = ranking

    class NotEncoded(Message):
        """An encoder has encoded none of the library's passages."""

        def __init__(self, column: Column, passages: int) -> None:
            super().__init__()
            self.column, self.passages = column, passages

    class Pointed(Message):
        """Another passage is marked in all columns now."""

        def __init__(self, hit: Hit) -> None:
            super().__init__()
            self.hit = hit

    def __init__(self, settings: Settings) -> None:
        super().__init__(id="columns")
        self._settings = settings
        self.rankings: dict[str, Ranking] = {}
        self.pointed: Hit | None = None
        self._pending: dict[str, int] = {}
        # Whether the columns are mounted, and whether a question was asked before that.
        self._up = self._missed = False
        self._building = asyncio.Lock()
        self.grades: dict[int, int] = {}
        self._right: dict[str, dict[int, int]] = {}

    def on_mount(self) -> None:
        """Mount the columns after the first paint, which shows no answer yet."""
        self.call_after_refresh(self._put_up)

    async def _put_up(self) -> None:
        if not self.is_attached:
            return
        async with self._building:
            there = {column.encoder for column in self.query(Column)}
            new = [name for name in self._settings.columns if name not in there]
            await self.mount_all(Column(name) for name in new)
            self._up = True
        self.compare()
        if self._missed:
            self.post_message(self.Changed(new))

    # -- the columns

    @property
    def shown(self) -> list[Column]:
        """The columns, left to right, without those that are being mounted or removed."""
        return [column for column in self.query(Column) if column.whole]

    @property
    def names(self) -> list[str]:
        """The columns' encoders, left to right."""
        return [column.encoder for column in self.shown]

    @property
    def focused(self) -> Column | None:
        """The column whose list has the focus."""
        return next((column for column in self.shown if column.results.has_focus), None)

    def of(self, encoder: str) -> Column | None:
        """The column of an encoder."""
        return next((each for each in self.shown if each.encoder == encoder), None)

    def have(self, names: list[str]) -> None:
        """Show these columns, in this order."""
        self._settings.columns = list(names)
        # A worker of the screen, which shows errors in its workers.
        rebuild = partial(self._rebuild, list(names))
        self._rebuilding: Worker[None] = self.screen.run_worker(
            rebuild, exclusive=True, group="columns", exit_on_error=False
        )

    def choose(self, names: list[str]) -> None:
        """Show columns of these encoders: existing ones keep their order, new ones follow."""
        if names:
            old = self.names
            self.have([name for name in old if name in names] + [name for name in names if name not in old])
        else:
            self.notify("At least one column stays.", markup=False)

    async def _rebuild(self, names: list[str]) -> None:
        async with self._building:
            kept = {column.encoder: column for column in self.shown}
            for name, column in kept.items():
                if name not in names:
                    await column.remove()
            new = [name for name in names if name not in kept]
            await self.mount_all(Column(name) for name in new)
        places = {name: place for place, name in enumerate(names)}
        self.sort_children(key=lambda child: places.get(getattr(child, "encoder", ""), len(names)))
        self.rankings = {name: ranking for name, ranking in self.rankings.items() if name in names}
        self.compare()
        self.post_message(self.Changed(new))

    # -- their content

    def idle(self) -> None:
        """Show that nothing was asked."""
        self.rankings, self.pointed = {}, None
        for column in self.shown:
            column.idle()

    def searching(self) -> None:
        """Show that a search runs."""
        self._pending = {}
        self._missed = not self._up
        for column in self.shown:
            column.searching()

    def fail(self, message: str, hint: str = "") -> None:
        """Show in every column why there is no answer."""
        self.rankings, self.pointed = {}, None
        if not self._up:
            self.call_after_refresh(self.fail, message, hint)
        for column in self.shown:
            column.fail(message, hint)

    def take(self, column: Column, data: Mapping[str, Any]) -> None:
        """Take a step of a column's answer, or the answer, in the child's form."""
        encoder = column.encoder
        if "ranking" in data:
            ranking = self.rankings[encoder] = data["ranking"]
            column.answer(ranking, self._settings.languages, self._pending.get(encoder, 0))
            self.post_message(self.Answered(ranking))
            self.compare()
            self._point_at_first(column)
        elif "error" in data:
            self.rankings.pop(encoder, None)
            column.fail(data["error"]["message"], for_the_app(data["error"]["hint"]))
        elif "missing" in data:
            self.rankings.pop(encoder, None)
            self.post_message(self.NotEncoded(column, data["missing"]))
        elif "pending" in data:
            self._pending[encoder] = data["pending"]
        elif data.get("state") == "loading":
            column.busy(f"Loading the encoder {encoder}…")

    def put_span(self, passage: int, span: tuple[int, int]) -> None:
        """Show a passage's lines around this sentence."""
        for column in self.shown:
            column.results.put_span(passage, span)

    @property
    def answers(self) -> dict[str, Ranking]:
        """The rankings by encoder, in the columns' order."""
        return {name: self.rankings[name] for name in self.names if name in self.rankings}

    @property
    def searched(self) -> int:
        """The number of passages searched."""
        return max((ranking["searched"] for ranking in self.rankings.values()), default=0)

    def unranked(self) -> str:
        """Why passages have no ranks, if they have none."""
        encoders = [name for name in self.answers if is_encoder(name)]
        if any(self._pending.get(name) for name in encoders):
            return "Ranks need every passage encoded: e on Library (F3)."
        return "Ranks come from an encoder; words alone have none." if self.answers and not encoders else UNRANKED

    def passages(self) -> list[int]:
        """Ids of all results, the best ranks first."""
        hits = [hit for column in self.shown for hit in column.results.hits]
        return list({hit.id: None for hit in sorted(hits, key=lambda hit: hit.rank)})

    def least_biased(self) -> str:
        """The least biased encoder that answered; "" if none did."""
        names = list(self.answers)
        return next((name for name in (*TRIO[:2], *names) if name in names and is_encoder(name)), "")

    # -- judgements

    def judge(self, grades: Mapping[int, int], right: Mapping[str, Mapping[int, int]]) -> None:
        """Mark the judged passages of this question.

        Args:
            grades: 0 wrong, 1 partly, 2 right, by passage.
            right: the ranks of the right answers, by encoder and passage.
        """
        self.grades = dict(grades)
        self._right = {name: dict(ranks) for name, ranks in right.items()}
        self._show_judged()

    def _show_judged(self) -> None:
        columns = self.shown
        found = [column.judge(self.grades, self._right.get(column.encoder, {})) for column in columns]
        by_none = not any(each.here for each in found)
        for column, each in zip(columns, found, strict=True):
            column.right.found, column.right.by_none = each, by_none

    def best_right(self) -> Hit | None:
        """The right answer that ranks best with any encoder, whether a column shows it or not."""
        ranked = [(rank, number) for ranks in self._right.values() for number, rank in ranks.items()]
        ranked += [(0, number) for number, grade in self.grades.items() if grade > 0 and not ranked]
        return Hit.unseen(min(ranked)[1]) if ranked else None

    # -- movement against the reference

    @property
    def reference(self) -> str:
        """The column that movement is measured against: the chosen one, or the first."""
        names = self.names
        return self._settings.reference if self._settings.reference in names else (names[0] if names else "")

    def compare(self) -> None:
        """Show movement against the reference, and mark the same passage in all columns."""
        name = self.reference
        ranking = self.rankings.get(name, {"hits": []})
        ranks = {hit["id"]: hit["rank"] for hit in ranking["hits"]}
        pointed = self.pointed.id if self.pointed else None
        for column in self.shown:
            is_reference = column.encoder == name
            column.set_class(is_reference, "-reference")
            column.mark(pointed, None if is_reference or not ranks else ranks)
        self._show_judged()

    def action_reference(self) -> None:
        """Show movement against the column that has the focus."""
        column = self.focused
        if column is None:
            self.notify("Go to a column first; then it becomes the reference.", markup=False)
            return
        self._settings.reference = column.encoder
        self.compare()

    # -- moving about

    def focus_first(self) -> bool:
        """Go to the first column that has results; returns whether there is one."""
        found = next((column for column in self.shown if column.results.hits), None)
        if found is not None:
            found.results.focus()
        return found is not None

    def action_side(self, by: int) -> None:
        """Go to a neighbouring column."""
        columns, here = self.shown, self.focused
        if here is not None:
            columns[(columns.index(here) + by) % len(columns)].results.focus()

    def action_shift(self, by: int) -> None:
        """Move the focused column, as far as the edge."""
        column, names = self.focused, self.names
        if column is None:
            return
        here = names.index(column.encoder)
        there = here + by
        if 0 <= there < len(names):
            names[here], names[there] = names[there], names[here]
            self.have(names)

    @on(Results.Moved)
    def _moved(self, event: Results.Moved) -> None:
        event.stop()
        self._point(event.hit)

    def _point_at_first(self, column: Column) -> None:
        """Mark the first passage of a new answer, preferably of the last column, usually the least biased encoder's."""
        there = {hit.id for each in self.shown for hit in each.results.hits}
        if column is self.shown[-1] or self.pointed is None or self.pointed.id not in there:
            hits = column.results.hits
            if hits and self.focused is None:
                self._point(hits[0])

    def _point(self, hit: Hit) -> None:
        self.pointed = hit
        for column in self.shown:
            column.results.same = hit.id
        self.post_message(self.Pointed(hit))
