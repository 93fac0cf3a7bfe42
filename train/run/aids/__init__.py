"""What helps batches along: mined negatives, a teacher that reads translations, words put into early layers.

Each is loaded where a run asks for it: `negatives.py`, `teaching.py`, `injecting.py`.
"""
