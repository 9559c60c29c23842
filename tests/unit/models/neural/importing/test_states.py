from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.importing.states import read_state

torch: Any = pytest.importorskip("torch")


class Touch:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lm.pth"


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_of_both_file_formats_become_float32(path: Path, kind: Any, is_zip: bool) -> None:
    values = torch.arange(6).reshape(2, 3).to(kind)
    torch.save({"w": values}, path, _use_new_zipfile_serialization=is_zip)
    state = read_state(path)
    assert "w" in state
    assert state.shape("w") == (2, 3)
    found = state.take("w")
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tensors: tensors,
        lambda tensors: OrderedDict(tensors),
        lambda tensors: {"model": tensors, "opt": {"state": {0: {"step": 1}}, "lr": [0.1]}},
        lambda tensors: {name: torch.nn.Parameter(value) for name, value in tensors.items()},
    ],
)
def test_weights_stand_alone_or_beside_an_optimizer(path: Path, wrap: Any) -> None:
    torch.save(wrap({"w": torch.ones(2), "n": torch.zeros(1)}), path)
    assert read_state(path).names == ["n", "w"]


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("wrap", [lambda bad: bad, lambda bad: {"w": torch.ones(2), "x": bad}])
def test_code_in_a_file_is_refused_and_not_run(
    tmp_path: Path, path: Path, wrap: Any, is_zip: bool
) -> None:
    bad = wrap(Touch(tmp_path / "made"))
    torch.save(bad, path, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(DataError, match="holds more than weights") as caught:
        read_state(path)
    assert "weights_only" not in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_a_bare_pickle_with_code_is_refused_and_not_run(tmp_path: Path, path: Path) -> None:
    path.write_bytes(pickle.dumps(Touch(tmp_path / "made")))
    with pytest.raises(DataError, match=r"lm\.pth is"):
        read_state(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_file_that_is_cut_short_is_refused(path: Path, share: float, is_zip: bool) -> None:
    torch.save({"w": torch.ones(50)}, path, _use_new_zipfile_serialization=is_zip)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=r"lm\.pth is"):
        read_state(path)


@pytest.mark.parametrize("value", [[1, 2], "weights", torch.ones(2)])
def test_what_is_no_dictionary_of_tensors_is_refused(path: Path, value: Any) -> None:
    torch.save(value, path)
    with pytest.raises(DataError, match="not tensors by name"):
        read_state(path)


def test_a_missing_tensor_is_named_with_those_that_are_there(path: Path) -> None:
    torch.save({"w": torch.ones(2), "note": "hello"}, path)
    state = read_state(path)
    for ask in (state.take, state.shape):
        with pytest.raises(DataError, match="no tensor v; it has: w"):
            ask("v")


@pytest.mark.parametrize(
    "value", [torch.ones(2, dtype=torch.int64), torch.ones(2, 2).to_sparse()], ids=["int", "sparse"]
)
@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_what_are_no_plain_floats_is_refused(path: Path, value: Any) -> None:
    torch.save({"w": value}, path)
    with pytest.raises(DataError, match="no plain floats"):
        read_state(path).take("w")


def test_a_number_that_is_not_finite_is_refused(path: Path) -> None:
    torch.save({"w": torch.tensor([1.0, float("nan")])}, path)
    with pytest.raises(DataError, match="w holds a number that is not finite"):
        read_state(path).take("w")
