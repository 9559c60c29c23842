"""Accuracy and loss of a training, epoch by epoch, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Curves", "Series", "summarise"]

Series = tuple[float | None, ...]
"""One value per epoch; None where there is none."""


@dataclass(frozen=True)
class Curves:
    """A training in epochs; each series has one value per epoch.

    Parameters
    ----------
    epochs : tuple[int, ...]
        Numbers of the epochs, ascending from 1; at least one.
    train_accuracy : Series
        Share of right answers in [0, 1], taken while the weights changed.
    valid_accuracy : Series
        Share of right answers on the valid rows, at the end of the epoch.
    train_loss : Series
        Mean cross-entropy in nats, taken while the weights changed.
    valid_loss : Series
        Mean cross-entropy of the valid rows, at the end of the epoch.
    chosen : int
        Number of the epoch whose weights were kept; 0 before the first.
    """

    epochs: tuple[int, ...]
    train_accuracy: Series
    valid_accuracy: Series
    train_loss: Series
    valid_loss: Series
    chosen: int

    @property
    def has_valid(self) -> bool:
        """Whether there were valid rows to watch."""
        return any(value is not None for value in self.valid_accuracy + self.valid_loss)


def summarise(curves: Curves) -> str:
    """Say which epoch was the best, which was kept, and how far train ran ahead then.

    Parameters
    ----------
    curves : Curves
        The training.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> summarise(Curves((1, 2), (0.7, 0.95), (0.8, 0.9), (0.9, 0.2), (0.6, 0.3), chosen=2))
    'Valid loss was lowest in epoch 2 of 2; the weights of epoch 2 were kept; train accuracy ran
    5.0 points ahead of valid then.'
    """
    return "; ".join([_lowest(curves), _kept(curves), *_gap(curves)]) + "."


def _lowest(curves: Curves) -> str:
    n = len(curves.epochs)
    counted = "There was one epoch" if n == 1 else f"There were {n:,} epochs"
    losses = [
        (loss, epoch)
        for loss, epoch in zip(curves.valid_loss, curves.epochs, strict=True)
        if loss is not None
    ]
    if not curves.has_valid:
        return f"{counted}, without valid rows to watch"
    if n == 1 or not losses:
        return counted
    return f"Valid loss was lowest in epoch {min(losses)[1]:,} of {n:,}"


def _kept(curves: Curves) -> str:
    epoch = f"of epoch {curves.chosen:,}" if curves.chosen else "from before the first epoch"
    return f"the weights {epoch} were kept"


def _gap(curves: Curves) -> list[str]:
    """Nothing where a number is missing."""
    if curves.chosen not in curves.epochs:
        return []
    place = curves.epochs.index(curves.chosen)
    train, valid = curves.train_accuracy[place], curves.valid_accuracy[place]
    if train is None or valid is None:
        return []
    points = round(100 * (train - valid), 1)
    if not points:
        return ["train and valid accuracy were equal then"]
    side = "ahead of" if points > 0 else "behind"
    return [f"train accuracy ran {abs(points):.1f} points {side} valid then"]
