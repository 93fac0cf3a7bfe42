"""Values that are the same in every run: other values were tried and gained nothing, so they are not settings."""

from __future__ import annotations

SCHEDULE = "linear"
WEIGHT_DECAY = 0.01
# The most that the gradient's norm may be.
CLIP = 1.0
# The most tokens of a question, prompt included; passages have a setting.
QUERY_TOKENS = 40
# Of the softmax that the untrained base teaches.
DISTILL_TEMPERATURE = 0.02
# Translations of a text that the untrained base reads besides it, where it teaches by their mean.
TAUGHT_TRANSLATIONS = 5
# Weight of the distance of each vector to such a mean.
REGRESS = 2.0
# Of the softmax over words that are put into an early layer.
INJECT_TEMPERATURE = 0.05
# Updates of that.
INJECT_STEPS = 100
# Mined negatives: how many of a query's are in a batch, how far below the positive's cosine each has to stay, and how
# many rows of a source and language are searched.
NEGATIVES_PER_QUERY = 1
NEGATIVES_MARGIN = 0.05
NEGATIVES_ROWS = 5000
# Broken rows that data of any size may have, and their greatest share in larger ones.
BROKEN_ROWS = 100
BROKEN_SHARE = 0.01
# Tokens of the window that a passage is cropped to, one drawn per pair; 0 is the answer's sentence alone.
CROPS = {"answer": (0, 0, 25, 50), "sentence": (0,)}
