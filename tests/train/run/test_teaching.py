"""A teacher that reads translations: what it takes away, what it means over, and training by it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hybrid_search.train.data import prepare
from hybrid_search.train.settings.config import RunConfig, SourceConfig

from tests.support import tiny_models

torch = pytest.importorskip("torch")
from hybrid_search.train.run.aids.teaching import Teacher, _offsets  # noqa: E402
from hybrid_search.train.run.checkpoints import run_folder  # noqa: E402
from hybrid_search.train.run.loss import CROSS, MONO, ContrastiveLoss, info_nce, regression  # noqa: E402
from hybrid_search.train.run.training import fit  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from torch.nn import functional  # noqa: E402

from tests.train.run.test_loss import Bag, column  # noqa: E402

WORDS = (
    ("bread", "brot", "хлеб"),
    ("water", "wasser", "вода"),
    ("moon", "mond", "луна"),
    ("tree", "baum", "дерево"),
    ("fire", "feuer", "огонь"),
    ("house", "haus", "дом"),
)
CODES = ("en", "de", "ru")


@pytest.fixture
def rows(tmp_path):
    """Six questions in three languages, each with a passage whose middle sentence answers it."""
    path = tmp_path / "rows.jsonl"
    made = []
    for words in WORDS:
        named = dict(zip(CODES, words, strict=True))
        told = {c: f"This is said first. Here {word} stands. This is said last." for c, word in named.items()}
        asked = {code: f"{word}?" for code, word in named.items()}
        made.append({"id": words[0], "question": asked, "passage": told, "answer": named})
    path.write_text("\n".join(map(json.dumps, made)), "utf-8")
    return path


def config_of(rows, **changes):
    source = SourceConfig(str(rows), crop="sentence")
    return RunConfig(sources=(source,), batch_size=4, steps=6, teacher="translations", **changes)


def test_a_text_comes_first_among_its_voices_and_the_others_say_the_same_cropped_alike(rows):
    data = prepare(config_of(rows, batches="cross"))
    for number in range(6):
        batch = data.batches.batch(number)
        texts, voices = data.assembler.texts(batch), data.assembler.voices(batch, 5)
        for pick, query, passage, asked, found in zip(
            batch.picks, texts.queries, texts.passages, voices.queries, voices.passages, strict=True
        ):
            assert asked[0] == (pick.question, query) and found[0] == (pick.passage, passage)
            words = WORDS[pick.row]
            assert {voice.text for voice in asked} == {f"{word}?" for word in words}
            assert {voice.text for voice in found} == {f"Here {word} stands." for word in words}
            assert sorted(voice.language for voice in found) == sorted(CODES)


def test_a_mono_batch_speaks_with_one_voice(rows):
    data = prepare(config_of(rows, batches="mono"))
    voices = data.assembler.voices(data.batches.batch(0), 5)
    assert all(len(group) == 1 for group in (*voices.queries, *voices.passages))


def test_what_a_language_adds_is_found_and_taken_away():
    rng = np.random.default_rng(0)
    said, added = rng.normal(size=(40, 8)), {code: rng.normal(size=8) for code in CODES}
    from hybrid_search.train.data import Voice

    groups, vectors = [], {}
    for row in range(40):
        held = CODES if row % 2 else CODES[:2]
        groups.append([Voice(code, f"{code} {row}") for code in held])
        vectors |= {("pool", f"{code} {row}"): (said[row] + added[code]).astype(np.float32) for code in held}
    found = _offsets("pool", groups, vectors)
    for first in CODES:
        for second in CODES:
            apart = found[f"pool.{first}"] - found[f"pool.{second}"]
            assert np.allclose(apart, added[first] - added[second], atol=0.02)


def test_a_lesson_is_the_mean_of_all_translations_without_their_languages(rows, keyword_encoder_type, tmp_path):
    biased = keyword_encoder_type("leaning", bias=2.0)
    config = config_of(rows, batches="cross")
    data = prepare(config)
    lessons = Teacher(config, data, biased, tmp_path / "teacher.npz", lambda event: None)
    batch, lesson = data.batches.batch(0), lessons(0)
    means = lesson.queries.numpy()
    # In the teacher's own vectors the language outweighs the word; in a lesson every word lies apart from the others,
    # and every question lies where its answer does.
    own = biased.encode_query(data.assembler.texts(batch).queries)
    assert np.min(own @ own.T) < np.min(means @ means.T)
    nearest = (means @ lesson.candidates.numpy().T).argmax(axis=1)
    assert nearest.tolist() == list(range(len(means)))
    again = Teacher(config, data, biased, tmp_path / "teacher.npz", lambda event: None)
    assert torch.equal(again(3).queries, lessons(3).queries), "what a resumed run is taught"


def test_a_mono_batch_is_taught_by_its_own_vectors(rows, keyword_encoder, tmp_path):
    config = config_of(rows, batches="mono")
    data = prepare(config)
    lesson = Teacher(config, data, keyword_encoder, tmp_path / "teacher.npz", lambda event: None)(2)
    texts = data.assembler.texts(data.batches.batch(2))
    assert np.allclose(lesson.queries.numpy(), keyword_encoder.encode_query(texts.queries), atol=1e-6)
    assert np.allclose(lesson.candidates.numpy(), keyword_encoder.encode_document(texts.passages), atol=1e-6)


def test_the_distance_to_a_lesson_by_hand():
    mean = torch.tensor([0.0, 0.0, 1.0])
    vectors = functional.normalize(torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]), dim=-1)
    taught = functional.normalize(torch.tensor([[1.0, 0.0, 1.0], [0.0, -1.0, 1.0]]), dim=-1)
    expected = 0.0
    for one, other in zip(vectors, taught, strict=True):
        a, b = one - mean, other - mean
        expected += 1 - float(a @ b / (a.norm() * b.norm()))
    assert float(regression(vectors, taught, mean)) == pytest.approx(expected / 2, abs=1e-6)


@pytest.mark.parametrize("piece", [0, 3])
def test_a_lesson_joins_the_loss_whatever_the_pieces(piece):
    from hybrid_search.train.run.aids.lesson import Taught

    model, columns = Bag(), [column(6, 1), column(6, 2), column(4, 3)]
    unit = [functional.normalize(torch.randn(count, 16, generator=torch.Generator().manual_seed(count)), dim=-1)
            for count in (6, 10)]  # fmt: skip
    lesson = Taught(*unit, torch.full((16,), 0.1), torch.full((16,), 0.2))
    asked = []

    def lessons(number):
        asked.append(number)
        return lesson

    loss = ContrastiveLoss(model, temperature=0.1, lessons=lessons, regress=2.0, piece=piece)
    value = loss([dict(part) for part in columns], torch.tensor([CROSS, 0, 0, 17]))
    vectors = [model(dict(part))["sentence_embedding"] for part in columns]
    queries, candidates = vectors[0], torch.cat(vectors[1:])
    expected = (
        info_nce(queries, candidates, 0.1)
        + regression(queries, unit[0], lesson.query_mean)
        + regression(candidates, unit[1], lesson.passage_mean)
    )
    assert asked == [17]
    assert float(value.detach()) == pytest.approx(float(expected.detach()), abs=1e-5)
    assert loss.last[0] == CROSS != MONO


@pytest.fixture(scope="module")
def run_config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("taught")
    return tiny_models.run(
        "taught",
        tiny_models.xlm_r(folder / "base"),
        SourceConfig(str(tiny_models.pairs(folder / "pairs.jsonl"))),
        distill=0.5,
        teacher="translations",
    )


def test_a_run_is_taught_by_translations_and_goes_on_where_it_was_stopped(run_config):
    events = []
    whole = fit(run_config, events.append)
    assert any(event["event"] == "teaching" for event in events)
    assert [event["step"] for event in events if event["event"] == "step"] == [1, 2, 3, 4]

    def pulled(event):
        if event["event"] == "step" and event["step"] == 3:
            raise OSError("pulled the plug")

    with pytest.raises(OSError):
        fit(run_config.replace(name="stopped"), pulled)
    assert (run_folder("stopped") / "teacher.npz").is_file()
    again = fit(RunConfig(name="stopped"), lambda event: None, resume=True)
    first, second = load_file(whole.path / "model.safetensors"), load_file(again.path / "model.safetensors")
    assert all(torch.equal(first[name], second[name]) for name in first)
    plain = fit(run_config.replace(name="plain", distill=0.0, teacher="english"), lambda event: None)
    other = load_file(plain.path / "model.safetensors")
    assert not all(torch.equal(first[name], other[name]) for name in first)
