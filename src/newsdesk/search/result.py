"""What a search found: mean and spread of every setting, the best one, and how clearly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.errors import FitError
from newsdesk.search.grid import Grid, Setting
from newsdesk.search.journal import FoldScore
from newsdesk.training import Run

__all__ = ["SearchResult", "SettingScore", "choose", "leading", "settled"]


@dataclass(frozen=True)
class SettingScore:
    """A setting with what its fits gave.

    Parameters
    ----------
    setting : Setting
        The setting.
    folds : tuple[FoldScore, ...]
        Its fits, in the order of the folds; at least one.
    """

    setting: Setting
    folds: tuple[FoldScore, ...]

    @property
    def failed(self) -> str | None:
        """Why it has no mean: the reason of the first fit that failed."""
        return next((fit.failed for fit in self.folds if fit.failed), None)

    @cached_property
    def macro_f1(self) -> tuple[float, ...]:
        """Macro-F1 of each fold; none where a fit failed."""
        return _known(fit.macro_f1 for fit in self.folds)

    @property
    def mean(self) -> float | None:
        """Mean macro-F1 of the folds, in [0, 1]; None where a fit failed."""
        return None if self.failed else float(np.mean(self.macro_f1))

    @property
    def accuracy(self) -> float | None:
        """Mean accuracy of the folds, in [0, 1]; None where a fit failed."""
        return None if self.failed else float(np.mean(_known(fit.accuracy for fit in self.folds)))

    @property
    def sd(self) -> float | None:
        """Standard deviation of macro-F1 over the k folds, with ``k - 1`` in the denominator.

        Scikit-learn's ``std_test_score`` has k there and is smaller by ``sqrt(1 - 1 / k)``.
        """
        if self.failed or len(self.folds) < 2:
            return None
        return float(np.std(self.macro_f1, ddof=1))

    @property
    def standard_error(self) -> float:
        """Of the mean, if the folds were independent: ``sd / sqrt(k)``; 0 where it is not known."""
        return (self.sd or 0.0) / math.sqrt(len(self.folds))

    @property
    def sentence(self) -> str:
        """What it came to, for a log."""
        if self.mean is None:
            return f"{self.setting.name}: failed: {self.failed}"
        spread = "" if self.sd is None else f" ± {2 * self.sd:.4f}"
        return f"{self.setting.name}: macro-F1 {self.mean:.4f}{spread}, {self.seconds:.1f} s"

    @property
    def seconds(self) -> float:
        """Wall time of its fits."""
        return sum(fit.seconds for fit in self.folds)


@dataclass(frozen=True, eq=False)
class SearchResult:
    """A finished search.

    Parameters
    ----------
    name : str
        Name of the corpus.
    grid : Grid
        What was tried.
    scores : tuple[SettingScore, ...]
        One per setting, in the order of the grid.
    best : SettingScore
        Highest mean macro-F1; of equal ones the simplest.
    simplest : SettingScore
        The simplest setting whose mean is within one standard error of the best one's (Breiman,
        Friedman, Olshen & Stone 1984, "Classification and regression trees", section 3.4.3). It is
        a hint and not used: the standard error treats folds as independent, which they are not.
    n_folds : int
        Number of folds.
    n_rows : int
        Rows that were searched on: train and valid of the split.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    run : Run
        The best setting, trained on train and valid and measured once on test.
    out : Path | None
        The folder, if one was written.
    """

    name: str
    grid: Grid
    scores: tuple[SettingScore, ...]
    best: SettingScore
    simplest: SettingScore
    n_folds: int
    n_rows: int
    notes: tuple[str, ...]
    run: Run
    out: Path | None = None

    @property
    def ranked(self) -> list[SettingScore]:
        """The settings, best first; failed ones last."""
        return sorted(self.scores, key=_merit)

    @property
    def table(self) -> list[dict[str, Any]]:
        """One line per setting, best first: its values, mean, spread, each fold, costs."""
        return [
            {
                **score.setting.values,
                "mean_macro_f1": score.mean,
                "sd_macro_f1": score.sd,
                **{f"fold_{fit.fold + 1}": fit.macro_f1 for fit in score.folds},
                "mean_accuracy": score.accuracy,
                "seconds": score.seconds,
                "best": score is self.best,
                "simplest_within_one_standard_error": score is self.simplest,
                "failed": score.failed,
            }
            for score in self.ranked
        ]


def settled(grid: Grid, fits: Sequence[FoldScore]) -> tuple[SettingScore, ...]:
    """Gather fits by setting.

    Parameters
    ----------
    grid : Grid
        The settings.
    fits : Sequence[FoldScore]
        Fits in any order.

    Returns
    -------
    tuple[SettingScore, ...]
        One per setting that has a fit, in the order of the grid.
    """
    own: dict[int, list[FoldScore]] = {}
    for fit in sorted(fits, key=lambda fit: fit.fold):
        own.setdefault(fit.setting, []).append(fit)
    return tuple(
        SettingScore(setting, tuple(own[setting.number]))
        for setting in grid.settings
        if setting.number in own
    )


def choose(scores: Sequence[SettingScore]) -> tuple[SettingScore, SettingScore]:
    """Name the best setting, and the simplest that is hardly worse.

    Parameters
    ----------
    scores : Sequence[SettingScore]
        At least one.

    Returns
    -------
    tuple[SettingScore, SettingScore]
        As `SearchResult` defines them.

    Raises
    ------
    FitError
        If all settings failed.
    """
    best = min(scores, key=_merit)
    if best.mean is None:
        problem = f"All {len(scores)} settings failed; {best.setting.name}: {best.failed}"
        raise FitError(problem, remedy="Search other values, such as a lower C.")
    enough = best.mean - best.standard_error
    simplest = min(
        (score for score in scores if score.mean is not None and score.mean >= enough),
        key=lambda score: score.setting.complexity,
    )
    return best, simplest


def leading(scores: Sequence[SettingScore]) -> SettingScore:
    """Name the best setting of an unfinished search.

    Parameters
    ----------
    scores : Sequence[SettingScore]
        At least one.

    Returns
    -------
    SettingScore
        That with the highest mean among those with the most folds.
    """
    most = max(len(score.folds) for score in scores)
    return min((score for score in scores if len(score.folds) == most), key=_merit)


def _merit(score: SettingScore) -> tuple[float, tuple[int, ...]]:
    mean = score.mean
    return (math.inf if mean is None else -mean), score.setting.complexity


def _known(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)
