"""Write the reference in `assets/docs/` and the README's table of formats from the code; `--check` only compares.

Run `python tests/making/reference.py` after a change to a command, a setting, a measure, a kind of document, an
environment variable, an event of training or a place on disk.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from hybrid_search.engine import disk, environment, quiet
from hybrid_search.engine.documents import kinds
from hybrid_search.engine.encoders import names
from hybrid_search.engine.encoders.endpoints.protocols import PROTOCOLS
from hybrid_search.engine.encoders.prompts import FAMILIES
from hybrid_search.train.measure import registry
from hybrid_search.train.measure.registry.entries import MEASURES
from hybrid_search.train.run.event_table import EVENTS, EventKind
from hybrid_search.train.settings import described
from hybrid_search.tui.agents.refusals import KINDS
from hybrid_search.tui.agents.tools import TOOLS as AGENT_TOOLS
from hybrid_search.tui.cli.exit_codes import EXIT_CODES
from hybrid_search.tui.cli.main import cli
from hybrid_search.tui.contract.events import EVENTS as EVENTS_OF_LONG_WORK

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.making import surface

ROOT = Path(__file__).resolve().parents[2]
MENDS = "python tests/making/reference.py"
NOTE = f"<!-- Generated from the code by `{MENDS}`; changes here are overwritten. -->"
BEGIN, END = f"<!-- formats: made by `{MENDS}` -->", "<!-- formats: end -->"
TABLES = {
    "run": "A run: `train` and `study`, and the top of a recipe",
    "source": "A source: a `[[sources]]` table of a recipe; as an option, of every source",
    "calibration": "A calibration: `encoders calibrate`",
    "study": "A study: `study`",
}

# Words for click's names of types.
_WORDS = {"integer": "a whole number", "float": "a number", "path": "a path", "file": "a file", "directory": "a folder"}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; text in a cell is escaped."""
    lines = [list(heads), *(list(row) for row in rows)]
    cells = [[" ".join(cell.replace("|", "\\|").split()) for cell in line] for line in lines]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def code(text: str) -> str:
    """A text as code; "" stays ""."""
    return f"`{text}`" if text else ""


def commands() -> Iterator[tuple[click.Context, click.Command]]:
    """Every command in the order of `--help`, each group before its own."""
    yield from _below(click.Context(cli, info_name="hybrid-search"), cli)


def _below(context: click.Context, command: click.Command) -> Iterator[tuple[click.Context, click.Command]]:
    yield context, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _below(click.Context(found, parent=context, info_name=name), found)


def _takes(parameter: click.Parameter) -> str:
    kind = parameter.type
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return ""
    if isinstance(kind, click.Choice):
        words = ", ".join(code(str(choice)) for choice in kind.choices)
    elif isinstance(kind, (click.IntRange, click.FloatRange)):
        words = "a whole number" if isinstance(kind, click.IntRange) else "a number"
        if kind.min is not None:
            words += f", {kind.min:,} to {kind.max:,}" if kind.max is not None else f", {kind.min:,} or more"
    elif isinstance(parameter, click.Option) and parameter.metavar:
        words = code(parameter.metavar)
    else:
        words = _WORDS.get(kind.name, "a text")
    return f"{words}; may be repeated" if parameter.multiple else words


def _default(parameter: click.Parameter) -> str:
    value: Any = parameter.default
    plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return code(str(value)) if plain and value != "" else ""


def _options(command: click.Command) -> list[tuple[str, str, str, str]]:
    rows = []
    for each in command.params:
        if isinstance(each, click.Option):
            spelled = ", ".join(code(name) for name in [*each.opts, *each.secondary_opts])
            told = (each.help or "") + (" Required." if each.required else "")
            rows.append((spelled, _takes(each), _default(each), told))
    return rows


def commands_page() -> str:
    """Commands with their options, exit codes and events."""
    parts = [
        NOTE,
        "# Commands",
        "Data goes to stdout, messages go to stderr. `--json` prints JSON on stdout, with `schema`; `--jsonl` also "
        "reports progress. `hybrid-search --spec` prints this page as JSON, with the schema of each command's output.",
    ]
    for context, command in commands():
        usage = f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}"
        parts.append(f"## {context.command_path}\n\n```\n{usage}\n```")
        parts.append(re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(command.help or "")))
        rows = _options(command)
        if rows:
            parts.append(table(("option", "takes", "default", "what it does"), rows))
    parts.append("# Exit codes")
    parts.append(table(("code", "means"), ((str(each), words) for each, words in EXIT_CODES.items())))
    parts.append("# Events of `--jsonl`")
    parts.append("One JSON object a line, as things happen; each has the key `event` and the keys listed below it.")
    parts.append(_events(EVENTS_OF_LONG_WORK))
    parts.append("# Events of `train --json` and `study --json`")
    parts.append("`--jsonl` gives the same.")
    parts.append(_events(EVENTS))
    return "\n\n".join(parts) + "\n"


