"""What the fits of a study say of every level of every factor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.study.contrast import Difference, difference
from newsdesk.study.factors import Factor, Plan, Setting
from newsdesk.study.journal import Fit, Numbers
from newsdesk.types import Indices

__all__ = ["FactorFinding", "Findings", "Measured", "Outcome", "Spread"]


@dataclass(frozen=True)
class Spread:
    """A number over the seeds.

    Parameters
    ----------
    mean : float
        Mean over the seeds.
    low : float
        The least of them.
    high : float
        The greatest.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Outcome:
    """What trainings came to, over the seeds.

    Parameters
    ----------
    train : Spread
        Accuracy on train.
    valid : Spread
        Accuracy on valid.
    gap : Spread
        The former minus the latter.
    train_loss : Spread
        Mean log loss on train, in nats.
    valid_loss : Spread
        Mean log loss on valid, in nats.
    """

    train: Spread
    valid: Spread
    gap: Spread
    train_loss: Spread
    valid_loss: Spread


@dataclass(frozen=True)
class Measured:
    """Some trainings together: those of a setting, or of a level.

    Parameters
    ----------
    fits : tuple[Fit, ...]
        At least one.
    difference : Difference | None
        Valid accuracy against the base; None for the base itself, or where one of them failed.
    """

    fits: tuple[Fit, ...]
    difference: Difference | None = None

    @property
    def failed(self) -> tuple[Fit, ...]:
        """Trainings that came to nothing."""
        return tuple(fit for fit in self.fits if fit.failed is not None)

    @property
    def failure(self) -> str:
        """What became of those: ``"diverged"``, or ``"failed"`` where that is not all."""
        return "diverged" if all(fit.diverged for fit in self.failed) else "failed"

    @cached_property
    def outcome(self) -> Outcome | None:
        """What the others came to; None where all failed."""
        by_seed: dict[int, list[Numbers]] = {}
        for fit in self.fits:
            if fit.numbers is not None:
                by_seed.setdefault(fit.seed, []).append(fit.numbers)
        if not by_seed:
            return None

        def spread(number: Callable[[Numbers], float]) -> Spread:
            means = [float(np.mean([*map(number, own)])) for own in by_seed.values()]
            low, high = min(means), max(means)
            # Rounding may put the mean of equal numbers beside them.
            return Spread(min(max(float(np.mean(means)), low), high), low, high)

        return Outcome(
            train=spread(lambda numbers: numbers.train.accuracy),
            valid=spread(lambda numbers: numbers.valid.accuracy),
            gap=spread(lambda numbers: numbers.gap),
            train_loss=spread(lambda numbers: numbers.train.log_loss),
            valid_loss=spread(lambda numbers: numbers.valid.log_loss),
        )


@dataclass(frozen=True)
class FactorFinding:
    """A factor with what was measured at each of its levels.

    Parameters
    ----------
    factor : Factor
        The factor.
    levels : tuple[Measured, ...]
        In the order of the factor's levels. In a grid a level has the fits of all combinations
        that hold it.
    recommended : int
        Place of the recommended level.
    """

    factor: Factor
    levels: tuple[Measured, ...]
    recommended: int

    @property
    def base(self) -> Measured:
        """The level that the setting has in the base."""
        return self.levels[self.factor.levels.index(self.factor.base)]


