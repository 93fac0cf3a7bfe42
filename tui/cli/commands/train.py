"""`hybrid-search train`: fine-tune an encoder with mono, cross or hybrid batches."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import common
from ..paths import PathType

if TYPE_CHECKING:
    from ....train.run import RunResult
    from ....train.settings import RunConfig

ALL = ("mono", "cross", "hybrid")
# Options whose names differ from the settings that they set.
_SETTINGS = {"lora": "lora_rank"}
_BARE: dict[str, Any] = {
    "steps": 60,
    "batch_size": 16,
    "learning_rate": 2e-4,
    "warmup_steps": 6,
    "distill": 0.5,
    "validation": "held-out",
    "checkpoint_every": 20,
}


def _number(low: float, high: float) -> click.FloatRange:
    return click.FloatRange(low, high)


@click.command(short_help="Fine-tune an encoder with mono, cross or hybrid batches.")
@click.argument("data", nargs=-1, metavar="[DATA]...")
@click.option("--recipe", type=PathType(exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option("--batches", type=click.Choice([*ALL, "all"]), help="Default: hybrid; all trains the three.")
@click.option("--alpha", type=_number(0, 1), help="Probability of a mono batch under hybrid. Default: 0.5.")
@click.option("--base", metavar="NAME", help="Encoder to start from: a name, folder or Hugging Face id.")
@click.option("--out", metavar="NAME", help="Name of the result; with --batches all, the start of three names.")
@click.option("--steps", type=click.IntRange(1), help="Updates. Default: 100; 60 on the bundled pairs.")
@click.option("--batch-size", type=click.IntRange(2), help="Pairs in a batch.")
@click.option("--temperature", type=_number(1e-4, 100), help="Of the softmax over cosines. Default: 1/30.")
@click.option("--learning-rate", type=_number(0, 10), help="Default: 5e-4, fit for an adapter.")
@click.option("--warmup-steps", type=click.IntRange(0), help="Steps of rising rate. Default: 20.")
@click.option("--schedule", type=click.Choice(["linear", "cosine", "constant"]), help="Fall of the rate.")
@click.option("--lora", type=click.IntRange(1), metavar="RANK", help="Train an adapter of this rank. Default: 32.")
@click.option("--full", is_flag=True, help="Train all weights of the layers instead.")
@click.option(
    "--layer-weights",
    metavar="WEIGHTS",
    help="Let the result pool its last layers under these weights, the last one's last: 0.2,0.8.",
)
@click.option("--train-embeddings", is_flag=True, help="With --full: the token table, too.")
@click.option("--merge", is_flag=True, help="Write a whole SentenceTransformer folder instead of an adapter.")
@click.option("--precision", type=click.Choice(["auto", "fp32", "bf16"]), help="Of the layers' products.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), help="Default: auto.")
@click.option("--gradient-cache", type=click.IntRange(0), metavar="N", help="Hold activations of N texts at once.")
@click.option("--query-tokens", type=click.IntRange(4), help="Most tokens of a question. Default: 40.")
@click.option("--passage-tokens", type=click.IntRange(4), help="Most tokens of a passage. Default: 72.")
@click.option("--crop", type=click.Choice(["answer"]), help="Crop passages to sentences around the answer.")
@click.option("--neighbourhood", type=_number(0, 1), help="Share of bitext passages with their neighbours.")
@click.option("--spans", type=_number(0, 1), help="Share of bitext batches that ask with parts of sentences.")
@click.option("--holdout", type=click.IntRange(0), metavar="N", help="Keep every Nth passage out of training.")
@click.option("--languages", metavar="CODES", help="Train on these only: de,fr,th.")
@click.option("--languages-per-batch", type=click.IntRange(0), help="Languages that a cross batch draws from.")
@click.option("--pairing", type=click.Choice(["example", "batch"]), help="Languages drawn per pair or per batch.")
@click.option("--mono-languages", metavar="CHOICE", help="uniform, proportional or an exponent.")
@click.option("--cross-languages", metavar="CHOICE", help="row, uniform, proportional or an exponent.")
@click.option("--symmetric", type=click.Choice(["never", "cross", "always"]), help="Rank queries for passages, too.")
@click.option("--distill", type=_number(0, 1), help="Share of the loss that the untrained base teaches.")
@click.option("--distill-temperature", type=_number(1e-4, 100), help="Of the base's softmax. Default: 0.02.")
@click.option("--anchor", type=_number(0, 1000), help="Weight of staying near the base's vectors.")
@click.option("--semantic-weight", type=_number(0, 1000), help="Semantic loss of arXiv 2210.06633 on bitext.")
@click.option("--language-weight", type=_number(0, 1000), help="Language loss of arXiv 2210.06633 on bitext.")
@click.option(
    "--negatives",
    type=click.Choice(["none", "siblings", "mine"]),
    help="Hard negatives in the question's language: sentences beside the right one, or what the base finds.",
)
@click.option("--validation", metavar="BENCHMARK", help="A benchmark to choose by, or held-out rows.")
@click.option("--validation-questions", type=click.IntRange(1), help="How many of its questions. Default: 150.")
@click.option("--validate-every", type=click.IntRange(0), metavar="STEPS", help="0: before and after only.")
@click.option("--patience", type=click.IntRange(0), help="Stop after so many validations without gain.")
@click.option("--average", type=_number(0, 2), help="Share of the way from the base; 0 chooses on validation.")
@click.option("--protect", multiple=True, metavar="BENCHMARK", help="Train on nothing that overlaps it.")
@click.option("--allow-overlap", is_flag=True, help="Train on it nevertheless; the model card says so.")
@click.option("--broken-rows", type=click.IntRange(0), help="Broken rows of a file to put up with. Default: 100.")
@click.option("--checkpoint-every", type=click.IntRange(0), metavar="STEPS", help="0 writes none. Default: 50.")
@click.option("--seed", type=int, help="Of everything that is drawn. Default: 0.")
@click.option("--resume", is_flag=True, help="Go on with the run called --out from its newest checkpoint.")
@click.option("--show-batches", type=click.IntRange(1), metavar="N", help="Show N batches and train nothing.")
@common.json_option
def command(
    data: tuple[str, ...],
    recipe: Path | None,
    batches: str | None,
    out: str | None,
    resume: bool,
    show_batches: int | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Train an encoder on DATA: files, folders, or hf:ID of a Hugging Face data set.

    Without DATA and --recipe, the bundled base is trained on bundled pairs within minutes. The result is registered
    under its name, and search, compare, evaluate and the app offer it.
    """
    # Kernels are prepared for each shape that occurs; the default of 1024 forgets them while training goes on.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with _events(as_json) as tell:
        if resume:
            return _resume(out, batches, tell)
        config = configured(data, recipe, {**options, **({"batches": batches} if batches not in (None, "all") else {})})
        configs = _named(config, out, everything=batches == "all")
        if show_batches:
            from ..train_batches import show

            return show(configs, show_batches, as_json=as_json)
        return _train(configs, tell)


