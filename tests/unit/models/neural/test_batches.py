from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.models.neural.batches import by_length, shuffled

LENGTHS = st.lists(st.integers(0, 30), max_size=80).map(lambda own: np.array(own, dtype=np.int64))


@given(LENGTHS, st.integers(1, 9), st.integers(0, 2**63 - 1), st.integers(1, 5))
def test_every_row_stands_in_one_batch(
    lengths: np.ndarray, batch_size: int, seed: int, epoch: int
) -> None:
    for dealt in (
        shuffled(lengths, batch_size, seed=seed, epoch=epoch),
        by_length(lengths, batch_size),
    ):
        rows = list(itertools.chain.from_iterable(own.tolist() for own in dealt))
        assert sorted(rows) == list(range(len(lengths)))
        assert len(dealt) == -(-len(lengths) // batch_size)
        assert sum(len(own) < batch_size for own in dealt) <= 1


def drawn(seed: int, epoch: int) -> list[list[int]]:
    lengths = np.random.default_rng(0).integers(1, 100, 1000)
    return [rows.tolist() for rows in shuffled(lengths, 8, seed=seed, epoch=epoch)]


def test_seed_and_epoch_make_the_draw_and_nothing_else_does() -> None:
    np.random.seed(1)  # noqa: NPY002  what nobody should depend on
    first = drawn(0, 1)
    np.random.seed(2)  # noqa: NPY002
    assert drawn(0, 1) == first
    assert drawn(0, 2) != first
    assert drawn(1, 1) != first


def test_batches_hold_rows_of_like_length_in_no_order_of_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 4000)
    dealt = shuffled(lengths, 8, seed=0, epoch=1)
    spread = np.mean([np.ptp(lengths[rows]) for rows in dealt])
    assert spread < 5
    means = np.array([lengths[rows].mean() for rows in dealt])
    assert abs(np.corrcoef(np.arange(len(means)), means)[0, 1]) < 0.2


def test_company_changes_from_epoch_to_epoch() -> None:
    def company(epoch: int) -> set[frozenset[int]]:
        return {frozenset(rows) for rows in drawn(0, epoch)}

    assert len(company(1) & company(2)) < 5


def test_rows_are_measured_from_the_shortest_to_the_longest() -> None:
    lengths = np.array([5, 1, 3, 1, 9])
    assert [rows.tolist() for rows in by_length(lengths, 2)] == [[1, 3], [2, 0], [4]]


@given(LENGTHS, st.integers(1, 9), st.integers(1, 60))
def test_a_bound_of_tokens_holds_for_every_batch_of_several_rows(
    lengths: np.ndarray, batch_size: int, n_tokens: int
) -> None:
    dealt = by_length(lengths, batch_size, n_tokens)
    unbounded = by_length(lengths, batch_size)
    rows = [row for own in dealt for row in own.tolist()]
    assert rows == [row for own in unbounded for row in own.tolist()]
    for own in dealt:
        assert 1 <= len(own) <= batch_size
        assert len(own) == 1 or len(own) * lengths[own].max() <= n_tokens
    # No batch that the next row would have fitted into.
    for own, following in itertools.pairwise(dealt):
        together = (len(own) + 1) * lengths[following[0]]
        assert len(own) == batch_size or together > n_tokens


def test_a_bound_that_nothing_reaches_changes_nothing() -> None:
    lengths = np.array([5, 1, 3, 1, 9])
    bounded = by_length(lengths, 2, 1000)
    assert [rows.tolist() for rows in bounded] == [rows.tolist() for rows in by_length(lengths, 2)]
