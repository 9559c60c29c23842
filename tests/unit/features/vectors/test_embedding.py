from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.features.vectors import Coverage, WordVectors, embed, embedding, open_vectors


@pytest.fixture
def vectors(tmp_path: Path) -> WordVectors:
    path = tmp_path / "vectors.txt"
    words = ["the", "PARIS", "Paris", "rates", "Straße", "CAFE\u0301", "iPhone", "Q"]
    path.write_text("".join(f"{w} {i + 1} 0.5\n" for i, w in enumerate(words)), encoding="utf-8")
    return open_vectors(path, cache=tmp_path / "cache")


def first_numbers(vectors: WordVectors, *words: str) -> list[float]:
    return embed(words, vectors, missing="zeros").matrix[:, 0].tolist()


def test_a_word_has_the_vector_of_itself(vectors: WordVectors) -> None:
    assert first_numbers(vectors, "rates", "the", "Paris", "rates") == [4, 1, 3, 4]


@pytest.mark.parametrize("size", [1, 3, 1 << 16])
def test_a_missing_word_has_that_of_its_earliest_other_case(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(embedding, "_WORDS_OF_BLOCK", size)
    assert first_numbers(vectors, "paris", "strasse", "café", "iphone") == [2, 5, 6, 7]
    assert first_numbers(vectors, "pariS", "THE", "paris") == [2, 1, 2]


def test_other_words_are_estimated_or_get_the_mean_or_zeros(vectors: WordVectors) -> None:
    words = ["ratesx", "zzz"]
    estimated = embed(words, vectors).matrix
    np.testing.assert_allclose(estimated[0], [4, 0.5])  # of "rates" alone, by six n-grams
    np.testing.assert_allclose(estimated[1], vectors.mean)
    assert embed(words, vectors, missing="mean").matrix.tolist() == [vectors.mean.tolist()] * 2
    assert embed(words, vectors, missing="zeros").matrix.tolist() == [[0, 0]] * 2


def test_coverage_says_how_words_and_tokens_came_by_their_vectors(vectors: WordVectors) -> None:
    words, counts = ["the", "paris", "ratesx", "zzz"], np.array([70, 20, 9, 1])
    coverage = embed(words, vectors, counts=counts).coverage
    assert coverage == Coverage(4, 0.25, 0.25, 0.25, 0.25, (0.7, 0.2, 0.09, 0.01))
    assert str(coverage) == (
        "Of 4 words the file of vectors has 25.0% as they are and 25.0% in another case; 25.0% "
        "are estimated from their parts, and 25.0% are unknown (of all tokens 70.0% / 20.0% / "
        "9.0% / 1.0%)."
    )
    assert embed(words, vectors, missing="mean").coverage == Coverage(4, 0.25, 0.25, 0.0, 0.5)


def test_an_empty_vocabulary_is_none(vectors: WordVectors) -> None:
    found = embed([], vectors, counts=np.array([], dtype=np.int64))
    assert found.matrix.shape == (0, 2)
    assert str(found.coverage) == "No word needs a vector."
    assert embed(["the"], vectors, counts=np.array([0])).coverage.tokens is None


def test_the_matrix_is_the_caller_s(vectors: WordVectors) -> None:
    matrix = embed(["the"], vectors).matrix
    assert (matrix.dtype, matrix.flags.writeable, matrix.flags.c_contiguous) == (
        np.float32,
        True,
        True,
    )
