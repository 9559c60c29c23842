import numpy as np
import pytest

from newsdesk.evaluation.metrics import Metrics, measure
from newsdesk.evaluation.summary import cautions, percent, percent_range, summarise
from newsdesk.types import LabelSet


def measured(n_right: int, n: int, labels: tuple[str, ...] = ("a", "b", "c", "d")) -> Metrics:
    y = np.arange(n) % len(labels)
    said = np.where(np.arange(n) < n_right, y, (y + 1) % len(labels))
    proba = np.eye(len(labels), dtype=np.float32)[said]
    return measure(proba, y, LabelSet(labels), n_bootstrap=5)


def test_shares_are_written_as_percent() -> None:
    assert percent(0.6894) == "68.9\u00a0%"
    assert percent_range((0.683, 0.6951)) == "68.3–69.5\u00a0%"


def test_summary_names_the_family_and_the_numbers() -> None:
    text = summarise("linear", measured(300, 400), None, 0, 0).replace("\u00a0", " ")
    assert text.startswith("linear names the right one of 4 classes for 75.0 % of 400 unseen texts")
    assert "Always answering “a” would be right for 25.0 %" in text
    assert "training data" not in text


@pytest.mark.parametrize(
    ("n_leaked", "n_copies", "said"),
    [
        (20, 20, "20 test texts stand word for word in the training data; without"),
        (20, 0, "20 test texts stand nearly word for word in the training data; without"),
        (
            21,
            1,
            "1 test text stands word for word, and 20 nearly so, in the training data",
        ),
    ],
)
def test_summary_tells_of_leaked_rows(n_leaked: int, n_copies: int, said: str) -> None:
    without = measured(280, 380)
    text = summarise("linear", measured(300, 400), without, n_leaked, n_copies)
    text = text.replace("\u00a0", " ")
    assert said in text
    assert "right for 73.7 %" in text


def test_enough_rows_need_no_caution() -> None:
    assert cautions(measured(700, 800)) == []


def test_wide_intervals_and_rare_or_absent_classes_are_called_so() -> None:
    labels = tuple(f"class {index}" for index in range(30))
    rare = cautions(measured(120, 150, labels))
    assert any("to within 13 points" in sentence for sentence in rare)
    assert any("and 22 more" in sentence for sentence in rare)
    absent = cautions(measured(10, 20, labels))
    assert any(sentence.startswith("No test row at all") for sentence in absent)
    assert any(sentence.startswith("20 test rows are too few") for sentence in absent)
