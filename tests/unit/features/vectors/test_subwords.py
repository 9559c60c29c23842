from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.features.vectors import WordVectors, entry, open_vectors, subwords
from newsdesk.features.vectors.subwords import estimate
from newsdesk.types import Silent, string_array

KNOWN = ["the", "rates", "raters", "Été", "étés", "大学院", "bananana", "in"]


def ngrams(word: str) -> set[str]:
    marked = f"<{word}>"
    return {marked[i : i + k] for k in range(3, 7) for i in range(len(marked) - k + 1)}


def listed(word: str) -> list[str]:
    """Every place of every n-gram, as often as it stands."""
    marked = f"<{word}>"
    places = [(i, i + k) for i in range(len(marked)) for k in range(3, 7) if i + k <= len(marked)]
    return [marked[start:end] for start, end in places]


def plainly(words: list[str], known: dict[str, np.ndarray], dim: int) -> np.ndarray:
    """The definition, word by word."""
    means = {}
    for ngram in {ngram for word in words for ngram in ngrams(word)}:
        holding = [vector for word, vector in known.items() if ngram in ngrams(word)]
        if holding:
            means[ngram] = np.mean(holding, axis=0)
    rows = [[means[ngram] for ngram in listed(word) if ngram in means] for word in words]
    return np.array([np.mean(row, axis=0) if row else np.full(dim, np.nan) for row in rows])


@pytest.fixture
def known() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {word: rng.normal(size=3).astype(np.float32) for word in KNOWN}


@pytest.fixture
def vectors(tmp_path: Path, known: dict[str, np.ndarray]) -> WordVectors:
    path = tmp_path / "vectors.txt"
    lines = [f"{word} {' '.join(map(repr, row.tolist()))}\n" for word, row in known.items()]
    path.write_text("".join(lines), encoding="utf-8")
    return open_vectors(path, cache=tmp_path / "cache")


MISSING = ["rated", "bananas", "", "xyz", "tés", "大学", "学院", "at", "banana" * 30]


@pytest.mark.parametrize("sums_bytes", [12, 600, 32 << 20])
@pytest.mark.parametrize("block_bytes", [12, 36, 8 << 20])
def test_an_estimate_is_the_mean_over_ngrams_of_the_mean_over_words(
    vectors: WordVectors,
    known: dict[str, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    sums_bytes: int,
    block_bytes: int,
) -> None:
    monkeypatch.setattr(subwords, "_SUMS_BYTES", sums_bytes)
    monkeypatch.setattr(entry, "_BLOCK_BYTES", block_bytes)
    expected = plainly(MISSING, known, 3)
    found = estimate(string_array(MISSING), vectors)
    assert np.isnan(expected).any(axis=1).tolist() == [w in ("", "xyz", "at") for w in MISSING]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_no_words_have_no_estimates(vectors: WordVectors) -> None:
    assert estimate(string_array([]), vectors).shape == (0, 3)


def test_characters_are_never_cut(vectors: WordVectors) -> None:
    # The first bytes of 大 are shared by many characters.
    assert np.isnan(estimate(string_array(["夨夨夨"]), vectors)).all()


def test_progress_is_told_of_every_vector(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Told(Silent):
        done = 0

        def task(self, name: str, total: int, unit: str):  # noqa: ANN202
            self.total = total
            return self

        def __enter__(self):  # noqa: ANN204
            return self.advance

        def __exit__(self, *reason: object) -> None:
            return None

        def advance(self, done: int) -> None:
            self.done += done

    monkeypatch.setattr(subwords, "_SUMS_BYTES", 12)
    told = Told()
    estimate(string_array(["rated", "bananas"]), vectors, progress=told)
    assert told.done == told.total == 2 * len(KNOWN)
