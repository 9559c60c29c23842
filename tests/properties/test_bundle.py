"""Whatever text comes through the door, what comes out holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.bundle import Bundle
from newsdesk.models.linear import LinearParams
from newsdesk.types import Documents, LabelSet, numbered, string_array

TOPICS = [
    ["bank", "rates", "rise", "profit", "Straße", "café"],
    ["goal", "cup", "final", "İstanbul", "keeper", "大阪"],
    ["chip", "phone", "app", "हिन्दी", "update", "한글"],
]
KNOWN = st.lists(st.sampled_from([word for topic in TOPICS for word in topic]), max_size=8)
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=40),
    KNOWN.map(" ".join),
    KNOWN.map("".join),
    st.tuples(KNOWN.map(" ".join), st.text(st.characters(codec="utf-8"), max_size=9)).map("".join),
)


def documents(headlines: list[str], descriptions: list[str]) -> Documents:
    fields = {"headline": string_array(headlines), "description": string_array(descriptions)}
    return Documents(numbered(len(headlines)), fields)


@cache
def bundles() -> tuple[Bundle, Bundle]:
    """A trained bundle and the same from the disk."""
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    texts = [[" ".join(rng.choice(TOPICS[c], 5)) for c in y] for _ in range(2)]
    params = LinearParams(bits=14, char_ngrams=(3, 5), min_df=1)
    labels = LabelSet(["A", "B", "C"])
    trained = Bundle.fit(documents(*texts), y, labels=labels, params=params).bundle
    with TemporaryDirectory() as folder:
        trained.save(Path(folder) / "bundle")
        return trained, Bundle.load(Path(folder) / "bundle")


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
@settings(max_examples=80)
def test_probabilities_are_sound_and_the_same_alone_together_and_reloaded(
    pairs: list[tuple[str, str]],
) -> None:
    trained, loaded = bundles()
    asked = documents([first for first, _ in pairs], [second for _, second in pairs])
    found = trained.predict(asked)
    assert np.isfinite(found.proba).all()
    assert found.proba.min() >= 0
    assert found.proba.sum(axis=1) == pytest.approx(np.ones(len(pairs)), abs=1e-6)
    again = loaded.predict(asked)
    assert np.array_equal(again.proba, found.proba)
    assert np.array_equal(again.low_evidence, found.low_evidence)
    for row in range(len(pairs)):
        alone = trained.predict(asked.slice(row, row + 1))
        assert np.array_equal(alone.proba[0], found.proba[row])


@given(TEXTS, TEXTS, st.sampled_from(["A", "B", "C"]))
@settings(max_examples=80)
def test_spans_lie_in_their_field_and_add_up_to_the_margin(
    headline: str, description: str, label: str
) -> None:
    trained, _ = bundles()
    asked = documents([headline], [description])
    (explained,) = trained.explain(asked, label=label)
    texts = {"headline": headline, "description": description}
    for span in explained.spans:
        assert 0 <= span.start < span.end <= len(texts[span.field])
        assert texts[span.field][span.start : span.end].strip()
    index = trained.labels.find(label)
    bias, margin = (
        trained.classifier.decision(one).values[0, index] for one in (documents([""], [""]), asked)
    )
    assert bias + sum(span.weight for span in explained.spans) == pytest.approx(margin, abs=1e-4)
    if explained.low_evidence:
        assert not explained.spans
        assert explained.proba == pytest.approx(trained.prior[index])


@given(TEXTS, st.sampled_from([" ", "\n", "...", "\u3000", "\u202e", " — "]))
@settings(max_examples=60)
def test_separators_around_a_text_change_nothing(text: str, separator: str) -> None:
    trained, _ = bundles()
    plain = trained.predict(documents([f" {text} "], [""])).proba
    around = trained.predict(documents([f"{separator}{text}{separator}"], [""])).proba
    assert np.array_equal(plain, around)
