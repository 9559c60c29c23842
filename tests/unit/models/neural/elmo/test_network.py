from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from newsdesk.features.surface import Surface, read_surface
from newsdesk.models.neural.elmo.characters import spell, square
from newsdesk.models.neural.elmo.network import ElmoNetwork
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.elmo.text import Targets, Windows
from newsdesk.models.neural.forward.contextual import ContextualWords
from newsdesk.models.neural.forward.pieces import Piece
from newsdesk.models.neural.words.family import saved_name
from newsdesk.types import Documents

CPU = torch.device("cpu")
TEXTS = ["goal goal Bank doesn't", "the internationalisations of 大阪 rise again today", "one"]


def made(tiny: dict[str, Any], **settings: Any) -> tuple[ElmoNetwork, Surface, Windows]:
    """Make a network with weights that are large enough to be bounded, and what it reads."""
    params = ElmoParams(**{**tiny, "window": 50, "dropout": 0.0, **settings})
    surface = read_surface(Documents.from_texts(TEXTS))
    targets = Targets.of(surface, size=100, min_count=1)
    generator = torch.Generator().manual_seed(0)
    sizes = params.architecture
    network = ElmoNetwork(sizes, targets.counts, params.n_samples, params.dropout, generator)
    network.load_state_dict({name: 3 * w for name, w in network.state_dict().items()})
    text = Windows(surface, targets, sizes, window=50, batch_size=8, seed=0)
    return network, surface, text


@pytest.mark.parametrize("settings", [{}, {"activation": "tanh", "layers": 3, "highways": 2}])
def test_layers_are_those_that_are_read_without_torch(
    settings: dict[str, Any], tiny: dict[str, Any]
) -> None:
    network, surface, text = made(tiny, **settings)
    sizes = network.architecture
    state = {saved_name(name): value.numpy() for name, value in network.state_dict().items()}
    forward = ContextualWords({name: state[name] for name in sizes.shapes(0)}, sizes)
    rows = surface.sequences.take(np.array([1, 0, 2]))
    words, place = np.unique(rows.ids, return_inverse=True)
    vectors = forward.vectors(surface.words)
    expected = [
        np.tile(vectors[rows.ids], 2),
        *forward.states(vectors, Piece(rows.indptr, words, place)),
    ]
    with torch.no_grad():
        found = network.eval().states(*text.batch(np.array([1, 0, 2]), CPU)[:3])
    for own, truth in zip(found, expected, strict=True):
        for row, (begin, end) in enumerate(zip(rows.indptr[:-1], rows.indptr[1:], strict=True)):
            both = torch.cat([own[0, row], own[1, row]], dim=1)[1 : 1 + end - begin].numpy()
            assert np.abs(both - truth[begin:end]).max() < 1e-5


def test_a_direction_knows_nothing_of_the_words_that_it_is_yet_to_read(
    tiny: dict[str, Any],
) -> None:
    network, _, text = made(tiny)
    characters, places, lengths, *_ = text.batch(np.array([1]), CPU)
    changed = places.clone()
    changed[0, 3] = 0
    with torch.no_grad():
        before, after = (network.states(characters, p, lengths)[-1] for p in (places, changed))
    assert torch.equal(before[0, 0, :3], after[0, 0, :3])
    assert torch.equal(before[1, 0, 4:], after[1, 0, 4:])
    assert not torch.allclose(before[0, 0, 3:], after[0, 0, 3:])
    assert not torch.allclose(before[1, 0, :4], after[1, 0, :4])


def test_without_noise_the_loss_is_the_exact_surprise(tiny: dict[str, Any]) -> None:
    network, _, text = made(tiny, n_samples=0)
    batch = text.batch(np.arange(3), CPU)
    nats, n = network.surprise(*batch)
    assert n == int((batch[3] >= 0).sum() + (batch[4] >= 0).sum())
    assert network(*batch).item() == pytest.approx(nats.item() / n, rel=1e-5)


def test_dropout_is_for_training_alone(tiny: dict[str, Any]) -> None:
    network, _, text = made(tiny, n_samples=0)
    network.dropout = 0.5
    batch = text.batch(np.arange(3), CPU)

    def losses() -> list[float]:
        return [network(*batch).item() for _ in range(2)]

    first, second = losses()
    assert first != second
    network.eval()
    first, second = losses()
    assert first == second


def test_words_begin_with_mean_0_and_variance_1(tiny: dict[str, Any]) -> None:
    network, surface, _ = made(tiny)
    words = torch.from_numpy(square(spell(surface.words[2:], 50), 50, 3)).long()
    network.centre(words)
    with torch.no_grad():
        found = network.vectors(words)
    assert torch.allclose(found.mean(dim=0), torch.zeros(8), atol=1e-5)
    assert torch.allclose(found.std(dim=0, correction=0), torch.ones(8), atol=1e-3)


def test_at_first_words_are_as_likely_as_they_are_frequent(tiny: dict[str, Any]) -> None:
    surface = read_surface(Documents.from_texts(["a a a b"]))
    targets = Targets.of(surface, size=9, min_count=1)
    sizes = ElmoParams(**tiny).architecture
    network = ElmoNetwork(sizes, targets.counts, 0, 0.0, torch.Generator())
    share = network.decoder_bias.detach().softmax(dim=0)
    assert share[targets.of_word[2]] / share[targets.of_word[3]] == pytest.approx(2, rel=1e-5)


def test_every_weight_is_trained(tiny: dict[str, Any]) -> None:
    network, _, text = made(tiny)
    network(*text.batch(np.arange(3), CPU)).backward()
    untouched = [name for name, w in network.named_parameters() if w.grad is None]
    assert not untouched
    gradient: Tensor = network.get_parameter("characters").grad  # type: ignore[assignment]
    assert gradient[ord("g") + 1].abs().sum() > 0
    assert network.decoder.further, "words are looked up that the optimizer is to move"
