from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.evaluation.curves import Curves
from newsdesk.evaluation.metrics import measure
from newsdesk.evaluation.report import ReportData, render
from newsdesk.types import LabelSet

Parse = Callable[[str], Any]


def report(
    labels: list[str], n: int = 300, texts: list[str] | None = None, **more: object
) -> ReportData:
    rng = np.random.default_rng(0)
    k = len(labels)
    y = rng.integers(0, k, n)
    proba = rng.dirichlet(np.full(k, 0.3), size=n).astype(np.float32)
    proba[::2] = 0.8 * np.eye(k, dtype=np.float32)[y[::2]] + 0.2 * proba[::2]
    label_set = LabelSet(labels)
    values: dict[str, object] = {
        "title": "Five desks",
        "family": "linear",
        "created": "2026-11-21 09:00 UTC",
        "labels": label_set,
        "metrics": measure(proba, y, label_set, n_bootstrap=20),
        "n_train": 4000,
        "n_valid": 400,
        "n_test": n,
        "texts": texts or [f"headline number {index}" for index in range(n)],
        "ids": [f"row-{index}" for index in range(n)],
        "y": y,
        "proba": proba,
    }
    return ReportData(**(values | more))  # type: ignore[arg-type]


DESKS = ["business", "politics", "science", "sport", "world"]
HOSTILE = "</title></style></script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u2028"


@pytest.mark.parametrize(
    "labels", [["no", "yes"], ["a", "b", "c"], DESKS, list(map(str, range(70)))]
)
def test_report_loads_nothing_and_is_well_formed(parsed: Parse, labels: list[str]) -> None:
    source = render(report(labels))
    page = parsed(source)
    links = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data", "xlink:href")
    ]
    assert links
    assert all(value is not None and value.startswith("#") for value in links)
    assert "url(" not in source
    assert "@import" not in source
    assert len(source.encode()) < 5_000_000


def test_links_lead_to_sections_that_exist(parsed: Parse) -> None:
    page = parsed(render(report(DESKS)))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(attributes["href"])[1:] for attributes in page.all("a")}
    targets |= {str(attributes["aria-labelledby"]) for attributes in page.all("section")}
    assert targets <= set(ids)


def test_hostile_strings_stay_text(parsed: Parse) -> None:
    labels = [HOSTILE + desk for desk in DESKS]
    harmless = parsed(render(report(DESKS, **full("x"))))
    texts = [f"{HOSTILE} {index}" for index in range(300)]
    hostile = parsed(render(report(labels, texts=texts, **full(HOSTILE))))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in harmless.tags]
    names = [sorted(attributes) for _, attributes in hostile.tags]
    assert names == [sorted(attributes) for _, attributes in harmless.tags]


def full(word: str) -> dict[str, object]:
    return {
        "title": word,
        "family": word,
        "created": word,
        "ids": [word] * 300,
        "steps": (word,),
        "notes": (word,),
        "comparisons": (word,),
        "settings": {word: word},
        "leaderboard": [{"family": word, "test_accuracy": 0.5, "comment": word, "chosen": True}],
    }


def test_summary_says_accuracy_interval_and_top_3(parsed: Parse) -> None:
    data = report(DESKS)
    words = parsed(render(data)).words
    assert f"right one of 5 classes for {100 * data.metrics.accuracy:.1f} % of 300" in words
    low, high = data.metrics.intervals["accuracy"]
    assert f"95 % interval {100 * low:.1f}–{100 * high:.1f} %" in words
    assert f"among its top 3 for {100 * (data.metrics.top_3_accuracy or 0):.1f} %" in words


def test_few_rows_are_called_too_few(parsed: Parse) -> None:
    words = parsed(render(report(DESKS, n=12))).words
    assert "12 test rows are too few" in words
    assert "Fewer than 10 test rows" in words


def test_leaked_rows_get_a_column_of_their_own(parsed: Parse) -> None:
    data = report(DESKS)
    without = measure(data.proba[20:], data.y[20:], data.labels, n_bootstrap=5)
    words = parsed(render(report(DESKS, metrics_without_leaked=without, n_leaked=20))).words
    assert "Without the 20 leaked rows" in words
    assert f"{100 * without.accuracy:.1f} %" in words
    assert "leaked" not in parsed(render(data)).words.lower()


