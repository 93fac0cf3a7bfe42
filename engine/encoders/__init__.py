"""The registry of encoders and the ways a text becomes a unit vector."""
