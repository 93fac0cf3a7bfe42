"""The forms in which judgements are exported, and what each is for."""

QRELS, EVALUATION, PAIRS = "qrels", "evaluation", "pairs"
FORMS = {
    QRELS: "a folder of queries, corpus and qrels in BEIR's layout, for `evaluate --benchmark` and other programs",
    EVALUATION: "a file of questions with the paths that answer them, for `evaluate --queries`",
    PAIRS: "a file of questions and passages that answer them, for `train`",
}
