"""The objective of all language models: to give the words that follow the most probability."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from newsdesk.models.neural import devices
from newsdesk.models.neural.examples import Measured
from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.models.neural.language.text import Text
from newsdesk.models.neural.objective import Loss
from newsdesk.types import Indices

__all__ = ["LanguageNetwork", "Modelling", "surprise_of"]


class LanguageNetwork(Protocol):
    """A network that predicts words: an ``nn.Module`` with one method more."""

    def __call__(self, *batch: Tensor) -> Tensor:
        """Mean loss of the words of a batch, to be trained by; one number."""
        ...

    def surprise(self, *batch: Tensor) -> tuple[Tensor, int]:
        """Sum of the surprise of the words of a batch against all words, in nats; their number."""
        ...


class Modelling:
    """To predict words; see `Objective`.

    Parameters
    ----------
    text : Text
        To train on.
    held_out : Text | None
        To watch.
    params : PretrainParams
        Settings.
    device : torch.device
        Where the network lies.
    """

    name = "language model"

    def __init__(
        self, text: Text, held_out: Text | None, params: PretrainParams, device: torch.device
    ) -> None:
        self.text, self.held_out, self.params, self.device = text, held_out, params, device
        self._n_batches = len(text.deal(1))

    @property
    def lengths(self) -> Indices:
        """Words of each piece, shape ``(n,)``."""
        return self.text.lengths

    @property
    def n_updates(self) -> int:
        """Updates of the weights in an epoch."""
        return -(-self._n_batches // self.params.accumulate)

    def deal(self, epoch: int) -> list[Indices]:
        """Deal pieces to batches; see `Objective.deal`."""
        return self.text.deal(epoch)

    def losses(self, network: nn.Module, parts: list[Indices]) -> Iterator[Loss]:
        """Run a network over batches; see `Objective.losses`."""
        n_all = sum(len(rows) for rows in parts)
        for rows in parts:
            with devices.precise(self.device, self.params.precision):
                loss = network(*self.text.batch(rows, self.device)).float()
            yield Loss(loss * (len(rows) / n_all), len(rows), loss.detach(), None)

    def measure(self, network: nn.Module) -> Measured | None:
        """Mean surprise of the words of the held-out text; see `Objective.measure`."""
        if self.held_out is None:
            return None
        return Measured(surprise_of(network, self.held_out, self.device), None, None)

    def value(self, measured: Measured) -> float:
        """How good that is; see `Objective.value`."""
        return -measured.loss


def surprise_of(network: nn.Module, text: Text, device: torch.device) -> float:
    """Mean surprise of the words of a text, without dropout.

    Parameters
    ----------
    network : nn.Module
        A `LanguageNetwork`; it is left in the mode of measuring.
    text : Text
        At least one word.
    device : torch.device
        Where the network lies.

    Returns
    -------
    float
        In nats; e to its power is the perplexity.
    """
    network.eval()
    total, n_words = 0.0, 0
    with torch.inference_mode():
        for rows in text.deal(0):
            nats, n = network.surprise(*text.batch(rows, device))  # type: ignore[operator]
            total += float(nats)
            n_words += n
    return total / max(n_words, 1)
