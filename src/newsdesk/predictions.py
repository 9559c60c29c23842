"""What comes out of the door: calibrated probabilities with their class names and ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsdesk.errors import DivergedError
from newsdesk.types import Bools, Floats, Indices, LabelSet

__all__ = ["Calibrator", "Predictions", "Scores", "softmax"]

Output = Literal["logits", "margins"]

_LEAST_SLOPE = 0.01
_LIKENESS = 10.0
"""How much a class without held-out rows is taken to be like the others: as if ten rows said so."""


class Scores(NamedTuple):
    """What a classifier says before calibration."""

    values: Floats
    """Float32, shape ``(n, n_classes)``: softmax logits, or one-vs-rest margins."""
    low_evidence: Bools
    """Shape ``(n,)``: true where the classifier knew nothing of what the document holds."""


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Normalised exponentials of each row.

    Parameters
    ----------
    logits : NDArray[np.floating]
        Shape ``(n, k)``.

    Returns
    -------
    Floats
        Float32, shape ``(n, k)``; rows sum to 1.

    Examples
    --------
    >>> softmax(np.zeros((1, 4), dtype=np.float32)).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    proba: Floats = logits.astype(np.float32)
    proba -= np.maximum.reduce(proba, axis=1, keepdims=True)
    np.exp(proba, out=proba)
    proba /= np.add.reduce(proba, axis=1, keepdims=True)
    return proba


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Scores to probabilities; fitted on documents that the classifier did not train on.

    Softmax logits get one temperature (Guo et al. 2017, "On Calibration of Modern Neural
    Networks", section 4.2). One-vs-rest margins get a sigmoid per class (Platt 1999, with the
    targets of Lin, Lin & Weng 2007, equation 5), whose log-probabilities are then normalised
    over the classes with one temperature.

    Parameters
    ----------
    slope : Floats
        Sigmoid slopes, shape ``(k,)``; empty for logits.
    offset : Floats
        Sigmoid offsets, shape ``(k,)``; empty for logits.
    temperature : float
        Positive; above 1 flattens.
    threshold : float | None
        With two classes: the probability of the second class from which it is the answer with
        the highest F1 on the rows of the fit. Reported, never applied silently.
    """

    slope: Floats
    offset: Floats
    temperature: float = 1.0
    threshold: float | None = None

    @classmethod
    def fit(cls, scores: Floats, y: Indices, output: Output) -> Calibrator:
        """Fit on held-out scores.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``.
        y : Indices
            Class indices, shape ``(n,)``.
        output : Output
            What the scores are.

        Returns
        -------
        Calibrator
            The fitted calibrator.

        Raises
        ------
        DivergedError
            If a score is not finite.
        """
        if not np.isfinite(scores).all():
            raise DivergedError(
                "The held-out scores are not finite.", remedy="Lower C or the rate."
            )
        k = scores.shape[1]
        if output == "margins":
            slope, offset = _sigmoids(scores, y, k)
        else:
            slope = offset = np.zeros(0, dtype=np.float32)
        flat = cls(slope=slope, offset=offset)
        logits = flat._logits(scores).astype(np.float64)
        calibrated = cls(slope=slope, offset=offset, temperature=_temperature(logits, y))
        threshold = _best_threshold(calibrated.apply(scores)[:, 1], y == 1) if k == 2 else None
        return cls(slope, offset, calibrated.temperature, threshold)

    @classmethod
    def cross_apply(cls, scores: Floats, y: Indices, output: Output) -> Floats:
        """Calibrate held-out scores by calibrators that were fitted on other rows.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``.
        y : Indices
            Class indices, shape ``(n,)``.
        output : Output
            What the scores are.

        Returns
        -------
        Floats
            Float32, shape ``(n, k)``: each half of the rows by the calibrator of the other.
        """
        half = np.arange(len(y)) % 2 == 0
        proba = np.empty_like(scores)
        for own in (half, ~half):
            if own.any():
                others = ~own if (~own).any() else own
                proba[own] = cls.fit(scores[others], y[others], output).apply(scores[own])
        return proba

    def apply(self, scores: Floats) -> Floats:
        """Turn scores into probabilities.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``.

        Returns
        -------
        Floats
            Float32, shape ``(n, k)``; rows sum to 1. A row depends on no other row.
        """
        return softmax(self._logits(scores) / np.float32(self.temperature))

    def log_odds(self, scores: Floats) -> NDArray[np.float64]:
        """Turn scores into ``log(p / (1 - p))`` of the probabilities that `apply` gives.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``, k at least 2.

        Returns
        -------
        NDArray[np.float64]
            Shape ``(n, k)``; finite where a probability itself would be rounded to 1.
        """
        logits = (self._logits(scores) / np.float32(self.temperature)).astype(np.float64)
        rows, best = np.arange(len(logits)), logits.argmax(axis=1)
        logits -= logits[rows, best][:, None]
        power = np.exp(logits)
        others = power.sum(axis=1, keepdims=True) - power
        others[rows, best] = 1.0
        odds: NDArray[np.float64] = logits - np.log(others)
        # Beside the likeliest class the others may be too small for a difference.
        rest = logits.copy()
        rest[rows, best] = -np.inf
        second = rest.max(axis=1, keepdims=True)
        odds[rows, best] = -(second[:, 0] + np.log(np.exp(rest - second).sum(axis=1)))
        return odds

    def _logits(self, scores: Floats) -> Floats:
        if not self.slope.size:
            return scores
        # log sigmoid(x) = -log(1 + exp(-x)), written so that it cannot overflow.
        x = scores * self.slope
        x += self.offset
        tail = np.abs(x)
        np.negative(tail, out=tail)
        np.exp(tail, out=tail)
        np.log1p(tail, out=tail)
        np.minimum(x, 0, out=x)
        x -= tail
        return x


