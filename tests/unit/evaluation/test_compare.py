import numpy as np
import pytest
from scipy.stats import binom, binomtest

from newsdesk.evaluation.compare import (
    compare,
    f1,
    paired_f1,
    paired_interval,
    sign_flip_p_value,
)
from newsdesk.evaluation.terms import Terms
from newsdesk.types import Bools, Floats, Indices


def one_hot(said: Indices, k: int = 3) -> Floats:
    return np.eye(k, dtype=np.float32)[said]


def test_p_value_is_mcnemars_mid_p() -> None:
    gain = np.array([1] * 14 + [-1] * 5 + [0] * 100)
    exact = binomtest(14, 19).pvalue
    assert sign_flip_p_value(gain) == pytest.approx(exact - binom.pmf(14, 19, 0.5), abs=1e-12)


def test_p_value_does_not_depend_on_who_is_first() -> None:
    gain = np.array([1] * 3 + [-1] * 9)
    assert sign_flip_p_value(gain) == pytest.approx(sign_flip_p_value(-gain), abs=1e-12)


def test_p_value_without_discordant_rows_is_one() -> None:
    assert sign_flip_p_value(np.zeros(50, dtype=np.int64)) == 1.0


def test_repeated_rows_count_once() -> None:
    gain = np.array([1] * 8 + [-1] * 3)
    repeated = sign_flip_p_value(np.repeat(gain, 4), np.repeat(np.arange(11), 4))
    assert repeated == pytest.approx(sign_flip_p_value(gain), abs=1e-12)


def test_clusters_of_unequal_size_are_flipped_whole() -> None:
    gain = np.array([1, 1, 1, -1, 1])
    clusters = np.array([0, 0, 0, 1, 2])
    totals = [a * 3 + b + c for a in (1, -1) for b in (1, -1) for c in (1, -1)]
    expected = 2 * (np.mean(np.array(totals) > 3) + np.mean(np.array(totals) == 3) / 2)
    assert sign_flip_p_value(gain, clusters) == pytest.approx(expected, abs=1e-12)


def test_equal_systems_are_not_distinguishable() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 200)
    said = np.where(rng.random(200) < 0.7, y, (y + 1) % 3)
    for comparison in compare(
        one_hot(said), one_hot(said), y, names=("linear", "prior"), n_bootstrap=50
    ):
        assert comparison.difference == 0.0
        assert comparison.p_value == 1.0
        assert comparison.interval[0] < 0 < comparison.interval[1]
        assert "not distinguishable" in comparison.sentence


def test_a_clearly_better_system_is_called_better() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 600)
    good = np.where(rng.random(600) < 0.9, y, (y + 1) % 3)
    poor = np.where(rng.random(600) < 0.6, y, (y + 1) % 3)
    accuracy, macro_f1 = compare(
        one_hot(poor), one_hot(good), y, names=("prior", "linear"), n_bootstrap=200
    )
    for comparison in (accuracy, macro_f1):
        assert comparison.p_value < 0.001
        assert comparison.interval[0] <= comparison.difference <= comparison.interval[1] < 0
        assert comparison.sentence.startswith("prior is worse than linear")
    assert "accuracy -" in accuracy.sentence
    assert "macro-F1 -" in macro_f1.sentence


def test_duplicates_widen_the_difference() -> None:
    rng = np.random.default_rng(2)
    y = rng.integers(0, 3, 80)
    first = np.where(rng.random(80) < 0.8, y, (y + 1) % 3)
    second = np.where(rng.random(80) < 0.7, y, (y + 1) % 3)
    rows = np.repeat(np.arange(80), 3)
    alone = compare(one_hot(first), one_hot(second), y, names=("a", "b"))
    blind = compare(one_hot(first)[rows], one_hot(second)[rows], y[rows], names=("a", "b"))
    aware = compare(
        one_hot(first)[rows], one_hot(second)[rows], y[rows], names=("a", "b"), clusters=rows
    )
    for index in (0, 1):
        width = [np.diff(found[index].interval)[0] for found in (alone, blind, aware)]
        assert width[1] < 0.7 * width[0]
        assert width[2] == pytest.approx(width[0], rel=0.1)


def rows_of_a_class(seed: int, n: int, share: float) -> tuple[Bools, Bools, Bools]:
    """Two systems that miss a share of a class of 100 rows, and say it of as many others."""
    rng = np.random.default_rng(seed)
    actual = np.arange(n) < 100
    errs = rng.random((2, n)) < np.where(actual, share, share * 100 / (n - 100))
    return errs[0] ^ actual, errs[1] ^ actual, actual


def test_the_f1_of_a_class_is_that_of_the_metrics() -> None:
    first, _, actual = rows_of_a_class(0, 500, 0.3)
    proba = np.stack([~first, first], axis=1).astype(np.float32)
    _, shares = Terms(proba, actual.astype(np.int64)).measure(np.ones(500))
    assert f1(first, actual) == shares["f1"][1]
    assert f1(np.zeros(500, dtype=bool), np.zeros(500, dtype=bool)) == 0


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_intervals_of_a_difference_in_f1_hold_what_they_promise(share: float) -> None:
    missed = 0
    for seed in range(400):
        low, high = paired_f1(*rows_of_a_class(seed, 700, share))
        missed += not low < 0 < high
    assert missed <= 400 * 0.08


def test_the_error_of_a_difference_in_f1_is_that_of_the_bootstrap() -> None:
    first, second, actual = rows_of_a_class(1, 2000, 0.3)
    low, high = paired_f1(first, second, actual, confidence=0.95)
    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, 2000, 2000) for _ in range(500)]
    found = [f1(first[rows], actual[rows]) - f1(second[rows], actual[rows]) for rows in drawn]
    assert (high - low) / (2 * 1.96) == pytest.approx(np.std(found), rel=0.12)


def test_an_interval_of_more_confidence_is_wider_about_the_same_middle() -> None:
    usual, wide = (paired_f1(*rows_of_a_class(2, 500, 0.3), confidence=c) for c in (0.95, 0.999))
    assert wide[0] < usual[0] < usual[1] < wide[1]
    assert sum(usual) == pytest.approx(sum(wide))


def test_a_single_row_is_no_proof_and_copies_are_not_either() -> None:
    actual = np.arange(300) < 100
    first, second = actual & (np.arange(300) > 0), actual
    assert paired_f1(first, second, actual)[1] > 0
    copies = np.arange(300) // 20  # fifteen texts, of which the first system misses two
    first = actual & (np.arange(300) < 60)
    assert paired_f1(first, second, actual, confidence=0.999)[1] < 0
    assert paired_f1(first, second, actual, copies, confidence=0.999)[1] > 0


def test_the_interval_of_repeated_rows_is_that_of_few() -> None:
    gain = np.array([1] * 8 + [-1] * 3 + [0] * 20)
    repeated = paired_interval(np.repeat(gain, 5), np.repeat(np.arange(31), 5))
    low, high = paired_interval(gain)
    assert repeated[1] - repeated[0] == pytest.approx(high - low, rel=0.05)
