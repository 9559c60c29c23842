from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.bundle import Bundle, Explanation
from newsdesk.errors import InputError
from newsdesk.explain.faithfulness import check, measure, word_weights
from newsdesk.features.clean import Cleaner
from newsdesk.features.stretches import Stretch
from newsdesk.models.linear import LinearParams
from newsdesk.types import Documents, LabelSet, Span, numbered, string_array

WORDS = [["bank", "rates", "profit"], ["goal", "cup", "keeper"], ["chip", "phone", "app"]]
FILLERS = ["today", "says", "new", "after", "report", "week"]


def corpus(n: int, seed: int = 0) -> Documents:
    """Headlines of which each has one word that tells the class, among six that do not."""
    rng = np.random.default_rng(seed)
    texts = []
    for row in range(n):
        words = [rng.choice(WORDS[row % 3]), *FILLERS]
        texts.append(" ".join(rng.permutation(words)))
    return Documents(numbered(n), {"headline": string_array(texts)})


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    params = LinearParams(bits=12, word_ngrams=(1, 1))
    y = np.arange(300) % 3
    y[::5] = np.random.default_rng(0).permutation(y[::5])  # no answer is certain
    return Bundle.fit(
        corpus(300),
        y,
        labels=LabelSet(["BUSINESS", "SPORT", "TECHNOLOGY"]),
        params=params,
        cleaner=Cleaner(lower=True),
    ).bundle


def scrambled(documents: Documents, explanations: list[Explanation]) -> list[Explanation]:
    """The same weights on words that were drawn anew."""
    rng = np.random.default_rng(1)
    found = []
    for own in explanations:
        places = rng.permutation(len(own.spans)).tolist()
        spans = [
            span._replace(weight=own.spans[place].weight)
            for span, place in zip(own.spans, places, strict=True)
        ]
        found.append(replace(own, spans=tuple(spans)))
    assert len(found) == len(documents)
    return found


def test_words_that_move_a_model_are_told_faithful(bundle: Bundle) -> None:
    found = check(bundle, corpus(60, seed=1))
    assert found.is_faithful
    assert found.sentence.startswith("Faithful")
    assert (found.method, found.n, found.n_skipped) == ("exact", 60, 0)
    assert [own.n_words for own in found.deletions] == [1, 3, 5]
    for own in found.deletions:
        assert own.difference == pytest.approx(own.top - own.random)
        assert 0 < own.interval[0] < own.difference < own.interval[1]
        assert own.n == 60
        assert own.top > 0.3  # without the word that tells the class, it is one of three


def test_scrambled_weights_are_told_not_faithful(bundle: Bundle) -> None:
    documents = corpus(60, seed=1)
    wrong = scrambled(documents, bundle.explain(documents))
    found = measure(bundle, documents, wrong)
    assert not found.is_faithful
    assert found.sentence.startswith("Not faithful on these rows (words left out: 1, 3, 5)")


def test_weights_with_the_wrong_sign_are_told_not_faithful(bundle: Bundle) -> None:
    documents = corpus(60, seed=1)
    turned = [
        replace(own, spans=tuple(span._replace(weight=-span.weight) for span in own.spans))
        for own in bundle.explain(documents)
    ]
    found = measure(bundle, documents, turned, counts=[1])
    assert found.deletions[0].interval[1] < 0
    assert not found.is_faithful


def test_the_drop_is_that_of_the_explained_class(bundle: Bundle) -> None:
    documents = Documents.from_texts(["Goal today says", "week Cup says"])
    found = check(bundle, documents, label="SPORT", counts=[1])
    rest = Documents.from_texts(["today says", "week says"])
    before, after = (bundle.predict(texts).proba[:, 1].mean() for texts in (documents, rest))
    assert found.deletions[0].top == pytest.approx(before - after, abs=1e-6)


def test_texts_that_cannot_lose_words_are_skipped(bundle: Bundle) -> None:
    texts = ["goal today", "cup week says", "goal", "", "zzz qqq xxx yyy"]
    found = check(bundle, Documents.from_texts(texts), counts=[1, 2])
    assert (found.n, found.n_skipped) == (2, 3)
    assert [(own.n_words, own.n) for own in found.deletions] == [(1, 2)]


@pytest.mark.parametrize("texts", [[], ["goal today"], ["goal", "cup"]])
def test_too_few_texts_are_refused(bundle: Bundle, texts: list[str]) -> None:
    with pytest.raises(InputError, match="Fewer than two documents"):
        check(bundle, Documents.from_texts(texts))


def test_the_same_seed_gives_the_same_numbers(bundle: Bundle) -> None:
    documents = corpus(12, seed=2)
    assert check(bundle, documents, seed=3) == check(bundle, documents, seed=3)
    assert check(bundle, documents, seed=3) != check(bundle, documents, seed=4)


def test_progress_is_told_of_every_document(bundle: Bundle) -> None:
    from contextlib import nullcontext

    told: dict[str, list[int]] = {"explaining": [], "predicting": []}

    class Told:
        """Keeps what it hears."""

        def task(self, name: str, total: int, unit: str) -> Any:
            assert unit == "documents"
            assert total in {40, 40 * 6}
            return nullcontext(told[name].append)

    check(bundle, corpus(40), counts=[1], progress=Told())
    assert told == {"explaining": [32, 8], "predicting": [240]}


def test_a_passage_shares_its_weight_among_its_words() -> None:
    words = [
        Stretch("headline", 0, 4),
        Stretch("text", 0, 4),
        Stretch("text", 5, 8),
        Stretch("text", 9, 12),
    ]
    spans = [Span("text", 0, 8, 1.0), Span("headline", 0, 4, 3.0), Span("text", 8, 9, 5.0)]
    assert word_weights(words, spans).tolist() == [3.0, 0.5, 0.5, 0.0]
