"""What ships with the program: the base, the bundled encoders, the demo library, training pairs."""
