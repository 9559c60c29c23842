"""What a study found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from newsdesk.data.wording import counted
from newsdesk.study.findings import FactorFinding, Measured, Outcome
from newsdesk.study.result import StudyResult
from newsdesk.training.choices import written

__all__ = ["about", "conclusions", "of_factor", "summarise"]


def summarise(found: StudyResult) -> list[str]:
    """Say what a study found.

    Parameters
    ----------
    found : StudyResult
        The study.

    Returns
    -------
    list[str]
        One sentence per factor, then what is recommended, then how it was measured.
    """
    factors = [of_factor(factor) for factor in found.findings.factors]
    return [*factors, *conclusions(found), about(found)]


def of_factor(found: FactorFinding) -> str:
    """Say what a factor does.

    Parameters
    ----------
    found : FactorFinding
        What was measured at its levels.

    Returns
    -------
    str
        One sentence.
    """
    base, chosen = found.base, found.levels[found.recommended]
    level = written(found.factor.levels[found.recommended])
    if base.outcome is None or chosen.outcome is None:
        said = f"the base {written(found.factor.base)} has no numbers to compare with"
    elif chosen is base:
        said = _kept(found, base.outcome)
    else:
        said = f"{level} {_moved(chosen.outcome, base.outcome)} ({_beside(chosen, base.outcome)})"
    return "; ".join([f"{found.factor.key}: {said}", *_failures(found)]) + "."


def _moved(outcome: Outcome, base: Outcome) -> str:
    """What another level than the base does."""
    before, after = _points(base.gap.mean), _points(outcome.gap.mean)
    if before == after:
        gap = f"leaves the train-valid gap at {after} points"
    else:
        verb = "narrows" if outcome.gap.mean < base.gap.mean else "widens"
        gap = f"{verb} the train-valid gap from {before} to {after} points"
    return f"{gap} at valid accuracy {_percent(outcome.valid.mean)}"


def _beside(measured: Measured, base: Outcome) -> str:
    text = f"base {_percent(base.valid.mean)}"
    return text + (f", difference {measured.difference.text}" if measured.difference else "")


def _kept(found: FactorFinding, base: Outcome) -> str:
    text = (
        f"no level is recommended over the base {written(found.factor.base)} (valid accuracy "
        f"{_percent(base.valid.mean)}, gap {_points(base.gap.mean)} points)"
    )
    others = [
        (measured.outcome, written(level), measured.difference)
        for level, measured in zip(found.factor.levels, found.levels, strict=True)
        if measured is not found.base and measured.outcome
    ]
    if not others:
        return text
    best, name, apart = max(others, key=lambda other: other[0].valid.mean)
    text += f"; {name} gives {_percent(best.valid.mean)}, gap {_points(best.gap.mean)} points"
    return text + (f" (difference {apart.text})" if apart else "")


def _failures(found: FactorFinding) -> Iterator[str]:
    for level, measured in zip(found.factor.levels, found.levels, strict=True):
        n, n_failed = len(measured.fits), len(measured.failed)
        if n_failed:
            times = "" if n_failed == n else f" in {n_failed} of {n} fits"
            yield f"{written(level)}: training {measured.failure}{times}"


def conclusions(found: StudyResult) -> list[str]:
    """Say what is recommended, and what it comes to.

    Parameters
    ----------
    found : StudyResult
        The study.

    Returns
    -------
    list[str]
        One to three sentences.
    """
    plan = found.findings.plan
    changes = plan.changes(found.recommended)
    if not changes:
        return ["Recommended: the base as it is.", *_bound(found)]
    others = "" if len(changes) == len(plan.factors) else ", the others as in the base"
    return [f"Recommended: {' '.join(changes)}{others}.", _together(found), *_bound(found)]


def _bound(found: StudyResult) -> Iterator[str]:
    """Whether the gap is as narrow as was asked for."""
    most, together = found.findings.most_gap, found.together
    if most is not None and together is not None and together.outcome is not None:
        kept = together.outcome.gap.mean <= most
        yield f"The gap {'is' if kept else 'is not'} within the {_points(most)} points asked for."


def _together(found: StudyResult) -> str:
    together, base = found.together, found.base.outcome
    if together is None:
        return "These levels were not tried together."
    if together.outcome is None:
        return f"Together: training {together.failure}; take fewer of them."
    valid, gap = together.outcome.valid, together.outcome.gap
    text = f"Together: valid accuracy {_percent(valid.mean)}"
    if len(found.seeds) > 1:
        text += f" (seeds {100 * valid.low:.1f}–{_percent(valid.high)})"
    text += f" and a train-valid gap of {_points(gap.mean)} points"
    if base:
        text += f"; base {_percent(base.valid.mean)} and {_points(base.gap.mean)} points"
    if together.difference:
        text += f" (difference {together.difference.text})"
    if together.failed:
        text += (
            f"; training {together.failure} in {len(together.failed)} of {len(found.seeds)} fits"
        )
    return text + "."


def about(found: StudyResult) -> str:
    """Say what the numbers rest on.

    Parameters
    ----------
    found : StudyResult
        The study.

    Returns
    -------
    str
        A sentence or two.
    """
    seeds = counted(len(found.seeds), "seed")
    text = (
        f"Each setting was trained on {counted(found.n_train)} with {seeds} and measured on "
        f"{found.n_valid:,} valid rows; the {found.n_test:,} test rows were not looked at."
    )
    if len(found.seeds) == 1:
        text += " With one seed, the limits leave out what chance does in training."
    return text


def _percent(share: float) -> str:
    return f"{100 * share:.1f}\u00a0%"


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
