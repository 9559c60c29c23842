from __future__ import annotations

import numpy as np

from newsdesk.features.vectors.buffers import WordBytes, word_bytes
from newsdesk.features.vectors.index import find_rows, hash_words
from newsdesk.types import string_array


def hashes_of(words: WordBytes) -> np.ndarray:
    hashes = np.empty(len(words.offsets) - 1, dtype=np.uint64)
    hash_words(words, hashes)
    return hashes


def find(wanted: list[str], known: list[str], hashes: np.ndarray, rows: list[int]) -> list[int]:
    found = np.empty(len(wanted), dtype=np.int64)
    parts = word_bytes(string_array(wanted)), word_bytes(string_array(known))
    find_rows(*parts, hashes, np.array(rows), found)
    return found.tolist()


def test_equal_words_have_equal_hashes_wherever_they_stand() -> None:
    first = hashes_of(word_bytes(string_array(["rates", "rise"])))
    second = hashes_of(word_bytes(string_array(["x", "rise", "rates"])))
    assert [second[2], second[1]] == first.tolist()
    assert len({*first.tolist(), *second.tolist()}) == 3


def test_words_are_found_in_their_rows() -> None:
    known = ["rise", "rates", "été", "a"]
    hashes = hashes_of(word_bytes(string_array(known)))
    order = np.argsort(hashes)
    wanted = ["a", "été", "ete", "rates", "", "rise"]
    assert find(wanted, known, hashes[order], order.tolist()) == [3, 2, -1, 1, -1, 0]


def test_a_hash_that_two_words_share_does_not_lie() -> None:
    own = hashes_of(word_bytes(string_array(["rates"])))
    known = ["other", "rates", "ratel"]
    assert find(["rates"], known, own, [0]) == [-1]
    assert find(["rates"], known, own, [2]) == [-1]
    assert find(["rates"], known, own.repeat(3), [0, 2, 1]) == [1]
