"""The climb: family after family while the next one fits into what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.errors import NewsdeskError
from newsdesk.ladder.budget import Clock
from newsdesk.ladder.choice import given_up, nothing_to_gain
from newsdesk.ladder.deadline import Deadline, OutOfTimeError
from newsdesk.ladder.estimate import Estimate, Estimator
from newsdesk.ladder.rungs import FLOOR, of_its_kind
from newsdesk.training.fitting import Fitting
from newsdesk.training.result import Account, Result, peak_rss_mb, resident_mb
from newsdesk.types import Silent

__all__ = ["Climb"]

_WRITING = 2.0
"""Seconds for the report and the bundles in the end, beside the comparisons."""
_TRIALS = 0.4
"""A family whose trials take such a part of what is left is left out."""
_OVERDRAWN = 1.05
"""A fit is given up when so much of the budget, less what the end takes, is gone."""


@dataclass(eq=False)
class Climb:
    """A climb under way.

    Parameters
    ----------
    fitting : Fitting
        What all families share.
    params : Mapping[str, Any]
        Params of each family by its name, from cheap to dear.
    clock : Clock
        The budget.
    results : list[Result]
        What has been fitted, in order.
    fitted : dict[str, Any]
        Params of what has been fitted.
    outcomes : dict[str, dict[str, Any]]
        What has become of each rung, for the record.
    """

    fitting: Fitting
    params: Mapping[str, Any]
    clock: Clock
    results: list[Result] = field(default_factory=list)
    fitted: dict[str, Any] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self) -> None:
        """Climb; there is one result at least when it is over."""
        said, clock = self.fitting.said, self.clock
        said(f"{clock.spent:.1f} s of {clock.seconds:,.0f} went before the first family.")
        estimator = Estimator(self.fitting)
        corpus, clusters = self.fitting.rows.corpus, self.fitting.leaks.clusters
        for family in self.params:
            end = nothing_to_gain(self.results)
            if end is not None:
                said(end)
                break
            why = given_up(self.results, of_its_kind(family), corpus.y, clusters)
            if why is None:
                self._try(family, estimator)
            else:
                self._leave_out(family, why)
        for family in self.params:
            self.outcomes.setdefault(family, {"outcome": "not tried"})
        if not self.results:
            params = self.params.get(FLOOR, None) or door.default_params(FLOOR)
            said(f"No family was trained within the budget: {FLOOR} is now, whatever it takes.")
            self._fit(FLOOR, params, Estimate(0.0), None)

    def _try(self, family: str, estimator: Estimator) -> None:
        params = self.params[family]
        left = self._left
        if left <= 0:
            self._leave_out(family, "nothing is left of the budget")
            return
        stopped = f"its trials alone took {_TRIALS:.0%} of what was left"
        try:
            memory = self._memory(family, params)
            if memory is None:
                return
            estimate = estimator.estimate(
                family,
                params,
                left=left,
                measuring=self._measuring,
                progress=Deadline(Silent(), _TRIALS * left),
            )
            about = "at least " if estimate.is_least else ""
            left = max(self._left, 0.0)
            words = f"estimated {about}{estimate.seconds:.1f} s, {left:.1f} s are left"
            if estimate.seconds > left:
                self._leave_out(family, words, estimated_seconds=estimate.seconds)
                return
            gigabytes = "" if not memory else f", {memory / 1e9:.1f} GB of memory"
            self.fitting.said(f"{family}: {words}{gigabytes}.")
            stopped = f"given up when the budget was spent, estimated {estimate.seconds:.1f} s"
            self._fit(family, params, estimate, memory or None)
        except OutOfTimeError:
            self._leave_out(family, stopped)
        except NewsdeskError as error:
            # One family that cannot be trained does not take the others' results away.
            self._leave_out(family, error.problem.rstrip("."))

    def _memory(self, family: str, params: Any) -> int | None:  # noqa: ANN401
        """Bytes that a fit takes, 0 if it does not tell; None if the family is left out for it."""
        needed, free = self.fitting.memory(family, params), config.available_memory()
        if needed is None:
            return 0
        if free is not None and needed > free:
            words = f"estimated {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are available"
            self._leave_out(family, words, estimated_memory_mb=needed / 1e6)
            return None
        return needed

    def _fit(self, family: str, params: Any, estimate: Estimate, memory: int | None) -> None:  # noqa: ANN401
        before = resident_mb()
        start = perf_counter()
        fitting = self.fitting
        if family != FLOOR:
            end = _OVERDRAWN * self.clock.seconds - self.clock.spent - self._ending
            fitting = replace(fitting, progress=Deadline(fitting.progress, end))
        result = fitting.run(family, params)
        account = Account(
            estimated_seconds=estimate.seconds,
            total_seconds=perf_counter() - start,
            estimated_memory_mb=None if memory is None else memory / 1e6,
            memory_mb=max(peak_rss_mb() - before, 0.0),
        )
        best = max((other.valid.macro_f1 for other in self.results), default=None)
        result = replace(result, account=account)
        self.results.append(result)
        gain = "" if best is None else f" ({result.valid.macro_f1 - best:+.3f})"
        self.fitted[family] = params
        self.outcomes[family] = {"outcome": "trained"}
        fitting.said(
            f"{family}: valid macro-F1 {result.valid.macro_f1:.3f}{gain}, "
            f"{account.total_seconds:.1f} s (estimated {account.estimated_seconds:.1f}), "
            f"at most {account.memory_mb / 1e3:.1f} GB of memory."
        )

    def _leave_out(self, family: str, why: str, **numbers: float) -> None:
        self.fitting.said(f"{family} is left out: {why}.")
        self.outcomes[family] = {"outcome": f"left out: {why}", **numbers}

    @property
    def _left(self) -> float:
        """Seconds of the budget that a family may take."""
        return self.clock.left - self._ending

    @property
    def _ending(self) -> float:
        """Seconds that comparing and writing will take: each comparison as long as a measuring."""
        return _WRITING + self._measuring * (len(self.results) + 1)

    @property
    def _measuring(self) -> float:
        """Seconds that measuring a family takes, by the last one; 0 before the first."""
        if not self.results:
            return 0.0
        last = self.results[-1]
        assert last.account is not None, "a rung has an account"
        answering = len(self.fitting.rows.test) / last.costs.predict_docs_per_second
        return max(last.account.total_seconds - last.costs.fit_seconds - answering, 0.0)
