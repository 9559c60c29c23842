from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.errors import RefusedError
from newsdesk.evaluation.compare import paired_f1
from newsdesk.predictions import Predictions
from newsdesk.promotion.gate import Line, Verdict, joint_labels, judge
from newsdesk.types import Indices, LabelSet

LABELS = LabelSet(["A", "B", "C"])


def said(classes: Indices, labels: LabelSet = LABELS) -> Predictions:
    """Answers that name one class each."""
    proba = np.eye(len(labels), dtype=np.float32)[classes]
    ids = pa.array(map(str, range(len(classes))), type=pa.large_string())
    return Predictions(proba, labels, ids, np.zeros(len(classes), dtype=np.bool_))


def wrong(y: Indices, share: float, seed: int, only: int | None = None) -> Indices:
    """Class indices that err on a share of the rows, or of those of one class."""
    rng = np.random.default_rng(seed)
    errs = (rng.random(len(y)) < share) & (True if only is None else y == only)
    return np.where(errs, (y + 1) % 3, y)


Y = np.random.default_rng(0).integers(0, 3, 3000)


def line(verdict: Verdict, metric: str, label: str | None = None) -> Line:
    (found,) = [each for each in verdict.lines if (each.metric, each.label) == (metric, label)]
    return found


def test_the_same_answers_pass() -> None:
    answers = said(wrong(Y, 0.2, 1))
    verdict = judge(answers, answers, Y)
    assert verdict.reasons == ()
    verdict.check()
    assert {each.outcome for each in verdict.lines} == {"not worse"}
    assert all(each.difference == 0 for each in verdict.lines)


def test_a_better_candidate_passes_and_is_called_better() -> None:
    verdict = judge(said(wrong(Y, 0.3, 1)), said(wrong(Y, 0.1, 2)), Y)
    assert verdict.reasons == ()
    assert line(verdict, "accuracy").outcome == "better"
    assert line(verdict, "f1", "B").outcome == "better"
    assert line(verdict, "accuracy").difference == pytest.approx(0.2, abs=0.03)


def test_a_worse_candidate_is_refused_with_its_numbers() -> None:
    verdict = judge(said(wrong(Y, 0.1, 1)), said(wrong(Y, 0.3, 2)), Y)
    assert line(verdict, "accuracy").outcome == "worse"
    with pytest.raises(RefusedError, match="it is worse \\(accuracy -"):
        verdict.check()


def test_few_rows_do_not_show_that_a_candidate_is_not_worse() -> None:
    served, candidate = said(wrong(Y, 0.2, 1)), said(wrong(Y, 0.2, 2))
    few = slice(0, 200)
    y, parts = Y[few], [said(each.y[few]) for each in (served, candidate)]
    verdict = judge(*parts, y)
    assert line(verdict, "accuracy").outcome == "not shown"
    assert "may be worse by more than 0.5 points" in verdict.reasons[0]
    assert judge(*parts, y, margin=0.2).reasons == ()


def test_a_class_that_got_worse_is_a_reason_though_the_average_did_not() -> None:
    def mixed(one: int, other: int, seed: int) -> Indices:
        """Class indices where a third of two classes is taken for each other."""
        swapped = np.random.default_rng(seed).random(len(Y)) < 0.3
        return np.where(swapped & (one == Y), other, np.where(swapped & (other == Y), one, Y))

    verdict = judge(said(mixed(0, 2, 1)), said(mixed(1, 2, 2)), Y, margin=0.03)
    assert line(verdict, "accuracy").outcome in ("better", "not worse")
    assert line(verdict, "f1", "B").outcome == "worse"
    assert line(verdict, "f1", "A").outcome == "better"
    (reason,) = verdict.reasons
    assert reason.startswith("it is worse on B (F1 -")


def test_a_line_between_classes_that_is_drawn_elsewhere_is_no_reason() -> None:
    # Of A and B a tenth each look alike: the served version calls all of those A, the candidate B.
    alike = np.random.default_rng(3).random(len(Y)) < 0.1
    served = np.where(alike & (Y == 1), 0, Y)
    candidate = np.where(alike & (Y == 0), 1, Y)
    verdict = judge(said(served), said(candidate), Y, margin=0.02)
    assert (candidate[Y == 0] == 0).mean() < (served[Y == 0] == 0).mean() - 0.05
    assert line(verdict, "f1", "A").outcome == "not worse"
    assert verdict.reasons == ()


