"""Folders of encoders from others: no code runs, nothing hangs, nothing is believed; every failure names its file."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.engine.encoders.weights import digests
from hybrid_search.engine.errors import EncoderError, HybridSearchError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.small_encoders import write_adapter, write_base, write_folder

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An assets folder with a small base."""
    assets = tmp_path / "assets"
    monkeypatch.setattr(paths, "assets_folder", lambda: assets)
    write_base(assets / "base")
    return assets


@pytest.fixture
def folder(bundled: Path, tmp_path: Path) -> Path:
    """A whole encoder of somebody else."""
    return write_folder(tmp_path / "theirs")


def use(folder: Path) -> np.ndarray:
    return encoders.load(str(folder), precision="fp32").encode_query(["bread"])


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_changed_copy_of_the_base_is_another_encoder(bundled: Path, tmp_path: Path):
    theirs = tmp_path / "copy"
    shutil.copytree(bundled / "base", theirs)
    with np.load(theirs / "layers.q4.npz") as archive:
        arrays = dict(archive)
    name = next(name for name in arrays if name.endswith("query.weight.q"))
    np.savez(theirs / "layers.q4.npz", **{**arrays, name: arrays[name][::-1]})
    poisoned = encoders.load(str(theirs), precision="fp32")
    vectors = poisoned.encode_query(["bread water"])
    ours = encoders.load("base", precision="fp32")
    assert poisoned.fingerprint != ours.fingerprint
    assert np.abs(ours.encode_query(["bread water"]) - vectors).max() > 1e-3


def test_an_exchanged_file_of_the_same_size_and_time_has_another_digest(tmp_path: Path):
    path = tmp_path / "weights"
    path.write_bytes(b"one")
    before, facts = digests.of(path), path.stat()
    other = tmp_path / "other"
    other.write_bytes(b"two")
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    other.replace(path)
    assert digests.of(path) != before


def test_an_adapter_that_is_its_own_base_is_named(bundled: Path):
    for name, base in (("own", "own"), ("first", "second"), ("second", "first")):
        write_adapter(paths.encoders_folder() / name, base=base)
    for name in ("own", "first"):
        with pytest.raises(EncoderError, match="its own base"):
            encoders.load(name)
    assert {info.name for info in encoders.available()} >= {"base", "own", "first"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize(
    "name", ["config.json", "modules.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json", "other"]
)
def test_a_pipe_is_never_opened(folder: Path, name: str):
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(EncoderError, match="neither a file nor a folder"):
        use(folder)


@pytest.mark.parametrize("target", ["/dev/zero", "/etc/passwd"])
def test_a_link_that_leads_out_of_the_folder_is_neither_read_nor_exported(folder: Path, tmp_path: Path, target: str):
    (folder / "notes.txt").symlink_to(target)
    with pytest.raises(EncoderError, match="link that leads out"):
        use(folder)
    with pytest.raises(EncoderError, match="link that leads out"):
        encoders.export(str(folder), tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_the_links_of_a_snapshot_in_the_hubs_cache_are_followed(folder: Path, tmp_path: Path):
    model = tmp_path / "hub" / "models--they--encoder"
    snapshot = model / "snapshots" / "0123abcd"
    shutil.copytree(folder, snapshot)
    (model / "blobs").mkdir()
    (snapshot / "model.safetensors").replace(model / "blobs" / "1")
    (snapshot / "model.safetensors").symlink_to(Path("../../blobs/1"))
    assert np.allclose(use(snapshot), use(folder))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("config.json", {"num_hidden_layers": 10**9}),
        ("config.json", {"hidden_size": -1}),
        ("config.json", {"num_attention_heads": 0}),
        ("config.json", {"layer_norm_eps": float("inf")}),
        ("config.json", {"intermediate_size": "many"}),
        ("config.json", {"max_position_embeddings": 2**62}),
        ("config_sentence_transformers.json", {"prompts": {"query": ["a", "list"]}}),
        ("config_sentence_transformers.json", {"prompts": "query: "}),
        ("config_sentence_transformers.json", {"prompts": {"query": "x" * 20_000}}),
        ("tokenizer_config.json", {"model_max_length": "long"}),
    ],
)
def test_values_that_cannot_be_are_named_with_their_file(folder: Path, name: str, values: dict[str, object]):
    change(folder / name, **values)
    with pytest.raises(EncoderError, match=rf"{name} cannot be used: {next(iter(values))} cannot be"):
        use(folder)


