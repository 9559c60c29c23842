from __future__ import annotations

import numpy as np

from newsdesk.features.vectors.blocks import Block
from newsdesk.features.vectors.buffers import WordBytes, word_bytes
from newsdesk.features.vectors.wordlist import WordList, first_of_each, select
from newsdesk.types import string_array


def block(*words: bytes) -> Block:
    made = Block(sum(map(len, words)), len(words), 1)
    for word in words:
        made.add(word, np.zeros(1, dtype=np.float32))
    return made


def strings(words: WordBytes) -> list[bytes]:
    data = words.data.tobytes()
    return [
        data[start:end] for start, end in zip(words.offsets[:-1], words.offsets[1:], strict=True)
    ]


def test_words_are_gathered_in_order() -> None:
    gathered = WordList()
    assert gathered.add(block(b"rates", "été".encode())).tolist() == [True, True]
    assert gathered.add(block(b"rise")).tolist() == [True]
    assert gathered.add(block()).tolist() == []
    words, hashes = gathered.joined()
    assert strings(words) == [b"rates", "été".encode(), b"rise"]
    assert len(set(hashes.tolist())) == 3
    assert (gathered.n_read, gathered.n_empty, gathered.n_undecodable) == (3, 0, 0)


def test_empty_words_and_words_that_are_no_text_are_left_out_and_counted() -> None:
    gathered = WordList()
    kept = gathered.add(block(b"a", b"", b"caf\xe9", b"b"))
    assert kept.tolist() == [True, False, False, True]
    # Together these two would be a character.
    assert gathered.add(block(b"x\xc3", b"\xa9y", b"c")).tolist() == [False, False, True]
    words, hashes = gathered.joined()
    assert strings(words) == [b"a", b"b", b"c"]
    assert len(hashes) == 3
    assert (gathered.n_read, gathered.n_empty, gathered.n_undecodable) == (7, 1, 3)


def test_the_first_of_equal_words_counts() -> None:
    gathered = WordList()
    gathered.add(block(b"a", b"b", b"a", b"c", b"b", b"a"))
    words, hashes = gathered.joined()
    assert first_of_each(words, hashes).tolist() == [True, True, False, True, False, False]


def test_words_that_share_a_hash_alone_are_not_equal() -> None:
    words = word_bytes(string_array(["a", "b", "a", "c"]))
    hashes = np.array([7, 7, 7, 7], dtype=np.uint64)
    assert first_of_each(words, hashes).tolist() == [True, True, False, True]


def test_words_are_selected_in_order() -> None:
    words = word_bytes(string_array(["rates", "", "rise", "up"]))
    kept = np.array([True, False, False, True])
    assert strings(select(words, kept)) == [b"rates", b"up"]