def configured(
    data: tuple[str, ...], recipe: Path | None, options: Mapping[str, Any], *, validation: str = ""
) -> RunConfig:
    """The run that arguments and options describe; options win over the recipe, and both over the `validation` given.

    Raises:
        click.UsageError: options that contradict each other.
        DataError, TrainingError: a recipe or a value that cannot be.
    """
    from dataclasses import replace

    from ....engine.paths import assets_folder
    from ....train.settings import RunConfig, SourceConfig, from_dict, load_recipe

    given = {_SETTINGS.get(name, name): value for name, value in options.items() if value not in (None, (), False)}
    of_sources = {name: given.pop(name) for name in ("crop", "neighbourhood", "spans", "holdout") if name in given}
    if given.pop("full", False):
        if "lora_rank" in given:
            raise click.UsageError("--full and --lora exclude each other.")
        given["lora_rank"] = 0
        given.setdefault("learning_rate", 3e-5)
    if "languages" in given:
        given["languages"] = tuple(code.strip() for code in str(given["languages"]).split(",") if code.strip())
    if "layer_weights" in given:
        given["layer_weights"] = _weights(str(given["layer_weights"]))
    if recipe is not None:
        if data:
            given["sources"] = tuple(SourceConfig(path=path, **of_sources) for path in data)
        config = load_recipe(recipe, **given)
        if of_sources and not data:
            config = config.replace(sources=tuple(replace(source, **of_sources) for source in config.sources))
    elif not data:
        bundled = SourceConfig(path=str(assets_folder() / "pairs"), **{"holdout": 5, **of_sources})
        config = from_dict({**_BARE, **given, "sources": (bundled,)})
    else:
        config = RunConfig(sources=tuple(SourceConfig(path=path, **of_sources) for path in data), **given)
    config = config.replace(validation=config.validation or validation)
    if config.validation == "held-out" and not any(source.holdout for source in config.sources):
        config = config.replace(sources=tuple(replace(source, holdout=10) for source in config.sources))
    return config


def _weights(listed: str) -> tuple[float, ...]:
    try:
        return tuple(float(weight) for weight in listed.split(","))
    except ValueError:
        raise click.BadParameter(
            f"{listed!r} is no list of numbers such as 0.2,0.8.", param_hint="--layer-weights"
        ) from None


def _named(config: RunConfig, out: str | None, *, everything: bool) -> list[RunConfig]:
    """One run, or three on equal terms, each with the name under which it will be registered."""
    if not everything:
        return [config.replace(name=_checked(out or config.name or _free_name(f"my-{config.batches}")))]
    start = out or config.name
    names = {sampling: f"{start}-{sampling}" if start else _free_name(f"my-{sampling}") for sampling in ALL}
    return [config.replace(batches=sampling, name=_checked(names[sampling])) for sampling in ALL]


