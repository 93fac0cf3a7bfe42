"""Languages are ranked as the identifier itself ranks them, to the last bit, in steps over the whole text."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hybrid_search.engine.languages import detection
from hybrid_search.engine.languages.walking import Ranker, Walker
from py3langid.langid import MODEL_DIR, MODEL_FILE


@pytest.fixture(scope="module")
def model() -> Any:
    return detection._model()


def test_the_installed_model_is_a_tree_as_deep_as_it_is_said_to_be(model: Any) -> None:
    # Each state is a run of bytes; where no longer run begins with it and the next byte, the next state is that of the
    # longest shorter end of it (Aho and Corasick 1975): a state is the longest end of the text that is in the tree.
    following = np.asarray(model.tk_nextmove).reshape(-1, 256)[np.asarray(model.tk_row)]
    depth, end = np.full(len(following), -1), np.zeros(len(following), dtype=np.int64)
    depth[0] = 0
    level = np.array([0])
    while len(level):
        ahead = following[level]
        found, first = np.unique(ahead.ravel(), return_index=True)
        states, places = found[depth[found] < 0], first[depth[found] < 0]
        rows, values = places // 256, places % 256
        longer = np.zeros(ahead.shape, dtype=bool)
        longer[rows, values] = True
        assert (longer | (ahead == (following[end[level]] if level[0] else 0))).all()
        depth[states] = depth[level[rows]] + 1
        end[states] = np.where(level[rows] == 0, 0, following[end[level[rows]], values])
        level = states
    assert (depth >= 0).all()
    walker = Walker(model, MODEL_DIR / MODEL_FILE)
    assert walker.depth == depth.max(), "py3langid has another model: its tree is right, add its depth to PROVED"


def test_features_are_those_of_the_librarys_walk(model: Any) -> None:
    from py3langid.langid import visit_counts

    walker = Walker(model, MODEL_DIR / MODEL_FILE)
    chance = random.Random(0)
    for length in (1, 2, 5, 6, 7, 40, 700):
        for _ in range(20):
            content = bytes(chance.choice(b"the de \xd0\xb0\xe3\x81\xe4\xb8\x80\xc3\xa9n") for _ in range(length))
            theirs = visit_counts(model.tk_nextmove, model._rowbase, model.tk_output, content) or {}
            ours = walker.features(content)
            assert {feature: ours.count(feature) for feature in ours} == theirs
            assert list(dict.fromkeys(ours)) == list(theirs)


TEXTS = [
    "Das Brot ruht über Nacht im Kühlschrank, bevor es am nächsten Morgen gebacken wird; so wird es kräftiger. " * 3,
    "THE LOAF IS BEST BAKED IN A COVERED POT, BECAUSE THE STEAM KEEPS THE CRUST SOFT WHILE THE BREAD EXPANDS. " * 2,
    "Лучше всего печь хлеб в закрытой кастрюле: пар, оставшийся под крышкой, не даёт корке затвердеть. " * 2,
    "焼くときはふたをした鍋を使うとよく、閉じ込められた蒸気のおかげで、皮が柔らかいまま保たれる。" * 3,
    "रोटी को ढके हुए बर्तन में सेंकना सबसे अच्छा है, क्योंकि भाप फूलते समय पपड़ी को नरम रखती है। " * 2,
    "qwrtz " * 40 + "\ud800 \x00 \U0001f35e",
    "Cafe\u0301 et the\u0301 a\u0300 l'e\u0301te\u0301, de\u0301ja\u0300 vu au marche\u0301 du village voisin. " * 3,
]


@pytest.mark.parametrize("candidates", [detection.CANDIDATES, detection._every(), ("de", "en"), ("ru", "uk", "sr")])
def test_ranks_are_those_of_the_library_to_the_last_bit(candidates: tuple[str, ...]) -> None:
    ranker = detection._ranker(candidates)
    for text in (*TEXTS, "", "ab", TEXTS[0][:95], TEXTS[0][:97]):
        assert ranker.rank(text) == ranker._identifier.rank(text)


def test_a_model_that_is_not_known_is_left_to_the_library(model: Any, tmp_path: Path) -> None:
    other = tmp_path / "model"
    other.write_bytes(b"another model")
    walker = Walker(model, other)
    assert walker.depth == 0
    ranker = detection._ranker(("de", "en", "fr"))
    assert Ranker(walker, ranker._identifier).rank(TEXTS[0]) == ranker.rank(TEXTS[0])


def test_letters_and_addresses_are_seen_as_character_by_character() -> None:
    for code in (*range(0x250), 0x301, 0x94D, 0x3042, 0x1F35E):
        kept = chr(code).isalpha() or detection.unicodedata.category(chr(code))[0] == "M"
        assert detection._letters(chr(code)) == (chr(code) if kept else " ")
    for text in (
        "see www.bread.org now",
        "a@b.org",
        "<b>bread</b>",
        "C:\\bread",
        "a/b",
        "https://x.org",
        "plain words",
    ):
        assert detection._without_addresses(text) == detection._NOT_LANGUAGE.sub(" ", text)
