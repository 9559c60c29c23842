from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.language.text import Stream

CPU = torch.device("cpu")
SEPARATOR = 2
LENGTHS = [5, 0, 3, 9, 1, 7, 4, 6, 2, 8]
# Every word has an id of its own, so that a place in a stream can be found again.
WHOLE = Sequences(np.cumsum([0, *LENGTHS]), np.arange(10, 10 + sum(LENGTHS), dtype=np.int32))
N_TOKENS = sum(LENGTHS) + len(LENGTHS)


def stream(sequences: Sequences = WHOLE, **values: Any) -> Stream:
    return Stream(sequences, SEPARATOR, **{"strips": 3, "window": 4, **values})


def batches(text: Stream, epoch: int) -> list[tuple[Any, Any, bool]]:
    """Words, the words that follow, and whether a strip begins, window by window."""
    found = [text.batch(rows, CPU) for rows in text.deal(epoch)]
    return [(ids.numpy(), following.numpy(), bool(fresh)) for ids, following, fresh in found]


def strips(text: Stream, epoch: int) -> Any:
    """The strips of an epoch whole, without their last following word."""
    return np.hstack([ids for ids, _, _ in batches(text, epoch)])


@pytest.mark.parametrize(
    ("n_strips", "window", "made"),
    # 55 tokens, of which the first is predicted from nothing.
    [(1, 4, (1, 13)), (3, 4, (3, 4)), (10, 4, (10, 1)), (64, 4, (11, 1)), (1, 54, (1, 1))],
)
def test_what_is_not_read_in_an_epoch_is_less_than_a_window_of_all_strips(
    n_strips: int, window: int, made: tuple[int, int]
) -> None:
    text = stream(strips=n_strips, window=window)
    assert (text.strips, text.n_windows) == made
    assert text.n_tokens == made[0] * made[1] * window == text.lengths.sum()
    assert 0 <= N_TOKENS - 1 - text.n_tokens < text.strips * window
    assert [len(text.deal(epoch)) for epoch in (0, 1, 2)] == [text.n_windows] * 3


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_every_token_is_read_once_and_followed_by_the_next_one(epoch: int) -> None:
    text = stream()
    found = batches(text, epoch)
    read = np.concatenate([ids.ravel() for ids, _, _ in found])
    words = read[read != SEPARATOR]
    assert len(read) == text.n_tokens
    assert len(np.unique(words)) == len(words)
    whole = np.hstack([ids for ids, _, _ in found])
    following = np.hstack([ids for _, ids, _ in found])
    # Windows follow each other within a strip, and strips follow each other.
    assert np.array_equal(following[:, :-1], whole[:, 1:])
    assert np.array_equal(following[:-1, -1], whole[1:, 0])
    # The words of a document follow each other in its own order.
    both = np.stack([whole, following])
    inner = (both != SEPARATOR).all(axis=0)
    assert (whole[inner] + 1 == following[inner]).all()
    assert [fresh for *_, fresh in found] == [True, False, False, False]


def test_a_separator_stands_before_each_document() -> None:
    text = stream(strips=1, window=54)
    (read,) = strips(text, 0)
    assert read.tolist() == WHOLE.framed([SEPARATOR], []).ids[:54].tolist()
    (shuffled,) = strips(text, 3)
    places = np.flatnonzero(shuffled[:-1] == SEPARATOR)
    assert len(places) >= 8
    behind = set(shuffled[places + 1].tolist()) - {SEPARATOR}  # one document has no word
    assert behind <= {int(WHOLE.ids[at]) for at in WHOLE.indptr[:-1]}


@pytest.mark.parametrize("lookback", [1, 3, 6])
def test_the_words_before_a_window_are_given_with_it(lookback: int) -> None:
    plain, text = stream(seed=4), stream(seed=4, lookback=lookback)
    whole = strips(plain, 2)
    before = np.full(lookback, SEPARATOR)
    line = np.concatenate([before, whole.ravel()])
    for number, ((ids, following, _), (own, expected, _)) in enumerate(
        zip(batches(text, 2), batches(plain, 2), strict=True)
    ):
        assert ids.shape == (3, lookback + 4)
        assert np.array_equal(following, expected)
        assert np.array_equal(ids[:, lookback:], own)
        for strip in range(3):
            at = strip * whole.shape[1] + 4 * number
            assert ids[strip].tolist() == line[at : at + lookback + 4].tolist()


def test_backwards_each_document_is_read_from_its_end() -> None:
    text = stream(strips=1, window=54, backwards=True)
    (read,) = strips(text, 0)
    assert read.tolist() == WHOLE.reversed().framed([SEPARATOR], []).ids[:54].tolist()
    assert read[:7].tolist() == [SEPARATOR, 14, 13, 12, 11, 10, SEPARATOR]


@pytest.mark.parametrize("n_words", [[], [0], [1], [2], [0, 0]])
def test_hardly_any_text_is_still_a_window(n_words: list[int]) -> None:
    ids = np.arange(10, 10 + sum(n_words), dtype=np.int32)
    text = stream(Sequences(np.cumsum([0, *n_words]), ids))
    for epoch in (0, 1):
        ((read, following, fresh),) = batches(text, epoch)
        assert fresh
        assert read.shape == following.shape == (1, text.window)
        assert text.n_tokens == text.window >= 1
