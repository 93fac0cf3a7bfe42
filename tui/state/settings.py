"""Reads and writes what the app keeps between sessions: settings as JSON, questions asked as JSON lines."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from ...engine import paths
from ...engine.encoders import TRIO
from ...engine.errors import reason
from ...engine.files import read_regular, write_text

HISTORY_LENGTH = 200
_RECENT = 9


@dataclass
class Settings:
    """Every setting with its default; a file that cannot be read gives the defaults and a reason."""

    theme: str = "hybrid-night"
    """The name of a Textual theme."""
    library: str = ""
    """The library opened last; empty for the default one."""
    columns: list[str] = field(default_factory=lambda: list(TRIO[::-1]))
    """The encoders of the Compare screen, left to right."""
    reference: str = TRIO[-1]
    """The column against which movement is shown."""
    recent: list[str] = field(default_factory=list)
    """Libraries that were open, the last one first."""
    k: int = 10
    """Results in each column."""
    exact: bool = False
    """Whether every vector is compared instead of the index's candidates."""
    neutral: bool = False
    """Whether each language's mean is taken out of the vectors before ranking."""
    languages: list[str] = field(default_factory=list)
    """Codes of the languages that results may be in; empty for all."""
    translator: str = ""
    """The translator of questions: a command, or openai:MODEL[@URL]; if empty, nothing is sent anywhere."""
    keymap: dict[str, str] = field(default_factory=dict)
    """Keys by the id of what they do, such as {"ask.next_language": "ctrl+n"}; the help lists the ids."""

    @classmethod
    def load(cls) -> tuple[Settings, str]:
        """The saved settings, and a sentence on what is wrong with the file, or ""."""
        path = settings_file()
        try:
            saved = json.loads(read_regular(path))
        except FileNotFoundError:
            return cls(), ""
        except (OSError, ValueError, RecursionError) as error:
            return cls(), f"The settings in {path} cannot be read ({reason(error)}); the defaults are in use."
        settings, wrong = cls(), []
        for each in fields(cls):
            if isinstance(saved, dict) and each.name in saved:
                value, default = saved[each.name], getattr(settings, each.name)
                if _fits(value, default):
                    setattr(settings, each.name, value)
                else:
                    wrong.append(each.name)
        return settings, f"In {path} these settings have no usable value: {', '.join(wrong)}." if wrong else ""

    def remember(self, library: str) -> None:
        """Put a library first among the recent ones."""
        self.recent = [library, *(each for each in self.recent if each != library)][:_RECENT]

    def save(self) -> str:
        """Write the settings; returns a sentence on why that failed, or ""."""
        try:
            write_text(settings_file(), json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n")
        except OSError as error:
            return f"The settings cannot be saved: {reason(error)}."
        return ""


def _fits(value: object, default: object) -> bool:
    """Whether a value read from the file has the shape of the setting's default."""
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(default, dict):
        return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)
    return type(value) is type(default)


def settings_file() -> Path:
    """The path of the settings file."""
    return paths.config_folder() / "settings.json"


def history_file() -> Path:
    """The path of the questions asked, one JSON string a line, oldest first."""
    return paths.data_folder() / "history.jsonl"


def read_history() -> list[str]:
    """The questions asked, oldest first, each once."""
    try:
        lines = read_regular(history_file()).splitlines()
    except OSError:
        return []
    asked: dict[str, None] = {}
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            query = json.loads(line)
            if isinstance(query, str):
                asked.pop(query, None)
                asked[query] = None
    return list(asked)[-HISTORY_LENGTH:]


def write_history(queries: list[str]) -> None:
    """Save the questions asked; errors of a full or read-only disk are ignored."""
    with contextlib.suppress(OSError):
        text = "".join(json.dumps(query, ensure_ascii=False) + "\n" for query in queries[-HISTORY_LENGTH:])
        write_text(history_file(), text)
