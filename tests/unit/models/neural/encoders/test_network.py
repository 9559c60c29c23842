from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from newsdesk.models.neural import devices
from newsdesk.models.neural.encoders.architecture import Activation, Architecture, Pooling
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.types import Floats

TINY = Architecture(
    n_layers=2, n_heads=2, width=8, inner_width=12, n_pieces=30, n_positions=16, epsilon=1e-6
)
LENGTHS = torch.tensor([7, 1, 4, 9])
ACTIVATIONS: list[tuple[Activation, str]] = [
    ("gelu", "gelu"),
    ("gelu-tanh", "gelu_pytorch_tanh"),
    ("relu", "relu"),
]


def drawn(architecture: Architecture = TINY, seed: int = 0) -> dict[str, Floats]:
    """Weights that differ everywhere, norms and biases among them."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(name.endswith("norm.weight"), 0.3, shape).astype(np.float32)
        for name, shape in architecture.shapes.items()
    }


def network(architecture: Architecture = TINY, dropout: float = 0.0, **more: Any) -> EncoderNetwork:
    return EncoderNetwork(architecture, drawn(architecture), dropout, torch.Generator(), **more)


def some_ids(lengths: Tensor = LENGTHS) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 30, (len(lengths), int(lengths.max())), generator=generator)


def as_bert(tensors: dict[str, Floats], n_layers: int) -> dict[str, Tensor]:
    """Name tensors as the library of the released models does."""
    found = {
        "embeddings.word_embeddings.weight": tensors["pieces"],
        "embeddings.position_embeddings.weight": tensors["positions"],
        "embeddings.token_type_embeddings.weight": np.zeros((2, tensors["pieces"].shape[1])),
    }
    places = {
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "outer_norm": "output.LayerNorm",
    }
    for kind in ("weight", "bias"):
        found[f"embeddings.LayerNorm.{kind}"] = tensors[f"norm.{kind}"]
        for number in range(n_layers):
            theirs, ours = f"encoder.layer.{number}", f"layer.{number}"
            qkv = np.split(tensors[f"{ours}.qkv.{kind}"], 3)
            for name, part in zip(("query", "key", "value"), qkv, strict=True):
                found[f"{theirs}.attention.self.{name}.{kind}"] = part
            for name, place in places.items():
                found[f"{theirs}.{place}.{kind}"] = tensors[f"{ours}.{name}.{kind}"]
    return {name: torch.tensor(array, dtype=torch.float32) for name, array in found.items()}


@pytest.mark.parametrize(("activation", "theirs"), ACTIVATIONS)
def test_the_states_are_those_of_the_released_networks(activation: Activation, theirs: str) -> None:
    transformers = pytest.importorskip("transformers")
    architecture = Architecture(3, 2, 8, 12, 30, 16, activation, 1e-6)
    config = transformers.BertConfig(
        vocab_size=30,
        hidden_size=8,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=12,
        max_position_embeddings=16,
        hidden_act=theirs,
        layer_norm_eps=1e-6,
    )
    oracle = transformers.AutoModel.from_config(config, add_pooling_layer=False).eval()
    oracle.load_state_dict(as_bert(drawn(architecture), 3))
    ids = some_ids()
    mask = torch.arange(ids.shape[1]) < LENGTHS[:, None]
    with torch.no_grad():
        expected = oracle(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        found = network(architecture).eval()(ids, LENGTHS)
        whole = network(architecture).eval()(ids)
        expected_whole = oracle(input_ids=ids).last_hidden_state
    assert (found - expected)[mask].abs().max() < 1e-5
    assert (whole - expected_whole).abs().max() < 1e-5
    assert expected[mask].std() > 0.1


def test_a_text_has_the_same_states_alone_and_in_company() -> None:
    ids, asked = some_ids(), network().eval()
    with torch.no_grad():
        together = asked(ids, LENGTHS)
        for row, n in enumerate(LENGTHS.tolist()):
            alone = asked(ids[row : row + 1, :n])
            assert (together[row, :n] - alone[0]).abs().max() < 1e-5
            for pooling in ("mean", "cls"):
                pooled = asked.pooled(together, LENGTHS, pooling)[row]
                assert (pooled - asked.pooled(alone, None, pooling)[0]).abs().max() < 1e-5


def test_what_fills_a_short_text_up_is_not_read() -> None:
    ids, asked = some_ids(), network().eval()
    beyond = torch.arange(ids.shape[1]) >= LENGTHS[:, None]
    other = torch.where(beyond, 29 - ids, ids)
    with torch.no_grad():
        first, second = (asked.pooled(asked(own, LENGTHS), LENGTHS, "mean") for own in (ids, other))
    assert torch.equal(first, second)


def test_texts_of_one_length_need_no_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    masks = []
    attention = torch.nn.functional.scaled_dot_product_attention

    def watched(*arguments: Any, attn_mask: Any) -> Any:
        masks.append(attn_mask)
        return attention(*arguments, attn_mask=attn_mask)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", watched)
    ids = some_ids()
    network()(ids, torch.full((4,), 9))
    assert masks == [None, None]
    network()(ids, LENGTHS)
    assert masks[2] is not None


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_pooling_takes_the_states_of_the_text_alone(pooling: Pooling) -> None:
    states = torch.arange(24.0).view(2, 4, 3)
    states[1, 2:] = torch.nan  # behind the end
    found = EncoderNetwork.pooled(states, torch.tensor([4, 2]), pooling)
    expected = {"mean": [[4.5, 5.5, 6.5], [13.5, 14.5, 15.5]], "cls": [[0, 1, 2], [12, 13, 14]]}
    assert found.tolist() == expected[pooling]


def test_the_tensors_have_the_names_and_shapes_of_the_architecture() -> None:
    state = network().state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == TINY.shapes
    assert all((state[name].numpy() == array).all() for name, array in drawn().items())
    assert set(dict(network().named_parameters())) == set(TINY.shapes)


def test_given_arrays_are_not_shared() -> None:
    tensors = drawn()
    made = EncoderNetwork(TINY, tensors, 0.0, torch.Generator())
    with torch.no_grad():
        made.pieces.zero_()
    assert np.abs(tensors["pieces"]).max() > 0


def test_values_that_are_not_given_are_drawn() -> None:
    def made(seed: int) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(seed)
        return EncoderNetwork(TINY, None, 0.0, generator).state_dict()

    first, again, other = made(1), made(1), made(2)
    assert all(torch.equal(tensor, again[name]) for name, tensor in first.items())
    assert not torch.equal(first["pieces"], other["pieces"])
    assert first["pieces"].std().item() == pytest.approx(0.02, rel=0.2)
    assert (first["layer.1.outer_norm.weight"] == 1).all()
    assert (first["layer.1.outer_norm.bias"] == 0).all()
    assert (first["layer.0.qkv.bias"] == 0).all()


def gradients(asked: EncoderNetwork, **more: Any) -> dict[str, Tensor]:
    torch.manual_seed(7)
    asked.train()
    pooled = asked.pooled(asked(some_ids(), LENGTHS), LENGTHS, "mean")
    (pooled * torch.arange(8.0)).square().sum().backward()
    return {
        name: weight.grad for name, weight in asked.named_parameters() if weight.grad is not None
    }


def test_dropout_leaves_numbers_out_while_training_alone() -> None:
    ids = some_ids()
    quiet, loud = network(), network(dropout=0.3)
    torch.manual_seed(0)
    assert not torch.equal(loud(ids), quiet(ids))
    assert torch.equal(loud.eval()(ids), quiet.eval()(ids))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_layers_that_are_computed_anew_have_the_same_gradients(dropout: float) -> None:
    expected = gradients(network(dropout=dropout))
    found = gradients(network(dropout=dropout, recompute=True))
    assert set(found) == set(expected) == set(TINY.shapes)
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient)


@pytest.mark.parametrize("recompute", [False, True])
def test_what_is_frozen_gets_no_gradient(recompute: bool) -> None:
    asked = network(recompute=recompute)
    asked.freeze(1)
    found = gradients(asked)
    assert set(found) == {name for name in TINY.shapes if name.startswith("layer.1.")}
    expected = gradients(network())
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, expected[name])


def test_heights_rise_from_the_embeddings_to_the_last_layer() -> None:
    heights = {name: EncoderNetwork.height(name) for name in TINY.shapes}
    assert {heights[name] for name in ("pieces", "positions", "norm.weight", "norm.bias")} == {0}
    assert heights["layer.0.attended_norm.bias"] == 1
    assert heights["layer.1.outer.weight"] == 2
    assert EncoderNetwork.height("layer.11.qkv.weight") == 12


def test_it_is_trained_in_bfloat16_too() -> None:
    expected = gradients(network())
    with devices.precise(torch.device("cpu"), "bfloat16"):
        states = network()(some_ids(), LENGTHS)
        found = gradients(network())
    assert states.dtype == torch.float32  # what is added up along the layers stays exact
    assert (states - network()(some_ids(), LENGTHS)).abs().max() < 0.1
    for name, gradient in expected.items():
        assert found[name].dtype == torch.float32
        scale = gradient.abs().max()
        assert (found[name] - gradient).abs().max() < 0.1 * scale, name


def padded(reference: Any) -> tuple[Tensor, Tensor]:
    sequences = reference.sequences
    ids = torch.from_numpy(sequences.rectangle()).long()
    return ids, torch.from_numpy(sequences.lengths)


def of(reference: Any, **more: Any) -> EncoderNetwork:
    return EncoderNetwork(reference.architecture, reference.tensors, 0.0, torch.Generator(), **more)


def gradients_of(asked: EncoderNetwork, reference: Any) -> dict[str, Tensor]:
    ids, lengths = padded(reference)
    pooled = asked.train().pooled(asked(ids, lengths), lengths, "mean")
    (pooled * torch.arange(16.0)).square().sum().backward()
    return {
        name: weight.grad for name, weight in asked.named_parameters() if weight.grad is not None
    }


def test_the_states_of_every_kind_are_those_of_transformers(reference: Any) -> None:
    ids, lengths = padded(reference)
    asked = of(reference).eval()
    with torch.no_grad():
        states = asked(ids, lengths)
        for row, expected in enumerate(reference.states):
            n = len(expected)
            alone = asked(ids[row : row + 1, :n])[0]
            assert np.abs(states[row, :n].numpy() - expected).max() < 2e-5
            assert np.abs(alone.numpy() - expected).max() < 2e-5
    assert torch.isfinite(states).all()


def test_every_kind_has_the_tensors_of_its_architecture(reference: Any) -> None:
    state = of(reference).state_dict()
    shapes = reference.architecture.shapes
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == shapes


def test_every_kind_learns_with_all_its_tensors(reference: Any) -> None:
    expected = gradients_of(of(reference), reference)
    assert set(expected) == set(reference.architecture.shapes)
    assert all(gradient.abs().max() > 0 for gradient in expected.values())
    anew = gradients_of(of(reference, recompute=True), reference)
    for name, gradient in expected.items():
        torch.testing.assert_close(anew[name], gradient)


def test_layers_of_every_kind_can_be_frozen(reference: Any) -> None:
    asked = of(reference)
    asked.freeze(1)
    found = gradients_of(asked, reference)
    own = range(1, reference.architecture.n_own)
    above = tuple(f"layer.{number}." for number in own)
    assert set(found) == {n for n in reference.architecture.shapes if n.startswith(above)}


def test_every_kind_is_trained_in_bfloat16_too(reference: Any) -> None:
    expected = gradients_of(of(reference), reference)
    with devices.precise(torch.device("cpu"), "bfloat16"):
        found = gradients_of(of(reference), reference)
    for name, gradient in expected.items():
        assert found[name].dtype == torch.float32
        assert torch.cosine_similarity(found[name].flatten(), gradient.flatten(), 0) > 0.95, name
