"""What a network is trained for: which rows make a batch, and what the loss of one is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from torch import Tensor, nn

from newsdesk.models.neural.examples import Measured
from newsdesk.types import Indices

__all__ = ["Loss", "Objective"]


class Loss(NamedTuple):
    """What one batch of an update gives."""

    gradient: Tensor
    """What the gradient is taken of: the batch's share of the loss of the update."""
    n: int
    """Rows of the batch."""
    mean: Tensor
    """Mean loss of its rows as it is reported, without gradient."""
    n_right: Tensor | None
    """Rows with the right answer; None where that is not asked."""


class Objective(Protocol):
    """What a network is trained for."""

    name: str
    """Of the task that a `Progress` is told of."""

    @property
    def lengths(self) -> Indices:
        """Tokens of each row, shape ``(n,)``."""
        ...

    @property
    def n_updates(self) -> int:
        """Updates of the weights in an epoch."""
        ...

    def deal(self, epoch: int) -> list[Indices]:
        """Deal the rows to the batches of an epoch.

        Parameters
        ----------
        epoch : int
            From 1 on; its draw depends on nothing else, so that an interrupted epoch can be taken
            up by counting.

        Returns
        -------
        list[Indices]
            Rows of each batch.
        """
        ...

    def losses(self, network: nn.Module, parts: list[Indices]) -> Iterator[Loss]:
        """Run a network over the batches of one update.

        Parameters
        ----------
        network : nn.Module
            In the mode of training.
        parts : list[Indices]
            Rows of each batch.

        Returns
        -------
        Iterator[Loss]
            Of each batch; it is not kept when the next one is asked for.
        """
        ...

    def measure(self, network: nn.Module) -> Measured | None:
        """Ask a network about the rows that are watched.

        Parameters
        ----------
        network : nn.Module
            It is left in the mode of measuring.

        Returns
        -------
        Measured | None
            None where none are watched.
        """
        ...

    def value(self, measured: Measured) -> float:
        """How good that is; more is better.

        Parameters
        ----------
        measured : Measured
            What `measure` gave.

        Returns
        -------
        float
            One number.
        """
        ...
