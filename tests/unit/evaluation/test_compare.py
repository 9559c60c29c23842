import numpy as np
import pytest
from scipy.stats import binom, binomtest

from newsdesk.evaluation.compare import compare, paired_interval, sign_flip_p_value
from newsdesk.types import Floats, Indices


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


def test_an_interval_of_more_confidence_is_wider_about_the_same_middle() -> None:
    gain = np.array([1] * 30 + [-1] * 12 + [0] * 158)
    usual, wide = paired_interval(gain), paired_interval(gain, confidence=0.999)
    assert wide[0] < usual[0] < 18 / 200 < usual[1] < wide[1]
    assert sum(usual) == pytest.approx(sum(wide))


def test_the_interval_of_repeated_rows_is_that_of_few() -> None:
    gain = np.array([1] * 8 + [-1] * 3 + [0] * 20)
    repeated = paired_interval(np.repeat(gain, 5), np.repeat(np.arange(31), 5))
    low, high = paired_interval(gain)
    assert repeated[1] - repeated[0] == pytest.approx(high - low, rel=0.05)
