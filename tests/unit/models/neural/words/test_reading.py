from __future__ import annotations

from typing import Any

import pytest

from newsdesk.features.sequences import OOV, PAD
from newsdesk.models.neural.lstm import LstmParams
from newsdesk.models.neural.words.reading import Reader
from newsdesk.types import Documents, Silent

TEXTS = ["the bank and the rates", "cup final", "cup"]


def learn(**settings: Any) -> Reader:
    params = LstmParams(**{"min_count": 1, **settings})
    return Reader.learn(Documents.from_texts(TEXTS), params, Silent())[0]


def words_of(reader: Reader, text: str) -> list[str]:
    ids = reader.read(Documents.from_texts([text])).sequences.ids
    return reader.vocab.decode(ids, padding=True)


def test_words_are_learnt_from_the_training_documents_alone() -> None:
    reader = learn()
    assert words_of(reader, "cup of rates") == ["cup", "<OOV>", "rates"]
    assert words_of(learn(min_count=2), "cup final the") == ["cup", "<OOV>", "the"]


def test_stop_words_are_left_out_when_asked() -> None:
    assert words_of(learn(stop_words="en"), "the cup and the final") == ["cup", "final"]
    assert words_of(learn(), "the cup") == ["the", "cup"]


@pytest.mark.parametrize(
    ("truncate", "kept"), [("post", ["bank", "rates"]), ("pre", ["cup", "final"])]
)
def test_long_documents_are_cut_at_the_end_asked_for(truncate: str, kept: list[str]) -> None:
    assert words_of(learn(max_tokens=2, truncate=truncate), "bank rates cup final") == kept


@pytest.mark.parametrize(
    ("padding", "filled"),
    [("post", ["cup", "final", "<pad>"]), ("pre", ["<pad>", "cup", "final"])],
)
def test_without_masking_short_documents_are_filled_up(padding: str, filled: list[str]) -> None:
    reader = learn(max_tokens=3, padding=padding, masking=False)
    assert words_of(reader, "cup final") == filled
    (empty,) = [reader.read(Documents.from_texts([""])).sequences.ids.tolist()]
    assert sorted(empty) == [PAD, PAD, OOV]


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("", True),
        ("...!?", True),
        ("nothing known here", True),
        ("zzz yyy xxx cup", True),  # the known word is cut off
        ("cup", False),
        ("some unknown cup", False),
    ],
)
def test_documents_of_which_no_known_word_is_left_are_marked(text: str, blank: bool) -> None:
    sight = learn(max_tokens=3, stop_words="en").read(Documents.from_texts([text]))
    assert sight.blank.tolist() == [blank]
    assert sight.sequences.lengths.min() >= 1


def test_a_document_of_stop_words_alone_is_blank() -> None:
    sight = learn(stop_words="en").read(Documents.from_texts(["the and of"]))
    assert sight.blank.tolist() == [True]
    assert sight.sequences.ids.tolist() == [OOV]


def test_the_network_is_told_of_what_it_does_not_read() -> None:
    reader = learn(max_tokens=2)
    whole = reader.vocab.encode(Documents.from_texts(["cup final bank zzz", "zzz"]))
    assert reader.told(whole) == (
        "40.0 % of the words are unknown, 40.0 % are cut off (1 text), 1 text has no known word."
    )


def test_no_documents_are_no_rows() -> None:
    sight = learn().read(Documents.from_texts([]))
    assert sight.sequences.n == len(sight.blank) == 0
