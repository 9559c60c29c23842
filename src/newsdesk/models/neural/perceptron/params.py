"""The settings of dense layers on vectors."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["PerceptronParams"]


@dataclass(frozen=True)
class PerceptronParams(TrainingParams):
    """Settings of dense layers on vectors and of their training.

    Parameters
    ----------
    hidden : tuple[int, ...]
        Units of each dense layer before the last, none (a linear model) or up to five layers of 1
        to 4,096.
    dropout : float
        Share of the numbers of a vector that are left out while training; 0 up to below 1.
    hidden_dropout : float
        Share of the inputs of later layers that are left out while training; 0 up to below 1.
    """

    hidden: tuple[int, ...] = (1024,)
    dropout: float = 0.1
    hidden_dropout: float = 0.4
    schedule: Schedule = "one-cycle"
    epochs: int = 16
    batch_size: int = 256
    patience: int = 0
    clip_norm: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("dropout", "hidden_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
        sizes = len(self.hidden) <= 5 and all(1 <= size <= 4096 for size in self.hidden)
        self._require(sizes, "hidden", "none or up to five layers of 1 to 4,096 units")
