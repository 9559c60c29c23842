"""A finished study, and its tables."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from newsdesk.study.findings import Findings, Measured, Outcome
from newsdesk.study.journal import Fit

__all__ = ["StudyResult", "outcome"]


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A finished study.

    Parameters
    ----------
    name : str
        Name of the corpus.
    findings : Findings
        What the fits of the plan say.
    base : Measured
        The base.
    together : Measured | None
        The recommended levels together; None where they were not fitted so.
    confirming : tuple[Fit, ...]
        Fits of a setting that the plan did not have: all recommended levels together.
    seeds : tuple[int, ...]
        Of the fits of each setting.
    n_train : int
        Rows that every fit trained on.
    n_measured : int
        Training rows that accuracy and loss on train were measured on.
    n_valid : int
        Rows that accuracy and loss on valid were measured on.
    n_test : int
        Rows that were set aside and not looked at.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    out : Path | None
        The folder, if one was written.
    """

    name: str
    findings: Findings
    base: Measured
    together: Measured | None
    confirming: tuple[Fit, ...]
    seeds: tuple[int, ...]
    n_train: int
    n_measured: int
    n_valid: int
    n_test: int
    notes: tuple[str, ...]
    out: Path | None = None

    @property
    def family(self) -> str:
        """The family whose settings were varied."""
        return self.findings.plan.family

    @property
    def recommended(self) -> dict[str, Any]:
        """A level of every factor; see `Findings.recommended`."""
        return self.findings.recommended

    @property
    def settings(self) -> tuple[str, ...]:
        """``key=value`` of the base and the recommended levels, as ``train --set`` takes them."""
        plan = self.findings.plan
        return (*plan.fixed, *plan.changes(self.recommended))

    @property
    def fits(self) -> list[dict[str, Any]]:
        """One line per fit: setting, seed, levels, numbers; ordered by setting, then seed."""
        everything = sorted(
            (*self.findings.fits, *self.confirming), key=lambda fit: (fit.setting, fit.seed)
        )
        return [_line(fit) for fit in everything]

    @property
    def levels(self) -> list[dict[str, Any]]:
        """One line per level of each factor: means and ranges over the seeds, in [0, 1]."""
        return [
            {
                "factor": found.factor.key,
                "level": level,
                "base": level == found.factor.base,
                "recommended": place == found.recommended,
                "n_fits": len(measured.fits),
                "n_failed": len(measured.failed),
                **outcome(measured),
            }
            for found in self.findings.factors
            for place, (level, measured) in enumerate(
                zip(found.factor.levels, found.levels, strict=True)
            )
        ]


def _line(fit: Fit) -> dict[str, Any]:
    numbers: dict[str, float | None] = {}
    for part in ("train", "valid"):
        quality = None if fit.numbers is None else getattr(fit.numbers, part)
        for name in ("accuracy", "macro_f1", "log_loss"):
            numbers[f"{part}_{name}"] = None if quality is None else getattr(quality, name)
    return {
        "setting": fit.setting,
        "seed": fit.seed,
        **fit.values,
        **numbers,
        "gap": None if fit.numbers is None else fit.numbers.gap,
        "seconds": fit.seconds,
        "failed": fit.failed,
    }


def outcome(measured: Measured) -> dict[str, float | None]:
    """Put numbers into one line of a table.

    Parameters
    ----------
    measured : Measured
        Some trainings.

    Returns
    -------
    dict[str, float | None]
        Mean, least and greatest over the seeds of each number, then the difference to the base with
        its limits; None where there is none.
    """
    names = ("train_accuracy", "valid_accuracy", "gap", "train_log_loss", "valid_log_loss")
    found: dict[str, float | None] = {}
    for name, item in zip(names, fields(Outcome), strict=True):
        spread = None if measured.outcome is None else getattr(measured.outcome, item.name)
        for suffix, part in (("", "mean"), ("_low", "low"), ("_high", "high")):
            found[name + suffix] = None if spread is None else getattr(spread, part)
    for suffix, part in (("to_base", "value"), ("low", "low"), ("high", "high")):
        apart = measured.difference
        found[f"difference_{suffix}"] = None if apart is None else getattr(apart, part)
    return found
