"""Commands on vectors that are in, or go to, a vector store."""
