from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.forward.characters import CharacterWords
from newsdesk.models.neural.forward.tensors import Tensors

SIZES = ElmoArchitecture(3, ((2, 4), (4, 2)), highways=1, projection_dim=2, units=1, longest_word=9)


def words_of(sizes: ElmoArchitecture = SIZES) -> CharacterWords:
    rng = np.random.default_rng(0)
    shapes = {
        name: [size or 0 for size in shape]
        for name, shape in sizes.shapes(0).items()
        if not name.startswith("lstm")
    }
    tensors = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return CharacterWords(Tensors(tensors), sizes)


def test_the_last_two_vectors_are_those_of_the_ends_of_a_document() -> None:
    words = words_of()
    assert words.vectors(["a"]).shape == (3, 2)
    assert np.array_equal(words.vectors(["a"])[1:], words.vectors([]))


def test_words_that_differ_in_case_alone_differ() -> None:
    found = words_of().vectors(["bank", "Bank"])
    assert np.abs(found[0] - found[1]).max() > 1e-3


@pytest.mark.parametrize("word", ["a" * 7, "a" * 30])
def test_what_is_longer_than_the_longest_word_is_not_read(word: str) -> None:
    found = words_of().vectors([word, "a" * 7 + "b"])
    assert np.array_equal(found[0], found[1])


def test_words_are_read_alike_on_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    words = words_of()
    many = [f"w{i}" for i in range(1100)]
    assert np.array_equal(words.vectors(many)[1000:1001], words.vectors(["w1000"])[:1])
