from __future__ import annotations

from collections.abc import Callable

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.inspection import inspect
from newsdesk.inspection.summary import notable, summarise

Make = Callable[..., Corpus]


def told(corpus: Corpus) -> str:
    return " ".join(notable(inspect(corpus)))


def test_the_summary_says_rows_classes_and_lengths(make: Make) -> None:
    rows = [("A", "one two three")] * 3 + [("B", "four five six seven")]
    assert summarise(inspect(make(rows))) == (
        "4 rows in 2 classes. Half of the texts have 3 words or more, 19 of 20 at most 3. "
        "The largest class, “A”, has 75.0\u00a0% of the rows, 3.0 times as many as the smallest; "
        "the classes are as hard to guess as 1.8 equally large ones."
    )


def test_one_class_has_nothing_to_compare(make: Make) -> None:
    corpus = make([("A", f"text number{i}") for i in range(60)])
    assert "largest" not in summarise(inspect(corpus))
    assert "one class only" in told(corpus)


def test_clean_rows_need_no_attention(make: Make) -> None:
    rng = np.random.default_rng(0)
    letters = rng.choice(list("abcdefghijklmnop"), size=(120, 5, 8))
    texts = [" ".join("".join(word) for word in text) for text in letters]
    rows = [("AB"[i % 2], text) for i, text in enumerate(texts)]
    assert notable(inspect(make(rows))) == []


def test_conflicting_labels_come_with_what_they_cost(make: Make) -> None:
    rows = [("A", "one two three")] * 2 + [("B", "one two three"), ("B", "four five six")]
    said = told(make(rows))
    assert "1 cluster of equal or nearly equal texts with different labels" in said
    assert "1 row must count as wrong" in said
    assert "2 rows would go if each text stood once" in said


def test_leaks_come_first(make: Make) -> None:
    rows = [("A", "one two three"), ("B", "four five six"), ("A", "one two three")]
    first, *_ = notable(inspect(make(rows, published_test=[False, False, True])))
    assert first.startswith("1 of 1 test rows stand in train too")


def test_small_and_uneven_classes_are_named(make: Make) -> None:
    uneven = [("BIG", f"big{i} text") for i in range(600)]
    uneven += [("OTHER", f"other{i} text") for i in range(55)]
    assert "judge by macro-F1" in told(make(uneven))
    assert "Fewer than 50 rows, too few to measure a class by: TINY." in told(
        make([*uneven, ("TINY", "tiny text here")])
    )


def test_signatures_and_suspicious_rows_are_named(make: Make) -> None:
    rows = [("STYLE", f"look{i} huffpoststyle") for i in range(60)]
    rows += [("NEWS", f"event{i} today") for i in range(120)]
    said = told(make([*rows, ("NEWS", "caf&#233; reopens now")]))
    assert "“huffpoststyle” (STYLE)" in said
    assert "HTML left (1)" in said


def test_classes_that_may_be_merged_are_named(make: Make) -> None:
    rows = [
        (label, f"{words} {i}")
        for i in range(30)
        for label, words in (
            ("TASTE", "cheese recipes kitchen"),
            ("FOOD", "recipes kitchen cheese"),
            ("SPORT", "keeper cup match"),
            ("MONEY", "bank rates market"),
        )
    ]
    assert "which a label map may merge: FOOD / TASTE." in told(make(rows))


def test_names_from_right_to_left_do_not_turn_the_sentence(make: Make) -> None:
    found = inspect(make([("اقتصاد", "one two three")] * 2 + [("B", "four five six")]))
    assert "“\u2068اقتصاد\u2069”, has" in summarise(found)
    assert "\u2068" not in summarise(inspect(make([("é", "one")] * 2 + [("B", "two")])))
