"""Rows 19 and 20 for the ``tfidf-…`` families: odd texts and odd labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.types import Documents, LabelSet

FAMILIES = ["tfidf-logreg", "tfidf-svm", "tfidf-nb", "tfidf-mlp"]
PLAIN = [
    "keeper saves penalty in cup final",
    "bank raises interest rates again",
    "phone maker updates its app browser",
]
HOSTILE = {
    "empty": "",
    "nul": "keeper\x00saves \x00",
    "bidi": "\u202ekeeper\u202c \u2066saves\u2069",
    "emoji": "👩‍👩‍👧 keeper 👍🏽",
    "composed": "caf\u00e9 keeper",
    "decomposed": "cafe\u0301 keeper",
    "zero width": "kee\u200bper \ufeffsaves",
    "marks": "k" + "\u0301" * 100_000,
    "one long word": "keeper" * 20_000,
    "many brackets": "(" * 20_000 + "keeper",
    "line separators": "keeper\u2028saves\u2029penalty\x1ccup\x85final",
    "turkish": "İSTANBUL KEEPER",
    "kelvin": "\u212aeeper saves",
}


@pytest.mark.parametrize("tokens", ["lemmas", "words"])
@pytest.mark.parametrize("family", FAMILIES)
def test_row_19_hostile_texts_are_learnt_saved_predicted_and_explained(
    tmp_path: Path, family: str, tokens: str
) -> None:
    texts = [*HOSTILE.values(), *PLAIN * 6]
    y = np.arange(len(texts)) % 3
    labels = LabelSet(["新闻 🗞", "ספורט\u200f", 'e\u0301 \u2028 "quoted"'])
    params = _params(family, tokens)
    bundle = Bundle.fit(
        Documents.from_texts(texts), y, labels=labels, family=family, params=params
    ).bundle
    bundle.save(tmp_path / "bundle")
    asked = Documents.from_texts(texts)
    before, after = bundle.predict(asked), Bundle.load(tmp_path / "bundle").predict(asked)
    assert np.array_equal(before.proba, after.proba)
    assert np.isfinite(before.proba).all()
    for text, explanation in zip(texts, bundle.explain(asked), strict=True):
        for span in explanation.spans[:50]:
            assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "y",
    [[0] * 14 + [1], [0, 1] * 7 + [2], list(range(15)), [0] * 5 + [1] * 5 + [4] * 5],
    ids=["one row", "one row of three", "every row its own", "classes without rows"],
)
def test_row_20_rare_and_missing_classes_are_columns_like_others(family: str, y: list[int]) -> None:
    texts = [f"{PLAIN[label % 3]} again" for label in y]
    names = LabelSet([f"class {number}" for number in range(max(y) + 2)])
    bundle = Bundle.fit(
        Documents.from_texts(texts), np.array(y), labels=names, family=family
    ).bundle
    proba = bundle.predict(Documents.from_texts([*PLAIN, "zzz"])).proba
    assert proba.shape == (4, len(names))
    assert np.isfinite(proba).all()
    assert proba.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def _params(family: str, tokens: str) -> object:
    from newsdesk.models import registry

    cls = registry.find(family).load()
    return cls.Params(tokens=tokens, min_df=1)
