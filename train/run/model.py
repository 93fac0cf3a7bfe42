"""Prepares the model for training: loads any base, freezes weights, adds an adapter."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ...engine.errors import TrainingError, UnknownEncoder
from ..settings import RunConfig

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Suffixes of the names of linear layers in BERT and XLM-R.
LINEAR_LAYERS = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")
ADVICE = "Lower --learning-rate, raise --temperature, or use --precision fp32, and start again from the base."

DEFAULT_PROMPTS = {"query": "query: ", "document": "passage: "}


def load_base(name: str, *, device: str = "cpu") -> tuple[SentenceTransformer, str]:
    """A SentenceTransformer to start from; mean pooling, normalisation and prompts are added if missing.

    Args:
        name: an encoder by name, a folder, or a Hugging Face id.
        device: the device to load it to.

    Returns:
        The model, and the fingerprint of a known encoder, else "".

    Raises:
        UnknownEncoder: there is none with that name, or it cannot be loaded.
    """
    from sentence_transformers import SentenceTransformer

    folder, fingerprint = base_folder(name)
    # On a CPU, the backward pass of torch's fused attention in bf16 takes three times as long as plain products.
    attention = {"attn_implementation": "eager"} if device == "cpu" else {}
    try:
        model = SentenceTransformer(folder, device=device, model_kwargs=attention)
    except Exception as error:
        raise UnknownEncoder(
            f"The base {name} cannot be loaded: {error}.",
            hint="Give an encoder's name, a SentenceTransformer folder, or the id of a model on a reachable hub.",
        ) from error
    _complete(model)
    return model, fingerprint


def base_folder(name: str) -> tuple[str, str]:
    """The folder or id to load a base from, and its fingerprint or ""; encoders known by name are exported first."""
    place = os.path.expanduser(name)  # noqa: PTH111 - raises nothing for names that are too long or not accessible
    if any(os.path.isfile(os.path.join(place, file)) for file in ("config.json", "modules.json")):  # noqa: PTH113, PTH118
        return place, ""
    from ...engine import encoders

    try:
        known = encoders.resolve(name)
    except UnknownEncoder:
        if "/" in name or os.path.exists(name):  # noqa: PTH110
            return name, ""
        raise
    if known.kind == "hub":
        return name, ""
    if known.kind == "folder" and known.path is not None and (known.path / "modules.json").is_file():
        return str(known.path), known.fingerprint or ""
    return str(encoders.exported(name)), known.fingerprint or ""


def _complete(model: SentenceTransformer) -> None:
    """Add normalisation and prompts if they are missing, as in a plain language model."""
    from sentence_transformers.sentence_transformer.modules import Normalize

    if not any(isinstance(module, Normalize) for module in model):
        model.append(Normalize())
    if not any(model.prompts.get(name) for name in ("query", "document", "passage")):
        model.prompts = {**model.prompts, **DEFAULT_PROMPTS}
    # Without this, saving a model writes examples of its training texts into the card and looks its base up online.
    model.model_card_data.generate_widget_examples = False


def pool_over(model: SentenceTransformer, layer_weights: Sequence[float]) -> None:
    """Pool tokens over the weighted mean of the last layers' outputs; does nothing without weights.

    Args:
        model: a transformer followed by pooling.
        layer_weights: a weight for each of the last layers, the last layer's last, as `Architecture.layer_weights`.

    Raises:
        TrainingError: there are more weights than the base has outputs, or its layers are not available.
    """
    if not layer_weights:
        return
    from sentence_transformers.sentence_transformer.modules import WeightedLayerPooling

    layers = check_layer_weights(model, layer_weights)
    backbone = model.transformers_model
    assert backbone is not None
    backbone.config.output_hidden_states = True
    weights = torch.nn.Parameter(torch.tensor(list(layer_weights), dtype=torch.float32), requires_grad=False)
    kept = [module for module in model if not isinstance(module, WeightedLayerPooling)]
    start = layers + 1 - len(layer_weights)
    pooling = WeightedLayerPooling(backbone.config.hidden_size, layers, start, weights).to(model.device)
    model._modules.clear()
    for index, module in enumerate([kept[0], pooling, *kept[1:]]):
        model.add_module(str(index), module)


def check_layer_weights(model: SentenceTransformer, layer_weights: Sequence[float]) -> int:
    """The number of the base's layers.

    Raises:
        TrainingError: there are more weights than outputs of layers and embeddings.
    """
    layers = layer_count(model)
    if len(layer_weights) > layers + 1:
        raise TrainingError(
            f"There are {len(layer_weights)} layer weights, but the base has {layers} layers.",
            hint="Give one weight for each of the last layers, as in --layer-weights 0.2,0.8.",
        )
    return layers


def prompt_of(model: SentenceTransformer, kind: str) -> str:
    """The prompt of queries (`query`) or passages (`document`)."""
    names = ("query",) if kind == "query" else ("document", "passage")
    return next((str(model.prompts[name]) for name in names if model.prompts.get(name)), "")


def make_trainable(model: SentenceTransformer, config: RunConfig, autocast: torch.dtype | None = None) -> int:
    """Freeze the weights that are not trained and add the adapter; returns the number of parameters that are trained.

    The token table is always frozen, so it needs neither gradients nor optimiser state.

    Raises:
        TrainingError: the architecture does not support an adapter.
    """
    backbone = model.transformers_model
    if backbone is None:
        raise TrainingError("The base has no transformer to train.", hint="Static models cannot be trained.")
    for module in backbone.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for field in ("attention_probs_dropout_prob", "hidden_dropout_prob", "attention_dropout"):
        if hasattr(backbone.config, field):
            setattr(backbone.config, field, 0.0)
    model.requires_grad_(False)
    if config.full:
        table = backbone.get_input_embeddings()
        frozen = tuple(id(parameter) for parameter in table.parameters())
        for name, parameter in model.named_parameters():
            # The pooler is left over from pretraining and not used for vectors.
            kept = id(parameter) in frozen or ".pooler." in name or name.endswith("layer_weights")
            parameter.requires_grad_(not kept)
    else:
        _add_adapter(model, config)
        _lighten(model, autocast)
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _add_adapter(model: SentenceTransformer, config: RunConfig) -> None:
    from peft import LoraConfig

    backbone = model.transformers_model
    named = [name for name, _ in backbone.named_modules() if name.endswith(LINEAR_LAYERS) and ".pooler" not in name]
    targets: list[str] | str = list(LINEAR_LAYERS) if named else "all-linear"
    if config.lora_layers:
        targets = _of_first_layers(backbone, named, config.lora_layers)
    settings = LoraConfig(
        r=config.lora_rank,
        lora_alpha=config.lora_rank,
        target_modules=targets,
        lora_dropout=0.0,
        bias="none",
    )
    torch.manual_seed(config.seed)
    try:
        model.add_adapter(settings)
    except (ValueError, AttributeError) as error:
        raise TrainingError(f"An adapter cannot be put on this base: {error}", hint="Use --full.") from error
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("lora_" in name)


def _of_first_layers(backbone: torch.nn.Module, named: Sequence[str], count: int) -> list[str]:
    """The full names of the linear modules of the first layers.

    Raises:
        TrainingError: the base's modules are not numbered by layer.
    """
    found = named or [name for name, module in backbone.named_modules() if isinstance(module, torch.nn.Linear)]
    numbers = {name: next((int(part) for part in name.split(".") if part.isdigit()), None) for name in found}
    chosen = [name for name, number in numbers.items() if number is not None and number < count]
    if not chosen:
        raise TrainingError(
            "The layers of this base are not numbered.", hint="Train all of them: leave --lora-layers out."
        )
    return chosen


def _lighten(model: SentenceTransformer, autocast: torch.dtype | None) -> None:
    """Cast frozen weights once instead of in every pass under autocast; results do not change.

    Without this, peft casts each layer's input to the adapter's type and back, and autocast rounds frozen weights again
    in each pass.
    """
    for module in model.modules():
        if hasattr(module, "cast_input_dtype_enabled"):
            module.cast_input_dtype_enabled = False
        inner = getattr(module, "base_layer", None)
        if autocast is not None and isinstance(inner, torch.nn.Linear):
            inner.to(autocast)


def trainable(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The parameters that are trained, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def save_weights(model: torch.nn.Module, target: Path) -> None:
    """Write the parameters that are trained, for `load_weights`."""
    from safetensors.torch import save_file

    save_file({name: weight.detach().cpu().contiguous() for name, weight in trainable(model).items()}, target)


def layer_count(model: SentenceTransformer) -> int:
    """How many layers the base has; 0 if unknown."""
    return int(getattr(getattr(model.transformers_model, "config", None), "num_hidden_layers", 0))


def frozen_copy(model: torch.nn.Module) -> torch.nn.Module:
    """A frozen copy of the model, which training does not change."""
    import copy

    kept = copy.deepcopy(model).eval()
    kept.requires_grad_(False)
    return kept


def load_weights(model: torch.nn.Module, source: Path) -> None:
    """Load stored weights into the parameters that are trained.

    Raises:
        TrainingError: the file is damaged or belongs to another run.
    """
    from safetensors.torch import load_file

    try:
        stored = load_file(source)
    except Exception as error:
        raise TrainingError(f"{source} cannot be read: {error}.", hint="Start anew, without --resume.") from error
    ours = trainable(model)
    if set(stored) != set(ours):
        raise TrainingError(f"{source} holds other weights than this run trains.", hint="Start anew, without --resume.")
    with torch.no_grad():
        for name, weight in ours.items():
            weight.copy_(stored[name].to(weight.device))


def multiplying(device: str, autocast: torch.dtype | None) -> AbstractContextManager[Any]:
    """Matrix products in the run's precision; every pass needs it once `make_trainable` has cast frozen weights."""
    if autocast is None:
        return nullcontext()
    precision: AbstractContextManager[Any] = torch.autocast(device, dtype=autocast)
    return precision


def choose_device(asked: str) -> str:
    """The device asked for; for `auto`, `cuda` or `mps` if available, else `cpu`.

    Raises:
        TrainingError: the device asked for is not available.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return "cuda" if there["cuda"] else "mps" if there["mps"] else "cpu"
    if not there[asked]:
        raise TrainingError(f"There is no {asked} device here.", hint="Use --device auto.")
    return asked


def choose_precision(asked: str, device: str) -> torch.dtype | None:
    """The type of matrix products; for `auto`, bf16 if the hardware supports it. None is fp32."""
    if asked == "fp32":
        return None
    if asked == "bf16":
        return torch.bfloat16
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else None
    if device == "cpu" and any(flag in _cpu_flags() for flag in ("amx_bf16", "avx512_bf16")):
        return torch.bfloat16
    return None


def _cpu_flags() -> str:
    """The CPU's capabilities as listed by Linux; "" elsewhere, so that fp32 is chosen."""
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
