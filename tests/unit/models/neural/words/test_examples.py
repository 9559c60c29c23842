from __future__ import annotations

import numpy as np
import torch

from newsdesk.features.sequences import PAD, Sequences
from newsdesk.models.neural.words.examples import WordExamples

SEQUENCES = Sequences(np.array([0, 3, 4, 6]), np.array([7, 8, 9, 5, 4, 3], dtype=np.int32))
EXAMPLES = WordExamples(SEQUENCES, np.array([0, 1, 1]))


def test_lengths_are_those_of_the_documents() -> None:
    assert EXAMPLES.lengths.tolist() == [3, 1, 2]


def test_a_batch_is_as_long_as_its_longest_document() -> None:
    ids, lengths = EXAMPLES.batch(np.array([2, 1]), torch.device("cpu"))
    assert ids.tolist() == [[4, 3], [5, PAD]]
    assert lengths.tolist() == [2, 1]
    assert ids.dtype == torch.int64


def test_rows_come_in_the_order_asked_for() -> None:
    ids, lengths = EXAMPLES.batch(np.array([1, 0, 1]), torch.device("cpu"))
    assert ids[:, 0].tolist() == [5, 7, 5]
    assert lengths.tolist() == [1, 3, 1]
