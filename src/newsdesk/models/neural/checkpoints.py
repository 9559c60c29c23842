"""The state of an unfinished training on the disk: whole, or as it was before."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import save

from newsdesk._version import __version__
from newsdesk.errors import StorageError

__all__ = ["Checkpoint", "State", "digest", "versions"]

_META = "newsdesk"


class State(NamedTuple):
    """What a training needs to go on."""

    tensors: dict[str, NDArray[Any]]
    """Weights, moments of the optimizer, states of generators."""
    facts: dict[str, Any]
    """Numbers and texts that JSON can hold."""


@dataclass(frozen=True)
class Checkpoint:
    """The place of a training's state.

    Parameters
    ----------
    path : Path
        The file.
    key : str
        Digest of everything that the result depends on: a state of another key is not taken up.
    """

    path: Path
    key: str

    def read(self) -> State | None:
        """Read the state.

        Returns
        -------
        State | None
            None where there is none, or one of another training, or a damaged one.
        """
        self._temporary.unlink(missing_ok=True)  # of a process that was killed while it wrote
        try:
            with safetensors.safe_open(self.path, framework="numpy") as file:
                text = (file.metadata() or {}).get(_META, "{}")
                header = msgspec.json.decode(text, type=dict[str, Any])
                if header.get("key") != self.key:
                    return None
                tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
        except (FileNotFoundError, safetensors.SafetensorError, msgspec.DecodeError):
            return None
        facts = header.get("facts", {})
        return State(tensors, facts) if header.get("digest") == _total(tensors, facts) else None

    def write(self, state: State) -> None:
        """Exchange the state that stands there for another, at once.

        Parameters
        ----------
        state : State
            The state.

        Raises
        ------
        StorageError
            If the disk refuses; the state before stays.
        """
        # Arrays come back in the order of their names.
        tensors = {
            name: np.asarray(array, order="C") for name, array in sorted(state.tensors.items())
        }
        total = _total(tensors, state.facts)
        header = {"key": self.key, "digest": total, "facts": state.facts}
        content = save(tensors, metadata={_META: msgspec.json.encode(header).decode()})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._temporary.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            with suppress(OSError):
                self._temporary.unlink(missing_ok=True)
            problem = (
                f"A checkpoint of {len(content):,} bytes could not be written to {self.path}: "
                f"{error.strerror or error}."
            )
            remedy = "Mend that, then run the same command again: it goes on where it stopped."
            raise StorageError(problem, remedy=remedy) from error

    @property
    def _temporary(self) -> Path:
        return self.path.with_name(self.path.name + ".tmp")


def _total(tensors: dict[str, NDArray[Any]], facts: object) -> str:
    return digest(msgspec.json.encode(facts), *chain.from_iterable(tensors.items()))


def versions() -> tuple[str, ...]:
    """The versions that the bits of a training depend on.

    Returns
    -------
    tuple[str, ...]
        Of newsdesk, torch and numpy.
    """
    return __version__, version("torch"), version("numpy")


def digest(*parts: object) -> str:
    """Digest of arrays and of whatever has a repr that says all.

    Parameters
    ----------
    *parts : object
        Arrays, byte strings, or values.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            total.update(f"{part.dtype}{part.shape}".encode())
            total.update(np.ascontiguousarray(part).data)
        else:
            total.update(part if isinstance(part, bytes) else repr(part).encode())
        total.update(b"\0")
    return total.hexdigest()
