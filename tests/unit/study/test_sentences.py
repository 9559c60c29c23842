from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.study import StudyResult, summarise
from newsdesk.study.contrast import Difference
from newsdesk.study.factors import Factor
from newsdesk.study.findings import FactorFinding, Measured
from newsdesk.study.journal import Fit, Numbers, Quality
from newsdesk.study.sentences import of_factor

Studied = Callable[..., StudyResult]
APART = Difference(0.007, -0.004, 0.018)


def measured(train: float, valid: float, apart: Difference | None = None, n: int = 1) -> Measured:
    right = np.packbits(np.ones(8, bool)).tobytes()
    numbers = Numbers(Quality(train, 0, 1), Quality(valid, 0, 1), right)
    return Measured(tuple(Fit(0, seed, {}, numbers, 1.0) for seed in range(n)), apart)


def failed(n: int, *, diverged: bool = True) -> tuple[Fit, ...]:
    return tuple(Fit(0, seed, {}, None, 1.0, "why", diverged) for seed in range(5, 5 + n))


def said(*levels: Measured, recommended: int, base: int = 0) -> str:
    values = (0.0, 0.2, 0.5)[: len(levels)]
    factor = Factor("dropout", values, values[base])
    return of_factor(FactorFinding(factor, levels, recommended)).replace("\u00a0", " ")


def test_a_recommended_level_is_told_with_gap_accuracy_and_difference() -> None:
    assert said(measured(1.0, 0.794), measured(0.899, 0.801, APART), recommended=1) == (
        "dropout: 0.2 narrows the train-valid gap from 20.6 to 9.8 points at valid accuracy 80.1 % "
        "(base 79.4 %, difference +0.7 points, -0.4 to +1.8: not distinguishable)."
    )


def test_a_wider_or_an_equal_gap_is_said_so() -> None:
    base = measured(0.9, 0.8)
    assert "widens the train-valid gap from 10.0 to 15.0 points" in said(
        base, measured(1.0, 0.85, APART), recommended=1
    )
    assert "leaves the train-valid gap at 10.0 points" in said(
        base, measured(0.95, 0.85, APART), recommended=1
    )


def test_a_base_that_stays_is_told_with_the_best_of_the_others() -> None:
    text = said(
        measured(0.9, 0.8), measured(0.9, 0.7, APART), measured(0.9, 0.75, APART), recommended=0
    )
    assert text == (
        "dropout: no level is recommended over the base 0 (valid accuracy 80.0 %, gap 10.0 "
        "points); 0.5 gives 75.0 %, gap 15.0 points (difference +0.7 points, -0.4 to +1.8: "
        "not distinguishable)."
    )


def test_what_failed_is_named_with_how_often() -> None:
    base, whole = measured(0.9, 0.8), measured(0.9, 0.85, APART, n=2)
    some = replace(whole, fits=(*whole.fits, *failed(1)))
    text = said(base, some, Measured(failed(3, diverged=False)), recommended=0)
    assert text.endswith("; 0.2: training diverged in 1 of 3 fits; 0.5: training failed.")


def test_a_base_without_numbers_is_no_comparison() -> None:
    text = said(Measured(failed(2)), measured(0.9, 0.8), recommended=1)
    assert text == ("dropout: the base 0 has no numbers to compare with; 0: training diverged.")


def test_a_study_is_a_sentence_per_factor_then_the_end(studied: Studied) -> None:
    found = studied(vary=["dropout=0|0.9", "rate=0.1|9"])
    dropout, rate, recommended, together, about = summarise(found)
    assert dropout.startswith("dropout: 0.9 narrows the train-valid gap from")
    assert rate.endswith("; 9: training diverged.")
    assert recommended == "Recommended: dropout=0.9, the others as in the base."
    assert together.startswith("Together: valid accuracy ")
    assert "; base " in together
    assert about.startswith("Each setting was trained on 192 rows with 2 seeds and measured on 48")
    assert about.endswith("the 60 test rows were not looked at.")


@pytest.mark.parametrize(("more", "verb"), [(0.01, "is"), (-0.01, "is not")])
def test_whether_the_gap_is_as_narrow_as_was_asked_for_is_said(
    more: float, verb: str, studied: Studied
) -> None:
    found = studied(vary=["dropout=0|0.9"])
    assert found.together is not None
    assert found.together.outcome is not None
    most = found.together.outcome.gap.mean + more
    found = replace(found, findings=replace(found.findings, most_gap=most))
    assert summarise(found)[-2] == f"The gap {verb} within the {100 * most:.1f} points asked for."


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"together": None}, "These levels were not tried together."),
        ({"together": Measured(failed(2))}, "Together: training diverged; take fewer of them."),
    ],
)
def test_levels_that_have_no_numbers_together_are_said_so(
    changes: dict[str, Any], line: str, studied: Studied
) -> None:
    found = studied(vary=["dropout=0|0.9", "rate=0.1|0.2"])
    assert line in summarise(replace(found, **changes))


def test_a_base_that_nothing_beats_is_recommended(studied: Studied) -> None:
    found = studied(vary=["kind=a|b"], seeds=1)
    assert "Recommended: the base as it is." in summarise(found)
    assert summarise(found)[-1].endswith("leave out what chance does in training.")