def _sigmoids(scores: Floats, y: Indices, k: int) -> tuple[Floats, Floats]:
    """Fit all per-class sigmoids at once by Newton's method on two parameters each.

    Negative log-likelihood of ``sigmoid(a s + b)`` against Platt's smoothed targets, with a
    faint pull of ``a`` to 1 that keeps classes without held-out rows defined.
    """
    # About their mean, slope and offset hardly depend on each other, even of scores all alike.
    centre = scores.mean(axis=0, dtype=np.float64)
    scores = scores - centre.astype(np.float32)
    own = np.zeros(scores.shape, dtype=np.bool_)
    own[np.arange(len(y)), y] = True
    n_positive = own.sum(axis=0)
    high = ((n_positive + 1) / (n_positive + 2)).astype(np.float32)
    low = (1 / (len(y) - n_positive + 2)).astype(np.float32)
    target = np.where(own, high, low)
    ones, zeros = np.ones(k), np.zeros(k)
    a, b = _newton(scores, target, _Prior(ones, 1e-3 * ones, zeros, 0 * ones))
    # Left-out rows of a handful often score backwards, as the class they lack is the likelier.
    # That is no evidence, and must not turn answers round.
    backwards = a < _LEAST_SLOPE
    share = target.mean(axis=0, dtype=np.float64)
    a[backwards] = _LEAST_SLOPE
    b[backwards] = np.log(share / (1 - share))[backwards]
    unseen = n_positive == 0
    if unseen.any() and not unseen.all():
        # Rows of other classes alone would say "never" of a class that was learnt from a few train
        # rows: it is taken to be like the others, as far as those rows allow.
        slope, offset = np.median(a[~unseen]), np.median((b - a * centre)[~unseen])
        weight = np.full(int(unseen.sum()), _LIKENESS)
        prior = _Prior(0 * weight + slope, weight, offset + slope * centre[unseen], weight)
        a[unseen], b[unseen] = _newton(scores[:, unseen], target[:, unseen], prior)
        a[unseen] = np.maximum(a[unseen], _LEAST_SLOPE)
    return a.astype(np.float32), (b - a * centre).astype(np.float32)


class _Prior(NamedTuple):
    """What slopes and offsets are pulled to, and how much; each of shape ``(k,)``."""

    a: NDArray[np.float64]
    weight_a: NDArray[np.float64]
    b: NDArray[np.float64]
    weight_b: NDArray[np.float64]


