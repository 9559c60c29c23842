"""Weights that PyTorch has saved, read as numbers and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newsdesk import optional
from newsdesk.errors import DataError
from newsdesk.models.neural.importing.checked import FETCH, floats
from newsdesk.types import Floats

__all__ = ["State", "read_state"]

_GLOBAL = re.compile(r"(?:Unsupported global: GLOBAL|Unsupported class|Trying to call) ([\w.]+)")
_CODE = ("unsupported", "weights only load failed", "weightsunpickler")


class State:
    """Named tensors of a file.

    Parameters
    ----------
    path : Path
        The file.
    tensors : Mapping[str, Any]
        PyTorch's tensors by name.
    """

    def __init__(self, path: Path, tensors: Mapping[str, Any]) -> None:
        self.path = path
        self._tensors = tensors

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    @property
    def names(self) -> list[str]:
        """Names of all tensors, in order."""
        return sorted(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a tensor.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        tuple[int, ...]
            Its shape.

        Raises
        ------
        DataError
            If there is none of that name.
        """
        return tuple(self._find(name).shape)

    def take(self, name: str) -> Floats:
        """Read a tensor; its shape is to be checked before.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Floats
            Its values as float32.

        Raises
        ------
        DataError
            If there is none of that name, or it is not of finite floats.
        """
        tensor, where = self._find(name), f"{self.path}: {name}"
        if not tensor.is_floating_point() or str(tensor.layout) != "torch.strided":
            problem = f"{where} is of the type {tensor.dtype}, {tensor.layout}, no plain floats."
            raise DataError(problem, remedy=FETCH)
        return floats(tensor.detach().float().numpy(), where)

    def _find(self, name: str) -> Any:  # noqa: ANN401  a tensor
        if name not in self._tensors:
            known = ", ".join(self.names[:12])
            problem = f"{self.path} has no tensor {name}; it has: {known or 'none'}."
            raise DataError(problem, remedy="Name the weights of an AWD-LSTM that fastai saved.")
        return self._tensors[name]


def read_state(path: Path) -> State:
    """Read what PyTorch has saved.

    PyTorch's reader takes tensors, numbers, strings and containers of them and refuses all else
    (``torch.load`` with ``weights_only``).

    Parameters
    ----------
    path : Path
        The file; a dictionary of tensors, or one under the key ``model`` as fastai writes it.

    Returns
    -------
    State
        Its tensors.

    Raises
    ------
    DataError
        If it holds anything but weights, or is damaged.
    MissingExtraError
        If PyTorch is not installed.
    """
    torch = optional.load("torch", extra="torch")
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # PyTorch has no class of its own for what a file may hold
        raise _refused(path, error) from error
    if isinstance(found, Mapping) and isinstance(found.get("model"), Mapping):
        found = found["model"]
    if not isinstance(found, Mapping):
        problem = f"{path} holds {type(found).__name__}, not tensors by name."
        raise DataError(problem, remedy="Name a file that a language model was saved to.")
    tensors = {
        name: value
        for name, value in found.items()
        if isinstance(name, str) and isinstance(value, torch.Tensor)
    }
    return State(path, tensors)


def _refused(path: Path, error: Exception) -> DataError:
    # PyTorch's own advice is to let the file run its code; it is not passed on.
    text = str(error)
    named = _GLOBAL.search(text)
    if named or any(word in text.lower() for word in _CODE):
        said = f" (it calls for {named[1].rstrip('.')})" if named else ""
        problem = f"{path} is refused: it holds more than weights, which could be code{said}."
        remedy = "Where you trust it, save its weights alone: torch.save(model.state_dict(), FILE)."
        return DataError(problem, remedy=remedy)
    first = text.strip().split("\n", 1)[0][:200].rstrip(".") or type(error).__name__
    problem = f"{path} is damaged, or was not saved by PyTorch: {first}."
    return DataError(problem, remedy="Fetch the file again.")
