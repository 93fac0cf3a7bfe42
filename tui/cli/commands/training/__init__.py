"""Commands that train encoders, vary how, and keep the runs in order."""
