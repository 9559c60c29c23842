from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.encoders.architecture import Pooling
from newsdesk.models.neural.encoders.packing import pack
from newsdesk.models.neural.encoders.runner import Runner

POOLINGS: list[Pooling] = ["mean", "cls"]


def pooled(reference: Any, pooling: Pooling) -> Any:
    return np.array([s.mean(axis=0) if pooling == "mean" else s[0] for s in reference.states])


@pytest.mark.parametrize("pooling", POOLINGS)
def test_floats_give_what_transformers_gives(reference: Any, pooling: Pooling) -> None:
    packed = pack(reference.tensors, "float32")
    runner = Runner(reference.architecture, pooling, packed, normalise=False)
    expected = pooled(reference, pooling)
    assert runner.vectors(reference.sequences) == pytest.approx(expected, abs=1e-5)
    assert expected.std() > 0.1


def test_integers_give_nearly_the_same(reference: Any) -> None:
    runner = Runner(reference.architecture, "mean", pack(reference.tensors, "int8"), normalise=True)
    exact = pooled(reference, "mean")
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert (runner.vectors(reference.sequences) * exact).sum(axis=1).mean() > 0.99


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_gets_the_same_vector_alone_and_in_any_company(
    reference: Any, pooling: Pooling, book: Any
) -> None:
    sequences = book.sequences([1 + k % 40 for k in range(120)])
    rows = range(0, 120, 11)
    for precision, off in (("float32", 1e-5), ("int8", 0.0)):
        packed = pack(reference.tensors, precision)
        runner = Runner(reference.architecture, pooling, packed, normalise=True)
        together = runner.vectors(sequences)[list(rows)]
        alone = [runner.vectors(sequences.take(np.array([row]))) for row in rows]
        assert np.abs(np.concatenate(alone) - together).max() <= off
