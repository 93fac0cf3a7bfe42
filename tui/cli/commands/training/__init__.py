"""Commands that train encoders, compare ways to train, and manage the runs."""
