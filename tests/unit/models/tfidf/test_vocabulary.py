from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.models.tfidf import LogregParams
from newsdesk.models.tfidf.learning import learn
from newsdesk.models.tfidf.reading import Reader, TokenIds
from newsdesk.models.tfidf.vocabulary import Vocabulary
from newsdesk.types import Documents, Silent

PARAMS = LogregParams(tokens="words", ngram_range=(1, 3), min_df=1, max_df=1.0)
TEXTS = ["bank rates rise again", "bank rates fall", "Straße 大阪 cup", ""]


def learnt() -> Vocabulary:
    tokens, words = Reader(PARAMS).learn(Documents.from_texts(TEXTS), Silent())
    return learn(tokens, words, PARAMS)


def test_n_grams_are_found_in_reading_order_with_their_places() -> None:
    vocabulary = learnt()
    ids = [
        vocabulary.numbers.get(word, -1)
        for word in ["bank", "rates", "rise", "zzz", "bank", "rates"]
    ]
    tokens = TokenIds(np.array([0, 6]), np.array(ids, dtype=np.int32))
    found = {
        length: list(zip(first.tolist(), vocabulary.spelled(node), strict=True))
        for length, first, node in vocabulary.occurrences(tokens)
    }
    assert found[1] == [(0, "bank"), (1, "rates"), (2, "rise"), (4, "bank"), (5, "rates")]
    assert found[2] == [(0, "bank rates"), (1, "rates rise"), (4, "bank rates")]
    assert found[3] == [(0, "bank rates rise")]


def test_no_n_gram_reaches_into_the_next_document() -> None:
    vocabulary = learnt()
    ids = np.array([vocabulary.numbers[word] for word in ("bank", "rates")], dtype=np.int32)
    apart = TokenIds(np.array([0, 1, 2]), ids)
    assert [len(first) for _, first, _ in vocabulary.occurrences(apart)] == [2, 0, 0]


def test_rows_have_length_one_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = learnt()
    tokens = Reader(PARAMS).look_up(Documents.from_texts([*TEXTS, "zzz"]), vocabulary.numbers)
    rows = vocabulary.rows(tokens)
    squares = np.add.reduceat(np.append(rows.values**2, 0), rows.indptr[:-1])
    assert squares[:3] == pytest.approx(np.ones(3), abs=1e-6)
    assert np.diff(rows.indptr)[3:].tolist() == [0, 0]
    monkeypatch.setattr("newsdesk.models.tfidf.vocabulary._CHUNK", 2)
    for whole, part in zip(rows, vocabulary.rows(tokens), strict=True):
        assert np.array_equal(whole, part)


def test_a_vocabulary_survives_the_disk() -> None:
    vocabulary = learnt()
    again = Vocabulary.from_tensors(vocabulary.tensors(), PARAMS)
    assert again.words == vocabulary.words
    assert again.names == vocabulary.names
    for name, array in again.tensors().items():
        assert np.array_equal(array, vocabulary.tensors()[name])
        dtype, _ = Vocabulary.SHAPES[name]
        assert array.dtype == dtype


def cut_ends(tensors: dict[str, Any]) -> None:
    tensors["token_ends"][-1] += 1


def swap_ends(tensors: dict[str, Any]) -> None:
    tensors["token_ends"][0] = tensors["token_ends"][1] + 1


def break_a_word(tensors: dict[str, Any]) -> None:
    tensors["token_bytes"][0] = 0xFF


def repeat_a_word(tensors: dict[str, Any]) -> None:
    tensors["token_bytes"][:4], tensors["token_bytes"][4:9] = b"rate"[0], b"r"[0]
    tensors["token_ends"][:2] = 1, 2


def swap_keys(tensors: dict[str, Any]) -> None:
    tensors["keys"][:2] = tensors["keys"][:2][::-1].copy()


def negative_key(tensors: dict[str, Any]) -> None:
    tensors["keys"][0] = -1


def extend_itself(tensors: dict[str, Any]) -> None:
    tensors["keys"][-1] = 1 << 40


def use_a_feature_twice(tensors: dict[str, Any]) -> None:
    tensors["feature_of"][0] = tensors["feature_of"][1]


def drop_a_node(tensors: dict[str, Any]) -> None:
    tensors["feature_of"] = tensors["feature_of"][:-1]


@pytest.mark.parametrize(
    "damage",
    [
        cut_ends,
        swap_ends,
        break_a_word,
        repeat_a_word,
        swap_keys,
        negative_key,
        extend_itself,
        use_a_feature_twice,
        drop_a_node,
    ],
)
def test_tables_that_do_not_fit_are_refused(damage: Callable[[dict[str, Any]], None]) -> None:
    tensors = {name: array.copy() for name, array in learnt().tensors().items()}
    damage(tensors)
    with pytest.raises(BundleFormatError, match=r"weights\.safetensors"):
        Vocabulary.from_tensors(tensors, PARAMS)


def test_one_very_common_word_does_not_overflow() -> None:
    vocabulary = learnt()
    tokens = TokenIds(np.array([0, 70_000]), np.zeros(70_000, dtype=np.int32))
    rows = vocabulary.rows(tokens)
    assert rows.values == pytest.approx([1.0])
