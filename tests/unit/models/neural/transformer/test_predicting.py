from __future__ import annotations

import numpy as np
import pytest
import torch

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.transformer.examples import WindowExamples
from newsdesk.models.neural.transformer.network import TransformerNetwork
from newsdesk.models.neural.transformer.predicting import Predictor
from newsdesk.models.neural.transformer.windows import Cutter, Windows

TINY = Architecture(2, 2, 8, 12, 30, 16)


def windows(n: int = 40) -> Windows:
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 30, n)
    ids = rng.integers(0, 30, lengths.sum()).astype(np.int32)
    return Cutter((0,), (2,), 12, 3, 3).cut(Sequences(np.cumsum([0, *lengths]), ids))


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_answers_are_those_of_the_trained_network(pooling: Pooling) -> None:
    generator = torch.Generator().manual_seed(0)
    encoder = EncoderNetwork(TINY, None, 0.1, generator)
    network = TransformerNetwork(encoder, pooling, 3, 0.1, 1.0, generator).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
    tensors = {
        name.removeprefix("encoder."): tensor.numpy()
        for name, tensor in network.state_dict().items()
    }
    asked = windows()
    rows, y = np.arange(asked.n), np.zeros(asked.n, dtype=np.int64)
    with torch.no_grad():
        expected = network(*WindowExamples(asked, y).batch(rows, torch.device("cpu"))).numpy()
    predictor = Predictor(TINY, pooling, tensors)
    found = predictor.logits(asked)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5
    assert np.ptp(expected, axis=0).min() > 0.1
    for row in rows[:8]:
        alone = predictor.logits(asked.take(rows[row : row + 1]))
        assert np.abs(alone - found[row]).max() < 1e-5
    assert predictor.logits(asked.take(rows[:0])).shape == (0, 3)
