"""Commands about vectors that are elsewhere, or go there."""