def _checked(name: str) -> str:
    if name != Path(name).name or name.startswith(".") or name in ("base", "bm25") or "+" in name:
        raise click.BadParameter(f"{name!r} cannot be an encoder's name.", param_hint="--out")
    return name


def _free_name(wanted: str) -> str:
    """The name, with a number where it is taken."""
    from ....engine.paths import encoders_folder

    name, number = wanted, 2
    while (encoders_folder() / name).exists():
        name, number = f"{wanted}-{number}", number + 1
    return name


def _resume(out: str | None, batches: str | None, tell: _Narrator) -> int:
    """Go on with one run, or with what is left of three."""
    if not out:
        raise click.UsageError("--resume needs the name of the run: --out NAME.")
    from ....engine.paths import encoders_folder
    from ....train.run import checkpoints, fit, resumed_config

    if batches != "all":
        tell.finish([fit(resumed_config(out), tell, resume=True)])
        return 0
    results = []
    for sampling in ALL:
        name = f"{out}-{sampling}"
        if (encoders_folder() / name).exists() and not checkpoints.steps(checkpoints.run_folder(name)):
            common.say(f"{name} is done already.")
            continue
        results.append(fit(resumed_config(name), tell, resume=True))
    tell.finish(results)
    return 0


def _train(configs: list[RunConfig], tell: _Narrator) -> int:
    from ....train.run import checkpoints, fit, is_first_process

    if is_first_process():
        # So that --resume finds all three, also those that had not begun.
        for config in configs:
            checkpoints.write_json(checkpoints.run_folder(config.name) / "config.json", config.as_dict())
    tell.finish([fit(config, tell) for config in configs])
    return 0


class _Narrator:
    """Takes a run's events: JSON lines on stdout for programs, or a bar and words on stderr."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._bars = common.ProgressBars()
        self._name = ""
        self._losses: dict[str, float] = {}

    def __enter__(self) -> _Narrator:
        if not self._as_json:
            self._bars.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if not self._as_json:
            self._bars.__exit__()
        elif error is not None:
            message = str(error) or kind.__name__ if kind else ""
            stopped = isinstance(error, KeyboardInterrupt)
            self({"event": "stopped" if stopped else "error", "message": "Stopped." if stopped else message})

    def __call__(self, event: dict[str, Any]) -> None:
        if self._as_json:
            import json

            common.use_utf8()
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        handler = getattr(self, f"_on_{event['event']}", None)
        if handler is not None:
            handler(event)

    def _on_start(self, event: dict[str, Any]) -> None:
        self._name = event["name"]
        self._losses = {}
        rows = sum(source["rows"] for source in event["sources"])
        common.say(
            f"{self._name}: {event['batches']} batches of {event['batch_size']} from {rows:,} rows, "
            f"{event['steps']:,} steps; {event['parameters']:,} parameters on {event['device']}, {event['precision']}."
        )

    def _on_step(self, event: dict[str, Any]) -> None:
        kind, loss = event["kind"], event["loss"]
        self._losses[kind] = loss if kind not in self._losses else 0.9 * self._losses[kind] + 0.1 * loss
        shown = "  ".join(f"{name} {value:.3f}" for name, value in sorted(self._losses.items()))
        self._bars.show(self._name, event["step"], event["total"], f"loss {shown}")

    def _on_validation(self, event: dict[str, Any]) -> None:
        common.say(f"step {event['step']:,}: {_scores(event['scores'])}")

    def _on_warning(self, event: dict[str, Any]) -> None:
        common.say(event["message"])

    def _on_negatives(self, event: dict[str, Any]) -> None:
        common.say(f"hard negatives in {event['language']}: {event['found']:,} of {event['rows']:,} rows have some")

    def finish(self, results: list[RunResult]) -> None:
        """The verdict of each run, and where it is."""
        if self._as_json:
            return
        from ....train.run import verdict

        self._bars.__exit__()
        for result in results:
            if not (result.path / "README.md").is_file():
                continue
            common.say(f"{result.name}: {result.steps:,} steps in {result.seconds:,.0f} s. {_words(verdict, result)}")
            click.echo(f"{result.name}\t{result.path}")
        if results:
            names = " ".join(f"--encoder {result.name}" for result in results)
            common.say(f'Try: hybrid-search index DIR {names}, then hybrid-search compare "…" {names}.')


def _words(verdict: Any, result: RunResult) -> str:
    return str(verdict(result.scores_before, result.scores_after))


def _events(as_json: bool) -> _Narrator:
    return _Narrator(as_json)


def _scores(scores: Mapping[str, float]) -> str:
    parts = [f"{name} {scores[name]:.4f}" for name in ("mono", "cross", "multi") if name in scores]
    if "rank_distance" in scores:
        parts.append(f"rank distance {scores['rank_distance']:.0f}")
    return ", ".join(parts)
