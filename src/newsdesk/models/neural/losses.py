"""What the gradient is taken of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from newsdesk.models.neural.params import TrainingParams

__all__ = ["loss_of", "shares", "soft_loss_of"]


def loss_of(
    logits: Tensor, y: Tensor, class_weights: Tensor | None, params: TrainingParams
) -> Tensor:
    """Mean loss of a batch, each row weighted by its class.

    The loss of a row is its cross-entropy with the smoothed truth, times ``(1 - p)**focal_gamma``
    for the probability p of its class (Lin et al. 2017, "Focal Loss for Dense Object Detection",
    equations 4 and 5; the weights of the classes are their alpha).

    Parameters
    ----------
    logits : Tensor
        Shape ``(b, n_classes)``.
    y : Tensor
        Class indices, shape ``(b,)``.
    class_weights : Tensor | None
        Shape ``(n_classes,)``; None weighs all alike.
    params : TrainingParams
        Settings.

    Returns
    -------
    Tensor
        One number.
    """
    smoothing = params.label_smoothing
    if not params.focal_gamma:
        return F.cross_entropy(logits, y, class_weights, label_smoothing=smoothing)
    each = F.cross_entropy(logits, y, class_weights, reduction="none", label_smoothing=smoothing)
    log_p = logits.log_softmax(dim=1).gather(1, y[:, None])[:, 0]
    return (_hardness(log_p.exp(), params.focal_gamma) * each).sum() / _weight(y, class_weights)


def soft_loss_of(
    logits: Tensor, targets: Tensor, class_weights: Tensor | None, params: TrainingParams
) -> Tensor:
    """Mean loss of a batch whose targets are probabilities.

    The loss of a row is its cross-entropy with its targets, each class weighted. Where all of a
    row's probability is on one class this is `loss_of`, with smoothing and focus too: p is then the
    probability that the network gives to what the targets ask for, their scalar product.

    Parameters
    ----------
    logits : Tensor
        Shape ``(b, n_classes)``.
    targets : Tensor
        Shape ``(b, n_classes)``; rows sum to 1.
    class_weights : Tensor | None
        Shape ``(n_classes,)``; None weighs all alike.
    params : TrainingParams
        Settings.

    Returns
    -------
    Tensor
        One number.
    """
    log_p = logits.log_softmax(dim=1)
    weighted = targets if class_weights is None else targets * class_weights
    each = -(weighted * log_p).sum(dim=1)
    if params.label_smoothing:
        spread = log_p if class_weights is None else log_p * class_weights
        each = torch.lerp(each, -spread.mean(dim=1), params.label_smoothing)
    if params.focal_gamma:
        p = (targets * log_p.exp()).sum(dim=1)
        each = each * _hardness(p, params.focal_gamma)
    return each.sum() / weighted.sum()


def _hardness(p: Tensor, gamma: float) -> Tensor:
    # Below an exponent of 1 a power has no finite gradient at 0.
    return (1 - p).clamp(min=torch.finfo(p.dtype).eps) ** gamma


def shares(batches: Sequence[Tensor], class_weights: Tensor | None) -> list[Tensor]:
    """Say how much each of several batches counts, if their mean losses are to become one mean.

    Parameters
    ----------
    batches : Sequence[Tensor]
        Class indices of each, shape ``(b,)``, or soft targets, shape ``(b, n_classes)``.
    class_weights : Tensor | None
        Shape ``(n_classes,)``; None weighs all alike.

    Returns
    -------
    list[Tensor]
        Numbers that sum to 1.
    """
    found = torch.stack([_weight(y, class_weights) for y in batches])
    return list(found / found.sum())


def _weight(truth: Tensor, class_weights: Tensor | None) -> Tensor:
    if class_weights is None:
        return truth.new_tensor(len(truth)).float()
    return (class_weights[truth] if truth.dim() == 1 else truth @ class_weights).sum()
