from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features import minhash
from newsdesk.features.minhash import Rule
from newsdesk.features.words import NUMBER, UNSPACED, Words
from newsdesk.types import Indices


def words_of(*documents: list[int]) -> Words:
    """Words whose lowest bits are left as they are given."""
    indptr = np.cumsum([0, *map(len, documents)])
    return Words(indptr, np.array([item for row in documents for item in row], dtype=np.uint32))


def word(number: int) -> int:
    return number * 4


def number(value: int) -> int:
    return value * 4 + int(NUMBER)


def sets_of(*documents: list[int]) -> Words:
    words = words_of(*documents)
    rows = np.arange(len(documents))
    ends, items = np.zeros(len(rows) + 1, dtype=np.int64), np.empty_like(words.items)
    n = minhash.make_sets(words, rows, ends, items)
    return Words(ends, items[:n])


def one_bucket(n: int) -> tuple[np.ndarray, Indices]:
    return np.zeros(n, dtype=np.uint64), np.arange(n)


def linked(sets: Words, rule: Rule) -> list[int]:
    n = len(sets.indptr) - 1
    parent = np.arange(n)
    minhash.link(*one_bucket(n), sets, rule, parent)
    return parent.tolist()


def test_sets_are_sorted_and_distinct() -> None:
    sets = sets_of([8, 4, 8, 12, 4], [], [4])
    assert sets.indptr.tolist() == [0, 3, 3, 4]
    assert sets.items.tolist() == [4, 8, 12, 4]


def test_digests_are_equal_where_sets_are() -> None:
    sets = sets_of([8, 4], [4, 8, 8], [4], [])
    digests = np.empty(4, dtype=np.uint64)
    minhash.digests(sets, digests)
    assert digests[0] == digests[1]
    assert len(set(digests.tolist())) == 3
    assert digests[3] == 0


def test_sets_agree_in_a_minhash_value_as_often_as_they_are_similar() -> None:
    # 30 of 40 words in common: in a band of four values, .75 ** 4 = .316 of the bands.
    a, b = [word(n) for n in range(35)], [word(n) for n in range(5, 40)]
    sets, n_bands = sets_of(a, b), 4000
    seeds = np.random.default_rng(1).integers(1 << 32, size=(n_bands, minhash.WIDTH)).astype("u4")
    keys, met = np.empty(2, dtype=np.uint64), 0
    for own in seeds:
        minhash.band_keys(sets, np.arange(2), own, keys)
        met += int(keys[0] >> np.uint64(32) == keys[1] >> np.uint64(32))
    assert abs(met / n_bands - 0.75**4) < 4 * np.sqrt(0.316 * 0.684 / n_bands)


def test_keys_are_those_of_the_rows_that_are_named() -> None:
    sets = sets_of([4, 8], [12], [16, 20])
    seeds = np.arange(minhash.WIDTH, dtype=np.uint32)
    every, some = np.empty(3, dtype=np.uint64), np.empty(2, dtype=np.uint64)
    minhash.band_keys(sets, np.arange(3), seeds, every)
    minhash.band_keys(sets, np.array([2, 0]), seeds, some)
    assert some.tolist() == [every[2], every[0]]


@pytest.mark.parametrize(("threshold", "together"), [(0.6, True), (0.61, False)])
def test_the_similarity_at_the_threshold_counts(threshold: float, together: bool) -> None:
    sets = sets_of([4, 8, 12, 16], [4, 8, 12, 20])  # 3 of 5
    assert linked(sets, Rule(threshold, 9)) == [0, 0 if together else 1]


def test_numbers_that_each_side_alone_has_contradict() -> None:
    frame = [word(n) for n in range(20)]
    sets = sets_of([*frame, number(1)], [*frame, number(2)], [*frame, number(1), number(2)], frame)
    pairs, similarity = np.empty((9, 2), dtype=np.int64), np.empty(9)
    n = minhash.list_pairs(*one_bucket(4), sets, Rule(0.5, 9), pairs, similarity)
    assert sorted(map(tuple, pairs[:n].tolist())) == [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


def test_a_chain_is_one_tree_whose_root_is_its_least() -> None:
    sets = sets_of([4, 8, 12], [100], [8, 12, 16], [12, 16, 20])
    parent = linked(sets, Rule(0.5, 9))
    assert parent[1] == 1
    assert {parent[0], parent[2]} == {0}
    assert parent[3] in (0, 2)


def test_sets_of_other_buckets_are_not_compared() -> None:
    sets = sets_of([4, 8], [4, 8])
    keys = np.array([1 << 32, 2 << 32], dtype=np.uint64)
    parent = np.arange(2)
    minhash.link(keys, np.arange(2), sets, Rule(0.5, 9), parent)
    assert parent.tolist() == [0, 1]


def test_in_a_large_bucket_a_set_meets_its_predecessors_of_the_window() -> None:
    sets = sets_of([4, 8], [100], [200], [4, 8])
    assert linked(sets, Rule(1.0, 2)) == [0, 1, 2, 3]
    assert linked(sets, Rule(1.0, 3)) == [0, 1, 2, 0]


def test_pairs_beyond_the_room_are_counted() -> None:
    sets = sets_of([4], [4], [4])
    pairs, similarity = np.zeros((1, 2), dtype=np.int64), np.zeros(1)
    assert minhash.list_pairs(*one_bucket(3), sets, Rule(1.0, 9), pairs, similarity) == 3
    assert pairs.tolist() == [[0, 1]]
    assert similarity.tolist() == [1.0]


def kept_of(words: Words, rows: list[int], least: int) -> list[list[int]]:
    phrases = np.zeros(1 << 12, dtype=np.uint64)
    minhash.count_phrases(words, np.array(rows), 12, phrases)
    kept = np.empty_like(words.items)
    own = Words(words.indptr.copy(), words.items)
    n = minhash.leave_out(own, 12, phrases, least, kept)
    assert n == own.indptr[-1]
    return [part.tolist() for part in np.split(kept[:n], own.indptr[1:-1])]


def test_words_of_phrases_of_many_documents_are_left_out_and_numbers_stay() -> None:
    frame = [word(1), word(2), number(3), word(4), word(5)]
    words = words_of([word(10), *frame], [*frame, word(11)], [word(12), word(1)])
    assert kept_of(words, [0, 1, 2], 2) == [[word(10), number(3)], [number(3), word(11)], [48, 4]]
    assert kept_of(words, [0, 1, 2], 3)[0] == [word(10), *frame]


def test_a_phrase_counts_once_for_a_document_and_only_for_those_that_count() -> None:
    frame = [word(n) for n in range(1, 6)]
    words = words_of(frame * 3, frame, [word(9)])
    assert kept_of(words, [0, 2], 2)[0] == frame * 3
    assert kept_of(words, [0, 1], 2)[:2] == [[], []]


def test_a_phrase_of_a_script_without_spaces_is_longer() -> None:
    characters = [n * 4 + int(UNSPACED) for n in range(1, 13)]
    words = words_of(characters[:11], characters[:11])
    assert kept_of(words, [0, 1], 2) == [characters[:11]] * 2
    words = words_of(characters, characters)
    assert kept_of(words, [0, 1], 2) == [[], []]
