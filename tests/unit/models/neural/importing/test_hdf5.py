from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError, MissingExtraError
from newsdesk.models.neural.importing.hdf5 import opened

h5py: Any = pytest.importorskip("h5py")

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.hdf5"


def take(path: Path, name: str = "a/b", shape: tuple[int, ...] = (2, 3)) -> Any:
    with opened(path) as arrays:
        return arrays.take(name, shape)


@pytest.mark.parametrize("options", [{}, {"compression": "gzip", "shuffle": True}])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4"])
def test_floats_of_any_size_become_float32(path: Path, kind: str, options: dict[str, Any]) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("a/b", data=VALUES.astype(kind), **options)
    found = take(path)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, VALUES)


@pytest.mark.parametrize("name", ["a", "b", "a/c", "a/b/c", "c/a/b"])
def test_a_name_that_is_no_array_is_refused(path: Path, name: str) -> None:
    with h5py.File(path, "w") as file:
        file["a/b"] = VALUES
    with pytest.raises(DataError, match=f"no array {name}|{name} is a group"):
        take(path, name)


def test_nothing_is_read_of_an_array_of_another_shape(path: Path) -> None:
    with h5py.File(path, "w") as file:  # would take a petabyte
        file.create_dataset("a/b", shape=(1 << 30, 1 << 18), dtype="f4", chunks=(1024, 1024))
    with pytest.raises(DataError, match="a/b has the shape"):
        take(path)


@pytest.mark.parametrize("kind", ["i4", "S3", "c8"])
def test_what_is_no_float_is_refused(path: Path, kind: str) -> None:
    with h5py.File(path, "w") as file:
        file["a/b"] = VALUES.astype(kind)
    with pytest.raises(DataError, match="not floats"):
        take(path)


def test_links_to_other_files_and_places_are_not_followed(path: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.hdf5", "w") as file:
        file["b"] = VALUES
    with h5py.File(path, "w") as file:
        file["a/c"] = VALUES
        file["a/b"] = h5py.ExternalLink("other.hdf5", "/b")
        file["a/d"] = h5py.SoftLink("/a/c")
    for name in ("a/b", "a/d"):
        with pytest.raises(DataError, match=f"no array {name}"):
            take(path, name)


def test_arrays_kept_elsewhere_are_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(VALUES.tobytes())
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource(tmp_path / "other.hdf5", "b", (2, 3))
    with h5py.File(path, "w") as file:
        file.create_dataset("a/b", (2, 3), "f4", external=[(str(tmp_path / "secret"), 0, 24)])
        file.create_virtual_dataset("a/c", layout)
    for name in ("a/b", "a/c"):
        with pytest.raises(DataError, match="kept elsewhere"):
            take(path, name)


@pytest.mark.parametrize("n_bytes", [0, 7, 100, 900])
def test_a_file_that_is_cut_short_is_refused(path: Path, n_bytes: int) -> None:
    with h5py.File(path, "w") as file:
        file["a/b"] = VALUES
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(DataError, match="cannot be read as HDF5"):
        take(path)


def test_an_array_that_is_damaged_is_refused(path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file.create_dataset("a/b", data=values, compression="gzip", fletcher32=True)
        chunk = file["a/b"].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + 100] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match="a/b is damaged"):
        take(path, shape=(64, 64))


def test_without_h5py_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"newsdesk\[hdf5\]"):
        take(path)
