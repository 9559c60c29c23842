from __future__ import annotations

from typing import Any

import numpy as np
import torch

from newsdesk.features.surface import Surface, read_surface
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.elmo.text import Targets, Windows
from newsdesk.types import Documents

CPU = torch.device("cpu")


def read(*texts: str) -> Surface:
    return read_surface(Documents.from_texts(texts))


def windows(surface: Surface, tiny: dict[str, Any], window: int, size: int = 100) -> Windows:
    targets = Targets.of(surface, size=size, min_count=1)
    sizes = ElmoParams(**tiny).architecture
    return Windows(surface, targets, sizes, window=window, batch_size=2, seed=0)


def test_the_commonest_words_are_predicted() -> None:
    surface = read("b a b c", "b a d")
    found = Targets.of(surface, size=5, min_count=1)
    assert dict(zip(surface.words[2:], found.of_word[2:].tolist(), strict=True)) == {
        "b": 3,
        "a": 4,
        "c": 0,
        "d": 0,
    }
    # Unknown words, beginnings, ends, and the two words.
    assert found.counts.tolist() == [2, 2, 2, 3, 2]
    assert Targets.of(surface, size=99, min_count=2).counts.tolist() == [2, 2, 2, 3, 2]


def test_words_before_and_behind_are_asked_of_each_step(tiny: dict[str, Any]) -> None:
    text = windows(read("a b c", "a"), tiny, window=9)
    _, places, lengths, ahead, back = text.batch(np.array([0, 1]), CPU)
    a, b, c = 3, 4, 5
    assert lengths.tolist() == [5, 3]
    assert ahead.tolist() == [[a, b, c, 2, -1], [a, 2, -1, -1, -1]]
    assert back.tolist() == [[-1, 1, a, b, c], [-1, 1, a, -1, -1]]
    assert places.tolist() == [[3, 0, 1, 2, 4], [3, 0, 4, 0, 0]]


def test_where_a_document_is_cut_its_ends_are_not_asked(tiny: dict[str, Any]) -> None:
    text = windows(read("a b c d e", "", "b"), tiny, window=2)
    assert text.lengths.tolist() == [2, 2, 1, 1]
    *_, ahead, back = text.batch(np.arange(4), CPU)
    assert [2 in row for row in ahead.tolist()] == [False, False, True, True]
    assert [1 in row for row in back.tolist()] == [True, False, False, True]
    # Of five and one words, each is asked once ahead and once back, and so is each end.
    assert (ahead >= 0).sum() == (back >= 0).sum() == 6 + 2


def test_each_epoch_deals_every_window_once_in_an_order_of_its_own(tiny: dict[str, Any]) -> None:
    text = windows(read(*[f"w{i} a b" for i in range(9)]), tiny, window=2)
    first, second = text.deal(1), text.deal(2)
    for dealt in (first, second, text.deal(0)):
        assert np.sort(np.concatenate(dealt)).tolist() == list(range(18))
        assert max(map(len, dealt)) == 2
    assert [rows.tolist() for rows in first] != [rows.tolist() for rows in second]
    assert [rows.tolist() for rows in text.deal(1)] == [rows.tolist() for rows in first]


def test_a_word_is_spelt_once_in_a_batch(tiny: dict[str, Any]) -> None:
    text = windows(read("a a a b", "a b"), tiny, window=9)
    characters, *_ = text.batch(np.array([0, 1]), CPU)
    # Both words, the beginning and the end.
    assert len(characters) == 4


def test_no_words_make_no_windows(tiny: dict[str, Any]) -> None:
    assert windows(read("", " "), tiny, window=3).lengths.tolist() == []
