"""The language bias of any retriever: questions are put to it in many languages, and its rankings are looked at."""
