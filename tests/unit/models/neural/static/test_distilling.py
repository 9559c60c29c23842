from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.neural.static.distilling import condensed


def drawn(n: int = 200, width: int = 12) -> np.ndarray:
    rng = np.random.default_rng(3)
    spread = np.diag(np.arange(1, width + 1)) @ rng.normal(size=(width, width))
    return (rng.normal(size=(n, width)) @ spread + 5).astype(np.float32)


def test_the_mean_goes_and_the_mean_square_is_one() -> None:
    for dims in (3, 12, 500):
        found = condensed(drawn(), dims)
        assert found.shape == (200, min(dims, 12))
        assert found.dtype == np.float32
        assert found.mean(axis=0) == pytest.approx(0, abs=1e-5)
        assert np.square(found).sum(axis=1).mean() == pytest.approx(1, rel=1e-5)


def test_the_directions_that_vary_most_are_kept() -> None:
    vectors = drawn()
    centred = vectors - vectors.mean(axis=0)
    u, s, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    expected = u[:, :4] * s[:4]
    expected /= np.sqrt(np.square(expected).sum(axis=1).mean())
    found = condensed(vectors, 4)
    assert np.abs(found) == pytest.approx(np.abs(expected), abs=1e-4)


def test_an_axis_points_where_its_largest_number_is_positive() -> None:
    vectors = drawn()
    axes = np.linalg.lstsq(vectors - vectors.mean(axis=0), condensed(vectors, 4), rcond=None)[0]
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(4)] > 0).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_words_have_vectors_too(n: int) -> None:
    found = condensed(drawn()[:n], 3)
    assert found.shape == (n, 3)
    assert np.isfinite(found).all()


def test_equal_vectors_say_nothing() -> None:
    assert condensed(np.ones((5, 4), dtype=np.float32), 2).tolist() == [[0, 0]] * 5
