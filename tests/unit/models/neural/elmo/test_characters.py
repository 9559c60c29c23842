from __future__ import annotations

import numpy as np

from newsdesk.models.neural.elmo.characters import BOUNDS, FILLING, filled, spell, square


def test_words_are_spelt_as_published_models_expect() -> None:
    # As AllenNLP's ELMoCharacterMapper gives them.
    (row,) = square(spell(["test"], 50), 50, 44)
    assert row.tolist() == [259, 117, 102, 116, 117, 260] + [261] * 44


def test_letters_are_their_bytes() -> None:
    assert spell(["é"], 50).ids.tolist() == [259, 0xC3 + 1, 0xA9 + 1, 260]


def test_sentences_begin_and_end_with_characters_of_their_own() -> None:
    assert BOUNDS.ids.tolist() == [259, 257, 260, 259, 258, 260]
    assert BOUNDS.lengths.tolist() == [3, 3]


def test_long_words_are_cut_before_their_end() -> None:
    found = spell(["a" * 60, "b"], 50)
    assert found.lengths.tolist() == [50, 3]
    assert found.ids[49] == 260
    assert found.ids[1:49].tolist() == [98] * 48


def test_words_are_filled_up_behind_their_end() -> None:
    found = filled(spell(["ab", ""], 50), np.array([6, 3]))
    assert found.indptr.tolist() == [0, 6, 9]
    assert found.ids.tolist() == [259, 98, 99, 260, FILLING, FILLING, 259, 260, FILLING]


def test_the_square_holds_one_window_of_filling_for_the_widest_filter() -> None:
    assert square(spell(["ab", "abc"], 50), 50, 3).shape == (2, 8)
    assert square(spell(["a" * 60], 50), 50, 3).shape == (1, 50)
    assert square(spell([], 50), 50, 3).shape[0] == 0
