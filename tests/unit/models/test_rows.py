from __future__ import annotations

import numpy as np
import scipy.sparse

from newsdesk.models.rows import Rows
from newsdesk.types import Floats


def drawn() -> tuple[Rows, Floats]:
    rng = np.random.default_rng(0)
    lengths = np.array([3, 0, 5, 1])
    indices = np.concatenate([np.sort(rng.choice(9, n, replace=False)) for n in lengths])
    values = rng.random(lengths.sum(), dtype=np.float32)
    indptr = np.concatenate([[0], lengths.cumsum()])
    return Rows(indptr, indices.astype(np.int32), values), rng.random((9, 4), dtype=np.float32)


def test_product_is_that_of_dense_matrices() -> None:
    rows, weights = drawn()
    dense = rows.matrix(9).toarray()
    assert np.allclose(rows.times(weights), dense @ weights, atol=1e-6)


def test_a_row_alone_has_the_same_bits() -> None:
    rows, weights = drawn()
    together = rows.times(weights)
    for number in range(rows.n):
        begin, end = rows.indptr[number], rows.indptr[number + 1]
        part = slice(begin, end)
        alone = Rows(np.array([0, end - begin]), rows.indices[part], rows.values[part])
        assert np.array_equal(alone.times(weights)[0], together[number])


def test_rows_put_together_are_the_rows() -> None:
    rows, weights = drawn()
    twice = Rows.concat([rows, rows])
    assert twice.n == 8
    assert np.array_equal(twice.times(weights), np.tile(rows.times(weights), (2, 1)))


def test_rows_that_are_taken_are_those_rows() -> None:
    rows, weights = drawn()
    chosen = np.array([2, 0, 1, 2])
    taken = rows.take(chosen)
    assert np.array_equal(taken.times(weights), rows.times(weights)[chosen])
    assert taken.indptr.tolist() == [0, 5, 8, 8, 13]
    nothing = rows.take(chosen[:0])
    assert nothing.n == len(nothing.values) == 0


def test_dense_numbers_stand_behind_the_entries_of_their_row() -> None:
    rng = np.random.default_rng(0)
    sparse = scipy.sparse.random(20_000, 7, density=0.3, format="csr", dtype=np.float32, rng=rng)
    sparse.sort_indices()
    rows = Rows(sparse.indptr.astype(np.int64), sparse.indices, sparse.data)
    vectors = rng.normal(size=(20_000, 3)).astype(np.float32)
    both = rows.beside(vectors, 7)
    assert both.indices.dtype == np.int32
    expected = np.hstack([sparse.toarray(), vectors])
    assert np.array_equal(both.matrix(10).toarray(), expected)
    assert (np.diff(both.indptr) == np.diff(rows.indptr) + 3).all()


def test_many_rows_have_the_bits_of_few() -> None:
    rows, weights = drawn()
    many = Rows.concat([rows] * 40)
    assert np.array_equal(many.times(weights), np.tile(rows.times(weights), (40, 1)))
