"""What one can do on the Compare screen besides asking: switches, columns, languages, copying, exporting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from ..widgets import Column, Hit, QueryLanguage, Results, Switch, Translations
from .choose import Choose, ChooseSeveral, language_options
from .mode import ModeScreen, Offer

if TYPE_CHECKING:
    from ..state import Questions
    from ..widgets import AskBar, Starters, Switches

MOST_RESULTS = 100


class CompareActions(ModeScreen):
    """Keys, and what they do; the state belongs to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "to_query", "Ask", id="ask.focus", tooltip="Back to the question"),
        Binding(
            "ctrl+n",
            "next_language(1)",
            "Next language",
            id="ask.next_language",
            tooltip="The same question in the next language",
        ),
        Binding(
            "ctrl+t", "choose_translation", "Ask in…", id="ask.in", tooltip="The same question in a language you choose"
        ),
        Binding("left,h", "side(-1)", "Left column", show=False, id="columns.left", tooltip="The column to the left"),
        Binding(
            "right,l", "side(1)", "Right column", show=False, id="columns.right", tooltip="The column to the right"
        ),
        Binding(
            "plus,equals_sign", "more(5)", "More results", show=False, id="switch.more", tooltip="Five results more"
        ),
        Binding("minus", "more(-5)", "Fewer results", show=False, id="switch.fewer", tooltip="Five results fewer"),
        Binding("f", "filter", "Languages", id="switch.filter", tooltip="Only results in languages you choose"),
        Binding(
            "x",
            "exact",
            "Exact",
            show=False,
            id="switch.exact",
            tooltip="Compare every vector, or the index's candidates",
        ),
        Binding(
            "n",
            "neutral",
            "Neutral",
            show=False,
            id="switch.neutral",
            tooltip="Take each language's mean out of the vectors",
        ),
        Binding("c", "columns", "Columns", id="columns.choose", tooltip="Add and remove encoders"),
        Binding(
            "less_than_sign",
            "shift(-1)",
            "Move column left",
            show=False,
            id="columns.shift_left",
            tooltip="This column further left",
        ),
        Binding(
            "greater_than_sign",
            "shift(1)",
            "Move column right",
            show=False,
            id="columns.shift_right",
            tooltip="This column further right",
        ),
        Binding(
            "r",
            "reference",
            "Reference",
            show=False,
            id="columns.reference",
            tooltip="Show movement against this column",
        ),
        Binding("y", "copy_passage", "Copy", id="copy.passage", tooltip="Copy the passage to the clipboard"),
        Binding(
            "Y",
            "copy_comparison",
            "Copy all",
            show=False,
            id="copy.comparison",
            tooltip="Copy the comparison as Markdown",
        ),
        Binding("s", "export", "Save", id="export", tooltip="Save the comparison as Markdown, JSON or SVG"),
    ]
    query_text: str
    chosen_language: str
    questions: Questions
    rankings: dict[str, dict[str, Any]]
    asked: dict[str, Any]
    passage: dict[str, Any] | None
    pointed: Hit | None

    if TYPE_CHECKING:
        # What the screen has and these actions use.
        ask_bar: AskBar
        starters: Starters
        switches: Switches

        @property
        def columns(self) -> list[Column]:
            """The columns, left to right."""

        def put(self, query: str) -> None:
            """Ask this now."""

        def ask(self) -> None:
            """Ask what stands in the line."""

        def reference_name(self) -> str:
            """The column that movement is measured against."""

        def _compare(self) -> None: ...

    # -- moving about

    def action_to_query(self) -> None:
        """Put the cursor into the question."""
        self.ask_bar.input.focus()

    def focused_column(self) -> Column | None:
        """The column whose list has the focus."""
        return next((column for column in self.columns if column.results.has_focus), None)

    def action_side(self, by: int) -> None:
        """Go to a neighbouring column."""
        columns, here = self.columns, self.focused_column()
        if here is not None:
            columns[(columns.index(here) + by) % len(columns)].results.focus()

    # -- the question in other languages

    def action_next_language(self, by: int) -> None:
        """Ask the same question in the next language it is known in."""
        found = self.questions.find(self.query_text)
        if found is None:
            self._only_demo_questions()
            return
        row, code = found
        codes = list(row)
        self.put(row[codes[(codes.index(code) + by) % len(codes)]])

    def _only_demo_questions(self) -> None:
        self.notify(
            "Only the demo's questions are known in other languages. Clear the line to pick one.",
            title="Ask it in another language",
            markup=False,
        )

    def action_choose_translation(self) -> None:
        """Choose the language in which to ask the same question."""
        found = self.questions.find(self.query_text)
        if found is None:
            self._only_demo_questions()
            return
        row, code = found
        options = language_options(list(row))
        for each, text in options:
            text.append(f"\n     {row[each]}", "dim")
        self.app.push_screen(
            Choose("Ask it in", options, code), lambda chosen: self.put(row[chosen]) if chosen else None
        )

    @on(Translations.Pressed)
    def _translation_pressed(self, event: Translations.Pressed) -> None:
        found = self.questions.find(self.query_text)
        if found is not None:
            self.put(found[0][event.code])

    @on(QueryLanguage.Pressed)
    def action_choose_language(self) -> None:
        """Say in which language the question is, where it was taken for another."""
        options = language_options(list(self._counts()), self._counts())
        self.app.push_screen(Choose("The question is in", options, self.chosen_language), self._language_chosen)

    def _language_chosen(self, code: str | None) -> None:
        if code:
            self.chosen_language = code
            self.ask()

    # -- switches

    @on(Switch.Pressed)
    def _switched(self, event: Switch.Pressed) -> None:
        {
            "k": lambda: self.action_more(5),
            "filter": self.action_filter,
            "exact": self.action_exact,
            "neutral": self.action_neutral,
        }[event.name]()

    def _changed(self) -> None:
        self.switches.show(self.hybrid.settings)
        if self.query_text:
            self.ask()

    def action_more(self, by: int) -> None:
        """Show more or fewer results."""
        settings = self.hybrid.settings
        settings.k = max(5, min(MOST_RESULTS, (settings.k + by) // 5 * 5))
        self._changed()

    def action_exact(self) -> None:
        """Compare every vector, or the index's candidates."""
        self.hybrid.settings.exact = not self.hybrid.settings.exact
        self._changed()

    def action_neutral(self) -> None:
        """Rank with or without each language's mean in the vectors."""
        self.hybrid.settings.neutral = not self.hybrid.settings.neutral
        self._changed()

    def action_filter(self) -> None:
        """Choose the languages that results may be in."""
        counts = self._counts()
        if not counts:
            self.notify("The library has no languages yet.", markup=False)
            return
        dialog = ChooseSeveral(
            "Results only in", language_options(list(counts), counts), self.hybrid.settings.languages
        )
        self.app.push_screen(dialog, self._filtered)

    def _filtered(self, codes: list[str] | None) -> None:
        if codes is not None:
            self.hybrid.settings.languages = [] if len(codes) == len(self._counts()) else codes
            self._changed()

    def _counts(self) -> dict[str, int]:
        status = self.hybrid.status
        return dict(status["languages"]) if status else {}

    # -- columns

    def action_reference(self) -> None:
        """Show movement against the column that has the focus."""
        column = self.focused_column()
        if column is None:
            self.notify("Go to a column first; then it becomes the reference.", markup=False)
            return
        self.hybrid.settings.reference = column.encoder
        self._compare()

    def action_columns(self) -> None:
        """Choose the encoders that have a column."""
        from rich.text import Text

        shown = [column.encoder for column in self.columns]
        options: dict[str, Text] = {}
        for each in [*({"name": name, "description": ""} for name in shown), *self._available()]:
            name = str(each["name"])
            options[name] = Text.assemble((f"{name:<10}", "bold"), (f" {each['description']}", "dim"), no_wrap=True)
        self.app.push_screen(ChooseSeveral("Columns", list(options.items()), shown), self._columns_chosen)

    def _available(self) -> list[dict[str, Any]]:
        status = self.hybrid.status
        return list(status["available"]) if status else []

    def _columns_chosen(self, names: list[str] | None) -> None:
        if names is None:
            return
        if not names:
            self.notify("At least one column stays.", markup=False)
            return
        old = [column.encoder for column in self.columns]
        self.set_columns([name for name in old if name in names] + [name for name in names if name not in old])

    def set_columns(self, names: list[str]) -> None:
        """Have these columns, in this order."""
        self.hybrid.settings.columns = list(names)
        self._rebuild(names)

    @work(exclusive=True, group="columns", exit_on_error=False)
    async def _rebuild(self, names: list[str]) -> None:
        frame = self.query_one("#columns", Horizontal)
        kept = {column.encoder: column for column in self.columns}
        for name, column in kept.items():
            if name not in names:
                await column.remove()
        new = [name for name in names if name not in kept]
        await frame.mount_all(Column(name) for name in new)
        places = {name: place for place, name in enumerate(names)}
        frame.sort_children(key=lambda child: places.get(getattr(child, "encoder", ""), len(names)))
        self.rankings = {name: ranking for name, ranking in self.rankings.items() if name in names}
        if new and self.query_text:
            self.ask()
        else:
            self._compare()

    def action_shift(self, by: int) -> None:
        """Move the column that has the focus."""
        column = self.focused_column()
        names = [each.encoder for each in self.columns]
        if column is None:
            return
        here = names.index(column.encoder)
        there = (here + by) % len(names)
        names[here], names[there] = names[there], names[here]
        self.set_columns(names)

    # -- reading, copying, saving

    @on(Results.Opened)
    def _open_passage(self, event: Results.Opened) -> None:
        from .reader import Reader

        if self.passage is not None and self.passage["passage"]["id"] == event.hit.id:
            self.app.push_screen(Reader(self.passage, event.hit.span, self.hybrid.folders))

    def action_copy_passage(self) -> None:
        """Copy the passage under the cursor."""
        if self.passage is None:
            self.notify("There is no passage to copy yet.", markup=False)
            return
        self.app.copy_to_clipboard(self.passage["passage"]["text"])
        self.notify("The passage is in the clipboard.", markup=False)

    def action_copy_comparison(self) -> None:
        """Copy the whole comparison as Markdown."""
        from ..state import markdown

        if not self.rankings:
            self.notify("There is no comparison to copy yet.", markup=False)
            return
        self.app.copy_to_clipboard(markdown(self.comparison()))
        self.notify("The comparison is in the clipboard, as Markdown.", markup=False)

    def comparison(self) -> dict[str, Any]:
        """What is on the screen, as data."""
        ordered = {
            column.encoder: self.rankings[column.encoder] for column in self.columns if column.encoder in self.rankings
        }
        settings = self.hybrid.settings
        return {
            "schema": 1,
            "query": self.query_text,
            "query_language": self.chosen_language or (self.asked.get("query_language") or {}).get("code", ""),
            "k": settings.k,
            "languages": settings.languages,
            "exact": settings.exact,
            "neutral": settings.neutral,
            "rankings": ordered,
            "overlap": self.asked.get("overlap", []),
        }

    def action_export(self) -> None:
        """Save the comparison to a file; its ending decides the form."""
        from .choose import AskText

        if not self.rankings:
            self.notify("There is no comparison to save yet.", markup=False)
            return
        hint = "The ending decides: .md, .json, or .svg for a picture of the screen."
        self.app.push_screen(AskText("Save the comparison as", "comparison.md", hint), self._export)

    def _export(self, name: str | None) -> None:
        from ..state import save

        if name is None:
            return
        try:
            path = save(name, self.comparison(), self.app.export_screenshot)
        except OSError as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self.notify(f"Saved as {path}", markup=False)

    def commands(self) -> list[Offer]:
        """What the palette offers here."""
        offers: list[Offer] = []
        found = self.questions.find(self.query_text)
        if found is not None:
            from ...engine.languages import name as language_name

            for code, text in found[0].items():
                offers.append((f"ask: in {language_name(code)}", text, lambda text=text: self.put(text)))
        if self.rankings:
            offers += [
                ("copy: passage", "The passage under the cursor, to the clipboard", self.action_copy_passage),
                ("copy: comparison", "The whole comparison as Markdown, to the clipboard", self.action_copy_comparison),
                ("save: comparison…", "As Markdown, JSON or SVG", self.action_export),
            ]
        return [
            *offers,
            ("search: languages…", "Only results in languages you choose", self.action_filter),
            ("search: language of the question…", "Where it was taken for another", self.action_choose_language),
            ("search: exact or index", "Compare every vector, or the index's candidates", self.action_exact),
            ("search: neutral or as trained", "Take each language's mean out of the vectors", self.action_neutral),
            ("columns: choose…", "Add and remove encoders", self.action_columns),
            ("columns: reference", "Show movement against the focused column", self.action_reference),
        ]
