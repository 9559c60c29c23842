from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer

from newsdesk.features.ngrams import Counts, NgramHasher
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.models.rows import Rows
from newsdesk.types import Documents, numbered, string_array

WORDS = [
    "bank",
    "rates",
    "rise",
    "goal",
    "cup",
    "final",
    "chip",
    "phone",
    "maker",
    "vote",
    "party",
    "minister",
]


def texts(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(0, 12))) for _ in range(n)]


def matrix(rows: Rows, n_features: int) -> csr_matrix:
    return csr_matrix((rows.values, rows.indices, rows.indptr), shape=(rows.n, n_features))


def fitted(
    documents: Documents, hasher: NgramHasher, **settings: object
) -> tuple[Weighting, Counts]:
    counts = hasher.count(documents)
    weights = settings.pop("block_weights", (1.0,) * hasher.n_blocks)
    weighting = Weighting.fit(
        counts,
        bits=hasher.bits,
        min_df=int(str(settings.pop("min_df", 1))),
        block_weights=weights,  # type: ignore[arg-type]
    )
    return weighting, counts


def test_weights_of_counts_are_scikit_learns() -> None:
    weighting, counts = fitted(Documents.from_texts(texts(200)), NgramHasher(bits=16))
    found = matrix(weighting.apply(counts), len(weighting.idf)).toarray()
    columns = weighting.features(counts.slots)
    tf = csr_matrix((counts.counts.astype(float), columns, counts.indptr), shape=found.shape)
    expected = TfidfTransformer(sublinear_tf=True, smooth_idf=True).fit_transform(tf).toarray()
    assert found == pytest.approx(expected, abs=2e-7)


def test_weights_of_texts_are_scikit_learns() -> None:
    train, new = texts(300, seed=1), texts(50, seed=2)
    weighting, _ = fitted(Documents.from_texts(train), NgramHasher(), min_df=2)
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2).fit(train)
    assert len(weighting.idf) == len(vectorizer.vocabulary_)
    expected = vectorizer.transform(new)
    rows = weighting.apply(NgramHasher().count(Documents.from_texts(new)))
    for row in range(50):
        own = np.sort(rows.values[rows.indptr[row] : rows.indptr[row + 1]])
        assert own == pytest.approx(np.sort(expected[row].data), abs=1e-6)


def test_features_stand_in_the_order_of_falling_document_frequency() -> None:
    weighting, counts = fitted(Documents.from_texts(texts(200)), NgramHasher(bits=16), min_df=3)
    df = np.bincount(counts.slots)[weighting.slots]
    assert (np.diff(df) <= 0).all()
    assert df.min() >= 3
    equal = np.flatnonzero(np.diff(df) == 0)
    assert (weighting.slots[equal] < weighting.slots[equal + 1]).all()
    assert (np.diff(weighting.idf) >= 0).all()


def test_blocks_keep_their_shares_and_rows_have_norm_one() -> None:
    documents = Documents(
        numbered(60),
        {"headline": string_array(texts(60, 3)), "description": string_array(texts(60, 4))},
    )
    hasher = NgramHasher(n_apart=1, char_ngrams=(3, 4), bits=16)
    shares = (1.0, 0.5, 0.7, 0.35)
    weighting, counts = fitted(documents, hasher, block_weights=shares)
    rows = weighting.apply(counts)
    block = weighting.slots[rows.indices] >> 16
    row = np.repeat(np.arange(60), np.diff(rows.indptr))
    squares = np.zeros((60, 4))
    np.add.at(squares, (row, block), rows.values.astype(float) ** 2)
    filled = squares.sum(axis=1) > 0
    assert squares.sum(axis=1)[filled] == pytest.approx(np.ones(filled.sum()), abs=1e-5)
    whole = (squares > 0).all(axis=1)
    assert whole.sum() > 30
    expected = np.square(shares) / np.square(shares).sum()
    assert squares[whole] == pytest.approx(np.tile(expected, (whole.sum(), 1)), abs=1e-5)


def test_unknown_ngrams_are_left_out_and_rows_without_known_ones_are_empty() -> None:
    weighting, _ = fitted(Documents.from_texts(["bank rates", "bank goal"]), NgramHasher())
    new = Documents.from_texts(["zebra", "bank zebra", ""])
    rows = weighting.apply(NgramHasher().count(new))
    assert np.diff(rows.indptr).tolist() == [0, 1, 0]
    assert rows.values.tolist() == [1.0]


@pytest.mark.parametrize("blocks", [1, 2])
def test_no_features_and_no_documents_are_fine(blocks: int) -> None:
    hasher = NgramHasher(char_ngrams=(3, 3) if blocks == 2 else None, bits=10)
    weighting, counts = fitted(Documents.from_texts(["bank", "goal"]), hasher, min_df=3)
    assert len(weighting.idf) == 0
    assert weighting.apply(counts).indptr.tolist() == [0, 0, 0]
    nothing = hasher.count(Documents.from_texts([]))
    assert weighting.apply(nothing).n == 0


@pytest.mark.parametrize("char_ngrams", [None, (3, 4)])
def test_a_row_is_the_same_alone_and_among_many_on_any_threads(
    char_ngrams: tuple[int, int] | None,
) -> None:
    documents = Documents.from_texts(texts(9000))
    hasher = NgramHasher(char_ngrams=char_ngrams, bits=14)
    weighting, counts = fitted(documents, hasher)
    one, two = weighting.apply(counts, n_threads=1), weighting.apply(counts, n_threads=2)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    for row in (0, 8191, 8192, 8999):
        alone = weighting.apply(hasher.count(documents.slice(row, row + 1)))
        own = slice(one.indptr[row], one.indptr[row + 1])
        assert np.array_equal(alone.indices, one.indices[own])
        assert np.array_equal(alone.values, one.values[own])
