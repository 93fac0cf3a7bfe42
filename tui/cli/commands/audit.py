"""`hybrid-search audit`: reports the language bias of any retriever and what reduces it; can gate CI."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....train.audit import WATCHED
from .. import common, exit_codes
from ..paths import PathType

if TYPE_CHECKING:
    from ....train.audit.kits import Kit

# Names of the options that writing a kit leaves without effect.
_OF_AUDITS = (
    *("k", "questions", "seed", "encoder", "request", "results", "fields", "headers", "timeout", "mend", "report"),
    *("baseline", "watched"),
)


def _watched(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    chosen = tuple(word.strip().replace("-", "_") for word in (value or "").split(",") if word.strip())
    for word in chosen:
        if word not in WATCHED:
            raise click.BadParameter(f"{word!r} is none of {', '.join(WATCHED)}.")
    if value is not None and not chosen:
        raise click.BadParameter(f"Nothing is named; there are {', '.join(WATCHED)}.")
    return chosen


def _pairs(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    mark = ":" if parameter.name == "headers" else "="
    found = {}
    for value in values:
        name, sign, rest = value.partition(mark)
        if not sign or not name.strip() or not rest.strip():
            raise click.BadParameter(f"{value!r} has no {mark!r} between a name and a value.")
        found[name.strip()] = rest.strip()
    if parameter.name == "fields" and found:
        from ....train.audit.targets import FIELDS

        for name in found:
            if name not in FIELDS:
                raise click.BadParameter(f"{name!r} is none of {', '.join(FIELDS)}.")
    return found


@click.command(short_help="Report how biased any retriever is, which languages lose, and what would reduce the bias.")
@click.argument("target", required=False)
@click.option(
    "--kit",
    "kit_path",
    type=PathType(),
    help="With TARGET: ask the questions of this folder or file. Without: write the kit there.",
)
@click.option("--own", is_flag=True, help="Without TARGET: make the kit from the documents of --library.")
@click.option(
    "-k", "k", type=click.IntRange(min=1), help="How many answers to ask for; by default what suits the target."
)
@common.languages_option("Ask only in these languages; with a kit to write, write only these")
@click.option(
    "--questions", type=click.IntRange(min=1), help="Ask only this many questions, each with all its translations."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the draw of --questions.")
@click.option(
    "--encoder",
    default="",
    type=common.EncoderName(),
    help="The encoder to search a library or a vector store with; for other targets the encoder behind them, to try "
    "remedies on.",
)
@click.option("--request", default="", metavar="JSON", help="The body of a request, with {question}, {k}, {language}.")
@click.option("--results", default="", metavar="JMESPATH", help="Where the list of answers is in a reply.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    callback=_pairs,
    metavar="WHAT=NAME",
    help="The field of an answer that holds its id, text, source, language or score.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    callback=_pairs,
    metavar="NAME:VALUE",
    help="A header of requests; ${NAME} in it is taken from the environment.",
)
@click.option(
    "--timeout", default=30.0, show_default=True, type=common.Number(0.1, 86400), help="Seconds an answer may take."
)
@click.option("--mend/--no-mend", default=True, show_default=True, help="Try remedies, too.")
@click.option("--report", type=PathType(file_okay=False), help="Write report.html, report.md and audit.json here.")
@click.option(
    "--baseline",
    type=PathType(dir_okay=False),
    help="Compare with an earlier audit's JSON; exit code 3 if a language got worse.",
)
@click.option(
    "--fail-on",
    "watched",
    callback=_watched,
    metavar="WHAT,…",
    help=f"Figures that may not get worse: {', '.join(WATCHED)}. Default: multi; own_language without judgements.",
)
@common.library_option
@common.encoder_options
@common.long_json_options
@click.pass_context
def command(
    context: click.Context,
    /,
    target: str | None,
    kit_path: Path | None,
    own: bool,
    k: int | None,
    languages: tuple[str, ...],
    questions: int | None,
    seed: int,
    encoder: str,
    request: str,
    results: str,
    fields: dict[str, str],
    headers: dict[str, str],
    timeout: float,
    mend: bool,
    report: Path | None,
    baseline: Path | None,
    watched: tuple[str, ...],
    library_path: Path | None,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
) -> int:
    """Ask TARGET the same questions in many languages and report how biased its answers are.

    TARGET is a library's folder, a run file (TREC, JSON lines, BEIR's JSON), encoder:NAME, python:MODULE:FUNCTION,
    command:LINE (run for every question, which is its stdin; JSON on stdout), lines:LINE (run once; JSON lines in and
    out), an http(s) address (GET where it has {question} in it, else POST), or a collection of vectors:
    pgvector:postgresql://HOST/DATABASE#TABLE, qdrant:URL|FOLDER#COLLECTION, chroma:…, lancedb:FOLDER#TABLE, milvus:…,
    vectors:FILE, asked by the encoder that made them (--encoder). Answers are lists of ids, or objects
    with id, text or source under any usual name.

    Quality is measured if TARGET's index holds the kit, which `hybrid-search audit --kit DIR` writes; otherwise only
    the languages of the answers are.
    """
    if target is not None and not target.strip():
        raise click.UsageError("TARGET is empty: is a variable of the shell not set?")
    if target is None:
        if kit_path is None:
            raise click.UsageError("Name a TARGET, or a folder to write the kit to with --kit.")
        common.refuse_given(context, _OF_AUDITS, "without TARGET")
        if not own:
            common.refuse_given(context, ("library_path",), "without --own")
        return _write(kit_path, own, languages, library_path, as_json)
    common.refuse_given(context, ("library_path",), "with TARGET, which names the library itself")
    if own:
        raise click.UsageError("--own only makes a kit: leave TARGET out, then audit with --kit.")
    if watched and baseline is None:
        raise click.UsageError("--fail-on needs a --baseline to compare with.")
    if (
        report is not None
        and baseline is not None
        and os.path.realpath(report / "audit.json") == os.path.realpath(baseline)
    ):
        raise click.UsageError(f"--report would replace the baseline {baseline}: name another folder.")
    from ....train.audit import audit, hold_against, read_baseline
    from ....train.audit.pages import make_folder, write_audit
    from ....train.audit.targets import Options

    common.typed(target.removeprefix("encoder:"))
    kit = _kit(kit_path).some(languages=languages, questions=questions, seed=seed)
    before = None if baseline is None else read_baseline(baseline, kit, watched)
    if report is not None:
        make_folder(report)
    load = common.loader(device=device, precision=precision, threads=threads)
    options = Options(
        load=load,
        encoder=encoder,
        timeout=timeout,
        request=request,
        results=results,
        fields=fields,
        headers=headers,
        notify=common.say,
        cwd=Path.cwd(),
    )
    with common.ProgressBars() as bars:
        found = audit(target, kit, options, k=k, mend=mend, progress=bars.show)
    against = hold_against(found, before) if before is not None else None
    if report is not None:
        write_audit(found, report, against)
        common.say(f"The report is in {report}: open report.html.")
    if as_json:
        common.write_json({**found.as_dict(), **({} if against is None else {"gate": against.as_dict()})})
    else:
        from ..pages import show_audit

        show_audit(found, against)
    return exit_codes.FELL if against is not None and against.fallen else exit_codes.DONE


def _kit(path: Path | None) -> Kit:
    from ....train.audit.kits import bundled_kit, read_kit

    return bundled_kit() if path is None else read_kit(path)


def _write(folder: Path, own: bool, languages: tuple[str, ...], library_path: Path | None, as_json: bool) -> int:
    from ....train.audit.kits import bundled_kit, own_kit, write_kit

    if own:
        with common.opened(library_path) as library:
            kit = own_kit(library)
    else:
        kit = bundled_kit()
    kit = kit.only(languages)
    files = write_kit(kit, folder)
    told = {
        "kit": str(folder),
        "questions": len(kit.groups),
        "languages": list(kit.languages),
        "passages": len(kit.passages),
        "documents": len(kit.texts),
        "judged": kit.judged,
        "files": len(files),
        "notes": list(kit.notes),
    }
    if as_json:
        common.write_json(told)
        return exit_codes.DONE
    common.out().print(
        f"{len(kit.groups):,} questions in {len(kit.languages)} languages and {len(kit.passages):,} passages are in "
        f"{folder}: open README.md.",
        markup=False,
        highlight=False,
    )
    for note in kit.notes:
        common.say(note)
    return exit_codes.DONE
