from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.elmo_lstm.reading import Reader
from newsdesk.models.neural.forward.pieces import Piece
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.types import Documents, Silent

TEXTS = ["goal for the keeper's side", "", "大阪 rises", "goal for the keeper's side", "...!"]


def test_documents_are_cut_and_none_is_empty(encoder: Encoder[Any]) -> None:
    documents = Documents.from_texts(TEXTS)
    found = Reader(encoder, 4, "post").see(documents)
    read = [
        [found.words[i] for i in found.sequences.ids[begin:end]]
        for begin, end in zip(found.sequences.indptr[:-1], found.sequences.indptr[1:], strict=True)
    ]
    first = ["goal", "for", "the", "keeper"]
    assert read == [first, [""], ["大", "阪", "rises"], first, ["...", "!"]]
    assert found.blank.tolist() == [False, True, False, False, True]
    assert found.n_cut == 4
    other = Reader(encoder, 4, "pre").see(documents)
    assert [other.words[i] for i in other.sequences.ids[:4]] == ["the", "keeper", "'s", "side"]


def test_what_is_kept_are_the_states_of_the_layers(
    encoder: Encoder[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsdesk.models.neural.forward.contextual._N_GATES", 0)
    reader = Reader(encoder, 50, "post")
    documents = Documents.from_texts([*TEXTS, *(f"word {i} " * (1 + i % 40) for i in range(60))])
    sight = reader.see(documents)
    found = reader.activate(documents, sight, Silent())
    vectors = reader.network.vectors(sight.words)
    assert np.array_equal(found.vectors, vectors[:-2])
    for row in (0, 1, 3, 40):
        own = sight.sequences.take(np.array([row]))
        words, place = np.unique(own.ids, return_inverse=True)
        layers = reader.network.states(vectors, Piece(own.indptr, words, place))
        truth = np.concatenate(layers, axis=1).astype(np.float16)
        assert np.array_equal(found.states[found.start[row] :][: len(truth)], truth)


def test_a_text_is_run_once(encoder: Encoder[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents.from_texts(TEXTS)
    reader = Reader(encoder, 50, "post")
    assert reader.unread(documents) == 4
    first = reader.activate(documents, reader.see(documents), Silent())
    assert reader.unread(documents) == 0
    again = Reader(encoder, 50, "post")
    monkeypatch.setattr(again.network, "states", None)  # not to be called
    second = again.activate(documents, again.see(documents), Silent())
    assert np.array_equal(first.start, second.start)
    assert np.array_equal(first.states, second.states)
    assert Reader(encoder, 49, "post").unread(documents) == 4