def _events(kinds_of: Mapping[str, EventKind]) -> str:
    rows = [
        (code(name) if first else "", kind.when if first else "", code(key), meaning)
        for name, kind in kinds_of.items()
        for first, (key, meaning) in ((number == 0, pair) for number, pair in enumerate(kind.keys.items()))
    ]
    return table(("event", "when", "key", "what it is"), rows)


def _argument(shape: dict[str, Any]) -> str:
    """The values that an argument of a tool takes."""
    words = {"string": "a text", "integer": "a whole number", "boolean": "true or false", "array": "a list"}
    told = words[shape["type"]]
    if "minimum" in shape and shape.get("maximum", 1 << 40) < 1 << 40:
        told += f", {shape['minimum']:,} to {shape['maximum']:,}"
    most = {"maxLength": "characters", "maxItems": "entries"}
    return told + "".join(f", at most {shape[key]:,} {unit}" for key, unit in most.items() if key in shape)


def agents_page() -> str:
    """The tools of `mcp`, and how to configure a host for them."""
    host = '{"mcpServers": {"hybrid-search": {"command": "hybrid-search", "args": ["mcp"]}}}'
    parts = [
        NOTE,
        "# For agents",
        "`hybrid-search mcp` speaks the Model Context Protocol over stdin and stdout; most hosts accept:",
        f"```json\n{host}\n```",
        "`--library PATH` selects a library, `--allow-index` adds the tool `index`. `mcp --http` listens on this "
        "machine only, refuses browser pages, and requires a token. The list of tools has the schemas of arguments "
        "and answers, and the library's languages. A refused request is answered with `isError` and `error.kind`, "
        "`error.message`, `error.next_step`. Documents are resources, `hybrid-search://document/ID`: offsets of "
        "passages refer to their text.",
    ]
    for tool in AGENT_TOOLS:
        told = f"{tool.about} Only with --allow-index." if tool.writes else tool.about
        parts += [f"## {tool.name}", told]
        shape = tool.takes({})
        rows = [
            (
                code(name),
                _argument(each) + ("" if name not in shape["required"] else "; required"),
                code(str(each["default"]).lower()) if "default" in each else "",
                each.get("description", "").replace(" The library's, with passages: not known.", ""),
            )
            for name, each in shape["properties"].items()
        ]
        if rows:
            parts.append(table(("argument", "takes", "default", "what it is"), rows))
    parts += ["## Kinds of errors", table(("kind", "means"), ((code(kind), words) for kind, words in KINDS.items()))]
    return "\n\n".join(parts) + "\n"


def settings_page() -> str:
    """Settings of runs, sources, calibrations and studies."""
    parts = [NOTE, "# Settings", "`hybrid-search train --show-settings` shows the origin of each value of a run."]
    for name, title in TABLES.items():
        rows = [
            (
                code(each.name),
                code(each.option),
                each.type,
                each.default,
                f"{each.range} {each.unit}".strip(),
                each.help,
            )
            for each in described()
            if each.table == name
        ]
        parts += [
            f"## {title}",
            table(("key", "option", "takes", "default", "range, unit", "what it does"), rows),
        ]
    return "\n\n".join(parts) + "\n"


def measures_page() -> str:
    """Every measure of the registry."""
    heads = ("key", "label", "of", "what it is", "unit", "better", "source")
    rows = [
        (code(each.key), each.label, each.setting, each.meaning, each.unit, each.better, each.source)
        for each in [*MEASURES, *(each for each in registry.COMPLETE_AT.values() if each not in MEASURES)]
    ]
    told = "`of`: mono, cross, multi: pools of a benchmark; bias: the pool of all languages; alignment: an encoder's "
    told += "space; judged, answers: questions of your own (`evaluate --queries`)."
    return "\n\n".join([NOTE, "# Measures", told, table(heads, rows)]) + "\n"


