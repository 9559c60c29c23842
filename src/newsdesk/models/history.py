"""What a training in epochs looked like, for curves and reports."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Epoch", "History", "Stage"]


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows.

    Parameters
    ----------
    number : int
        From 1 on.
    step : int
        Updates of the weights since the beginning, at the end of the epoch.
    train_loss : float
        Mean cross-entropy of the training rows in nats, taken while they were trained on: with
        dropout, and with weights that changed on the way.
    train_accuracy : float | None
        Share of right answers among them, taken likewise; None where there are no classes, as in
        the training of a language model, whose losses are those of the next words.
    valid_loss : float | None
        Mean cross-entropy of the valid rows at the end of the epoch, without dropout; None without
        valid rows.
    valid_accuracy : float | None
        Share of right answers among them.
    valid_macro_f1 : float | None
        Their macro-F1.
    learning_rate : float
        At the end of the epoch.
    seconds : float
        Wall time.
    """

    number: int
    step: int
    train_loss: float
    train_accuracy: float | None
    valid_loss: float | None
    valid_accuracy: float | None
    valid_macro_f1: float | None
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Stage:
    """What was done before or while a classifier was trained, to be told in a report.

    Parameters
    ----------
    title : str
        What was done.
    columns : tuple[str, ...]
        Names of the columns.
    rows : tuple[tuple[float | str | None, ...], ...]
        A value per column; None where there is none.
    notes : tuple[str, ...]
        Sentences.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[float | str | None, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """The epochs of a training.

    Parameters
    ----------
    epochs : tuple[Epoch, ...]
        In order.
    chosen : int
        Number of the epoch whose weights were kept; 0 before the first.
    stages : tuple[Stage, ...]
        What came before the epochs, and how these went where that is not plain.
    """

    epochs: tuple[Epoch, ...] = ()
    chosen: int = 0
    stages: tuple[Stage, ...] = ()

    @property
    def n_steps(self) -> int:
        """Updates of the weights up to the end of the chosen epoch."""
        return next((epoch.step for epoch in self.epochs if epoch.number == self.chosen), 0)
