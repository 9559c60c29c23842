from __future__ import annotations

import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.neural.lstm_vectors import LstmVectorsParams


@pytest.mark.parametrize("size", [0, 4097])
def test_vectors_of_no_or_too_many_numbers_are_refused(size: int) -> None:
    with pytest.raises(ConfigError, match="Family lstm-vectors: embedding_dim"):
        LstmVectorsParams(embedding_dim=size)


def test_an_unknown_way_to_treat_missing_words_is_refused() -> None:
    with pytest.raises(ConfigError, match="missing"):
        override(LstmVectorsParams(), ["missing=guess"], where="Family lstm-vectors")


def test_paths_are_taken_as_they_are_typed() -> None:
    pairs = ["vectors=/data/my vectors/glove.txt", "fine_tune=false"]
    found = override(LstmVectorsParams(), pairs, where="Family lstm-vectors")
    assert found.vectors == "/data/my vectors/glove.txt"
    assert not found.fine_tune
