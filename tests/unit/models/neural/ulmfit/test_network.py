from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.network import AwdLstm, Dropouts
from newsdesk.models.neural.loop import train
from newsdesk.models.neural.optimizers import Optimizer
from newsdesk.models.neural.ulmfit.network import (
    BatchNorm,
    UlmfitNetwork,
    first_epochs,
    folded,
    rate_factors,
)
from newsdesk.models.neural.ulmfit.params import UlmfitParams
from newsdesk.models.neural.wishes import Wishes, wishes_of
from newsdesk.models.neural.words.examples import WordExamples
from newsdesk.types import Silent

N_WORDS, N_CLASSES, SIZES = 11, 3, AwdLstmArchitecture(4, 6, 2)
IDS = torch.tensor([[3, 5, 2, 9, 4], [1, 8, 0, 0, 0], [7, 0, 0, 0, 0]])
LENGTHS = torch.tensor([5, 2, 1])
QUIET = {f"{part}_dropout": 0.0 for part in ("embedding", "weight", "layer", "hidden")}
QUIET |= {"dropout": 0.0}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


def network(sizes: AwdLstmArchitecture = SIZES, **values: Any) -> UlmfitNetwork:
    params = UlmfitParams(**{**QUIET, "hidden": (5,), "batch_size": 8, **values})
    generator = torch.Generator().manual_seed(0)
    encoder = AwdLstm(sizes, N_WORDS, Dropouts(0, 0, 0, 0, 0), generator)
    encoder.embedding.weight.mul_(20)
    return UlmfitNetwork(params, encoder, N_CLASSES, generator)


def weights_of(own: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in own.state_dict().items()}


# ── batch normalisation ──────────────────────────────────────────────────────────────────────────


def test_batch_normalisation_is_torch_s() -> None:
    ours, theirs = BatchNorm(4), nn.BatchNorm1d(4)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for own, other in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
            other.copy_(own.normal_(generator=generator))
    for n in (2, 7, 30):
        x = 3 + 2 * torch.randn(n, 4, generator=generator)
        torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.mean, theirs.running_mean)
    torch.testing.assert_close(ours.variance, theirs.running_var)
    ours.eval(), theirs.eval()
    torch.testing.assert_close(ours(x), theirs(x))


def test_a_batch_of_one_row_is_normalised_by_the_rows_before() -> None:
    layer = BatchNorm(4)
    for _ in range(50):
        layer(5 + torch.randn(20, 4, generator=torch.Generator().manual_seed(0)))
    kept = weights_of(layer)
    one = torch.full((1, 4), 5.0)
    found = layer(one)
    assert torch.isfinite(found).all()
    assert found.abs().max() < 0.5
    assert all(torch.equal(tensor, kept[name]) for name, tensor in layer.state_dict().items())


def test_a_batch_of_one_row_can_be_trained_on() -> None:
    own = network()
    rows = WordExamples(Sequences(np.array([0, 3]), np.array([4, 5, 6], np.int32)), np.array([1]))
    params = UlmfitParams(**QUIET, epochs=2, min_updates=0, device="cpu")
    history = train(own, rows, None, n_classes=3, params=params, seed=0, progress=Silent())
    assert np.isfinite(history.epochs[-1].train_loss)


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
def test_a_folded_network_answers_without_normalisation_as_the_whole_one_does(
    hidden: tuple[int, ...],
) -> None:
    own = network(hidden=hidden)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for norm in own.head.norm:
            for tensor in norm.state_dict().values():
                tensor.copy_(tensor.normal_(generator=generator).abs() + 0.1)
    own.eval()
    state = {name: tensor.numpy() for name, tensor in own.state_dict().items()}
    plain = folded(state, len(hidden))
    assert not any("norm" in name for name in plain)
    assert {name for name in plain if not name.startswith("head")} == {
        name for name in state if not name.startswith("head")
    }
    x = torch.randn(9, 12, generator=generator)
    found = x.numpy()
    for number in range(len(hidden)):
        layer = f"head.hidden.{number}"
        found = np.maximum(found @ plain[f"{layer}.weight"].T + plain[f"{layer}.bias"], 0)
    found = found @ plain["head.output.weight"].T + plain["head.output.bias"]
    with torch.no_grad():
        assert np.abs(found - own.head(x).numpy()).max() < 1e-4 * np.abs(found).max()
    assert all(array.dtype == np.float32 for array in plain.values())


# ── what it computes ─────────────────────────────────────────────────────────────────────────────


def test_the_last_the_largest_and_the_mean_state_are_read_side_by_side() -> None:
    own = network().eval()
    seen: list[Tensor] = []
    own.head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.no_grad():
        own(IDS, LENGTHS)
        for row, n in enumerate(LENGTHS.tolist()):
            states = own.encoder(IDS[row : row + 1, :n])[0][0]
            expected = torch.cat([states[-1], states.amax(dim=0), states.mean(dim=0)])
            torch.testing.assert_close(seen[0][row], expected)


