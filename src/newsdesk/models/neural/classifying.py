"""The objective of all classifiers: to give the class of a row the most probability."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural import batches, devices
from newsdesk.models.neural.examples import Examples, Measured, class_weights, measure
from newsdesk.models.neural.losses import loss_of, shares, soft_loss_of
from newsdesk.models.neural.objective import Loss
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.wishes import wishes_of
from newsdesk.types import Floats, Indices

__all__ = ["Classifying"]


class Classifying:
    """To tell classes apart; see `Objective`.

    Parameters
    ----------
    examples : Examples
        To train on; at least one.
    valid : Examples | None
        To watch.
    n_classes : int
        Number of classes.
    params : TrainingParams
        Settings.
    seed : int
        Of the batches.
    device : torch.device
        Where the network lies.
    targets : Floats | None
        Probabilities to learn in place of the classes, shape ``(n, n_classes)``.
    """

    name = "training"

    def __init__(
        self,
        examples: Examples,
        valid: Examples | None,
        n_classes: int,
        params: TrainingParams,
        seed: int,
        device: torch.device,
        targets: Floats | None = None,
    ) -> None:
        self.examples, self.valid, self.targets = examples, valid, targets
        self.n_classes, self.params, self.seed, self.device = n_classes, params, seed, device
        self.weights = class_weights(params, examples.y, n_classes, device)

    @property
    def lengths(self) -> Indices:
        """Tokens of each row, shape ``(n,)``."""
        return self.examples.lengths

    @property
    def n_updates(self) -> int:
        """Updates of the weights in an epoch."""
        return self.params.n_updates(len(self.examples.y))

    def deal(self, epoch: int) -> list[Indices]:
        """Deal rows of like length to each batch; see `Objective.deal`."""
        return batches.shuffled(
            self.examples.lengths, self.params.batch_size, seed=self.seed, epoch=epoch
        )

    def losses(self, network: nn.Module, parts: list[Indices]) -> Iterator[Loss]:
        """Run a network over batches; see `Objective.losses`."""
        known = self.examples.y if self.targets is None else self.targets
        truth = [torch.from_numpy(known[rows]).to(self.device) for rows in parts]
        for rows, own, share in zip(parts, truth, shares(truth, self.weights), strict=True):
            yield self._loss(network, rows, own, share)

    def _loss(self, network: nn.Module, rows: Indices, truth: Tensor, share: Tensor) -> Loss:
        params = self.params
        bfloat16 = wishes_of(network).bfloat16
        with devices.precise(self.device, params.precision, bfloat16=bfloat16):
            logits = network(*self.examples.batch(rows, self.device)).float()
        y = truth
        if self.targets is not None:
            y = torch.from_numpy(self.examples.y[rows]).to(self.device)
        plain = loss = F.cross_entropy(logits, y)
        if self.targets is not None:
            loss = soft_loss_of(logits, truth, self.weights, params)
        elif self.weights is not None or params.label_smoothing or params.focal_gamma:
            loss = loss_of(logits, y, self.weights, params)
        n_right = (logits.detach().argmax(dim=1) == y).sum()
        return Loss(loss * share, len(rows), plain.detach(), n_right)

    def measure(self, network: nn.Module) -> Measured | None:
        """Ask a network about the valid rows; see `Objective.measure`."""
        if self.valid is None:
            return None
        return measure(network, self.valid, self.n_classes, self.device, self.params.precision)

    def value(self, measured: Measured) -> float:
        """How good that is by ``monitor``; see `Objective.value`."""
        return measured.value(self.params.monitor)