def _newton(
    scores: Floats, target: Floats, prior: _Prior
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes and offsets of all classes at once."""
    a, b = prior.a.copy(), prior.b.copy()
    loss, p = _sigmoid_loss(scores, target, a, b, prior)
    for _ in range(50):
        residual = p - target
        weight = p * (1 - p)
        weighted = weight * scores
        grad_a = _column_sums(residual * scores) + prior.weight_a * (a - prior.a)
        grad_b = _column_sums(residual) + prior.weight_b * (b - prior.b)
        h_aa = _column_sums(weighted * scores) + prior.weight_a
        h_ab = _column_sums(weighted)
        h_bb = _column_sums(weight) + prior.weight_b + 1e-9
        det = h_aa * h_bb - h_ab * h_ab
        step_a = (h_bb * grad_a - h_ab * grad_b) / det
        step_b = (h_aa * grad_b - h_ab * grad_a) / det
        scale = np.ones(len(a))
        for _ in range(20):  # halve until no class gets worse
            trial, p = _sigmoid_loss(scores, target, a - scale * step_a, b - scale * step_b, prior)
            worse = trial > loss + 1e-6 * np.abs(loss)
            if not worse.any():
                break
            scale[worse] /= 2
        a, b, loss = a - scale * step_a, b - scale * step_b, trial
        if max(np.abs(step_a).max(), np.abs(step_b).max()) < 1e-4:
            break
    return a, b


def _column_sums(x: Floats) -> NDArray[np.float64]:
    total: NDArray[np.float64] = x.sum(axis=0, dtype=np.float64)
    return total


def _sigmoid_loss(
    scores: Floats,
    target: Floats,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    prior: _Prior,
) -> tuple[NDArray[np.float64], Floats]:
    """Loss of each class and the probabilities, from one exponential per score."""
    z = scores * a.astype(np.float32) + b.astype(np.float32)
    power = np.exp(-np.abs(z))
    loss = np.maximum(z, 0) + np.log1p(power) - target * z
    p = np.where(z >= 0, np.float32(1), power) / (1 + power)
    pull = prior.weight_a * (a - prior.a) ** 2 + prior.weight_b * (b - prior.b) ** 2
    return _column_sums(loss) + pull / 2, p


def _temperature(logits: NDArray[np.float64], y: Indices) -> float:
    # Only fitting needs it, and it takes longer to load than a bundle does.
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(y))

    def loss(log_temperature: float) -> float:
        z = logits / np.exp(log_temperature)
        z = z - z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z).sum(axis=1)) - z[rows, y]).mean())

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def _best_threshold(proba: Floats, positive: Bools) -> float:
    """Probability from which answering "second class" has the highest F1 on these rows."""
    order = np.argsort(-proba, kind="stable")
    hits = np.cumsum(positive[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(int(positive.sum()), 1))
    f1[:-1][np.diff(proba[order]) == 0] = -1  # no threshold parts equal probabilities
    return float(proba[order[int(f1.argmax())]])


@dataclass(frozen=True, eq=False)
class Predictions:
    """Calibrated probabilities with their class names and ids.

    Parameters
    ----------
    proba : Floats
        Float32, shape ``(n, k)``. With one label per document the rows sum to 1; nothing else
        here relies on that, so that several labels per document can come later.
    label_set : LabelSet
        The k class names, in column order.
    ids : pa.LargeStringArray
        Shape ``(n,)``.
    low_evidence : Bools
        Shape ``(n,)``; true where nothing in the document was known to the classifier, so that
        the answer is the class frequencies of the training rows.
    """

    proba: Floats
    label_set: LabelSet
    ids: pa.LargeStringArray
    low_evidence: Bools

    def __len__(self) -> int:
        return len(self.proba)

    def top_k(self, k: int) -> tuple[Indices, Floats]:
        """The k likeliest classes of each document, best first.

        Parameters
        ----------
        k : int
            At least 1; more than there are classes gives all classes.

        Returns
        -------
        tuple[Indices, Floats]
            Class indices and probabilities, each of shape ``(n, min(k, n_classes))``. Equal
            probabilities stand in the order of the label set.
        """
        order = np.argsort(-self.proba, axis=1, kind="stable")[:, :k]
        return order, self.proba[np.arange(len(order))[:, None], order]

    @property
    def y(self) -> Indices:
        """Likeliest class index of each document, shape ``(n,)``."""
        best: Indices = self.proba.argmax(axis=1)
        return best

    @property
    def labels(self) -> list[str]:
        """Likeliest class name of each document."""
        return self.label_set.decode(self.y)

    def abstain(self, below: float) -> Bools:
        """Mark documents whose likeliest class is not likely enough.

        Parameters
        ----------
        below : float
            Probability in [0, 1].

        Returns
        -------
        Bools
            Shape ``(n,)``; true where the answer should be "not sure".
        """
        unsure: Bools = (self.proba.max(axis=1) < below) | self.low_evidence
        return unsure

    def to_table(self, k: int = 3, truth: Sequence[str | None] | None = None) -> pa.Table:
        """Lay the predictions out as a table.

        Parameters
        ----------
        k : int
            How many of the likeliest classes; with fewer classes there are fewer columns.
        truth : Sequence[str | None] | None
            The n true labels, where they are known.

        Returns
        -------
        pa.Table
            ``id``, ``label`` (if known), ``predicted``, ``label_1 … label_k``,
            ``proba_1 … proba_k``.
        """
        order, proba = self.top_k(k)
        names = pa.array(self.label_set.names, type=pa.large_string())
        best = [names.take(pa.array(column)) for column in order.T]
        columns: dict[str, pa.Array] = {"id": self.ids}
        if truth is not None:
            columns["label"] = pa.array(truth, type=pa.large_string())
        columns["predicted"] = best[0]
        columns |= {f"label_{rank}": column for rank, column in enumerate(best, start=1)}
        columns |= {f"proba_{rank}": pa.array(row) for rank, row in enumerate(proba.T, start=1)}
        return pa.table(columns)
