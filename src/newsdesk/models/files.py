"""How families write and read their files: safetensors and JSON, checked before use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from newsdesk.errors import BundleFormatError

__all__ = ["read_json", "read_tensors", "write_json", "write_tensors"]

T = TypeVar("T")

_REMEDY = "Train the bundle again, or fetch an intact copy."
MAX_HEADER_BYTES = 1 << 20
MAX_JSON_BYTES = 1 << 26


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as safetensors.

    Parameters
    ----------
    path : Path
        The file.
    tensors : Mapping[str, NDArray[Any]]
        Arrays by name.
    """
    content = save({name: np.ascontiguousarray(array) for name, array in tensors.items()})
    with path.open("wb") as file:  # not safetensors' own writer: it hides the system's error
        file.write(content)


def read_tensors(
    path: Path, expected: Mapping[str, tuple[type[np.generic], tuple[int | None, ...]]]
) -> dict[str, NDArray[Any]]:
    """Read arrays and refuse whatever is not as expected.

    Parameters
    ----------
    path : Path
        The file.
    expected : Mapping[str, tuple[type[np.generic], tuple[int | None, ...]]]
        Type and shape of every array; None in a shape means any length.

    Returns
    -------
    dict[str, NDArray[Any]]
        Exactly the expected arrays.

    Raises
    ------
    BundleFormatError
        If the header is too large or broken, an array is missing, unknown, of another type or
        shape, or holds a value that is not finite.
    """
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
    # A header is a few hundred bytes; a bomb must not reach the parser.
    if header_bytes > min(MAX_HEADER_BYTES, path.stat().st_size):
        problem = f"{path.name} claims a header of {header_bytes:,} bytes."
        raise BundleFormatError(problem, remedy=_REMEDY)
    try:
        tensors: dict[str, NDArray[Any]] = load_file(path)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise BundleFormatError(f"{path.name} is broken: {error}.", remedy=_REMEDY) from error
    if set(tensors) != set(expected):
        problem = f"{path.name} holds {sorted(tensors)}, expected are {sorted(expected)}."
        raise BundleFormatError(problem, remedy=_REMEDY)
    for name, (dtype, shape) in expected.items():
        array = tensors[name]
        fits = len(array.shape) == len(shape) and all(
            want is None or want == have for want, have in zip(shape, array.shape, strict=True)
        )
        if array.dtype != dtype or not fits:
            problem = f"{path.name}: {name} is {array.dtype} {array.shape}, expected is {shape}."
            raise BundleFormatError(problem, remedy=_REMEDY)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            problem = f"{path.name}: {name} holds values that are not finite."
            raise BundleFormatError(problem, remedy=_REMEDY)
    return tensors


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON.

    Parameters
    ----------
    path : Path
        The file.
    value : object
        What msgspec can encode.
    """
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def read_json(path: Path, cls: type[T]) -> T:
    """Read and validate a JSON file.

    Parameters
    ----------
    path : Path
        The file.
    cls : type[T]
        The type it must match.

    Returns
    -------
    T
        The value.

    Raises
    ------
    BundleFormatError
        If it is too large, no JSON or does not match.
    """
    if path.stat().st_size > MAX_JSON_BYTES:
        problem = f"{path.name} has {path.stat().st_size:,} bytes, more than any bundle writes."
        raise BundleFormatError(problem, remedy=_REMEDY)
    try:
        return msgspec.json.decode(path.read_bytes(), type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleFormatError(f"{path.name} is broken: {error}.", remedy=_REMEDY) from error
