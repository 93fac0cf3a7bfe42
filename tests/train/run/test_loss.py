"""The loss against plain PyTorch: whole, in pieces, with a gradient cache, with its companions."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")
from hybrid_search.train.run.aids.joining import vectors_of  # noqa: E402
from hybrid_search.train.run.loss import (  # noqa: E402
    CROSS,
    MONO,
    ContrastiveLoss,
    distillation,
    info_nce,
    language_loss,
    semantic_loss,
)
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402


class Bag(nn.Module):
    """Mean of token vectors after a layer with dropout: the least that has gradients and randomness."""

    def __init__(self, dropout=0.0):
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(50, 16)
        self.layer = nn.Linear(16, 16)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features):
        mask = features["attention_mask"][..., None]
        hidden = self.dropout(self.layer(self.table(features["input_ids"]))) * mask
        return {"sentence_embedding": functional.normalize(hidden.sum(1) / mask.sum(1), dim=-1)}


def column(count, seed, width=12):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, width + 1, (count,), generator=generator)
    ids = torch.randint(1, 50, (count, width), generator=generator)
    mask = (torch.arange(width)[None, :] < lengths[:, None]).long()
    return {"input_ids": ids * mask, "attention_mask": mask}


def reference(model, columns, temperature):
    """InfoNCE, term by term."""
    vectors = [model(dict(part))["sentence_embedding"] for part in columns]
    queries, passages = vectors[0], torch.cat(vectors[1:])
    total = 0.0
    for row in range(len(queries)):
        scores = (passages @ queries[row]) / temperature
        total = total - scores[row] + torch.logsumexp(scores, 0)
    return total / len(queries)


def run(loss, columns, kind=MONO, bitext=0, taught=0):
    loss.zero_grad()
    value = loss([dict(part) for part in columns], torch.tensor([kind, bitext, taught]))
    value.backward()
    return value.detach(), {name: weight.grad.clone() for name, weight in loss.named_parameters()}


@pytest.mark.parametrize(("cached", "piece"), [(False, 0), (False, 4), (False, 7), (True, 4), (True, 7)])
@pytest.mark.parametrize("negatives", [0, 5])
def test_it_equals_plain_pytorch_whole_in_pieces_and_cached(cached, piece, negatives):
    model = Bag()
    columns = [column(12, 1), column(12, 2), *([column(negatives, 3)] if negatives else [])]
    expected = reference(model, columns, 0.05)
    model.zero_grad()
    expected.backward()
    gradients = {f"model.{name}": weight.grad.clone() for name, weight in model.named_parameters()}
    loss = ContrastiveLoss(model, temperature=0.05, piece=piece, cached=cached)
    value, found = run(loss, columns)
    assert float(value) == pytest.approx(expected.item(), rel=1e-6)
    assert set(found) == set(gradients)
    for name, gradient in gradients.items():
        assert torch.allclose(found[name], gradient, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("tokens", [10_000, 60, 1])
def test_columns_that_go_through_a_network_together_have_the_vectors_of_each_by_itself(tokens):
    model, columns = Bag(), [column(6, 1, width=8), column(5, 2, width=24), column(7, 3, width=16)]
    passes = []

    def embed(part):
        passes.append(tuple(part["input_ids"].shape))
        return model(part)["sentence_embedding"]

    found = vectors_of([{**part, "prompt_length": 2} for part in columns], embed, padding=49, tokens=tokens)
    for own, vectors in zip(columns, found, strict=True):
        assert torch.allclose(vectors, model(own)["sentence_embedding"], atol=1e-6)
    assert sum(count for count, _ in passes) == 18
    assert all(count * width <= tokens or count == 1 for count, width in passes)


def test_it_equals_the_loss_of_sentence_transformers():
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    model, columns = Bag(), [column(8, 1), column(8, 2), column(8, 3)]
    theirs = MultipleNegativesRankingLoss(model, scale=20.0)([dict(part) for part in columns], torch.zeros(8))
    ours, _ = run(ContrastiveLoss(model, temperature=0.05), columns)
    assert abs(float(ours) - float(theirs.detach())) < 1e-6


def test_the_cache_replays_dropout():
    model, columns = Bag(dropout=0.5), [column(9, 1), column(9, 2)]
    results = []
    for cached in (False, True):
        torch.manual_seed(4)
        results.append(run(ContrastiveLoss(model, piece=3, cached=cached), columns))
    assert abs(float(results[0][0] - results[1][0])) < 1e-6
    for name, gradient in results[0][1].items():
        assert torch.allclose(results[1][1][name], gradient, atol=1e-6)


def unit(count, seed):
    return functional.normalize(torch.randn(count, 8, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_info_nce_by_hand():
    two = torch.eye(2)
    assert abs(float(info_nce(two, two, 1.0)) - math.log(1 + math.exp(-1))) < 1e-6


def test_the_semantic_loss_by_hand():
    left, right = unit(3, 1), unit(3, 2)
    every, total = torch.cat([left, right]), 0.0
    for row in range(6):
        others = [column for column in range(6) if column != row]
        scores = every @ every[row] / 0.1
        total += float(torch.logsumexp(scores[others], 0) - scores[(row + 3) % 6])
    assert abs(float(semantic_loss(left, right, 0.1)) - total / 6) < 1e-5


def test_the_language_loss_is_least_when_both_of_a_pair_are_equally_close():
    left = unit(4, 1)
    assert abs(float(language_loss(left, left, 0.1)) - math.log(2)) < 1e-6
    assert float(language_loss(left, unit(4, 2), 0.1)) > math.log(2)


def test_companions_count_on_bitext_alone():
    model, columns = Bag(), [column(8, 1), column(8, 2)]
    plain = ContrastiveLoss(model, temperature=0.05)
    both = ContrastiveLoss(model, temperature=0.05, semantic_weight=0.5, language_weight=2.0)
    without, _ = run(plain, columns)
    assert float(run(both, columns, CROSS, bitext=0)[0]) == float(without)
    vectors = [model(dict(part))["sentence_embedding"] for part in columns]
    expected = without + 0.5 * semantic_loss(*vectors, 0.05) + 2.0 * language_loss(*vectors, 0.05)
    assert abs(float(run(both, columns, CROSS, bitext=1)[0]) - float(expected)) < 1e-5


@pytest.mark.parametrize("piece", [0, 3])
def test_a_teacher_ranks_by_its_own_texts(piece):
    model, teacher = Bag(), Bag()
    with torch.no_grad():
        teacher.layer.weight.mul_(0.5)
    columns, read = [column(8, 1), column(8, 2)], [column(8, 5), column(8, 6)]
    loss = ContrastiveLoss(
        model, temperature=0.05, distill=0.25, distill_temperature=0.02, teacher=teacher, piece=piece
    )
    value, _ = run(loss, [*columns, *read], CROSS, taught=2)
    student = [model(dict(part))["sentence_embedding"] for part in columns]
    taught = [teacher(dict(part))["sentence_embedding"] for part in read]
    expected = 0.75 * info_nce(*student, 0.05) + 0.25 * distillation(*student, *taught, 0.05, 0.02)
    assert abs(float(value) - float(expected)) < 1e-5


@pytest.mark.parametrize("piece", [0, 3])
def test_a_teacher_ranks_hard_negatives_too(piece):
    model, teacher = Bag(), Bag()
    columns = [column(8, 1), column(8, 2), column(5, 3)]
    read = [column(8, 5), column(8, 6), column(5, 7)]
    loss = ContrastiveLoss(model, temperature=0.05, distill=0.25, teacher=teacher, piece=piece)
    value, _ = run(loss, [*columns, *read], CROSS, taught=3)
    asked, *ranked = [model(dict(part))["sentence_embedding"] for part in columns]
    taught, *judged = [teacher(dict(part))["sentence_embedding"] for part in read]
    both = torch.cat(ranked), torch.cat(judged)
    expected = 0.75 * info_nce(asked, both[0], 0.05) + 0.25 * distillation(asked, both[0], taught, both[1], 0.05, 0.02)
    assert abs(float(value) - float(expected)) < 1e-5


def test_what_is_taught_to_itself_is_learnt_at_once():
    model, columns = Bag(), [column(8, 1), column(8, 2)]
    loss = ContrastiveLoss(model, temperature=0.05, distill=1.0, distill_temperature=0.05, teacher=model)
    _, gradients = run(loss, columns)
    assert all(float(gradient.abs().max()) < 1e-5 for gradient in gradients.values())
