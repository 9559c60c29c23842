from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.neural.encoders.kinds import bias_buckets, relative_buckets, rotations


def test_buckets_of_mpnet_are_those_of_transformers() -> None:
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("transformers.models.mpnet.modeling_mpnet")
    distances = torch.arange(-599, 600)
    expected = library.MPNetEncoder.relative_position_bucket(distances)
    assert bias_buckets(600).tolist() == expected.tolist()
    assert set(bias_buckets(600).tolist()) == set(range(32)) - {16}  # no token is 0 ahead


@pytest.mark.parametrize(("n_distances", "farthest"), [(256, 512), (16, 96), (5, 40)])
def test_buckets_of_deberta_are_those_of_transformers(n_distances: int, farthest: int) -> None:
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("transformers.models.deberta_v2.modeling_deberta_v2")
    distances = torch.arange(599, -600, -1)
    expected = library.make_log_bucket_position(distances, n_distances, farthest)
    expected = (expected + n_distances).clamp(0, 2 * n_distances - 1)
    assert relative_buckets(600, n_distances, farthest).tolist() == expected.long().tolist()


def test_rotated_products_depend_on_the_distance_alone() -> None:
    cosines, sines = rotations(64, 8, 10_000.0)
    assert cosines.dtype == sines.dtype == np.float32
    turned = (cosines + 1j * sines) * np.array([0.3, -2.0, 1.0, 0.5])
    products = (turned @ turned.conj().T).real
    for distance in (0, 1, 17):
        along = np.diagonal(products, distance)
        assert along == pytest.approx(np.full(64 - distance, along[0]), abs=1e-4)
    assert products[0, 1] != pytest.approx(products[0, 0], abs=1e-2)


def test_periods_grow_from_the_first_pair_of_numbers_to_the_last() -> None:
    cosines, sines = rotations(3, 4, 100.0)
    assert cosines[:, 0] == pytest.approx(np.cos([0, 1, 2]), abs=1e-6)
    assert sines[:, 1] == pytest.approx(np.sin([0, 0.1, 0.2]), abs=1e-6)
