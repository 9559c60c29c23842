"""Weights of an encoder: safetensors by whatever names, to float32 by our own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors

from newsdesk.errors import ConfigError, DataError
from newsdesk.features.vectors.source import unreadable
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.foreign import REMEDY, decoded, is_plain
from newsdesk.models.neural.encoders.layouts import Layout, names_of, sources_of
from newsdesk.types import Floats

__all__ = ["read_weights", "weight_files"]

MAX_HEADER_BYTES = 1 << 24
_FILE, _INDEX = "model.safetensors", "model.safetensors.index.json"
# The first releases of BERT, of 2018, call scale and shift so.
_OLD = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
_READABLE = ("F16", "F32", "F64")


class _Index(msgspec.Struct):
    """``model.safetensors.index.json``."""

    weight_map: dict[str, str]


def weight_files(folder: Path) -> tuple[Path, ...]:
    """List the files of an encoder's weights.

    Parameters
    ----------
    folder : Path
        The encoder's files.

    Returns
    -------
    tuple[Path, ...]
        One file, or several in the order of their names.

    Raises
    ------
    ConfigError
        If there are no safetensors.
    DataError
        If the list of several files is damaged, or one of them is missing.
    """
    if (folder / _FILE).is_file():
        return (folder / _FILE,)
    index = decoded(folder / _INDEX, _Index)
    if index is None:
        others = sorted(
            path.name
            for ending in ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
            for path in folder.glob(ending)
        )
        held = f"weights only as {', '.join(others)}" if others else "no weights"
        problem = f"{folder} holds {held}; read is {_FILE} alone, which cannot carry code."
        remedy = (
            "Convert it where you trust it, with transformers: "
            "AutoModel.from_pretrained(NAME).save_pretrained(FOLDER)."
        )
        raise ConfigError(problem, remedy=remedy)
    files = []
    for name in sorted(set(index.weight_map.values())):
        if not is_plain(name) or not name.endswith(".safetensors"):
            problem = f"{folder / _INDEX} names {name!r}, which is no plain name of a file."
            raise DataError(problem, remedy=REMEDY)
        if not (folder / name).is_file():
            raise DataError(f"There is no file {folder / name}.", remedy=REMEDY)
        files.append(folder / name)
    if not files:
        raise DataError(f"{folder / _INDEX} names no file.", remedy=REMEDY)
    return tuple(files)


def read_weights(
    files: Sequence[Path], layout: Layout, architecture: Architecture
) -> dict[str, Floats]:
    """Read an encoder's weights.

    Parameters
    ----------
    files : Sequence[Path]
        As `weight_files` lists them.
    layout : Layout
        How the tensors are called.
    architecture : Architecture
        How large they are.

    Returns
    -------
    dict[str, Floats]
        Exactly the tensors of ``architecture.shapes``, in that order.

    Raises
    ------
    DataError
        If a file is damaged, or a tensor is missing, of another type or shape, or not finite.
    StorageError
        If a file cannot be read.
    """
    with ExitStack() as stack:
        (pieces,) = sources_of("pieces", layout)
        shelf = _Shelf(files, stack, pieces)
        tensors = {}
        for name, shape in architecture.shapes.items():
            if name == "positions":
                tensors[name] = _positions(shelf, layout, architecture)
                continue
            sources = sources_of(name, layout)
            rows = (shape[0] // len(sources), *shape[1:])
            parts = [shelf.take(source, rows) for source in sources]
            tensors[name] = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return tensors


def _positions(shelf: _Shelf, layout: Layout, architecture: Architecture) -> Floats:
    first, (n_rows, width) = layout.first_position, architecture.shapes["positions"]
    (source,) = sources_of("positions", layout)
    positions = shelf.take(source, (first + n_rows, width))[first:]
    if not names_of(layout).types:
        return positions
    types = shelf.take("embeddings.token_type_embeddings.weight", (None, width))
    if not len(types):
        raise DataError(f"{shelf.title} has no token types.", remedy=REMEDY)
    added: Floats = positions + types[0]
    return added


class _Shelf:
    """Open files of tensors.

    Parameters
    ----------
    files : Sequence[Path]
        The files.
    stack : ExitStack
        Closes them.
    pieces : str
        Name of the tensor of the pieces.
    """

    def __init__(self, files: Sequence[Path], stack: ExitStack, pieces: str) -> None:
        self.title = str(files[0] if len(files) == 1 else files[0].parent)
        self._places: dict[str, tuple[Path, Any]] = {}
        self._halves: dict[Path, dict[str, Floats]] = {}
        for path in files:
            file = stack.enter_context(_opened(path))
            self._places |= dict.fromkeys(file.keys(), (path, file))
        # A model that was saved with its head puts its own name before the encoder's tensors.
        found = [name.removesuffix(pieces) for name in self._places if name.endswith(pieces)]
        if len(found) != 1:
            problem = f"{self.title} holds {len(found)} tensors {pieces}, not one."
            raise DataError(problem, remedy=REMEDY)
        self._prefix = found[0]

    def take(self, name: str, shape: tuple[int | None, ...]) -> Floats:
        """Read a tensor as float32; None in the shape means any length."""
        name = self._prefix + name
        for new, old in _OLD.items():
            if name not in self._places and name.endswith(new):
                name = name.removesuffix(new) + old
        if name not in self._places:
            raise DataError(f"{self.title} holds no tensor {name}.", remedy=REMEDY)
        path, file = self._places[name]
        stored = file.get_slice(name)
        kind, have = stored.get_dtype(), tuple(stored.get_shape())
        fits = len(have) == len(shape) and all(
            want is None or want == size for want, size in zip(shape, have, strict=True)
        )
        if not fits:
            wanted = tuple("any" if size is None else size for size in shape)
            problem = f"{path}: {name} has the shape {have}; by config.json it is {wanted}."
            raise DataError(problem, remedy=REMEDY)
        if kind == "BF16":
            tensor = self._half(path)[name]
        elif kind in _READABLE:
            tensor = file.get_tensor(name).astype(np.float32, copy=False)
        else:
            problem = f"{path}: {name} is of the type {kind}, which is not read."
            raise DataError(problem, remedy="Save the encoder in 32-bit or 16-bit floats.")
        if not np.isfinite(tensor).all():
            problem = f"{path}: {name} holds values that are not finite."
            raise DataError(problem, remedy=REMEDY)
        return tensor

    def _half(self, path: Path) -> dict[str, Floats]:
        """Tensors in bfloat16: the upper halves of float32, a type that NumPy lacks."""
        if path not in self._halves:
            read: Any = safetensors.deserialize
            self._halves[path] = {
                name: _widened(tensor["data"]).reshape(tensor["shape"])
                for name, tensor in read(path.read_bytes())
                if tensor["dtype"] == "BF16"
            }
        return self._halves[path]


def _widened(content: bytes) -> Floats:
    return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)


def _opened(path: Path) -> Any:  # noqa: ANN401  the library carries no types
    try:
        with path.open("rb") as file:
            header_bytes = int.from_bytes(file.read(8), "little")
        # The header of the largest encoder has 100 kB; a bomb must not reach the parser.
        if header_bytes > min(MAX_HEADER_BYTES, path.stat().st_size):
            problem = f"{path} is damaged: it claims a header of {header_bytes:,} bytes."
            raise DataError(problem, remedy=REMEDY)
        return safetensors.safe_open(path, framework="numpy")
    except OSError as error:
        raise unreadable(str(path), error) from error
    except safetensors.SafetensorError as error:
        problem = f"{path} is damaged: {str(error).rstrip('.')}."
        raise DataError(problem, remedy=REMEDY) from error
