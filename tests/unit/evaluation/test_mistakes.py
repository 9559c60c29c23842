import numpy as np

from newsdesk.evaluation.mistakes import confused_pairs
from newsdesk.types import Floats, Indices, LabelSet, string_array

LABELS = LabelSet(["a", "b", "c", "d"])


def towards(said: int, share: float, true: int) -> list[float]:
    row = [0.0] * 4
    row[said] += share
    row[true] += 1 - share
    return row


def rows() -> tuple[Floats, Indices]:
    """Ten rows of a taken for b, ever surer; two of c taken for a; one right answer."""
    proba = [towards(1, 0.51 + 0.04 * index, 0) for index in range(10)]
    proba += [towards(0, 0.9, 2), towards(0, 0.7, 2), towards(3, 1.0, 3)]
    return np.array(proba, dtype=np.float32), np.array([0] * 10 + [2, 2, 3])


def test_frequent_confusions_come_first() -> None:
    proba, y = rows()
    texts = string_array([f"text {index}" for index in range(13)])
    first, second = confused_pairs(proba, y, LABELS, texts, texts)
    assert (first.true, first.predicted, first.n, first.share) == ("a", "b", 10, 1.0)
    assert (second.true, second.predicted, second.n) == ("c", "a", 2)


def test_a_pair_shows_its_surest_and_its_closest_errors() -> None:
    proba, y = rows()
    texts = string_array([f"text {index}" for index in range(13)])
    mistakes = confused_pairs(proba, y, LABELS, texts, texts)[0].mistakes
    assert [item.id for item in mistakes] == [f"text {index}" for index in (9, 8, 7, 6, 5, 0, 1, 2)]
    assert mistakes[0].verdict == "sure of it"
    assert mistakes[5].verdict == "close call"
    assert mistakes[0].top[0][0] == "b"


def test_equal_texts_are_shown_once() -> None:
    proba, y = rows()
    texts = string_array(["same"] * 13)
    pairs = confused_pairs(proba, y, LABELS, texts, texts)
    assert [len(pair.mistakes) for pair in pairs] == [1, 1]
    assert pairs[0].n == 10