@dataclass(frozen=True, eq=False)
class Findings:
    """The fits of a plan, looked at from all sides.

    Parameters
    ----------
    plan : Plan
        What was fitted.
    fits : tuple[Fit, ...]
        All fits, each setting with each seed; in any order.
    clusters : Indices
        Valid rows with equal numbers are one text, shape ``(n_valid,)``.
    most_gap : float | None
        What is recommended has no wider gap between train and valid, if anything that is not below
        the base has none; None bounds nothing.
    """

    plan: Plan
    fits: tuple[Fit, ...]
    clusters: Indices
    most_gap: float | None = None

    @cached_property
    def factors(self) -> tuple[FactorFinding, ...]:
        """Every factor of the plan."""
        return tuple(self._factor(factor) for factor in self.plan.factors)

    @cached_property
    def recommended(self) -> dict[str, Any]:
        """A level of every factor.

        One factor at a time: of each, among those within the bound on the gap, the level with the
        highest mean valid accuracy; where others are not distinguishable from it and not below the
        base, that of them with the smallest gap between train and valid. In a grid the same is
        done with whole settings. What failed with any seed is not recommended.
        """
        if self.plan.design == "grid":
            settings = list(self.plan.settings)
            best = self._choice([[setting] for setting in settings], 0)
            return settings[best].values
        return {
            factor.key: factor.levels[
                self._choice(
                    [self._holding(factor, level) for level in factor.levels],
                    factor.levels.index(factor.base),
                )
            ]
            for factor in self.plan.factors
        }

    def measured(self, setting: Setting, fits: Sequence[Fit] = ()) -> Measured:
        """Look at one setting.

        Parameters
        ----------
        setting : Setting
            One of the plan, or a further one.
        fits : Sequence[Fit]
            Of a further setting, one for each seed.

        Returns
        -------
        Measured
            Its fits.
        """
        together = replace(self, fits=(*self.fits, *fits))
        return together._measured([setting], [self.plan.base])

    def _factor(self, factor: Factor) -> FactorFinding:
        base = self._holding(factor, factor.base)
        levels = tuple(
            self._measured(self._holding(factor, level), base) for level in factor.levels
        )
        recommended = factor.levels.index(self.recommended[factor.key])
        return FactorFinding(factor, levels, recommended)

    def _holding(self, factor: Factor, level: Any) -> list[Setting]:  # noqa: ANN401
        """Settings with a level; one factor at a time, that with the others at their base."""
        found = [s for s in self.plan.settings if s.values[factor.key] == level]
        if self.plan.design == "grid":
            return found
        wanted = self.plan.base.values | {factor.key: level}
        return [setting for setting in found if setting.values == wanted]

    def _measured(self, settings: Sequence[Setting], base: Sequence[Setting]) -> Measured:
        same = list(settings) == list(base)
        return Measured(self._fits(settings), None if same else self._difference(settings, base))

    def _difference(self, first: Sequence[Setting], second: Sequence[Setting]) -> Difference | None:
        """Settings are compared in their order: in a grid their other levels are then the same."""
        n = len(self.clusters)
        pairs = []
        for seed in sorted({fit.seed for fit in self.fits}):
            both = [
                (ours.answers(n), theirs.answers(n))
                for a, b in zip(first, second, strict=True)
                if (ours := self._by_place[a.number, seed].numbers) is not None
                and (theirs := self._by_place[b.number, seed].numbers) is not None
            ]
            if both:
                pairs.append((_mean(a for a, _ in both), _mean(b for _, b in both)))
        return difference(pairs, self.clusters)

    @cached_property
    def _by_place(self) -> dict[tuple[int, int], Fit]:
        return {(fit.setting, fit.seed): fit for fit in self.fits}

    def _choice(self, options: Sequence[Sequence[Setting]], base: int) -> int:
        """Place of the best of several lists of settings."""
        scores = {}
        for place, settings in enumerate(options):
            found = Measured(self._fits(settings))
            if found.outcome and not found.failed:
                outcome = found.outcome
                scores[place] = outcome.valid.mean, -outcome.gap.mean, place == base
        if not scores:
            return base
        least = scores[base][0] if base in scores else 0.0
        if self.most_gap is not None:
            within = {
                place: score
                for place, score in scores.items()
                if score[0] >= least and -score[1] <= self.most_gap
            }
            scores = within or scores
        best = max(scores, key=lambda place: scores[place])
        tied = {
            place: (gap, accuracy, is_base)
            for place, (accuracy, gap, is_base) in scores.items()
            if place == best
            or (accuracy >= least and self._are_tied(options[best], options[place]))
        }
        return max(tied, key=lambda place: tied[place])

    def _are_tied(self, first: Sequence[Setting], second: Sequence[Setting]) -> bool:
        apart = self._difference(first, second)
        return apart is not None and not apart.is_clear

    def _fits(self, settings: Sequence[Setting]) -> tuple[Fit, ...]:
        numbers = {setting.number for setting in settings}
        return tuple(fit for fit in self.fits if fit.setting in numbers)


def _mean(answers: Iterable[NDArray[Any]]) -> NDArray[Any]:
    mean: NDArray[Any] = np.mean(list(answers), axis=0)
    return mean
