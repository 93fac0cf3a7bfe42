"""Shows the passage under the cursor, and where it and its translations rank."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.timer import Timer
from textual.worker import Worker

from ..service import ServiceError
from .charts import UNRANKED, RankStrip, Strips
from .passage_view import PassageView
from .results import Hit

CURSOR_PAUSE = 0.06
TITLE = "Where its translations rank"
ALONE = "Its rank · no translation known"
NOTHING = "The passage under the cursor appears here."
UNREAD = "No ranks without the passage."

Fetch = Callable[[int], Awaitable[dict[str, Any]]]
"""A passage's text, neighbours, translations and ranks by its id, with `searched` passages; raises ServiceError."""
Use = Callable[[dict[str, Any]], None]
"""What is done with a passage that was fetched."""


class Detail(Horizontal):
    """Both panes, which follow the cursor when it rests.

    Args:
        fetch: returns what to show of a passage.
    """

    reader = query_one(PassageView)
    strip = query_one(RankStrip)

    def __init__(self, fetch: Fetch) -> None:
        self._ranks = Vertical(RankStrip(), id="strips")
        self._ranks.border_title = Content(TITLE)
        reader = PassageView(id="reader")
        reader.border_title = Content("Passage")
        super().__init__(reader, self._ranks, id="detail")
        self._fetch = fetch
        self.folders: Sequence[str] = ()
        self.passage: dict[str, Any] | None = None
        self._hit: Hit | None = None
        self._spans: dict[int, tuple[int, int]] = {}
        self._moving: Timer | None = None
        self._then: Use | None = None

    def on_mount(self) -> None:
        """Say what comes here."""
        self.forget()

    def forget(self) -> None:
        """Show no passage, since no answer has one."""
        self._hit = self._then = None
        if self._moving is not None:
            self._moving.stop()
        self._say(NOTHING, UNRANKED)

    def _say(self, words: str, ranks: str) -> None:
        self.passage = None
        self.reader.say(words)
        self.strip.words, self.strip.strips = ranks, None
        self._ranks.border_title = Content(TITLE)

    def point(self, hit: Hit) -> None:
        """Show this passage once the cursor rests on it."""
        if self._hit is None or hit.id != self._hit.id:
            self._then = None
        self._hit = hit
        if self._moving is not None:
            self._moving.stop()
        self._moving = self.set_timer(CURSOR_PAUSE, self.refetch)

    def use(self, do: Use, hit: Hit | None = None) -> bool:
        """Do something with a passage, as soon as it is here and unless the cursor moves on.

        Args:
            do: is called with the passage.
            hit: whose passage; None for the one that is shown, or that the cursor has come to.

        Returns:
            Whether there is a passage.
        """
        hit = hit or self._hit
        if hit is None:
            return False
        if self.passage is not None and self.passage["passage"]["id"] == hit.id:
            do(self.passage)
            return True
        self._hit, self._then = hit, do
        self.refetch()
        return True

    def refetch(self) -> None:
        """Show the passage again, with its ranks in the current answer."""
        if self._hit is not None:
            # A worker of the screen, which shows errors in its workers.
            show = partial(self._show, self._hit)
            self._showing: Worker[None] = self.screen.run_worker(
                show, exclusive=True, group="passage", exit_on_error=False
            )

    async def _show(self, hit: Hit) -> None:
        try:
            data = await self._fetch(hit.id)
        except ServiceError as error:
            if hit is self._hit:
                self._then = None
                self._say(f"{error.message} {error.hint}".strip(), UNREAD)
            return
        if hit is not self._hit:
            return
        self.passage = data
        self.reader.show(data, self._spans.get(hit.id), self.folders)
        self.strip.words = data["unranked"]
        right = frozenset(data.get("right", ()))
        self.strip.strips = Strips(data["strips"], data["searched"], data["passage"]["language"], right)
        title = TITLE if data["translations"] else ALONE
        self._ranks.border_title = Content(f"{title} · ★ right answers" if right else title)
        then, self._then = self._then, None
        # Whoever went to another screen meanwhile wants it no more.
        if then is not None and self.screen.is_current:
            then(data)

    @property
    def span(self) -> tuple[int, int] | None:
        """The span of the passage's best-matching sentence, once it is known."""
        return self._spans.get(self.passage["passage"]["id"]) if self.passage is not None else None

    def put_span(self, passage: int, span: tuple[int, int]) -> None:
        """Show a passage with this sentence marked."""
        self._spans[passage] = span
        if self.passage is not None and self.passage["passage"]["id"] == passage:
            self.reader.show(self.passage, span, self.folders)

    def forget_spans(self) -> None:
        """Forget the matching sentences, since another question is asked."""
        self._spans = {}

    def action_copy(self) -> None:
        """Copy the passage."""
        if not self.use(self._copy):
            self.notify("There is no passage to copy yet.", markup=False)

    def _copy(self, passage: dict[str, Any]) -> None:
        self.app.copy_to_clipboard(passage["passage"]["text"])
        self.notify("Passage copied.", markup=False)
