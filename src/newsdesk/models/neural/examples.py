"""Documents as networks take them, and how well a network answers for them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural import batches, devices
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.wishes import wishes_of
from newsdesk.models.quality import quality
from newsdesk.types import Indices

__all__ = ["Examples", "Measured", "class_weights", "measure"]

_TOGETHER = 256


class Examples(Protocol):
    """Documents as a network takes them, with their classes."""

    @property
    def y(self) -> Indices:
        """Class indices, shape ``(n,)``."""
        ...

    @property
    def lengths(self) -> Indices:
        """Tokens of each document, shape ``(n,)``."""
        ...

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Make what the network is called with for some of the documents.

        Parameters
        ----------
        rows : Indices
            Which, shape ``(b,)``.
        device : torch.device
            Where it is to lie.

        Returns
        -------
        tuple[Tensor, ...]
            The arguments.
        """
        ...


class Measured(NamedTuple):
    """How well a network answers."""

    loss: float
    """Mean cross-entropy, in nats."""
    accuracy: float | None
    """Share of right answers; None where there are no classes."""
    macro_f1: float | None
    """Mean F1 of the classes; None where there are none."""

    def value(self, monitor: str) -> float:
        """One of the numbers, turned so that more is better.

        Parameters
        ----------
        monitor : str
            ``macro_f1``, ``accuracy`` or ``loss``.

        Returns
        -------
        float
            The number.
        """
        found: float = getattr(self, monitor)
        return -found if monitor == "loss" else found


def measure(
    network: nn.Module,
    examples: Examples,
    n_classes: int,
    device: torch.device,
    precision: str = "float32",
) -> Measured:
    """Ask a network without dropout.

    Parameters
    ----------
    network : nn.Module
        The network; it is left in the mode of measuring.
    examples : Examples
        At least one.
    n_classes : int
        Number of classes.
    device : torch.device
        Where the network lies.
    precision : str
        ``auto``, ``float32`` or ``bfloat16``, as in training.

    Returns
    -------
    Measured
        Loss, accuracy and macro-F1.
    """
    network.eval()
    logits = torch.empty(len(examples.y), n_classes)
    wishes = wishes_of(network)
    dealt = batches.by_length(examples.lengths, _TOGETHER, wishes.tokens_together)
    precise = devices.precise(device, precision, bfloat16=wishes.bfloat16)
    with torch.inference_mode(), precise:
        for rows in dealt:
            logits[torch.from_numpy(rows)] = network(*examples.batch(rows, device)).float().cpu()
    loss = F.cross_entropy(logits, torch.from_numpy(examples.y)).item()
    macro_f1, accuracy = quality(logits.argmax(dim=1).numpy(), examples.y, n_classes)
    return Measured(loss, accuracy, macro_f1)


def class_weights(
    params: TrainingParams, y: Indices, n_classes: int, device: torch.device
) -> Tensor | None:
    """Weights of the classes in the loss.

    ``balanced`` gives ``n / (k * n_c)`` (King & Zeng 2001, "Logistic Regression in Rare Events
    Data", section 4; as scikit-learn's ``class_weight="balanced"``).

    Parameters
    ----------
    params : TrainingParams
        Settings.
    y : Indices
        Class indices of the training rows.
    n_classes : int
        Number of classes.
    device : torch.device
        Where the weights are to lie.

    Returns
    -------
    Tensor | None
        Shape ``(n_classes,)``; None where all classes weigh the same.
    """
    if params.class_weight == "none":
        return None
    counts = np.bincount(y, minlength=n_classes)
    found = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return torch.from_numpy(found.astype(np.float32)).to(device)
