"""What training one family gave: the bundle, its numbers and what it cost."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

from newsdesk.bundle import Bundle
from newsdesk.evaluation.metrics import Metrics
from newsdesk.models.history import History
from newsdesk.predictions import Predictions
from newsdesk.types import Documents, Floats, Indices

__all__ = ["Account", "Costs", "Result", "peak_rss_mb", "resident_mb", "timed_predict"]

_LEAST_SECONDS = 0.2


@dataclass(frozen=True)
class Costs:
    """Time, memory and size.

    Parameters
    ----------
    fit_seconds : float
        Wall time from Arrow rows to the calibrated, refitted model.
    compile_seconds : float
        Wall time of compiling kernels, or of reading them from the disk cache, before that.
    predict_docs_per_second : float
        Test documents per second of wall time, in one batch.
    peak_rss_mb : float
        Largest resident memory of the process so far, 10**6 bytes; a family that ran after
        another has at least the other's.
    bundle_mb : float | None
        Size of the saved bundle, 10**6 bytes; None when nothing was saved.
    """

    fit_seconds: float
    compile_seconds: float
    predict_docs_per_second: float
    peak_rss_mb: float
    bundle_mb: float | None = None


@dataclass(frozen=True)
class Account:
    """What a family was estimated to cost, and what it cost.

    Parameters
    ----------
    estimated_seconds : float
        Estimate of what follows.
    total_seconds : float
        Wall time of fitting, predicting the test rows and measuring.
    estimated_memory_mb : float | None
        Estimate of what follows; None where the family does not tell.
    memory_mb : float
        Peak of the process's resident memory less what it held before, 10**6 bytes: no less than
        the family has taken, and more where another family has taken more.
    """

    estimated_seconds: float
    total_seconds: float
    estimated_memory_mb: float | None
    memory_mb: float


@dataclass(frozen=True, eq=False)
class Result:
    """One family on one split.

    Parameters
    ----------
    family : str
        Name of the family.
    bundle : Bundle
        The trained bundle.
    valid : Metrics
        On held-out rows of train; the only numbers that anything is chosen by.
    valid_proba : Floats
        Probabilities of those rows, calibrated on others, shape ``(n_held_out, n_classes)``.
    valid_rows : Indices
        Rows of the corpus that they are of, shape ``(n_held_out,)``.
    test : Metrics
        On the test rows whose label is a class.
    without_leaked : Metrics | None
        On the measured test rows without a near-duplicate in train or valid; None when all of
        them are such, or none.
    n_leaked : int
        Test rows with an exact copy or a near-duplicate in train or valid.
    without_copies : Metrics | None
        On the measured test rows without an exact copy in train or valid; None likewise.
    n_copies : int
        Test rows with an exact copy in train or valid.
    predictions : Predictions
        Of all test rows, in the order of the split.
    test_rows : Indices
        Rows of the corpus that `test` was measured on.
    costs : Costs
        Time, memory and size.
    history : History
        The epochs of the training; empty for a family that has none.
    account : Account | None
        What was estimated; None where nothing was.
    """

    family: str
    bundle: Bundle
    valid: Metrics
    valid_proba: Floats
    valid_rows: Indices
    test: Metrics
    without_leaked: Metrics | None
    n_leaked: int
    without_copies: Metrics | None
    n_copies: int
    predictions: Predictions
    test_rows: Indices
    costs: Costs
    history: History = field(default_factory=History)
    account: Account | None = None

    def row(self, *, chosen: bool) -> dict[str, str | float | int | bool | None]:
        """The family's line of the leaderboard.

        Parameters
        ----------
        chosen : bool
            Whether this is the family that the run delivers.

        Returns
        -------
        dict[str, str | float | int | bool | None]
            ``valid_*`` (ranked), ``test_*`` (reported), costs, and what was estimated, if it was.
        """
        line: dict[str, str | float | int | bool | None] = {"family": self.family, "chosen": chosen}
        for part, metrics in (("valid", self.valid), ("test", self.test)):
            for name in ("accuracy", "macro_f1", "top_3_accuracy", "log_loss", "ece"):
                line[f"{part}_{name}"] = getattr(metrics, name)
        line["fit_seconds"] = self.costs.fit_seconds
        line["predict_docs_per_second"] = self.costs.predict_docs_per_second
        line["peak_rss_mb"] = self.costs.peak_rss_mb
        line["bundle_mb"] = self.costs.bundle_mb
        return line if self.account is None else line | asdict(self.account)


def timed_predict(bundle: Bundle, documents: Documents) -> tuple[Predictions, float]:
    """Predict, and say how fast.

    Parameters
    ----------
    bundle : Bundle
        A fitted bundle.
    documents : Documents
        n documents, at least one.

    Returns
    -------
    tuple[Predictions, float]
        The predictions, and documents per second. Few documents are predicted over and over, so
        that the figure is of more than one moment.
    """
    bundle.predict(documents.slice(0, 1))  # tables that are built on first use
    n = 0
    start = perf_counter()
    while True:
        predictions = bundle.predict(documents)
        n += len(documents)
        elapsed = perf_counter() - start
        if elapsed >= _LEAST_SECONDS:
            return predictions, n / elapsed


def resident_mb() -> float:
    """Resident memory of this process now.

    Returns
    -------
    float
        In 10**6 bytes; 0 where the system does not tell.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_rss_mb() -> float:
    """Largest resident memory of this process so far.

    Returns
    -------
    float
        In 10**6 bytes; 0 where the system does not tell.
    """
    try:
        import resource  # not on every system
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
