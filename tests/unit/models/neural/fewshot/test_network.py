from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.fewshot.network import PairExamples, PairNetwork
from newsdesk.models.neural.fewshot.pairs import Pairs

TINY = Architecture(2, 2, 8, 12, 30, 16)
CPU = torch.device("cpu")
TEXTS = Sequences(np.array([0, 3, 5, 9]), np.arange(2, 11, dtype=np.int32))


def network(pooling: Any = "mean") -> PairNetwork:
    encoder = EncoderNetwork(TINY, None, 0.0, torch.Generator().manual_seed(0))
    return PairNetwork(encoder, pooling, 0.5)


def examples(*pairs: tuple[int, int, int]) -> PairExamples:
    columns = np.array(pairs)
    return PairExamples(TEXTS, Pairs(columns[:, :2], columns[:, 2]))


def test_pairs_say_whether_they_are_alike_and_how_long_they_are() -> None:
    found = examples((0, 1, 1), (2, 0, 0))
    assert found.y.tolist() == [1, 0]
    assert found.lengths.tolist() == [5, 7]


def test_a_text_of_several_pairs_is_read_once() -> None:
    ids, lengths, pairs = examples((0, 2, 1), (2, 0, 0), (2, 2, 1)).batch(np.arange(3), CPU)
    assert ids.tolist() == [[2, 3, 4, 0], [7, 8, 9, 10]]
    assert lengths.tolist() == [3, 4]
    assert pairs.tolist() == [[0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_logit_is_the_cosine_from_the_border_on(pooling: str) -> None:
    asked = network(pooling)
    ids, lengths, pairs = examples((0, 1, 1), (2, 0, 0)).batch(np.arange(2), CPU)
    logits = asked(ids, lengths, pairs)
    vectors = asked.encoder.pooled(asked.encoder(ids, lengths), lengths, asked.pooling)
    cosines = F.cosine_similarity(vectors[pairs[:, 0]], vectors[pairs[:, 1]])
    torch.testing.assert_close(logits[:, 1], (cosines - 0.5) / 0.2)
    assert not logits[:, 0].any()


def test_twins_are_told_to_be_alike_whatever_is_beside_them() -> None:
    logits = network()(*examples((0, 0, 1), (2, 1, 0)).batch(np.arange(2), CPU))
    assert logits[0, 1].item() == pytest.approx(2.5, abs=1e-4)


def test_the_top_layer_learns_at_the_whole_rate() -> None:
    factors = network().wishes.rate_factors
    assert factors["encoder.layer.1.qkv.weight"] == 1.0
    assert factors["encoder.layer.0.qkv.weight"] == 0.5
