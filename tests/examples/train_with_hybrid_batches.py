"""Train with hybrid batches in plain sentence-transformers: `python train_with_hybrid_batches.py BASE PAIRS OUT`.

BASE is what SentenceTransformer loads, such as sentence-transformers/LaBSE. PAIRS has rows such as
{"question": {"en": "…", "de": "…"}, "passage": {"en": "…", "de": "…"}}: JSON lines, or a folder of SQuAD files, one a
language. A tenth of the passages is held out, and language bias is measured on it before and after.
"""

import sys

from hybrid_search import LanguageBiasEvaluator, ParallelPairs, hybrid_batches
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss


def main(base: str, data: str, out: str, steps: int = 100, batch_size: int = 32) -> None:
    """Train, and write the model with its card."""
    model = SentenceTransformer(base)
    train, held_out = ParallelPairs.from_files(data).split(one_in=10)
    evaluator = LanguageBiasEvaluator(held_out, name="held-out")
    before = evaluator(model)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=f"{out}-checkpoints",
        max_steps=steps,
        per_device_train_batch_size=batch_size,
        # A coin for each batch: one language in all its pairs, or two in each.
        batch_sampler=hybrid_batches(train, alpha=0.5),
        learning_rate=2e-5,
        warmup_steps=min(10, steps),
        eval_strategy="steps",
        eval_steps=max(1, steps // 2),
        save_strategy="no",
        report_to="none",
    )
    loss = MultipleNegativesRankingLoss(model, scale=30)
    trainer = SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=train, loss=loss, evaluator=evaluator
    )
    trainer.train()
    after = evaluator(model)
    model.save_pretrained(out)
    for name in ("held-out_mono_map", "held-out_cross_map", "held-out_multi_map", "held-out_rank_distance"):
        print(f"{name}: {before[name]:.4f} before, {after[name]:.4f} after")


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:]))