def test_what_fills_a_row_up_is_not_read() -> None:
    own = network().eval()
    with torch.no_grad():
        together = own(IDS, LENGTHS)
        other = IDS.clone()
        other[1, 2:], other[2, 1:] = 8, 9
        torch.testing.assert_close(own(other, LENGTHS), together)
        for row, n in enumerate(LENGTHS.tolist()):
            alone = own(IDS[row : row + 1, :n], LENGTHS[row : row + 1])
            torch.testing.assert_close(alone[0], together[row])


@pytest.mark.parametrize("window", [2, 3, 5])
def test_the_window_does_not_change_the_answer_to_a_long_text(window: int) -> None:
    with torch.no_grad():
        expected = network(window=10_000).eval()(IDS, LENGTHS)
        torch.testing.assert_close(network(window=window).eval()(IDS, LENGTHS), expected)


def test_without_a_language_model_all_weights_move_alike_from_the_first_epoch_on() -> None:
    assert wishes_of(network(pretrained=False)) == Wishes()
    assert not wishes_of(network(unfreeze=False)).first_epochs
    assert wishes_of(network(unfreeze=False)).rate_factors


# ── rates and unfreezing ─────────────────────────────────────────────────────────────────────────


def test_each_layer_moves_slower_than_the_next_by_the_decay() -> None:
    found = rate_factors(2, 2.6)
    for part in ("input", "recurrent", "bias"):
        assert found[f"encoder.lstm.1.{part}"] == pytest.approx(2.6**-1)
        assert found[f"encoder.lstm.0.{part}"] == pytest.approx(2.6**-2)
    assert found["encoder.embedding.weight"] == pytest.approx(2.6**-3)
    assert len(found) == 7  # the dense blocks move at the full rate
    known = {name for name, _ in network().named_parameters()} | {"encoder.embedding.weight"}
    assert set(found) == set(first_epochs(2)) == {n for n in known if n.startswith("encoder")}


def test_weights_move_in_proportion_to_their_rates() -> None:
    own = network(unfreeze=False, optimizer="sgd", clip_norm=0.0, rate_decay=2.0)
    plain = network(unfreeze=False, optimizer="sgd", clip_norm=0.0, rate_decay=1.0)
    moved = []
    for each in (own, plain):
        before = weights_of(each)
        optimizer = Optimizer(each, each.params, wishes_of(each))
        each(IDS, LENGTHS).logsumexp(dim=1).sum().backward()
        optimizer.step(1e-3)
        moved.append({name: after - before[name] for name, after in each.state_dict().items()})
    for name, depth in (
        ("head.output.weight", 0),
        ("head.norm.0.weight", 0),
        ("encoder.lstm.1.recurrent", 1),
        ("encoder.lstm.0.input", 2),
        ("encoder.embedding.weight", 3),
    ):
        assert moved[1][name].abs().max() > 0
        torch.testing.assert_close(moved[0][name], moved[1][name] / 2**depth, rtol=2e-2, atol=1e-7)


GROUPS = {
    "dense blocks": ["head.hidden.0.weight", "head.output.bias", "head.norm.1.weight"],
    "last layer": [f"encoder.lstm.1.{part}" for part in ("input", "recurrent", "bias")],
    "first layer": [f"encoder.lstm.0.{part}" for part in ("input", "recurrent", "bias")],
    "word vectors": ["encoder.embedding.weight"],
}


@pytest.mark.parametrize("unfreeze", [True, False])
def test_in_each_epoch_one_group_more_moves_the_last_first(unfreeze: bool) -> None:
    own = network(unfreeze=unfreeze)
    rng = np.random.default_rng(0)
    lengths = rng.integers(2, 6, 24)
    ids = rng.integers(2, N_WORDS, lengths.sum()).astype(np.int32)
    rows = WordExamples(Sequences(np.cumsum([0, *lengths]), ids), np.arange(24) % 3)
    states, gradients = [weights_of(own)], []
    n_steps = 0

    def note(*_: object) -> None:
        nonlocal n_steps
        if n_steps and n_steps % 3 == 0:  # three steps an epoch
            states.append(weights_of(own))
        n_steps += 1
        moving = {name for name, weight in own.named_parameters() if weight.requires_grad}
        if not own.encoder.embedding.frozen:
            moving.add("encoder.embedding.weight")
        gradients.append(moving)

    own.register_forward_pre_hook(note)
    params = UlmfitParams(
        **QUIET, epochs=5, min_updates=0, batch_size=8, unfreeze=unfreeze, device="cpu"
    )
    train(own, rows, None, n_classes=3, params=params, seed=0, progress=Silent())
    states.append(weights_of(own))
    for epoch in range(1, 6):
        for depth, names in enumerate(GROUPS.values()):
            moves = not unfreeze or depth < epoch
            for name in names:
                before, after = states[epoch - 1][name], states[epoch][name]
                assert torch.equal(before, after) != moves, (epoch, name)
                asked = {name in wanted for wanted in gradients[3 * epoch - 3 : 3 * epoch]}
                assert asked == {moves}, (epoch, name)
