from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.models.neural.forward.pooling import Pooling, pool_of
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats

STATES = np.array([[1, -2, 5], [3, -4, 6], [-7, 8, 9]], dtype=np.float32)
ENDS = np.array([0, 2, 2, 3])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("last", [[3, -4, 5], [0, 0, 0], [-7, 8, 9]]),
        ("max", [[3, -2, 6], [0, 0, 0], [-7, 8, 9]]),
        ("mean", [[2, -3, 5.5], [0, 0, 0], [-7, 8, 9]]),
        (
            "concat",
            [
                [*(3, -4, 5), *(3, -2, 6), *(2, -3, 5.5)],
                [0] * 9,
                [-7, 8, 9] * 3,
            ],
        ),
    ],
)
def test_states_are_pooled(pooling: Pooling, expected: list[list[float]]) -> None:
    tensors = Tensors({})
    pool = pool_of(pooling, tensors, n_forward=2, width=3)
    assert pool(STATES, ENDS).tolist() == expected


def attention(a: int) -> dict[str, Floats]:
    rng = np.random.default_rng(0)
    shapes = {"projection": (a, 3), "bias": (a,), "query": (a,)}
    return {
        f"attention.{name}": rng.standard_normal(shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def test_attention_weighs_states_by_what_they_say() -> None:
    tensors = attention(4)
    pool = pool_of("attention", Tensors(tensors), n_forward=3, width=3)
    said = np.tanh(STATES @ tensors["attention.projection"].T + tensors["attention.bias"])
    share = np.exp(said @ tensors["attention.query"])[:2]
    found = pool(STATES, ENDS)
    assert found[0] == pytest.approx(share @ STATES[:2] / share.sum(), abs=1e-5)
    assert found[1:].tolist() == [[0, 0, 0], [-7, 8, 9]]


@pytest.mark.parametrize("name", ["projection", "bias", "query"])
def test_attention_without_one_of_its_tensors_is_refused(name: str) -> None:
    tensors = attention(4)
    del tensors[f"attention.{name}"]
    with pytest.raises(BundleFormatError, match=f"attention.{name}"):
        pool_of("attention", Tensors(tensors), n_forward=3, width=3)
