from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.clean import Cleaner
from newsdesk.inspection.lengths import (
    KEPT_CHARACTERS,
    blank,
    histogram,
    measure,
    quantiles,
    quantiles_by_class,
)
from newsdesk.types import Documents, string_array


def test_quantiles_are_numbers_that_occur() -> None:
    found = quantiles(np.arange(1, 101)[::-1])
    assert (found.minimum, found.p5, found.q1, found.median) == (1, 5, 25, 50)
    assert (found.q3, found.p95, found.p99, found.maximum) == (75, 95, 99, 100)


def test_quantiles_by_class_are_those_of_its_rows_alone() -> None:
    values, y = np.array([5, 1, 9, 3, 7]), np.array([0, 2, 2, 0, 2])
    first, none, last = quantiles_by_class(values, y, 3)
    assert first == quantiles(np.array([5, 3]))
    assert none is None
    assert last == quantiles(np.array([1, 9, 7]))


def test_texts_of_white_space_are_blank() -> None:
    texts = string_array(["", " \t\n", "\u00a0\u3000", "a", ".", "\u200b"])
    assert blank(texts).tolist() == [True, True, True, False, False, False]


def test_every_field_is_measured_and_all_together() -> None:
    fields = {"headline": ["Bank rises", ""], "body": ["größer 😂", "a" * 7]}
    columns = {name: string_array(texts) for name, texts in fields.items()}
    documents = Documents(string_array(["0", "1"]), columns)
    headline, body, together = measure(documents, np.array([[2, 2], [0, 1]]))
    assert (headline.field, headline.n_empty, headline.characters.maximum) == ("headline", 1, 10)
    assert (body.n_empty, body.characters.maximum, body.words.maximum) == (0, 8, 2)
    assert (together.field, together.words.maximum, together.characters.maximum) == (
        *("all fields", 4),
        19,
    )


def test_one_field_is_measured_once() -> None:
    (found,) = measure(Documents.from_texts(["Bank"]), np.array([[1]]))
    assert found.field == "text"


def test_texts_longer_than_a_bundle_keeps_are_counted() -> None:
    texts = ["a" * KEPT_CHARACTERS, "a" * (KEPT_CHARACTERS + 1)]
    (found,) = measure(Documents.from_texts(texts), np.array([[1], [1]]))
    assert found.n_cut == 1


def test_the_limit_is_the_one_of_the_cleaner() -> None:
    assert Cleaner().max_chars == KEPT_CHARACTERS


@pytest.mark.parametrize(
    "words",
    [
        np.zeros(3, dtype=np.int64),
        np.array([1]),
        np.arange(100),
        np.repeat(np.arange(30), 100),
        np.array([5] * 990 + [100_000] * 10),
        np.concatenate([np.full(900, 3), np.geomspace(10, 1e6, 100).astype(np.int64)]),
    ],
)
def test_every_text_is_in_one_bin_or_beyond(words: np.ndarray) -> None:
    found = histogram(words)
    assert sum(found.counts) + found.n_beyond == len(words)
    assert len(found.edges) == len(found.counts) + 1
    assert list(found.edges) == sorted(set(found.edges))
    assert found.n_beyond <= max(len(words) / 200, 1)
    for first, after, n in zip(found.edges, found.edges[1:], found.counts, strict=False):
        assert n == int(((words >= first) & (words < after)).sum())


def test_skewed_lengths_get_bins_that_grow() -> None:
    assert not histogram(np.arange(1, 100)).logarithmic
    skewed = histogram(np.concatenate([np.full(900, 5), np.full(100, 5000)]))
    assert skewed.logarithmic
    widths = np.diff(skewed.edges)
    assert widths[-1] > 10 * widths[0]
