"""How the answers of a linear machine and of dense layers become one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from newsdesk.predictions import Calibrator, softmax
from newsdesk.types import Floats, Indices

__all__ = ["Fusion", "log_loss"]

_SHARES = np.linspace(0, 1, 21)
_LEAST = 1e-9
"""No class is ruled out altogether: its logarithm has to be finite."""


@dataclass(frozen=True)
class Fusion:
    """A mixture of two probabilities, each calibrated first.

    Parameters
    ----------
    share : float
        What the dense layers contribute, 0 to 1; the machine contributes the rest.
    joint : bool
        Whether the machine sees the sentence vector too.
    slope : tuple[float, ...]
        Of the sigmoids of the machine's margins, see `Calibrator`.
    offset : tuple[float, ...]
        Theirs.
    machine_temperature : float
        Of the machine.
    layers_temperature : float
        Of the dense layers.
    """

    share: float
    joint: bool
    slope: tuple[float, ...] = field(repr=False)
    offset: tuple[float, ...] = field(repr=False)
    machine_temperature: float
    layers_temperature: float

    @classmethod
    def fit(cls, margins: Floats, logits: Floats | None, y: Indices, *, joint: bool) -> Fusion:
        """Calibrate both parts, and choose the share with the smallest log loss.

        Parameters
        ----------
        margins : Floats
            Of the machine for rows that it has not seen, shape ``(n, n_classes)``.
        logits : Floats | None
            Of the dense layers; None means that there are none.
        y : Indices
            Class indices, shape ``(n,)``.
        joint : bool
            Whether the machine sees the sentence vector too.

        Returns
        -------
        Fusion
            Share 0 without dense layers.
        """
        machine = Calibrator.fit(margins, y, "margins")
        if logits is None:
            share, temperature = 0.0, 1.0
        else:
            layers = Calibrator.fit(logits, y, "logits")
            temperature = layers.temperature
            rows = np.arange(len(y))
            own, other = machine.apply(margins)[rows, y], layers.apply(logits)[rows, y]
            mixed = own + _SHARES[:, None] * (other - own)
            loss = -np.log(np.maximum(mixed, _LEAST)).mean(axis=1)
            share = float(_SHARES[loss.argmin()])
        return cls(
            share=share,
            joint=joint,
            slope=tuple(machine.slope.tolist()),
            offset=tuple(machine.offset.tolist()),
            machine_temperature=machine.temperature,
            layers_temperature=temperature,
        )

    def apply(self, margins: Floats | None, logits: Floats | None) -> Floats:
        """Mix.

        Parameters
        ----------
        margins : Floats | None
            Of the machine, shape ``(n, n_classes)``; may be None if its share is 0.
        logits : Floats | None
            Of the dense layers; may be None if their share is 0.

        Returns
        -------
        Floats
            Logarithms of the mixed probabilities, shape ``(n, n_classes)``; a row depends on no
            other row.
        """
        parts = []
        if margins is not None and self.share < 1:
            slope, offset = (np.asarray(part, np.float32) for part in (self.slope, self.offset))
            machine = Calibrator(slope, offset, self.machine_temperature, None)
            parts.append(np.float32(1 - self.share) * machine.apply(margins))
        if logits is not None and self.share > 0:
            proba = softmax(logits / np.float32(self.layers_temperature))
            parts.append(np.float32(self.share) * proba)
        mixed: Floats = np.log(np.maximum(sum(parts), np.float32(_LEAST)))
        return mixed


def log_loss(logarithms: Floats, y: Indices) -> float:
    """Mean negative logarithm of the probability of the true class.

    Parameters
    ----------
    logarithms : Floats
        From `Fusion.apply`, shape ``(n, n_classes)``.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    float
        In nats.
    """
    return float(-logarithms[np.arange(len(y)), y].mean())
