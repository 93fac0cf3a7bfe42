"""`hybrid-search evaluate`: measures encoders by the paper's protocol, or compares them over the user's questions."""

from __future__ import annotations

from pathlib import Path

import click

from ....engine.encoders import TRIO
from .. import common
from ..paths import PathType

SETTINGS = ("mono", "cross", "multi")
# Names of the options that --queries leaves without effect.
_OF_BENCHMARKS = (
    *("benchmark", "data", "fetching", "mirror", "settings", "languages", "questions", "fragments", "neutral"),
    *("align", "pairs", "report"),
)


def _settings(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = tuple(word.strip() for word in value.split(",") if word.strip())
    for word in chosen:
        if word not in SETTINGS:
            raise click.BadParameter(f"{word!r} is none of {', '.join(SETTINGS)}.")
    if not chosen:
        raise click.BadParameter(f"Name at least one of {', '.join(SETTINGS)}.")
    return chosen


@click.command(short_help="Measure encoders by the paper's protocol.")
@click.argument("encoders", nargs=-1, type=common.EncoderName(), metavar="[ENCODER]...")
@click.option(
    "--benchmark",
    default="demo",
    show_default=True,
    metavar="NAME|PATH",
    help="xquad-r, mlqa-r, miracl, belebele, demo, kit (demo and more of its kind), or a file or folder: SQuAD format "
    "(one LANG.json a language), topics with qrels and corpus (MIRACL, BEIR), Belebele, or parallel .jsonl; held-out "
    "and held-out-bitext: what the recipe in --data kept out of training.",
)
@click.option("--data", type=PathType(), help="The folder that holds the named benchmark.")
@click.option("--fetch", "fetching", is_flag=True, help="Download the named benchmark first, with checksums.")
@click.option("--mirror", metavar="URL", help="With --fetch: download from here instead of from the publisher.")
@click.option(
    "--settings",
    callback=_settings,
    default="mono,cross,multi",
    show_default=True,
    help="Which of mono, cross and multi to measure.",
)
@common.languages_option("Measure only on these languages of the benchmark")
@click.option("--questions", type=click.IntRange(min=1), help="Ask only this many questions, drawn by --seed.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="Seed of the draw of --questions and --fragments, and of the significance tests of --queries.",
)
@click.option(
    "--fragments",
    default=0.0,
    type=common.Number(0, 1),
    metavar="SHARE",
    help="First cut this share of the answers down to a few words, as a bad sentence splitter does; an encoder that "
    "ranks short texts low will lose them.",
)
@click.option(
    "--neutral",
    multiple=True,
    type=click.Choice(["0"]),
    metavar="0",
    help="Also measure each encoder with its language means removed, estimated on the benchmark's unlabelled texts. "
    "The untrained base gains .24 multi mAP on XQuAD-R and loses .008 mono mAP.",
)
@click.option(
    "--alignment", "align", is_flag=True, help="Also measure how close translations are in each vector space."
)
@click.option("--pairs", is_flag=True, help="Show mAP by query language and passage language.")
@click.option("--report", type=PathType(file_okay=False), help="Write a report with pictures here.")
@click.option(
    "--queries",
    type=PathType(dir_okay=False),
    help="Instead of a benchmark, ask --library the questions of this file and compare the encoders' answers. One "
    "question a line, or .jsonl with `query` and, optionally, `relevant`: a list of paths.",
)
@common.library_option
@common.encoder_options
@common.long_json_options
@click.pass_context
def command(
    context: click.Context,
    /,
    encoders: tuple[str, ...],
    benchmark: str,
    data: Path | None,
    fetching: bool,
    mirror: str | None,
    settings: tuple[str, ...],
    languages: tuple[str, ...],
    questions: int | None,
    seed: int,
    fragments: float,
    neutral: tuple[str, ...],
    align: bool,
    pairs: bool,
    report: Path | None,
    queries: Path | None,
    library_path: Path | None,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
) -> int:
    """Measure each ENCODER (any name, folder or Hugging Face id, and bm25: search by words) on a benchmark.

    Search is exact and over the whole ranking. mono: query and pool in one language; cross: a pool of another
    language; multi: one pool of all languages, every parallel answer relevant. Figures are macro means over languages.
    Without ENCODER the three bundled ones are measured.
    """
    load = common.loader(device=device, precision=precision, threads=threads)
    common.refuse_given(
        context,
        _OF_BENCHMARKS if queries is not None else ("library_path",),
        "with --queries" if queries is not None else "without --queries",
    )
    if mirror and not fetching:
        raise click.UsageError("--mirror only says where --fetch downloads from: give both.")
    if queries is not None:
        from ..evaluate_queries import compare_queries

        return compare_queries(queries, encoders, load, library_path, as_json=as_json, seed=seed)
    from ....train.benchmarks import loading as benchmarks

    if fetching:
        data = _fetch(benchmark, data, mirror)
    from ....train.benchmarks import with_fragments
    from ....train.measure import evaluate

    loaded = benchmarks.load(benchmark, data, languages=languages, questions=questions, seed=seed)
    loaded = with_fragments(loaded, fragments, seed)
    for note in loaded.notes:
        common.say(note)
    with common.ProgressBars() as bars:
        found = evaluate(
            loaded,
            encoders or TRIO,
            load,
            settings=settings,
            neutral=bool(neutral),
            align=align or report is not None,
            map_size=1200 if report is not None else 0,
            progress=bars.show,
        )
    if report is not None:
        from ....train.reports import write_report

        write_report(found, report)
        common.say(f"The report is in {report}: open report.md.")
    if as_json:
        common.write_json(found.as_dict())
    else:
        from ..evaluate_tables import show

        show(found, pairs=pairs)
    return 0


def _fetch(benchmark: str, data: Path | None, mirror: str | None) -> Path:
    from ....train.benchmarks import default_folder, fetch

    folder = data or default_folder()
    with common.ProgressBars() as bars:
        place = fetch(benchmark, folder, mirror=mirror, progress=bars.show)
    common.say(f"{benchmark} is in {place}.")
    return folder
