"""Whatever the classes are: pairs are few, distinct, and rightly called alike or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.models.neural.fewshot.pairs import choose, draw

CLASSES = st.lists(st.integers(0, 6), max_size=60).map(lambda y: np.array(y, dtype=np.int64))
PER_TEXT = st.integers(1, 7)
SEEDS = st.integers(0, 2**32)


@given(CLASSES, PER_TEXT, SEEDS)
def test_pairs_are_what_they_are_called(y: np.ndarray, n_per_text: int, seed: int) -> None:
    texts, same = draw(y, n_per_text, np.random.default_rng(seed))
    assert texts.shape == (len(same), 2)
    first, second = texts[:, 0], texts[:, 1]
    assert (first != second).all()
    assert np.array_equal(y[first] == y[second], same == 1)
    assert len({(min(a, b), max(a, b)) for a, b in texts.tolist()}) == len(same)


@given(CLASSES, PER_TEXT, SEEDS)
def test_a_text_draws_few_partners_of_either_kind(
    y: np.ndarray, n_per_text: int, seed: int
) -> None:
    texts, same = draw(y, n_per_text, np.random.default_rng(seed))
    for kind in (0, 1):
        counts = np.bincount(texts[same == kind, 0], minlength=len(y))
        assert counts.max(initial=0) <= n_per_text


@given(CLASSES, PER_TEXT, SEEDS)
def test_every_text_that_can_be_in_a_pair_is_in_one(
    y: np.ndarray, n_per_text: int, seed: int
) -> None:
    texts, same = draw(y, n_per_text, np.random.default_rng(seed))
    counts = np.bincount(y, minlength=7)
    in_pair = [set(texts[same == kind].ravel().tolist()) for kind in (0, 1)]
    for text, label in enumerate(y.tolist()):
        assert (text in in_pair[1]) == (counts[label] > 1)
        assert (text in in_pair[0]) == (counts[label] < len(y))


@given(CLASSES, PER_TEXT, SEEDS)
def test_a_seed_draws_the_same_again(y: np.ndarray, n_per_text: int, seed: int) -> None:
    one, other = (draw(y, n_per_text, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(one.texts, other.texts)
    assert np.array_equal(one.same, other.same)


@given(CLASSES, st.integers(1, 30), SEEDS)
def test_texts_are_chosen_evenly(y: np.ndarray, n_most: int, seed: int) -> None:
    rows = choose(y, n_most, np.random.default_rng(seed))
    assert len(rows) == len(set(rows.tolist())) == min(n_most, len(y))
    found, there = (np.bincount(of, minlength=7) for of in (y[rows], y))
    short = found[found < there]  # classes of which some texts are left
    assert found.max(initial=0) - short.min(initial=60) <= 1
