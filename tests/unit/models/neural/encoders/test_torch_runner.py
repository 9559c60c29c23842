from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from newsdesk.models.neural.encoders.architecture import Pooling
from newsdesk.models.neural.encoders.packing import pack
from newsdesk.models.neural.encoders.torch_runner import TorchRunner

LENGTHS = [3, 1, 16, 7, 3]
POOLINGS: list[Pooling] = ["mean", "cls"]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("normalise", [True, False])
def test_it_gives_nearly_what_the_textbook_gives(
    pooling: Pooling, normalise: bool, book: Any
) -> None:
    tensors, sequences = book.tensors(), book.sequences(LENGTHS)
    packed = pack(tensors, "bfloat16")
    runner = TorchRunner(book.architecture, pooling, packed, normalise=normalise)
    exact = book.answers(tensors, sequences, book.architecture, pooling, normalise=normalise)
    found = runner.vectors(sequences)
    assert found.dtype == np.float32
    norms = np.linalg.norm(found, axis=1) * np.linalg.norm(exact, axis=1)
    assert ((found * exact).sum(axis=1) / norms).min() > 0.995
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.linalg.norm(exact, axis=1), rel=0.05)


def test_a_text_gets_nearly_the_same_vector_alone_and_in_any_company(book: Any) -> None:
    packed = pack(book.tensors(), "bfloat16")
    runner = TorchRunner(book.architecture, "mean", packed, normalise=True)
    sequences = book.sequences([1 + k % 16 for k in range(200)])
    together = runner.vectors(sequences)
    rows = range(0, 200, 7)
    alone = np.concatenate([runner.vectors(sequences.take(np.array([row]))) for row in rows])
    assert alone == pytest.approx(together[list(rows)], abs=1e-2)
    assert runner.vectors(book.sequences([])).shape == (0, book.architecture.width)


def test_threads_are_left_as_they_were(book: Any) -> None:
    before = torch.get_num_threads()
    packed = pack(book.tensors(), "bfloat16")
    told: list[int] = []
    runner = TorchRunner(book.architecture, "mean", packed, normalise=True)
    runner.vectors(book.sequences([3, 4, 3]), told.append)
    assert torch.get_num_threads() == before
    assert sum(told) == 3
