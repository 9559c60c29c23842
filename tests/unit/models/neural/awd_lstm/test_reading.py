from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from newsdesk.features.sequences import OOV
from newsdesk.models.neural.awd_lstm.reading import SEPARATOR, SeparatedReader, learn_vocab
from newsdesk.models.neural.ulmfit.params import UlmfitParams
from newsdesk.types import Documents, Silent

TEXTS = ["the bank and the rates", "cup final", "", "the cup"]


def reader(direction: Any = "forward", **settings: Any) -> SeparatedReader:
    vocab, _ = learn_vocab(Documents.from_texts(TEXTS), 50, 1, Silent())
    return SeparatedReader(vocab, UlmfitParams(**settings), direction)


def words_of(own: SeparatedReader, text: str) -> list[str]:
    return own.vocab.decode(own.read(Documents.from_texts([text])).sequences.ids)


def test_the_separator_is_a_word_and_the_others_keep_their_order() -> None:
    vocab, sequences = learn_vocab(Documents.from_texts(TEXTS), 50, 1, Silent())
    assert vocab.words[:5] == ("<pad>", "<OOV>", SEPARATOR, "the", "cup")
    assert len(vocab.words) == len(set(vocab.words)) == 9
    again = vocab.encode(Documents.from_texts(TEXTS))
    assert sequences.ids.tolist() == again.ids.tolist()
    assert sequences.indptr.tolist() == again.indptr.tolist()
    assert vocab.words.index(SEPARATOR) not in sequences.ids


@pytest.mark.parametrize(("size", "kept"), [(3, 0), (4, 1), (5, 2)])
def test_the_separator_counts_among_the_ids(size: int, kept: int) -> None:
    vocab, sequences = learn_vocab(Documents.from_texts(TEXTS), size, 1, Silent())
    assert len(vocab.words) == size
    assert vocab.words[3:] == ("the", "cup")[:kept]
    assert (sequences.ids == OOV).sum() == [9, 6, 4][kept]


def test_rare_words_are_unknown() -> None:
    vocab, _ = learn_vocab(Documents.from_texts(TEXTS), 50, 2, Silent())
    assert vocab.words[3:] == ("the", "cup")


@pytest.mark.parametrize("text", [SEPARATOR, f"the{SEPARATOR}cup", "bos", "<BOS>"])
def test_no_text_can_hold_a_separator(text: str) -> None:
    own = reader()
    assert words_of(own, text).count(SEPARATOR) == 1
    assert words_of(own, text)[0] == SEPARATOR


def test_texts_begin_with_the_separator_whichever_end_is_read_first() -> None:
    assert words_of(reader(), "cup final rates") == [SEPARATOR, "cup", "final", "rates"]
    assert words_of(reader("backward"), "cup final rates") == [SEPARATOR, "rates", "final", "cup"]


@pytest.mark.parametrize(
    ("truncate", "direction", "seen"),
    [
        ("post", "forward", ["cup", "final"]),
        ("pre", "forward", ["final", "rates"]),
        ("post", "backward", ["final", "cup"]),
        ("pre", "backward", ["rates", "final"]),
    ],
)
def test_the_end_that_is_cut_off_is_that_of_the_text_and_not_of_the_reading(
    truncate: str, direction: str, seen: list[str]
) -> None:
    own = reader(direction, max_tokens=2, truncate=truncate)
    assert words_of(own, "cup final rates") == [SEPARATOR, *seen]


def test_documents_without_a_known_word_are_marked_and_read_as_a_separator() -> None:
    sight = reader().read(Documents.from_texts(["", "zzz", "cup"]))
    assert sight.blank.tolist() == [True, True, False]
    assert sight.sequences.lengths.tolist() == [1, 2, 2]
    assert sight.sequences.lengths.min() >= 1
    assert np.array_equal(sight.sequences.ids[sight.sequences.indptr[:-1]], [2, 2, 2])