def test_a_loss_within_the_margin_is_said_and_no_reason() -> None:
    worse = np.where((Y == 0) & (np.arange(len(Y)) % 20 == 0), 1, Y)  # some 50 of 1,000 rows
    lines = {}
    for margin in (0.005, 0.05):
        verdict = judge(said(Y), said(worse), Y, margin=margin)
        lines[margin] = line(verdict, "f1", "A")
        assert bool(verdict.reasons) == (margin == 0.005)
    assert lines[0.005].interval == lines[0.05].interval
    assert lines[0.05].interval[1] < 0
    assert (lines[0.005].outcome, lines[0.05].outcome) == ("worse", "slightly worse")


def test_a_class_of_few_rows_is_shown_and_not_judged() -> None:
    keep = np.concatenate([np.flatnonzero(Y != 2), np.flatnonzero(Y == 2)[:99]])
    y = Y[keep]
    verdict = judge(said(y), said(np.where((y == 2) & (np.arange(len(y)) % 5 > 0), 0, y)), y)
    assert line(verdict, "f1", "C").outcome == "not judged"
    assert not any("on C" in reason for reason in verdict.reasons)


def test_intervals_of_more_classes_are_wider() -> None:
    parts = [Y, wrong(Y, 0.2, 1), wrong(Y, 0.2, 2)]
    y, served, candidate = ((each == 0).astype(np.int64) for each in parts)
    two = line(judge(said(served), said(candidate), y), "f1", "A")
    few = np.concatenate([np.flatnonzero(y == 1), np.flatnonzero(y == 0)[:99]])
    only, other = (
        line(judge(said(served[rows]), said(candidate[rows]), y[rows]), "f1", "B")
        for rows in (few, np.sort(few))
    )
    assert only == other, "order does not matter"
    unit = paired_f1(candidate == 0, served == 0, y == 0, confidence=0.975)
    assert two.interval == unit, "two classes are judged: 1 - 0.05 / 2"
    alone = paired_f1(candidate[few] == 1, served[few] == 1, y[few] == 1, confidence=0.95)
    assert only.interval == alone, "one class is judged"


def test_equally_good_bundles_are_rarely_called_worse_on_any_class() -> None:
    refused = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 3, 600)
        pair = [said(np.where(rng.random(600) < 0.2, (y + 1) % 3, y)) for _ in range(2)]
        verdict = judge(*pair, y, margin=1)
        refused += any(each.outcome == "worse" for each in verdict.lines if each.label)
    assert refused <= 8


def test_classes_are_matched_by_name() -> None:
    other = LabelSet(["C", "A", "B"])
    verdict = judge(said(Y), said((Y + 1) % 3, other), Y)
    assert line(verdict, "accuracy").candidate == 1.0


def test_a_class_that_the_candidate_lacks_is_a_refusal() -> None:
    y = Y % 2
    verdict = judge(said(y), said(y, LabelSet(["A", "B"])), y)
    assert verdict.reasons == ("it lacks the class C, which is served",)


def test_a_class_that_is_new_counts_for_the_candidate() -> None:
    known = LabelSet(["A", "B"])
    verdict = judge(said(Y % 2, known), said(Y), Y)
    assert joint_labels(known, LABELS) == LABELS
    assert verdict.reasons == ()
    new = line(verdict, "f1", "C")
    assert (new.outcome, new.served, new.candidate) == ("new", 0.0, 1.0)
    assert line(verdict, "macro_f1").outcome == "better"


def test_numbers_for_the_history_are_plain() -> None:
    numbers = judge(said(Y), said(Y), Y).numbers
    assert numbers["n"] == 3000
    assert numbers["margin"] == 0.005
    assert isinstance(numbers["lines"], list)
    assert numbers["lines"][0]["metric"] == "accuracy"
