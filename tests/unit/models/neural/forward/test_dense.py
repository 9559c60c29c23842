from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.models.neural.forward.dense import Dense, Head
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats


def drawn(sizes: list[int]) -> dict[str, Floats]:
    """Tensors of a head of these widths, from its input to its classes."""
    rng = np.random.default_rng(0)
    names = [*(f"hidden.{k}" for k in range(len(sizes) - 2)), "output"]
    tensors = {}
    for name, n_in, n_out in zip(names, sizes[:-1], sizes[1:], strict=True):
        tensors[f"{name}.weight"] = rng.standard_normal((n_out, n_in)).astype(np.float32)
        tensors[f"{name}.bias"] = rng.standard_normal(n_out).astype(np.float32)
    return tensors


def test_a_layer_without_bias_has_zeros() -> None:
    weight = np.arange(6, dtype=np.float32).reshape(3, 2)
    layer = Dense(weight)
    assert layer.n_out == 3
    found = layer.apply(np.array([[1, 2]], dtype=np.float32))
    assert found.tolist() == [[2, 8, 14]]


def test_a_layer_keeps_nothing_of_the_array_that_it_was_made_from() -> None:
    weight, bias = np.ones((1, 4), dtype=np.float32), np.ones(1, dtype=np.float32)
    layer = Dense(weight, bias)
    weight[:], bias[:] = 9, 9
    assert layer.apply(np.ones((1, 4), dtype=np.float32)).tolist() == [[5]]


@pytest.mark.parametrize("sizes", [[5, 3], [5, 4, 3], [5, 9, 4, 3]])
def test_hidden_layers_are_rectified(sizes: list[int]) -> None:
    tensors = drawn(sizes)
    pooled = np.random.default_rng(1).standard_normal((6, 5)).astype(np.float32)
    expected = pooled.astype(np.float64)
    *hidden, output = [name[: -len(".weight")] for name in tensors if name.endswith("weight")]
    for name in hidden:
        expected = np.maximum(expected @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"], 0)
    expected = expected @ tensors[f"{output}.weight"].T + tensors[f"{output}.bias"]
    head = Head(Tensors(tensors), 5)
    assert head.n_classes == 3
    assert np.allclose(head.logits(pooled), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sizes", [[5, 3], [5, 9, 4, 3]])
def test_slopes_are_the_gradient_of_the_logit(sizes: list[int]) -> None:
    head = Head(Tensors(drawn(sizes)), 5)
    pooled = np.random.default_rng(1).standard_normal(5).astype(np.float32)
    found = head.slopes(pooled, 2)
    step = np.float32(1e-3)
    moved = pooled + step * np.eye(5, dtype=np.float32)
    rise = (head.logits(moved)[:, 2] - head.logits(pooled[None])[0, 2]) / step
    assert found == pytest.approx(rise, abs=0.02)


def test_a_gap_between_hidden_layers_is_refused() -> None:
    tensors = drawn([5, 9, 4, 3])
    tensors["hidden.2.weight"] = tensors.pop("hidden.0.weight")
    with pytest.raises(BundleFormatError, match=r"hidden\.0\.weight"):
        Head(Tensors(tensors), 5)


def test_layers_that_do_not_fit_each_other_are_refused() -> None:
    tensors = drawn([5, 9, 3])
    tensors["output.weight"] = tensors["output.weight"][:, :8]
    with pytest.raises(BundleFormatError, match=r"output\.weight"):
        Head(Tensors(tensors), 5)
