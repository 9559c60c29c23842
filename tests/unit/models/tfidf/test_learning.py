"""Features and values against scikit-learn's own TfidfVectorizer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from newsdesk.models.rows import Rows
from newsdesk.models.tfidf import LogregParams
from newsdesk.models.tfidf.learning import learn
from newsdesk.models.tfidf.reading import Reader, TokenIds
from newsdesk.models.tfidf.vocabulary import Vocabulary
from newsdesk.types import Documents, Silent

TEXT = "bank rate rise cut goal cup final keeper save chip phone app cut again bank"
SETTINGS: list[dict[str, Any]] = [
    {},
    {"ngram_range": (1, 3), "min_df": 2},
    {"ngram_range": (2, 3), "min_df": 1, "max_df": 0.2},
    {"ngram_range": (3, 3), "min_df": 1, "max_df": 1.0},
    {"min_df": 0.05, "max_df": 12},
    {"min_df": 0.0, "max_df": 1.0, "sublinear_tf": False},
    {"max_features": 20, "min_df": 1},
    {"max_features": 10_000, "ngram_range": (1, 1)},
]


def drawn(n: int = 80) -> list[str]:
    rng = np.random.default_rng(3)
    return [" ".join(rng.choice(TEXT.split(), rng.integers(0, 12))) for _ in range(n)]


def learnt(texts: list[str], **settings: Any) -> tuple[Vocabulary, TokenIds]:
    params = LogregParams(tokens="words", **settings)
    tokens, words = Reader(params).learn(Documents.from_texts(texts), Silent())
    vocabulary = learn(tokens, words, params)
    return vocabulary, vocabulary.renumbered(tokens, words)


def in_order(rows: Rows, vocabulary: Vocabulary, names: list[str]) -> Any:
    """The rows with the columns in scikit-learn's order."""
    position = {name: number for number, name in enumerate(vocabulary.names)}
    matrix = rows.matrix(vocabulary.n_features)[:, [position[name] for name in names]]
    matrix.sort_indices()
    return matrix


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_features_and_values_are_those_of_scikit_learn(settings: dict[str, Any]) -> None:
    texts = drawn()
    theirs = {"ngram_range": (1, 2), "min_df": 3, "max_df": 0.9, "sublinear_tf": True} | settings
    vectorizer = TfidfVectorizer(**theirs)
    expected = vectorizer.fit_transform(texts)
    expected.sort_indices()
    vocabulary, tokens = learnt(texts, **settings)
    names = vectorizer.get_feature_names_out().tolist()
    assert sorted(vocabulary.names) == names
    found = in_order(vocabulary.rows(tokens), vocabulary, names)
    assert np.array_equal(found.indptr, expected.indptr)
    assert np.array_equal(found.indices, expected.indices)
    assert np.allclose(found.data, expected.data, rtol=1e-7, atol=0)
    idf = dict(zip(vocabulary.names, vocabulary.idf, strict=True))
    assert [idf[name] for name in names] == vectorizer.idf_.tolist()


def test_documents_that_were_not_learnt_have_the_values_of_scikit_learn() -> None:
    texts, fresh = (
        drawn(),
        ["bank bank bank again", "unheard of", "", "rise unheard cut", "cut " * 9],
    )
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=3, max_df=0.9, sublinear_tf=True)
    vectorizer.fit(texts)
    expected = vectorizer.transform(fresh)
    expected.sort_indices()
    vocabulary, _ = learnt(texts)
    reader = Reader(LogregParams(tokens="words"))
    rows = vocabulary.rows(reader.look_up(Documents.from_texts(fresh), vocabulary.numbers))
    found = in_order(rows, vocabulary, vectorizer.get_feature_names_out().tolist())
    assert np.array_equal(found.indices, expected.indices)
    assert np.allclose(found.data, expected.data, rtol=1e-7, atol=0)


@given(
    st.lists(
        st.lists(st.sampled_from(["aa", "bb", "cc", "dd"]), max_size=8).map(" ".join), max_size=9
    ),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 3),
)
def test_any_small_corpus_has_the_features_of_scikit_learn(
    texts: list[str], shortest: int, more: int, min_df: int
) -> None:
    lengths = shortest, shortest + more
    vocabulary, tokens = learnt(texts, ngram_range=lengths, min_df=min_df, max_df=1.0)
    try:
        vectorizer = TfidfVectorizer(ngram_range=lengths, min_df=min_df, sublinear_tf=True)
        expected = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn refuses an empty vocabulary
        assert vocabulary.n_features == 0
        return
    names = vectorizer.get_feature_names_out().tolist()
    assert sorted(vocabulary.names) == names
    found = in_order(vocabulary.rows(tokens), vocabulary, names)
    assert np.allclose(found.toarray(), expected.toarray(), atol=1e-7)


def test_the_commonest_features_come_first() -> None:
    vocabulary, tokens = learnt(drawn(), min_df=1)
    rows = vocabulary.rows(tokens)
    df = np.bincount(rows.indices, minlength=vocabulary.n_features)
    assert (np.diff(df) <= 0).all()
