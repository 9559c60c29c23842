from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.models.neural.encoders.architecture import Pooling
from newsdesk.models.neural.encoders.packing import Precision, pack
from newsdesk.models.neural.encoders.runner import Runner, of_one_length


@pytest.fixture(params=["float32", "int8"])
def runner(request: pytest.FixtureRequest, book: Any) -> Runner:
    precision: Precision = request.param
    return Runner(book.architecture, "mean", pack(book.tensors(), precision), normalise=True)


def test_a_text_gets_the_same_vector_alone_and_in_any_company(runner: Runner, book: Any) -> None:
    sequences = book.sequences([1 + k % 16 for k in range(200)])
    together = runner.vectors(sequences)
    rows = range(0, 200, 7)
    alone = np.concatenate([runner.vectors(sequences.take(np.array([row]))) for row in rows])
    assert alone == pytest.approx(together[list(rows)], abs=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_in_integers_it_is_the_same_to_the_last_bit(pooling: Pooling, book: Any) -> None:
    # Wide enough that sums of floats in another order would differ.
    architecture = replace(book.architecture, width=48, inner_width=96)
    packed = pack(book.tensors(architecture), "int8")
    runner = Runner(architecture, pooling, packed, normalise=True)
    sequences = book.sequences([1 + k % 16 for k in range(200)])
    together = runner.vectors(sequences)
    rows = range(0, 200, 7)
    alone = np.concatenate([runner.vectors(sequences.take(np.array([row]))) for row in rows])
    assert np.array_equal(alone, together[list(rows)])


def test_no_texts_have_no_vectors(runner: Runner, book: Any) -> None:
    assert runner.vectors(book.sequences([])).shape == (0, book.architecture.width)


def test_every_text_is_told_of(runner: Runner, book: Any) -> None:
    told: list[int] = []
    runner.vectors(book.sequences([3, 4, 3, 5] * 100), told.append)
    assert sum(told) == 400


@given(st.lists(st.integers(1, 40), max_size=80), st.integers(1, 64))
def test_batches_hold_every_text_once_and_one_length_each(lengths: list[int], size: int) -> None:
    array = np.array(lengths, dtype=np.int64)
    batches = list(of_one_length(array, size))
    rows = np.concatenate([*batches, np.array([], dtype=np.int64)])
    assert sorted(rows.tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert len(set(array[batch])) == 1
        assert len(batch) == 1 or array[batch].sum() <= size
