"""The settings of training that all neural families share."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

from newsdesk.errors import ConfigError
from newsdesk.models.neural.schedules import Schedule

__all__ = ["LoopParams", "TrainingParams"]

_MOST_EPOCHS = 1000


@dataclass(frozen=True)
class LoopParams:
    """Settings of the training loop.

    Parameters
    ----------
    optimizer : Literal["adam", "adamw", "rmsprop", "sgd"]
        ``adam`` (Kingma & Ba 2015), ``adamw`` (Loshchilov & Hutter 2019), ``rmsprop`` with a decay
        of 0.9, or ``sgd`` with a momentum of 0.9.
    betas : tuple[float, float]
        Of ``adam`` and ``adamw``: how much of the mean gradient and of the mean square is kept in
        an update; each 0 up to below 1.
    learning_rate : float
        Peak of the schedule; above 0, up to 10.
    schedule : Schedule
        ``constant``, ``one-cycle``, ``slanted-triangular`` or ``warm-up``.
    warm_up : float
        Share of the updates in which schedule ``warm-up`` rises; 0 up to below 1.
    epochs : int
        Passes over the training rows at the most, 1 to 1,000.
    min_updates : int
        Where ``epochs`` passes make fewer updates, as over few rows, further passes are made, up to
        1,000 in all; 0 adds none, and 1,000,000 is the most.
    batch_size : int
        Rows per step, 1 to 65,536.
    accumulate : int
        Batches whose gradients are added up to one update, 1 to 1,024: the effect of a larger batch
        in the memory of a small one.
    patience : int
        Training stops when so many epochs have brought nothing better on valid; 0 never stops.
    keep : Literal["best", "last"]
        Whether the weights of the best epoch on valid are kept, or those of the last.
    clip_norm : float
        Longest gradient: longer ones are scaled down to it; 0 never scales.
    weight_decay : float
        Share of the weights that ``adamw`` takes away per unit of learning rate; 0 to 10.
    l1 : float
        Penalty on the absolute weights of dense, convolutional and recurrent layers; 0 to 10.
    l2 : float
        Penalty on their squares; 0 to 10.
    device : Literal["auto", "cpu", "cuda"]
        Where to train; ``auto`` takes CUDA where there is one.
    precision : Literal["auto", "float32", "bfloat16"]
        ``auto`` trains in mixed bfloat16 where that is faster: on CUDA devices that have it, and
        for networks of attention on processors that have it; else in float32.
    """

    family: ClassVar[str]
    whose: ClassVar[str] = "Family"
    """What `family` is the name of."""
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {}
    """Settings that go by one name, to be asked for as ``preset=NAME``."""

    optimizer: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    betas: tuple[float, float] = (0.9, 0.999)
    learning_rate: float = 1e-3
    schedule: Schedule = "constant"
    warm_up: float = 0.1
    epochs: int = 10
    min_updates: int = 0
    batch_size: int = 64
    accumulate: int = 1
    patience: int = 2
    keep: Literal["best", "last"] = "best"
    clip_norm: float = 1.0
    weight_decay: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    def __init_subclass__(cls) -> None:
        # The help of a family lists all its settings, the inherited ones last.
        inherited = cls.__mro__[1].__doc__
        if cls.__doc__ and inherited:
            _, _, shared = inspect.cleandoc(inherited).partition("----------\n")
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__)}\n{shared}"

    def __post_init__(self) -> None:
        self._require(0 < self.learning_rate <= 10, "learning_rate", "above 0, up to 10")
        self._require(all(0 <= beta < 1 for beta in self.betas), "betas", "0 up to below 1")
        self._require(0 <= self.warm_up < 1, "warm_up", "0 up to below 1")
        self._require(1 <= self.epochs <= _MOST_EPOCHS, "epochs", "1 to 1,000")
        self._require(0 <= self.min_updates <= 1_000_000, "min_updates", "0 to 1,000,000")
        self._require(1 <= self.batch_size <= 65536, "batch_size", "1 to 65,536")
        self._require(1 <= self.accumulate <= 1024, "accumulate", "1 to 1,024")
        self._require(self.patience >= 0, "patience", "0 or more")
        self._require(self.clip_norm >= 0, "clip_norm", "0 or more")
        for name in ("weight_decay", "l1", "l2"):
            self._require(0 <= getattr(self, name) <= 10, name, "0 to 10")

    def n_updates(self, n_rows: int) -> int:
        """Count the updates of an epoch.

        Parameters
        ----------
        n_rows : int
            Training rows.

        Returns
        -------
        int
            Updates of the weights.
        """
        n_batches = -(-n_rows // self.batch_size)
        return -(-n_batches // self.accumulate)

    def settled(self, n_rows: int) -> Self:
        """Say how many passes are made over so many rows.

        Parameters
        ----------
        n_rows : int
            Training rows.

        Returns
        -------
        Self
            The same settings, but that ``epochs`` are the passes that ``min_updates`` asks for.
        """
        return self.settled_by(self.n_updates(n_rows))

    def settled_by(self, n_updates: int) -> Self:
        """Say how many passes are made where one has so many updates.

        Parameters
        ----------
        n_updates : int
            Updates of an epoch.

        Returns
        -------
        Self
            The same settings, but that ``epochs`` are the passes that ``min_updates`` asks for.
        """
        needed = -(-self.min_updates // max(n_updates, 1))
        epochs = max(self.epochs, min(needed, _MOST_EPOCHS))
        return replace(self, epochs=epochs, min_updates=0)

    def _require(self, holds: bool, name: str, allowed: str) -> None:
        if not holds:
            value = getattr(self, name)
            problem = f"{self.whose} {self.family}: {name} is {value}, allowed is: {allowed}."
            raise ConfigError(problem, remedy=f"Set {name} within that range.")


@dataclass(frozen=True)
class TrainingParams(LoopParams):
    """Settings of the training of a classifier.

    Parameters
    ----------
    monitor : Literal["macro_f1", "accuracy", "loss"]
        What is better on valid.
    class_weight : Literal["none", "balanced"]
        ``balanced`` weighs a class by the inverse of its frequency.
    label_smoothing : float
        Share of the truth that is spread over all classes (Szegedy et al. 2016, section 7); 0 up
        to below 1.
    focal_gamma : float
        How much less rows count that are answered well already: a row's loss is multiplied by
        ``(1 - p)**focal_gamma`` for the probability p of its class (Lin et al. 2017); 0 to 10.
    """

    FACTORS: ClassVar[dict[str, tuple[Any, ...]]] = {
        "dropout": (0.0, 0.2, 0.5),
        "learning_rate": (0.0003, 0.001, 0.003),
        "optimizer": ("adam", "rmsprop", "sgd"),
        "l1": (0.0, 0.0001, 0.001),
        "l2": (0.0, 0.0001, 0.001),
    }
    """What a study varies when nothing else is asked for."""

    monitor: Literal["macro_f1", "accuracy", "loss"] = "macro_f1"
    class_weight: Literal["none", "balanced"] = "none"
    label_smoothing: float = 0.0
    focal_gamma: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(0 <= self.label_smoothing < 1, "label_smoothing", "0 up to below 1")
        self._require(0 <= self.focal_gamma <= 10, "focal_gamma", "0 to 10")
