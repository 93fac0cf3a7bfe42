"""Reads an encoder's parts from disk: a packed base, an adapter on a base, or a whole SentenceTransformer folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import paths
from ..errors import EncoderError
from .graphs import VERSION
from .guard import guarded, inspect
from .prompts import chosen_prompts
from .tokens import tokenizing
from .weights import (
    TABLE,
    Architecture,
    DenseTable,
    Floats,
    SafeTensors,
    TokenTable,
    adapter,
    as_float32,
    base,
    canonical,
    damaged,
    digests,
    head,
    read_any_json,
    read_json,
)

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from .tokens import QuickTokenizer

ENCODER = "encoder.json"
TYPES = "embeddings.token_type_embeddings.weight"


@dataclass(frozen=True)
class Source:
    """Everything that the light path needs, read when it is needed.

    Args:
        path: the encoder's folder.
        weights: the folder with table, layers and tokenizer: for an adapter that of its base.
        packed: whether that folder is a packed base.
        adapters: folders of the adapters to merge, in order.
        head: the file of the affine map after the pooling, if there is one.
        digest: SHA-256 over all weights and the tokenizer.
        precision: what `auto` means for this encoder.
    """

    path: Path
    weights: Path
    packed: bool
    architecture: Architecture
    prompts: Mapping[str, str]
    max_tokens: int
    digest: str
    description: str = ""
    precision: str = "fp32"
    adapters: tuple[Path, ...] = ()
    head: Path | None = None

    @property
    def identity(self) -> str:
        """A digest of everything that determines vectors, except the precision: 16 hexadecimal digits."""
        described = [self.digest, self.architecture.as_dict(), dict(self.prompts), self.max_tokens]
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]

    def fingerprint(self, precision: str) -> str:
        """The digest of everything that determines vectors; `auto` means the precision chosen for this encoder."""
        chosen = self.precision if precision == "auto" else precision
        return f"{self.identity}-{chosen}.{VERSION[chosen]}"

    def precision_for(self, stored: Collection[str]) -> str:
        """The precision of stored vectors, by their fingerprints, so that they need not be made again.

        The encoder's own precision comes first, also where nothing is stored.
        """
        known = (precision for precision in (self.precision, *VERSION) if self.fingerprint(precision) in stored)
        return next(known, self.precision)

    def table(self) -> TokenTable:
        """The token table, memory-mapped.

        Raises:
            EncoderError: its file is missing, damaged, or of another width than the layers.
        """
        found: TokenTable = base.table(self.weights) if self.packed else _dense_table(self.weights)
        if found.shape[1] != self.architecture.hidden:
            raise damaged(
                self.weights, f"its token table is {found.shape[1]} wide, its layers {self.architecture.hidden}"
            )
        return found

    def layers(self) -> dict[str, Floats]:
        """All weights except the token table, float32, with the adapters merged, checked for shape and finite values.

        Raises:
            EncoderError: a file is missing or damaged, a weight is missing or of a wrong shape.
        """
        weights = base.layers(self.weights) if self.packed else _dense_layers(self.weights)
        for folder in self.adapters:
            weights = adapter.read(folder).merge(weights)
        weights |= head.read(self.head) if self.head is not None else {}
        self.architecture.check(weights, self.path)
        return weights

    def tokenizer(self) -> Tokenizer:
        """The tokenizer.

        Raises:
            EncoderError: its files are missing or damaged.
        """
        return tokenizing.load(self.weights)

    def quick_tokenizer(self) -> QuickTokenizer | None:
        """The tokenizer for a few short texts, if there is a compact form.

        Raises:
            EncoderError: its files are missing or damaged.
        """
        return tokenizing.load_quick(self.weights)


def read(folder: Path, find: Callable[[str], Path], above: tuple[Path, ...] = ()) -> Source | None:
    """The source in a folder, or None if the light path cannot run it.

    Args:
        folder: a packed base, an adapter folder (with `encoder.json`), or a SentenceTransformer folder.
        find: returns the folder of an encoder's name, for the base of an adapter.
        above: the folders of the adapters on this one, innermost last.

    Raises:
        EncoderError: the folder is one of these but damaged or incomplete.
    """
    if folder.resolve() in above:
        raise damaged(folder / ENCODER, "it is its own base, directly or through other adapters")
    shipped = folder.resolve().is_relative_to(paths.assets_folder().resolve())
    with guarded(folder):
        if not shipped:
            inspect(folder)
        if base.is_packed(folder):
            return _packed(folder, shipped)
        if (folder / ENCODER).is_file() and not (folder / "modules.json").is_file():
            return _adapted(folder, find, (*above, folder.resolve()))
        if (folder / "modules.json").is_file():
            return _whole(folder)
        if (folder / "config.json").is_file():
            read_json(folder / "config.json")
    return None


def _packed(folder: Path, shipped: bool) -> Source:
    described, config = base.describe(folder), read_json(folder / "config.json")
    architecture = Architecture.of(config, str(described.get("pooling")))
    try:
        if architecture is None:
            raise ValueError("config.json describes no BERT-style encoder")
        return Source(
            path=folder,
            weights=folder,
            packed=True,
            architecture=architecture,
            prompts=chosen_prompts(described["prompts"], folder.name),
            max_tokens=min(int(described["max_tokens"]), architecture.max_tokens),
            digest=base.digest(folder, shipped),
            description=str(described["description"]),
            precision=_precision(described),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / base.DESCRIPTION, error) from error


def _adapted(folder: Path, find: Callable[[str], Path], above: tuple[Path, ...]) -> Source:
    described = read_json(folder / ENCODER)
    name = str(described.get("base", "base"))
    under = read(find(name), find, above)
    if under is None:
        raise EncoderError(
            f"The encoder in {folder} adapts {name}, which the light path cannot run.",
            hint="Train it again with --full, which saves a whole SentenceTransformer folder.",
        )
    wanted = str(described.get("base_fingerprint") or under.identity)
    if wanted.split("-", maxsplit=1)[0] != under.identity:
        raise EncoderError(
            f"The adapter in {folder} was made for another {name} than the one here.",
            hint="Train it again on the present base, or bring back the base that it was trained on.",
        )
    own = adapter.read(folder)
    try:
        shape = under.architecture
        shape = shape.pooled_over(described["layer_weights"]) if "layer_weights" in described else shape
    except (TypeError, ValueError) as error:
        raise damaged(folder / ENCODER, error) from error
    parts = [under.digest, own.digest]
    mapped = folder / head.FILE if (folder / head.FILE).is_file() else None
    if mapped is not None:
        if under.head is not None:
            raise damaged(folder, f"it has a {head.FILE}, and so has its base {name}")
        parts.append(digests.of(mapped))
        shape = replace(shape, head=True)
    return replace(
        under,
        path=folder,
        architecture=shape,
        adapters=(*under.adapters, folder),
        head=mapped or under.head,
        digest=hashlib.sha256(" ".join(parts).encode()).hexdigest(),
        prompts={**under.prompts, **{name: text or "" for name, text in described.get("prompts", {}).items()}},
        description=str(described.get("description", "")),
        precision=_precision(described) if "precision" in described else under.precision,
    )


def _precision(described: Mapping[str, Any]) -> str:
    chosen = str(described.get("precision", "fp32"))
    if chosen not in ("fp32", "int8"):
        raise EncoderError(f"An encoder asks for the unknown precision {chosen}.", hint="Use fp32 or int8.")
    return chosen


def _whole(folder: Path) -> Source | None:
    places = _module_places(folder)
    if places is None:
        return None
    body, pooling_place, weighting, mapping = places
    mode = pooling_mode(read_json(pooling_place / "config.json"))
    config = read_json(body / "config.json")
    architecture = Architecture.of(config, mode)
    # Without the outputs of all layers, sentence-transformers ignores their weights.
    if architecture is not None and weighting is not None and config.get("output_hidden_states"):
        architecture = _weighted(architecture, weighting)
    mapped = None
    if architecture is not None and mapping is not None:
        if not head.is_ours(read_json(mapping / "config.json"), architecture.hidden):
            return None
        architecture, mapped = replace(architecture, head=True), mapping / "model.safetensors"
    settings = read_json(body / "sentence_bert_config.json") if (body / "sentence_bert_config.json").is_file() else {}
    if architecture is None or settings.get("do_lower_case") or (body / adapter.CONFIG).is_file():
        return None
    others = [*body.glob("pytorch_model*"), *body.glob("model.safetensors.index.json")]
    if not (body / "tokenizer.json").is_file() or (others and not (body / "model.safetensors").is_file()):
        return None
    words = read_json(body / "tokenizer_config.json") if (body / "tokenizer_config.json").is_file() else {}
    if words.get("padding_side", "right") != "right":
        return None
    saved = folder / "config_sentence_transformers.json"
    prompts = read_json(saved).get("prompts") or {} if saved.is_file() else {}
    limit = min(settings.get("max_seq_length") or words.get("model_max_length") or 10**9, architecture.max_tokens)
    described = read_json(folder / ENCODER) if (folder / ENCODER).is_file() else {}
    digest = digests.of(body / "model.safetensors") + digests.of(body / "tokenizer.json")
    digest += digests.of(mapped) if mapped is not None else ""
    return Source(
        path=folder,
        weights=body,
        packed=False,
        architecture=architecture,
        prompts=chosen_prompts(prompts, folder.name),
        max_tokens=int(limit),
        head=mapped,
        digest=hashlib.sha256(digest.encode()).hexdigest(),
        description=str(described.get("description", "")),
        precision=_precision(described),
    )


def _weighted(architecture: Architecture, place: Path) -> Architecture | None:
    """The architecture with the layer weights of a WeightedLayerPooling module; None if they do not fit it."""
    file = place / "model.safetensors"
    config = read_json(place / "config.json")
    if not file.is_file() or config.get("num_hidden_layers") != architecture.layers:
        return None
    weights = as_float32(SafeTensors(file)["layer_weights"])
    if weights.shape != (architecture.layers + 1 - int(config.get("layer_start", 4)),):
        return None
    try:
        return architecture.pooled_over(weights.tolist())
    except ValueError:
        return None


def _module_places(folder: Path) -> tuple[Path, Path, Path | None, Path | None] | None:
    """Folders of the transformer and the pooling, and of layer weights and an affine map if there are any.

    None if there are other modules.
    """
    try:
        modules = read_any_json(folder / "modules.json")
        if not isinstance(modules, list) or not 0 < len(modules) <= 100:
            raise ValueError("it lists no modules")
        kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
        places = [folder / str(module["path"]) for module in modules]
        if not all(place.resolve().is_relative_to(folder.resolve()) for place in places):
            raise ValueError("a module's path leads out of the folder")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(folder / "modules.json", error) from error
    weighting = places.pop(1) if kinds[1:2] == ["WeightedLayerPooling"] else None
    kinds = [kind for kind in kinds if kind != "WeightedLayerPooling"]
    mapping = places[3] if kinds == ["Transformer", "Pooling", "Normalize", "Dense", "Normalize"] else None
    if mapping is None and kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    return places[0], places[1], weighting, mapping


def pooling_mode(config: Mapping[str, Any]) -> str:
    """The pooling in a module's config, in either spelling; `other` if it is not supported."""
    if not config.get("include_prompt", True):
        return "other"
    if "pooling_mode" in config:
        mode = config["pooling_mode"]
        return str(mode[0] if isinstance(mode, list) and len(mode) == 1 else mode)
    chosen = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    return {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}.get(
        chosen[0] if len(chosen) == 1 else "", "other"
    )


def _dense_names(path: Path) -> tuple[SafeTensors, dict[str, str]]:
    """A folder's safetensors file, and its array names by canonical name."""
    file = SafeTensors(path / "model.safetensors")
    return file, {canonical(name): name for name in file}


def _dense_table(path: Path) -> DenseTable:
    file, names = _dense_names(path)
    if TABLE not in names or len(file[names[TABLE]].shape) != 2:
        raise damaged(path / "model.safetensors", "it holds no token table")
    return DenseTable(file[names[TABLE]])


def _dense_layers(path: Path) -> dict[str, Floats]:
    file, names = _dense_names(path)
    kept = {name: own for name, own in names.items() if name != TABLE and name.startswith(("encoder.", "embeddings."))}
    return {name: as_float32(file[own]) for name, own in kept.items() if not name.endswith("position_ids")}
