"""Constants of all runs: other values gained nothing when tried, so they are not settings."""

from __future__ import annotations

SCHEDULE = "linear"
WEIGHT_DECAY = 0.01
# The largest norm of the gradient.
CLIP = 1.0
# The most tokens of a question, prompt included; passages have a setting.
QUERY_TOKENS = 40
# Temperature of the untrained base's softmax in distillation.
DISTILL_TEMPERATURE = 0.02
# Translations of a text that the untrained base encodes in addition when it teaches by their mean.
TAUGHT_TRANSLATIONS = 5
# Weight of each vector's distance to that mean.
REGRESS = 2.0
# Temperature of the softmax over words in word injection.
INJECT_TEMPERATURE = 0.05
# Updates of word injection.
INJECT_STEPS = 100
# Mined negatives: how many per query in a batch, the least distance of each below the positive's cosine, and how many
# rows of a source and language are searched.
NEGATIVES_PER_QUERY = 1
NEGATIVES_MARGIN = 0.05
NEGATIVES_ROWS = 5000
# Broken rows that are allowed in any data, and their largest share in larger data.
BROKEN_ROWS = 100
BROKEN_SHARE = 0.01
# Token widths of the window to which a passage is cropped, one drawn per pair; 0 is the answer's sentence alone.
CROPS = {"answer": (0, 0, 25, 50), "sentence": (0,)}