def test_of(kind: kinds.Kind) -> str:
    """The test file of a kind: named like its reader's module, else the one that names its suffixes most often.

    Raises:
        LookupError: no test of documents names one of its suffixes.
    """
    folder = ROOT / "tests" / "engine" / "documents"
    module = kind.reader.partition(":")[0].split(".")
    # A quoted file name or a suffix alone, but not an address, which may end in .org.
    suffixes = re.compile(rf"""["'][^"'\s:]*({"|".join(map(re.escape, kind.suffixes))})["']""")
    counts = {path: len(suffixes.findall(path.read_text("utf-8"))) for path in sorted(folder.glob("test_*.py"))}
    named = [folder / f"test_{name}.py" for name in ("_".join(module), module[-1], module[0])]
    best = next((path for path in named if counts.get(path)), max(counts, key=lambda path: counts[path]))
    if not counts[best]:
        raise LookupError(f"No test in tests/engine/documents names a file of the kind {kind.name}.")
    return str(best.relative_to(ROOT))


def formats() -> str:
    """The README's table of formats."""
    rows = [
        (each.name, " ".join(each.suffixes), each.reads, each.library, f"[{Path(place).stem}]({place})")
        for each in kinds.KINDS
        for place in (test_of(each),)
    ]
    return table(("kind", "suffixes", "what is read", "by", "tests"), rows)


def encoders_page() -> str:
    """The kinds of names of encoders."""
    parts = [NOTE, "# Encoders", "The name of an encoder is one of these, tried in this order."]
    rows = [(code(each.form), each.what, " ".join(code(key) for key in each.settings)) for each in names.KINDS]
    rows += [
        (code(names.BM25), "search by words", ""),
        (code("NAME"), "trained here, or bundled: " + ", ".join(code(name) for name in (names.BASE, *names.TRIO)), ""),
        (code("FOLDER"), "a folder that `SentenceTransformer` loads", ""),
        (code("OWNER/NAME"), "an id of the Hugging Face hub", ""),
        (code(f"NAME{names.NEUTRAL}"), "any encoder, with what a text's language adds removed from its vectors", ""),
    ]
    parts.append(table(("name", "what it is", "settings"), rows))
    parts.append("Settings follow `#` as `KEY=VALUE`, joined by `&`; `%20` is a space, `%26` is &.")
    parts.append(table(("setting", "what it is"), ((code(key), words) for key, words in names.SETTINGS.items())))
    parts.append("## Endpoints")
    parts.append(
        "Texts are sent only to the address in the name, and only once you have typed the name in a command or loaded "
        "it with `load_encoder(NAME, named=True)`. "
        "Keys come from the environment. Without a URL, the protocol's default address is used."
    )
    rows = [
        (
            code(f"{each.prefix}:"),
            code(each.address) if each.address else "",
            " ".join(code(key) for key in (*each.keys, environment.API_KEY.name)),
            "in the text" if each.prompted else "by a field of the request",
            str(each.batch),
            f"{each.tokens:,}",
        )
        for each in PROTOCOLS.values()
    ]
    heads = (
        "prefix",
        "address",
        "key",
        "how queries and passages are distinguished",
        "texts a request",
        "tokens a text",
    )
    parts.append(table(heads, rows))
    parts.append("Families of models and their prompts, chosen by the model's name.")
    rows = [(code(each.name), code(each.query.replace("\n", "\\n")), code(each.document)) for each in FAMILIES]
    parts.append(table(("`#prompts=`", "before a query", "before a passage"), rows))
    return "\n\n".join(parts) + "\n"


