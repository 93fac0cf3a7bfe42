"""Choose a folder in a tree, or type its path, and the encoders to encode it with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, DirectoryTree, Input, SelectionList, Static
from textual.widgets.selection_list import Selection

from ....engine.paths import typed
from ...display import flat
from ...widgets import Marks
from .dialog import Dialog

Choice = tuple[str, list[str]]


class Folders(DirectoryTree):
    """A tree of folders that are not hidden."""

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """The folders that are not hidden; unreadable ones are left out."""
        kept = []
        for path in paths:
            try:
                if path.is_dir() and not path.name.startswith("."):
                    kept.append(path)
            except OSError:
                continue
        return kept


class PickFolder(Dialog[Choice | None]):
    """Returns the folder and the encoders' names, or None.

    Args:
        encoders: names to choose from.
        chosen: those marked at first.
        start: where the tree begins.
        target: the library that the folder goes into, in words.
    """

    CSS_PATH = "pick_folder.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="folder.cancel", tooltip="Index nothing"),
        Binding("backspace", "up", "Up", id="folder.up", tooltip="The folder above"),
    ]

    def __init__(
        self, encoders: Sequence[str], chosen: Sequence[str], start: Path | None = None, target: str = ""
    ) -> None:
        super().__init__()
        self._target = target
        self._encoders = encoders
        self._chosen = chosen
        self._start = start or Path.cwd()

    def compose(self) -> ComposeResult:
        """Path, tree, encoders, buttons."""
        with Vertical(id="pick") as frame:
            frame.border_title = Content("Index a folder")
            yield Input(str(self._start), id="folder", compact=True)
            into = f"Into {self._target}. " if self._target else ""
            yield Static(f"{into}Choose a folder or type its path; backspace goes up.", id="how", markup=False)
            with Horizontal(id="choices"):
                yield Folders(str(self._start))
                with Vertical(id="encode"):
                    yield Static("Encode with")
                    yield Marks[str](
                        *(Selection(Content(name), name, name in self._chosen) for name in self._encoders), id="with"
                    )
            yield Static("", id="wrong", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Index", variant="primary", id="go", compact=True)
                yield Button("Back", id="back", compact=True)

    @on(DirectoryTree.DirectorySelected)
    @on(DirectoryTree.NodeHighlighted)
    def _pointed(self, event: DirectoryTree.DirectorySelected | DirectoryTree.NodeHighlighted[object]) -> None:
        path = (
            event.path if isinstance(event, DirectoryTree.DirectorySelected) else getattr(event.node.data, "path", None)
        )
        if path is not None:
            self.query_one("#folder", Input).value = str(path)

    @on(Input.Changed, "#folder")
    def _typed(self, event: Input.Changed) -> None:
        """Let the tree follow the path, and clear the error on an earlier one."""
        self.query_one("#wrong", Static).update("")
        tree = self.query_one(Folders)
        if event.input.has_focus and (folder := _folder(event.value)) is not None and Path(tree.path) != folder:
            tree.path = folder

    def action_up(self) -> None:
        """Go to the folder above that of the tree."""
        tree = self.query_one(Folders)
        above = Path(tree.path).absolute().parent
        tree.path = above
        self.query_one("#folder", Input).value = str(above)

    @on(Button.Pressed, "#go")
    @on(Input.Submitted, "#folder")
    def _go(self) -> None:
        text = self.query_one("#folder", Input).value
        folder = _folder(text)
        if folder is None:
            self.query_one("#wrong", Static).update(f"There is no folder {flat(text)}.")
            return
        self.dismiss((str(folder), list(self.query_one(SelectionList).selected)))

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(None)


def _folder(text: str) -> Path | None:
    """The folder of this path; None if there is none."""
    try:
        folder = typed(text.strip())
        return folder.absolute() if text.strip() and folder.is_dir() else None
    except (OSError, ValueError):
        return None
