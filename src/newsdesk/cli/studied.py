"""What a study found, for the terminal and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdesk.cli import console

if TYPE_CHECKING:
    from newsdesk.study import StudyResult
    from newsdesk.study.findings import FactorFinding, Measured

__all__ = ["record", "show"]


def record(found: StudyResult) -> dict[str, Any]:
    """Put everything into plain values.

    Parameters
    ----------
    found : StudyResult
        The study.

    Returns
    -------
    dict[str, Any]
        What ``--json`` writes.
    """
    from newsdesk.study import summarise
    from newsdesk.study.result import outcome

    plan = found.findings.plan
    return {
        "name": found.name,
        "out": None if found.out is None else str(found.out),
        "family": plan.family,
        "design": plan.design,
        "base": plan.base.values,
        "seeds": found.seeds,
        "n_train": found.n_train,
        "n_train_measured": found.n_measured,
        "n_valid": found.n_valid,
        "n_test": found.n_test,
        "levels": found.levels,
        "recommended": found.recommended,
        "settings": found.settings,
        "together": None if found.together is None else outcome(found.together),
        "fits": found.fits,
        "sentences": summarise(found),
        "notes": found.notes,
    }


def show(found: StudyResult) -> None:
    """Print a table per factor, then the sentences.

    Parameters
    ----------
    found : StudyResult
        The study.
    """
    from newsdesk.study import summarise

    for factor in found.findings.factors:
        _show(factor)
    console.say("* recommended. Accuracy in percent, gap in points; loss, range, base: of valid.")
    console.say()
    for sentence in summarise(found):
        console.say(console.printable(sentence))
    if found.out is not None:
        console.say()
        console.say(f"Study:  {found.out / 'study.html'}", wrap=False)


def _show(found: FactorFinding) -> None:
    from newsdesk.training.choices import written

    headings = [found.factor.key, "train", "valid", "range", "gap", "loss", "to base", "95 %"]
    cells = []
    for place, (level, measured) in enumerate(zip(found.factor.levels, found.levels, strict=True)):
        name = written(level) + (" *" if place == found.recommended else "")
        name += " base" if level == found.factor.base else ""
        cells.append([name, *_numbers(measured)])
    console.say(console.table(headings, cells))
    console.say()


def _numbers(measured: Measured) -> list[str]:
    outcome, apart = measured.outcome, measured.difference
    if outcome is None:
        return [measured.failure, *[""] * 6]
    train, valid, gap = outcome.train, outcome.valid, outcome.gap
    cells = [
        f"{100 * train.mean:.1f}",
        f"{100 * valid.mean:.1f}",
        f"{100 * valid.low:.1f}–{100 * valid.high:.1f}",
        f"{100 * gap.mean:.1f}",
        f"{outcome.valid_loss.mean:.3f}",
    ]
    if apart is None:
        return [*cells, "", ""]
    limits = f"{100 * apart.low:+.1f} to {100 * apart.high:+.1f}"
    return [*cells, f"{100 * apart.value:+.1f}", limits]
