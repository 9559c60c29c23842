"""How far a training is, and how that goes to a checkpoint and comes back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from newsdesk.models.history import History
from newsdesk.models.neural.checkpoints import State
from newsdesk.models.neural.optimizers import Optimizer

__all__ = ["Standing", "Sums", "restore", "state_of"]


class Sums(NamedTuple):
    """What has been seen of an epoch."""

    n: int = 0
    """Rows."""
    loss: float = 0.0
    """Sum of their losses."""
    n_right: int | None = 0
    """Right answers; None where they are not counted."""
    seconds: float = 0.0
    """Wall time."""

    def plus(self, n: int, loss: float, n_right: int | None) -> Sums:
        """Add a batch.

        Parameters
        ----------
        n : int
            Rows.
        loss : float
            Mean of their losses.
        n_right : int | None
            Right answers; None where they are not counted.

        Returns
        -------
        Sums
            With it.
        """
        both = None if n_right is None or self.n_right is None else self.n_right + n_right
        return self._replace(n=self.n + n, loss=self.loss + n * loss, n_right=both)

    def after(self, seconds: float) -> Sums:
        """Add time.

        Parameters
        ----------
        seconds : float
            Wall time.

        Returns
        -------
        Sums
            With it.
        """
        return self._replace(seconds=self.seconds + seconds)

    @property
    def is_finite(self) -> bool:
        """Whether every loss was a number."""
        return math.isfinite(self.loss)


@dataclass
class Standing:
    """How far a training is.

    Parameters
    ----------
    epoch : int
        Number of the epoch under way.
    place : int
        Updates of it that are done.
    step : int
        Updates of the weights since the beginning.
    sums : Sums
        What has been seen of the epoch.
    history : History
        The epochs that are done.
    best_epoch : int
        The best epoch on valid so far; 0 before the first.
    best_value : float | None
        How good it was; more is better.
    done : bool
        Whether the training is at its end.
    """

    epoch: int = 1
    place: int = 0
    step: int = 0
    sums: Sums = field(default_factory=Sums)
    history: History = field(default_factory=History)
    best_epoch: int = 0
    best_value: float | None = None
    done: bool = False


def state_of(
    standing: Standing,
    network: nn.Module,
    optimizer: Optimizer,
    best: dict[str, Tensor],
    device: torch.device,
) -> State:
    """Gather everything that a training needs to go on.

    Parameters
    ----------
    standing : Standing
        How far it is.
    network : nn.Module
        Its network.
    optimizer : Optimizer
        Its optimizer.
    best : dict[str, Tensor]
        The best weights so far.
    device : torch.device
        Where it runs.

    Returns
    -------
    State
        Shares memory with none of them.
    """
    tensors = _named("network", network.state_dict()) | _named("best", best)
    if not standing.done:
        moments = optimizer.state()
        tensors |= {f"optimizer/{name}": array for name, array in moments.items()}
        tensors["random/cpu"] = torch.get_rng_state().numpy().copy()
        if device.type == "cuda":
            tensors["random/cuda"] = torch.cuda.get_rng_state(device).numpy().copy()
    return State(tensors, msgspec.to_builtins(standing))


def restore(
    state: State, network: nn.Module, optimizer: Optimizer, device: torch.device
) -> tuple[Standing, dict[str, Tensor]]:
    """Put a training where another one stood.

    Parameters
    ----------
    state : State
        What `state_of` gave.
    network : nn.Module
        Gets its weights.
    optimizer : Optimizer
        Gets its moments.
    device : torch.device
        Where the training runs.

    Returns
    -------
    tuple[Standing, dict[str, Tensor]]
        How far it was, and the best weights.
    """
    standing = msgspec.convert(state.facts, Standing)
    network.load_state_dict(_tensors(state, "network", device))
    if not standing.done:
        optimizer.restore(_part(state, "optimizer"))
        torch.set_rng_state(torch.from_numpy(state.tensors["random/cpu"]))
        if device.type == "cuda":
            torch.cuda.set_rng_state(torch.from_numpy(state.tensors["random/cuda"]), device)
    return standing, _tensors(state, "best", device)


def _named(part: str, tensors: dict[str, Tensor]) -> dict[str, NDArray[Any]]:
    return {
        f"{part}/{name}": tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()
    }


def _part(state: State, part: str) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(f"{part}/"): array
        for name, array in state.tensors.items()
        if name.startswith(f"{part}/")
    }


def _tensors(state: State, part: str, device: torch.device) -> dict[str, Tensor]:
    return {
        name: torch.from_numpy(array.copy()).to(device)
        for name, array in _part(state, part).items()
    }
