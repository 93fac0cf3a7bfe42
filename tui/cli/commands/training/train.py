"""`hybrid-search train`: fine-tune an encoder with mono, cross or hybrid batches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .....train.settings import BUNDLED, SAMPLINGS, RunConfig, SourceConfig, settings_of
from ... import common
from ...paths import PathType
from ...setting_options import SettingsCommand, given, setting_options

if TYPE_CHECKING:
    from .....train.run import RunResult

# Settings that may change when a run is resumed: they do not affect the weights.
_FREE = ("device", "gradient_cache", "checkpoint_every")


@click.command(cls=SettingsCommand, short_help="Fine-tune an encoder with mono, cross or hybrid batches.")
@click.argument("data", nargs=-1, metavar="[DATA]...")
@click.option("--recipe", type=PathType(exists=True, dir_okay=False), help="A TOML file of settings.")
@setting_options(
    RunConfig,
    more_choices={"batches": ("all",)},
    elsewhere=BUNDLED,
    where="on the bundled pairs",
    about={"batches": f"Default: {RunConfig.batches}; all trains the three."},
)
@click.option("--full", is_flag=True, help="Train all weights of the layers, as --lora 0.")
@setting_options(SourceConfig)
@click.option("--resume", is_flag=True, help="Continue the run that --out names from its newest checkpoint.")
@click.option("--replace", is_flag=True, help="Replace an existing encoder of the name that --out gives.")
@click.option("--show-batches", type=click.IntRange(1), metavar="N", help="Show N batches and train nothing.")
@click.option("--show-settings", is_flag=True, help="Show every setting of the run and train nothing.")
@common.event_options
@click.pass_context
def command(
    context: click.Context,
    /,
    data: tuple[str, ...],
    recipe: Path | None,
    full: bool,
    resume: bool,
    replace: bool,
    show_batches: int | None,
    show_settings: bool,
    as_json: bool,
    **_settings: Any,
) -> int:
    """Train an encoder on DATA: files, folders, or hf:ID of a Hugging Face data set.

    Without DATA and --recipe, the bundled base is trained on bundled pairs within minutes. The result is registered
    under its name, and search, compare, evaluate and the app offer it.
    """
    from .....train.run import listen

    if resume:
        idle = ("recipe", "replace", "show_batches", "show_settings")
        common.refuse_given(context, idle, "with --resume, which keeps the settings that the run began with")
    listen()
    # oneDNN keeps a kernel for each shape; with the default capacity of 1024 it drops kernels that training still uses.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    settings = given(context)
    everything = settings.get("batches") == "all"
    if everything:
        del settings["batches"]
    with _Narrator(as_json) as tell:
        if resume:
            asked = {**settings, "lora_rank": 0} if full else settings
            return _resume(asked.pop("name", ""), data, asked, tell, everything=everything)
        from ...configured import configured, show

        found = configured(data, recipe, settings, full=full)
        if show_settings:
            return show(found, SAMPLINGS if everything else (found.config.batches,), as_json=as_json)
        configs = _named(found.config, everything=everything)
        if show_batches:
            from ...train_batches import show as show_drawn

            return show_drawn(configs, show_batches, as_json=as_json)
        return _train(configs, tell, replace=replace)


def _named(config: RunConfig, *, everything: bool) -> list[RunConfig]:
    """One run, or three on equal terms, each with the name that it will be registered by."""
    if not everything:
        return [config.replace(name=config.name or _free_name(f"my-{config.batches}"))]
    names = {
        sampling: f"{config.name}-{sampling}" if config.name else _free_name(f"my-{sampling}") for sampling in SAMPLINGS
    }
    return [config.replace(batches=sampling, name=names[sampling]) for sampling in SAMPLINGS]


def _free_name(wanted: str) -> str:
    """The name, with a number after it if it is taken."""
    from .....engine.paths import encoders_folder

    name, number = wanted, 2
    while (encoders_folder() / name).exists():
        name, number = f"{wanted}-{number}", number + 1
    return name


def _resume(out: str, data: tuple[str, ...], settings: Mapping[str, Any], tell: _Narrator, *, everything: bool) -> int:
    """Resume one run, or the unfinished ones of three."""
    if not out:
        raise click.UsageError("--resume needs the name of the run: --out NAME.")
    from .....train.run import checkpoints, fit

    if not everything:
        tell.finish([fit(_as_it_began(out, data, settings), tell, resume=True)])
        return 0
    results = []
    for sampling in SAMPLINGS:
        name = f"{out}-{sampling}"
        if checkpoints.is_done(checkpoints.run_folder(name)):
            common.say(f"{name} is done already.")
            continue
        results.append(fit(_as_it_began(name, data, settings), tell, resume=True))
    tell.finish(results)
    return 0


def _as_it_began(name: str, data: tuple[str, ...], settings: Mapping[str, Any]) -> RunConfig:
    """The settings that a run began with, changed by those given now if they do not affect its weights.

    Raises:
        click.UsageError: an option or DATA would make it another run.
    """
    from .....train.run import resumed_config

    config = resumed_config(name)
    changed = {}
    for key, value in settings.items():
        of_run = key in settings_of(RunConfig)
        before = {getattr(each, key) for each in ([config] if of_run else config.sources)} if _plain(value) else set()
        declared = settings_of(RunConfig if of_run else SourceConfig)[key]
        if before == {value} or (not before and getattr(config, key) == value):
            continue
        if key not in _FREE:
            began = ", ".join(sorted(declared.shown(each) for each in before)) or declared.shown(getattr(config, key))
            raise click.UsageError(
                f"{name} began with {key} {began} and keeps it: leave out {declared.option}, "
                "or start another run without --resume."
            )
        changed[key] = value
    if data and tuple(source.path for source in config.sources) != data:
        raise click.UsageError(f"{name} keeps the data that it began with: leave out DATA.")
    if changed:
        config = config.replace(**changed)
        _plan(name, config)
    return config


def _plan(name: str, config: RunConfig) -> None:
    """Write a run's settings, which `--resume` reads, unless another process trains it."""
    from .....train.run import checkpoints

    folder = checkpoints.run_folder(name)
    with checkpoints.alone(folder):
        checkpoints.plan(folder, config.as_dict())


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _train(configs: list[RunConfig], tell: _Narrator, *, replace: bool) -> int:
    from .....engine.encoders import registry

    for config in configs if not replace else ():
        registry.refuse_taken(config.name, "Name another with --out, or give --replace to train that one anew.")
    # These load torch.
    from .....train.run import fit, is_first_process

    if is_first_process():
        # Lets --resume find all three, even those that have not begun.
        for config in configs:
            _plan(config.name, config)
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

    def __exit__(self, *_: object) -> None:
        if not self._as_json:
            self._bars.__exit__()

    def __call__(self, event: dict[str, Any]) -> None:
        if self._as_json:
            common.write_event(event)
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
        from .....train.measure import registry

        common.say(f"step {event['step']:,}: {registry.in_words(event['scores'])}")

    def _on_warning(self, event: dict[str, Any]) -> None:
        common.say(event["message"])

    def _on_teaching(self, event: dict[str, Any]) -> None:
        common.say(f"the base reads {event['texts']:,} {'questions' if event['kind'] == 'queries' else 'passages'}")

    def _on_injection(self, event: dict[str, Any]) -> None:
        before, after = event["before"], event["after"]
        common.say(
            f"words in layer {event['layer']}: translations {before['layer']:.3f} -> {after['layer']:.3f}, other pairs "
            f"{before['layer_others']:.3f} -> {after['layer_others']:.3f}; nearest at the output "
            f"{before['output_found']:.0%} -> {after['output_found']:.0%}"
        )

    def _on_negatives(self, event: dict[str, Any]) -> None:
        common.say(f"hard negatives in {event['language']}: {event['found']:,} of {event['rows']:,} rows have some")

    def finish(self, results: list[RunResult]) -> None:
        """Report how each run compares with its base, and where its encoder is."""
        if self._as_json:
            return
        from .....train.run import verdict

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
