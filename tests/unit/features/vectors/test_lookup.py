from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import InputError, StorageError
from newsdesk.features.vectors import entry
from newsdesk.features.vectors.conversion import convert
from newsdesk.features.vectors.entry import read_facts
from newsdesk.features.vectors.lookup import WordVectors
from newsdesk.types import Silent

WORDS = ["the", "Rates", "été", "大", "rise"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path, made = tmp_path / "vectors.txt", tmp_path / "entry"
    path.write_text("".join(f"{w} {i} -{i}.5\n" for i, w in enumerate(WORDS)), encoding="utf-8")
    made.mkdir()
    convert(path, made, progress=Silent())
    return made


@pytest.fixture
def vectors(folder: Path) -> WordVectors:
    facts = read_facts(folder)
    assert facts is not None
    return WordVectors("vectors.txt", folder, facts)


def test_words_are_found_as_they_are(vectors: WordVectors) -> None:
    assert vectors.find(WORDS).tolist() == list(range(5))
    assert vectors.find(["rise", "rates", "", "été", "e\u0301te\u0301"]).tolist() == [
        4,
        -1,
        -1,
        2,
        -1,
    ]
    assert vectors.find([]).tolist() == []


def test_what_is_no_text_is_refused(vectors: WordVectors) -> None:
    with pytest.raises(InputError):
        vectors.find([3])  # type: ignore[list-item]


def test_vectors_are_taken_in_any_order_and_repeatedly(vectors: WordVectors) -> None:
    taken = vectors.take(np.array([4, 0, 4, 2]))
    assert taken.tolist() == [[4, -4.5], [0, -0.5], [4, -4.5], [2, -2.5]]
    assert taken.dtype == np.float32
    assert vectors.take(np.array([], dtype=np.int64)).shape == (0, 2)


def test_its_facts_are_at_hand(vectors: WordVectors) -> None:
    assert (len(vectors), vectors.n, vectors.dim, vectors.notes) == (5, 5, 2, ())
    assert vectors.mean.tolist() == [2.0, pytest.approx(-2.5)]
    assert repr(vectors) == "WordVectors('vectors.txt', n=5, dim=2)"


def test_words_are_given_in_the_order_of_the_file(vectors: WordVectors) -> None:
    assert vectors.words(0, 5).to_pylist() == WORDS
    assert vectors.words(2, 4).to_pylist() == ["été", "大"]


def test_blocks_are_all_vectors(vectors: WordVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "_BLOCK_BYTES", 16)
    found = list(vectors.blocks())
    assert [first for first, _ in found] == [0, 2, 4]
    expected = vectors.take(np.arange(5))
    np.testing.assert_array_equal(np.concatenate([block for _, block in found]), expected)


def test_vectors_whose_file_is_gone_say_so(vectors: WordVectors, folder: Path) -> None:
    (folder / entry.MATRIX).unlink()
    with pytest.raises(StorageError, match="cannot be read"):
        vectors.take(np.array([0]))
    with pytest.raises(StorageError, match="Open the vectors again"):
        list(vectors.blocks())


def test_a_file_that_is_cut_while_it_is_used_is_an_error(
    vectors: WordVectors, folder: Path
) -> None:
    with (folder / entry.MATRIX).open("rb+") as file:
        file.truncate(10)
    assert vectors.take(np.array([0])).tolist() == [[0, -0.5]]
    with pytest.raises(StorageError, match="ends too early"):
        vectors.take(np.array([1]))
    with pytest.raises(StorageError, match="ends too early"):
        list(vectors.blocks())
