"""Training with mono, cross and hybrid batches, and measuring the results; imports nothing from `tui`."""