@pytest.mark.parametrize("name", ["config.json", "modules.json", "1_Pooling/config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [DEEP, "[]", '"text"', "{", "null", "\xff", '{"model": 1}'])
def test_json_of_any_kind_is_an_error_that_names_the_folder(folder: Path, name: str, content: str):
    (folder / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(HybridSearchError) as error:
        use(folder)
    assert str(folder) in str(error.value)


def test_a_module_outside_the_folder_is_refused(folder: Path):
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = "../elsewhere"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(EncoderError, match=r"modules\.json"):
        use(folder)


def test_special_tokens_beyond_the_table_are_told(folder: Path):
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["post_processor"]["special_tokens"]["<s>"]["ids"] = [10**6]
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(EncoderError, match=r"its tokenizer gives token numbers beyond"):
        use(folder)


def test_a_tokenizer_on_which_its_library_panics_is_an_error_in_words(folder: Path):
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    # The template still names it; the library looks it up only while it encodes.
    special = tokenizer["post_processor"]["special_tokens"]
    special["elsewhere"] = special.pop("<s>")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(EncoderError, match="a library fails on it"):
        use(folder)


def test_a_piece_of_a_million_letters_is_refused_before_it_can_end_the_process(folder: Path):
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"].append(["a" * 10**6, -1.0])
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(EncoderError, match="1,000,000 characters"):
        use(folder)


def test_weights_too_large_to_compute_with_give_an_error_and_no_vectors(folder: Path):
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.1.output.LayerNorm.weight"][:] = 3e38
    save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
    with pytest.raises(EncoderError, match="not of unit length"):
        use(folder)


def test_a_card_in_no_encoding_is_exported_as_it_is(bundled: Path, tmp_path: Path):
    adapter = write_adapter(tmp_path / "adapter", base="base")
    (adapter / "README.md").write_bytes(b"\xd8 card")
    assert (encoders.export(str(adapter), tmp_path / "export") / "README.md").read_bytes() == b"\xd8 card"


@pytest.mark.slow
def test_what_fails_only_while_encoding_through_sentence_transformers_is_an_error_in_words(folder: Path):
    pytest.importorskip("torch")
    modules = json.loads((folder / "modules.json").read_text())
    # Without its first module it loads, and has no tokenizer.
    (folder / "modules.json").write_text(json.dumps(modules[1:]))
    with pytest.raises(EncoderError, match="cannot be used: AttributeError"):
        use(folder)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_anywhere_is_an_error_or_changes_nothing_that_is_checked(data: st.DataObject, tmp_path_factory):
    folder = write_folder(tmp_path_factory.mktemp("theirs") / "encoder")
    name = data.draw(st.sampled_from([p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]))
    content = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / name).write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    )
    try:
        vectors = use(folder)
    except HybridSearchError:
        return
    assert vectors.shape[0] == 1


@pytest.mark.slow
def test_a_piece_of_a_million_letters_is_refused_before_transformers_reads_it(folder: Path):
    pytest.importorskip("torch")
    from hybrid_search.engine.encoders.sentence_transformer import opened

    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"].append(["a" * 10**6, -1.0])
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(EncoderError, match="1,000,000 characters"):
        opened("theirs", folder, "cpu")


@pytest.mark.slow
@pytest.mark.parametrize("said", [-64, 10**9])
def test_a_false_number_of_dimensions_is_not_believed(folder: Path, said: int):
    pytest.importorskip("torch")
    from hybrid_search.engine.encoders.sentence_transformer import SentenceTransformerEncoder
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    model[1].embedding_dimension = said
    model.get_embedding_dimension = lambda: said
    encoder = SentenceTransformerEncoder("theirs", model)
    assert encoder.dimension == encoder.encode_query(["bread"]).shape[1] == 64
