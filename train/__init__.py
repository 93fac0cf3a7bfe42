"""Training with mono, cross and hybrid batches, and measuring what came of it; knows no screens."""
