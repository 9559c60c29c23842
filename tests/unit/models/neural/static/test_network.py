from __future__ import annotations

import numpy as np
import torch

from newsdesk.models.neural.static.network import StaticNetwork

IDS = torch.tensor([[4, 2, 4, 3], [5, 6, 0, 0], [9, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])
WEIGHT = np.array([0, 1, 0.5, 2, 3, 1, 0.25, 1, 1, 4], dtype=np.float32)


def network(dropout: float = 0.0) -> StaticNetwork:
    generator = torch.Generator().manual_seed(1)
    vectors = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    return StaticNetwork(vectors, WEIGHT, 3, dropout, dropout, generator)


def test_a_document_is_the_sum_of_its_words_with_weights_of_length_one() -> None:
    own = network().eval()
    with torch.no_grad():
        weights = torch.from_numpy(WEIGHT)[IDS[0]]
        share = weights / weights.square().sum().sqrt()
        expected = own.output(share @ own.embedding(IDS[0]))
        assert torch.allclose(own(IDS, LENGTHS)[0], expected, atol=1e-6)


def test_what_fills_a_row_up_is_not_read() -> None:
    own = network().eval()
    with torch.no_grad():
        together = own(IDS, LENGTHS)
        for row, n in enumerate(LENGTHS.tolist()):
            alone = own(IDS[row : row + 1, :n], LENGTHS[row : row + 1])
            assert torch.allclose(alone[0], together[row], atol=1e-6)
        other = IDS.clone()
        other[1, 2:] = 8
        assert torch.allclose(own(other, LENGTHS), together, atol=1e-6)


def test_training_begins_with_the_given_vectors_and_leaves_weights_alone() -> None:
    own = network()
    drawn = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    assert np.array_equal(own.embedding.weight.numpy(), drawn)
    assert np.array_equal(own.weight.numpy(), WEIGHT)
    assert {name for name, _ in own.named_parameters()} == {"output.weight", "output.bias"}


def test_dropout_works_in_training_alone() -> None:
    own = network(0.5)
    answers = {tuple(own.train()(IDS, LENGTHS).flatten().tolist()) for _ in range(8)}
    assert len(answers) > 1
    assert torch.equal(own.eval()(IDS, LENGTHS), network().eval()(IDS, LENGTHS))
