from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.models import files


@dataclass(frozen=True)
class Settings:
    """Something to save."""

    name: str
    sizes: tuple[int, ...]


def test_tensors_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    weights = np.arange(6, dtype=np.float16).reshape(2, 3)
    slots = np.array([5, -1], dtype=np.int32)
    files.write_tensors(path, {"weights": weights.T, "slots": slots})
    shapes = {"weights": (np.float16, (3, None)), "slots": (np.int32, (None,))}
    found = files.read_tensors(path, shapes)
    assert np.array_equal(found["weights"], weights.T)
    assert found["weights"].dtype == np.float16
    assert np.array_equal(found["slots"], slots)


def test_equal_tensors_are_equal_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        tensors = {"x": np.ones(3, np.float32), "y": np.zeros((2, 2), np.int32)}
        files.write_tensors(tmp_path / name, tensors)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({}, "expected are"),
        ({"w": np.ones((2, 3), np.float32), "extra": np.ones(1, np.float32)}, "extra"),
        ({"w": np.ones((2, 4), np.float32)}, r"\(2, 4\)"),
        ({"w": np.ones(3, np.float32)}, r"\(3,\)"),
        ({"w": np.ones((2, 3), np.float64)}, "float64"),
        ({"w": np.ones((2, 3), np.int32)}, "int32"),
        ({"w": np.array([[0, np.nan, 0]], np.float32)}, "not finite"),
        ({"w": np.array([[0, 0, np.inf]], np.float32)}, "not finite"),
    ],
)
def test_tensors_other_than_expected_are_refused(
    tmp_path: Path, tensors: dict[str, np.ndarray], said: str
) -> None:
    path = tmp_path / "weights.safetensors"
    files.write_tensors(path, tensors)
    with pytest.raises(BundleFormatError, match=said):
        files.read_tensors(path, {"w": (np.float32, (None, 3))})


def test_json_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    files.write_json(path, Settings("ünï", (1, 2)))
    assert files.read_json(path, Settings) == Settings("ünï", (1, 2))
    assert path.read_text(encoding="utf-8").endswith("}\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"name": "x"}',
        b'{"name": 3, "sizes": []}',
        b'{"name": "\xff", "sizes": []}',
        b'{"name": "\\ud800", "sizes": []}',
        b'{"name": "x", "sizes": [NaN]}',
        b'{"name": "x", "sizes": ' + b"[" * 100_000,
        b'{"other": ' + b"[" * 100_000,
    ],
)
def test_broken_json_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    with pytest.raises(BundleFormatError, match=r"settings\.json is broken"):
        files.read_json(path, Settings)


def test_json_larger_than_any_bundle_writes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    with path.open("wb") as file:
        file.truncate(files.MAX_JSON_BYTES + 1)
    with pytest.raises(BundleFormatError, match="more than any bundle writes"):
        files.read_json(path, Settings)