def test_exact_copies_have_a_column_beside_that_of_all_leaked_rows(parsed: Parse) -> None:
    data = report(DESKS)
    without = [measure(data.proba[n:], data.y[n:], data.labels, n_bootstrap=5) for n in (20, 8)]
    leaks: dict[str, Any] = {"metrics_without_leaked": without[0], "n_leaked": 20}
    leaks |= {"metrics_without_copies": without[1], "n_copies": 8}
    page = parsed(render(report(DESKS, **leaks)))
    assert "Without the 8 exact copies Without the 20 leaked rows" in page.words
    values = [f"{100 * metrics.accuracy:.1f} %" for metrics in reversed(without)]
    assert " ".join(values) in page.words
    leaks["n_copies"] = 20
    assert "exact copies" not in parsed(render(report(DESKS, **leaks))).words


def test_two_classes_report_the_threshold(parsed: Parse) -> None:
    words = parsed(render(report(["no", "yes"]))).words
    assert "“yes” counts as positive, from a probability of 0.500 on" in words
    assert "ROC-AUC" in words


def test_leaderboard_marks_the_chosen_family(parsed: Parse) -> None:
    rows = [
        {"family": "linear", "valid_accuracy": 0.7, "test_log_loss": 1.2, "chosen": True},
        {"family": "prior", "valid_accuracy": 0.2, "fit_seconds": 0.01, "chosen": False},
    ]
    page = parsed(render(report(DESKS, leaderboard=rows, comparisons=("equal",))))
    assert "linear chosen 70.0 % 1.200 –" in page.words
    assert sum(row.get("class") == "chosen" for row in page.all("tr")) == 1


def test_errors_are_grouped_and_clipped(parsed: Parse) -> None:
    page = parsed(render(report(DESKS, texts=["word " * 400 + str(index) for index in range(300)])))
    assert 1 < len([item for item in page.all("details") if item.get("class") == "pair"]) <= 40
    texts = [text for text in page.text if text.startswith("word ")]
    assert texts
    assert all(len(text) <= 301 and text.endswith("…") for text in texts)


def test_a_perfect_classifier_has_no_error_section(parsed: Parse) -> None:
    y = np.arange(40) % 5
    proba = np.eye(5, dtype=np.float32)[y]
    metrics = measure(proba, y, LabelSet(DESKS), n_bootstrap=5)
    texts, ids = ["x"] * 40, list(map(str, range(40)))
    data = report(DESKS, metrics=metrics, y=y, proba=proba, texts=texts, ids=ids)
    page = parsed(render(data))
    assert not page.all("form")
    assert "#errors" not in [item["href"] for item in page.all("a")]


def test_thousands_of_classes_with_long_names_stay_below_five_megabytes() -> None:
    labels = [f"{index} " + "&" * 500 for index in range(1500)]
    data = report(labels, n=3000, texts=['"' * 1000 + str(index) for index in range(3000)])
    assert len(render(data).encode()) < 5_000_000


def test_every_control_has_a_name(parsed: Parse) -> None:
    source = render(report(DESKS))
    page = parsed(source)
    assert all(item.get("role") != "img" or item.get("aria-label") for item in page.all("svg"))
    assert source.count("<label>") == len(page.all("input")) + len(page.all("select"))
    assert page.all("html")[0]["lang"] == "en"
    assert sum(tag == "h1" for tag, _ in page.tags) == 1


def trained(n: int, valid: float | None = 0.5) -> Curves:
    series = (0.9,) * n
    watched = (valid,) * n
    return Curves(tuple(range(1, n + 1)), series, watched, series, watched, chosen=n)


@pytest.mark.parametrize("n", [1, 10, 200])
def test_a_training_in_epochs_has_its_curves(parsed: Parse, n: int) -> None:
    source = render(report(DESKS, curves=trained(n)))
    page = parsed(source)
    assert "#training" in [item["href"] for item in page.all("a")]
    assert f"the weights of epoch {n} were kept" in page.words
    assert "train accuracy ran 40.0 points ahead of valid then" in page.words
    drawn = [str(item["aria-label"]) for item in page.all("svg")]
    assert [label.partition(",")[0] for label in drawn[-2:]] == ["accuracy", "loss"]
    assert source.count('class="ring"') == 4
    assert f"epoch {n}: train 90.0\u00a0%, valid 50.0\u00a0%" in source
    assert "url(" not in source


def test_without_valid_rows_nothing_is_said_of_valid(parsed: Parse) -> None:
    page = parsed(render(report(DESKS, curves=trained(3, valid=None))))
    assert "without valid rows to watch" in page.words
    assert "valid is measured" not in page.words


def test_a_family_without_epochs_has_no_curves() -> None:
    source = render(report(DESKS))
    assert "Training curves" not in source
    assert ".epochs" not in source
