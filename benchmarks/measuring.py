"""The rows that benchmarks share, and how a fit is timed and its probabilities are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from newsdesk.bundle import Fitted
    from newsdesk.data.corpus import Corpus
    from newsdesk.data.split import Split
    from newsdesk.types import Documents, Floats, Indices

__all__ = [
    "QUALITY",
    "Rows",
    "Timed",
    "against",
    "columns_of",
    "over_seeds",
    "params_of",
    "quality",
    "spread",
]

QUALITY = ("accuracy", "macro_f1", "top_3_accuracy", "ece", "log_loss")


@dataclass(frozen=True, eq=False)
class Rows:
    """A known set with its published split.

    Parameters
    ----------
    corpus : Corpus
        The rows.
    split : Split
        Train, valid (drawn from the published train rows) and test.
    """

    corpus: Corpus
    split: Split

    @classmethod
    def load(cls, name: str, rows: int | None, *, labels: str | None = None) -> Rows:
        """Read a known set.

        Parameters
        ----------
        name : str
            ``huffpost`` or ``bbc``.
        rows : int | None
            A sample of so many rows; None means all.
        labels : str | None
            Label merge map.

        Returns
        -------
        Rows
            The rows and their published split.
        """
        from newsdesk.data import split
        from newsdesk.data.corpus import read_corpus
        from newsdesk.errors import NewsdeskError

        try:
            corpus = read_corpus(name, labels=labels, rows=rows)
        except NewsdeskError as error:
            raise SystemExit(f"{error.problem}\n  → {error.remedy}") from None
        return cls(corpus, split.draw(corpus, "published"))

    @property
    def published_train(self) -> Indices:
        """All rows that are not test, ascending: what peers are fitted on."""
        rows: Indices = np.sort(np.concatenate([self.split.train, self.split.valid]))
        return rows

    def documents(self, rows: Indices) -> Documents:
        """Documents of some rows.

        Parameters
        ----------
        rows : Indices
            Row numbers.

        Returns
        -------
        Documents
            In that order.
        """
        return self.corpus.documents.take(rows)

    def strings(self, rows: Indices) -> list[str]:
        """Texts of some rows, all fields joined, as peers want them.

        Parameters
        ----------
        rows : Indices
            Row numbers.

        Returns
        -------
        list[str]
            In that order.
        """
        texts: list[str] = self.documents(rows).texts.to_pylist()
        return texts

    def fit(self, params: object = None, *, refit: bool | None = True, **options: Any) -> Timed:  # noqa: ANN401
        """Run the whole fit: train, calibrate on valid, refit on both.

        Parameters
        ----------
        params : object
            The family's Params; None means the defaults.
        refit : bool | None
            Whether valid is learnt in the end; None means as the family has it.
        **options : Any
            Others of `Bundle.fit`, such as the family.

        Returns
        -------
        Timed
            What came out, and the wall time from Arrow rows on.
        """
        from newsdesk.bundle import Bundle

        train, valid = self.documents(self.split.train), self.documents(self.split.valid)
        y = self.corpus.y
        start = perf_counter()
        fitted = Bundle.fit(
            train,
            y[self.split.train],
            labels=self.corpus.labels,
            valid=(valid, y[self.split.valid]),
            params=params,
            refit=refit,
            **options,
        )
        seconds = perf_counter() - start
        # As `newsdesk.training` defines fit_seconds: this stage only serves the valid metrics.
        return Timed(fitted, seconds - fitted.seconds["cross_calibrate"])

    def test_quality(self, proba: Floats) -> dict[str, Any]:
        """Measure probabilities of the test rows.

        Parameters
        ----------
        proba : Floats
            Shape ``(n_test, n_classes)``.

        Returns
        -------
        dict[str, Any]
            As `quality` gives it.
        """
        return quality(self.corpus, self.split.test, proba)

    @property
    def facts(self) -> dict[str, Any]:
        """What a record says of the rows."""
        return {
            "name": self.corpus.name,
            "split": self.split.spec,
            "n_train": len(self.split.train),
            "n_valid": len(self.split.valid),
            "n_test": len(self.split.test),
            "n_classes": len(self.corpus.labels),
            "licence": self.corpus.licence,
            "fingerprint": self.corpus.fingerprint,
        }


@dataclass(frozen=True, eq=False)
class Timed:
    """A fit and how long it took.

    Parameters
    ----------
    fitted : Fitted
        What came out.
    seconds : float
        Wall time.
    """

    fitted: Fitted
    seconds: float


def quality(
    corpus: Corpus, rows: Indices, proba: Floats, *, n_bootstrap: int = 1000
) -> dict[str, Any]:
    """Measure probabilities.

    Parameters
    ----------
    corpus : Corpus
        Where the truth is.
    rows : Indices
        Its n rows that were predicted.
    proba : Floats
        Shape ``(n, n_classes)``.
    n_bootstrap : int
        Bootstrap samples behind the intervals.

    Returns
    -------
    dict[str, Any]
        Each of `QUALITY`, and their 95 % intervals.
    """
    from newsdesk.evaluation.metrics import measure

    found = measure(
        proba,
        corpus.y[rows],
        corpus.labels,
        clusters=corpus.duplicate_clusters[rows],
        n_bootstrap=n_bootstrap,
    )
    values: dict[str, Any] = {name: getattr(found, name) for name in QUALITY}
    intervals = {name: found.intervals[name] for name in QUALITY if name in found.intervals}
    return values | {"intervals": intervals}


def against(
    corpus: Corpus,
    rows: Indices,
    proba: Floats,
    other: Floats,
    *,
    names: tuple[str, str],
    n_bootstrap: int,
) -> dict[str, Any]:
    """Compare probabilities with another system's on the same rows.

    Parameters
    ----------
    corpus : Corpus
        Where the truth is.
    rows : Indices
        Its n rows that were predicted.
    proba : Floats
        Shape ``(n, n_classes)``.
    other : Floats
        The other system's, of the same shape.
    names : tuple[str, str]
        What this system and the other are called.
    n_bootstrap : int
        Bootstrap samples behind the interval of macro-F1.

    Returns
    -------
    dict[str, Any]
        Percentage points of accuracy that are gained, the p-value of that, and both comparisons.
    """
    from newsdesk.evaluation.compare import compare

    accuracy, macro_f1 = compare(
        proba,
        other,
        corpus.y[rows],
        names=names,
        clusters=corpus.duplicate_clusters[rows],
        n_bootstrap=n_bootstrap,
    )
    return {
        "points": 100 * accuracy.difference,
        "p_value": accuracy.p_value,
        f"accuracy_against_{names[1]}": asdict(accuracy),
        f"macro_f1_against_{names[1]}": asdict(macro_f1),
    }


def columns_of(scores: NDArray[Any], classes: NDArray[Any], n_classes: int) -> Floats:
    """Bring a peer's columns into the order of the label set.

    Parameters
    ----------
    scores : NDArray[Any]
        Shape ``(n, len(classes))``.
    classes : NDArray[Any]
        Class index of each column.
    n_classes : int
        Of the label set; a class that the peer has not seen gets the lowest of all scores.

    Returns
    -------
    Floats
        Shape ``(n, n_classes)``.
    """
    lowest = min(float(scores.min()), 0.0)
    placed = np.full((len(scores), n_classes), lowest, dtype=np.float32)
    placed[:, classes] = scores
    return placed


def spread(seconds: list[float]) -> dict[str, Any]:
    """Summarise repeated timings.

    Parameters
    ----------
    seconds : list[float]
        At least one.

    Returns
    -------
    dict[str, Any]
        Their median, and all of them.
    """
    return {"seconds": median(seconds), "all_seconds": seconds}


def over_seeds(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and range of each number.

    Parameters
    ----------
    runs : list[dict[str, Any]]
        Numbers by name, at least one run.

    Returns
    -------
    dict[str, Any]
        ``runs``, ``n_seeds``, and of each number its mean under its name, and its range.
    """
    found: dict[str, Any] = {"runs": runs, "n_seeds": len(runs)}
    for name in runs[0]:
        values = [run[name] for run in runs]
        found[name] = mean(values)
        found[f"{name}_range"] = [min(values), max(values)]
    return found


def params_of(family: str, pairs: Sequence[str]) -> Any:  # noqa: ANN401  each family has its own
    """Settings of a family.

    Parameters
    ----------
    family : str
        Its name.
    pairs : Sequence[str]
        ``key=value`` of those that are not the defaults.

    Returns
    -------
    Any
        The family's Params.
    """
    from newsdesk import config
    from newsdesk.bundle import default_params

    return config.override(default_params(family), pairs, where="the benchmark")
