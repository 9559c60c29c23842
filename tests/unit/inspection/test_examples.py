from __future__ import annotations

from collections.abc import Callable

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.inspection.examples import MOST_CHARACTERS, Example, take_examples

Make = Callable[..., Corpus]


def test_the_first_rows_are_shown_with_label_and_id(make: Make) -> None:
    corpus = make([("A", "one", "x"), ("B", "two", "y"), ("A", "three", "z")])
    expected = (Example("1", "B", "two y"), Example("2", "A", "three z"))
    assert take_examples(corpus, np.array([1, 2]), 5) == expected
    assert take_examples(corpus, np.array([False, True, True]), 1) == expected[:1]
    assert take_examples(corpus, np.array([True, True, True]), 0) == ()


def test_a_long_text_is_cut(make: Make) -> None:
    corpus = make([("A", "é" * 1000), ("A", "é" * MOST_CHARACTERS)])
    long, fitting = take_examples(corpus, np.array([0, 1]), 2)
    assert long.text == "é" * (MOST_CHARACTERS - 1) + "…"
    assert fitting.text == "é" * MOST_CHARACTERS
