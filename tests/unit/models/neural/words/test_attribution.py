from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.words.attribution import attributed
from newsdesk.models.neural.words.params import WordParams
from newsdesk.models.neural.words.reading import Reader
from newsdesk.types import Documents, Floats, Span

VOCAB = Vocab((*SPECIALS, "bank", "rates"), ("the",))
TEXT = "The bank: RATES zzz bank"
WORDS = [Span("text", 4, 8, 2.5), Span("text", 10, 15, 3.5)]
WORDS += [Span("text", 16, 19, 1.5), Span("text", 20, 24, 2.5)]


def added(ids: np.ndarray, index: int) -> Floats:
    """A word adds its number, and half of the number of the class."""
    return ids.astype(np.float32) + np.float32(index / 2)


@pytest.mark.parametrize(
    ("truncate", "longest", "expected"),
    [
        ("post", 9, WORDS),
        ("pre", 9, WORDS),
        ("post", 2, WORDS[:2]),
        ("pre", 3, WORDS[1:]),
    ],
)
def test_words_that_are_read_have_a_place_and_a_share(
    truncate: str, longest: int, expected: list[Span]
) -> None:
    params = WordParams(max_tokens=longest, truncate=truncate)  # type: ignore[arg-type]
    found = attributed(Reader(VOCAB, params), Documents.from_texts([TEXT]), np.array([1]), added)
    assert found == [expected]


def test_each_document_is_asked_for_its_own_class() -> None:
    documents = Documents.from_texts(["bank", "", "bank"])
    found = attributed(Reader(VOCAB, WordParams()), documents, np.array([0, 1, 2]), added)
    assert [[span.weight for span in spans] for spans in found] == [[2.0], [], [3.0]]