def files_page() -> str:
    """Formats, places on disk and environment variables."""
    parts = [NOTE, "# Files", "## Documents that are read"]
    rows = [(each.name, " ".join(map(code, each.suffixes)), each.reads, each.library) for each in kinds.KINDS]
    parts.append(table(("kind", "suffixes", "what is read", "by"), rows))
    parts.append(
        f"Also packed: {', '.join(map(code, kinds.COMPRESSED))}. A file without a known suffix is recognised by its "
        f"first bytes. Reported as unreadable unless their first bytes show a kind above: "
        f"{' '.join(map(code, sorted(kinds.NO_READER)))}. Skipped: "
        f"{' '.join(map(code, sorted(kinds.NOT_PROSE)))}."
    )
    parts.append("## What is kept on disk")
    parts.append(
        "The data, cache and config folders are the platform's (Linux: `~/.local/share/hybrid-search`, "
        "`~/.cache/hybrid-search`, `~/.config/hybrid-search`), or below `HYBRID_SEARCH_HOME`. The cache may be "
        "deleted at any time."
    )
    parts.append(table(("root", "name", "what it holds"), ((e.root, code(e.name), e.holds) for e in disk.PLACES)))
    for title, listed in (
        ("A library's folder", disk.LIBRARY),
        ("The folder of a trained encoder", disk.ENCODER),
        ("The folder of a run", disk.RUN),
    ):
        parts.append(f"### {title}")
        parts.append(table(("name", "what it is"), ((code(name), words) for name, words in listed.items())))
    parts.append("## Environment variables")
    told = ((code(each.name), each.holds, each.means) for each in environment.VARIABLES)
    parts.append(table(("variable", "holds", "what it does"), told))
    parts.append(
        "Variables of other programs that are read, or set unless you have set them; their libraries read more:"
    )
    others = ((code(each.name), each.holds, each.means) for each in environment.OF_OTHERS)
    parts.append(table(("variable", "holds", "what it does"), others))
    switches = ", ".join(code(f"{name}={value}") for name, value in quiet.SWITCHES.items())
    parts.append(f"Set for third-party libraries, unless you have set them: {switches}; they switch off telemetry.")
    return "\n\n".join(parts) + "\n"


def api_page() -> str:
    """Every public name of the package with its signature and docstring."""
    parts = [
        NOTE,
        "# Python",
        "What `hybrid_search` exports. [What may be relied on](stability.md) says how long a name is kept.",
    ]
    for each in surface.public():
        depth = "###" if _is_member(each) else "##"
        doc = inspect.getdoc(each.thing) or ""
        parts.append(f"{depth} {each.name}")
        if each.signature:
            parts.append(f"```python\n{each.name.rpartition('.')[2]}{each.signature}\n```")
        parts.append(_docstring(doc))
    return "\n\n".join(parts) + "\n"


def _is_member(each: surface.Public) -> bool:
    """Whether a name is a member of a class."""
    return each.name.rpartition(".")[0].rpartition(".")[2][:1].isupper()


def _docstring(text: str) -> str:
    """A docstring in Google's style as Markdown: the entries of sections become lists, examples become code."""
    lines: list[str] = []
    code = section = False
    for line in text.splitlines():
        if line.lstrip().startswith(">>>") and not code:
            lines += ["", "```python"]
            code = True
        elif code and not line.strip():
            lines.append("```")
            code = False
        if not code and re.fullmatch(r"(Args|Returns|Raises|Attributes|Source|Example):", line.strip()):
            lines += ["", f"**{line.strip(': ')}**", ""]
            section = True
        elif code or not section or not line.strip():
            lines.append(line)
            section = section and (bool(line.startswith(" ")) or not line.strip())
        elif line.startswith("        "):
            lines.append(f"  {line.strip()}")
        elif line.startswith("    "):
            lines.append(f"- {line.strip()}")
        else:
            lines.append(line)
            section = False
    return "\n".join([*lines, "```"] if code else lines)


def wanted() -> dict[Path, str]:
    """The wanted content of each file."""
    readme = ROOT / "README.md"
    before, begun, rest = readme.read_text("utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise LookupError(f"README.md lacks the lines {BEGIN} and {END}, between which the table of formats stands.")
    docs = ROOT / "assets" / "docs"
    return {
        docs / "agents.md": agents_page(),
        docs / "commands.md": commands_page(),
        docs / "settings.md": settings_page(),
        docs / "measures.md": measures_page(),
        docs / "files.md": files_page(),
        docs / "encoders.md": encoders_page(),
        docs / "api.md": api_page(),
        readme: f"{before}{BEGIN}\n\n{formats()}\n\n{END}{after}",
    }


def stale() -> list[str]:
    """The files that differ from the code."""
    return [
        str(path.relative_to(ROOT))
        for path, text in wanted().items()
        if not path.is_file() or path.read_text("utf-8") != text
    ]


def main() -> int:
    """Write the files, or with `--check` say which differ."""
    differ = stale()
    if "--check" in sys.argv[1:]:
        for name in differ:
            print(f"{name} is not what the code gives: run `{MENDS}`.")
        return 1 if differ else 0
    for path, text in wanted().items():
        if str(path.relative_to(ROOT)) in differ:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
