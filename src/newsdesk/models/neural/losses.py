"""What the gradient is taken of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from newsdesk.models.neural.params import TrainingParams

__all__ = ["loss_of", "shares"]


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
    # Below an exponent of 1 a power has no finite gradient at 0.
    hardness = (1 - log_p.exp()).clamp(min=torch.finfo(log_p.dtype).eps) ** params.focal_gamma
    return (hardness * each).sum() / _weight(y, class_weights)


def shares(batches: Sequence[Tensor], class_weights: Tensor | None) -> list[Tensor]:
    """Say how much each of several batches counts, if their mean losses are to become one mean.

    Parameters
    ----------
    batches : Sequence[Tensor]
        Class indices of each, shape ``(b,)``.
    class_weights : Tensor | None
        Shape ``(n_classes,)``; None weighs all alike.

    Returns
    -------
    list[Tensor]
        Numbers that sum to 1.
    """
    found = torch.stack([_weight(y, class_weights) for y in batches])
    return list(found / found.sum())


def _weight(y: Tensor, class_weights: Tensor | None) -> Tensor:
    return y.new_tensor(len(y)).float() if class_weights is None else class_weights[y].sum()
