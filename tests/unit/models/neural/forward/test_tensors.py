from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.models.neural.forward.tensors import Tensors


def test_a_tensor_is_taken_once() -> None:
    weight = np.ones((2, 3), dtype=np.float32)
    tensors = Tensors({"weight": weight})
    assert "weight" in tensors
    assert tensors.length("weight") == 2
    assert tensors.take("weight", 2, None) is weight
    assert "weight" not in tensors
    assert tensors.length("weight") == 0
    tensors.finish()
    with pytest.raises(BundleFormatError, match="lacks the tensor weight"):
        tensors.take("weight", 2, None)


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (np.ones((2, 4), dtype=np.float32), r"\(2, 4\), expected is float32 of shape \(any, 3\)"),
        (np.ones(3, dtype=np.float32), r"\(3,\)"),
        (np.ones((2, 3)), "float64"),
        (np.ones((0, 3), dtype=np.float32), r"\(0, 3\)"),
    ],
)
def test_a_tensor_of_another_kind_is_refused(tensor: np.ndarray, said: str) -> None:
    with pytest.raises(BundleFormatError, match=said):
        Tensors({"weight": tensor}).take("weight", None, 3)


def test_a_tensor_of_no_use_is_refused() -> None:
    tensors = Tensors({"b": np.ones(1), "a": np.ones(1)})
    with pytest.raises(BundleFormatError, match="no use to it: a, b"):
        tensors.finish()


def test_numbers_rise_and_what_is_no_number_is_left_out() -> None:
    names = ["w.10.b", "w.2.b", "w.x.b", "w.².b", "w.3.a", "v.4.b"]
    tensors = Tensors({name: np.ones(1) for name in names})
    assert tensors.numbers("w.", ".b") == [2, 10]


def test_a_tensor_without_axes_has_no_length() -> None:
    assert Tensors({"w": np.array(1.0)}).length("w") == 0
