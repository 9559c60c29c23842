from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.importing.checked import check_shape, floats


def test_an_array_of_another_shape_is_refused() -> None:
    check_shape((2, 3), (2, 3), "f: a")
    with pytest.raises(DataError, match=r"f: a has the shape \(3, 2\), needed is \(2, 3\)"):
        check_shape((3, 2), (2, 3), "f: a")


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "<f4", ">f8"])
def test_floats_become_float32_of_this_machine(kind: str) -> None:
    found = floats(np.array([[1, -2]], kind), "a")
    assert found.dtype == np.dtype("f4")
    assert found.tolist() == [[1, -2]]


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e39])
def test_numbers_that_are_not_finite_in_32_bits_are_refused(value: float) -> None:
    with pytest.raises(DataError, match="f: a holds a number that is not finite"):
        floats(np.array([1.0, value]), "f: a")


@pytest.mark.parametrize("kind", ["i8", "u1", "?", "c16", "O", "U4"])
def test_what_are_no_floats_is_refused(kind: str) -> None:
    with pytest.raises(DataError, match="f: a holds values of the type"):
        floats(np.array([1, 0]).astype(kind), "f: a")
