from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.layers import Dense, RowEmbedding
from newsdesk.models.neural.optimizers import Optimizer
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.wishes import Wishes

N_WORDS, WIDTH, N_CLASSES, N_STEPS = 9, 4, 3, 30
OPTIMIZERS = ["adam", "adamw", "rmsprop", "sgd"]


class Settings(TrainingParams):
    """Settings of no family in particular."""

    family = "trial"


class Network(nn.Module):
    """The mean of word vectors, and a dense layer; the vectors are ours, or torch's."""

    def __init__(self, *, ours: bool, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        rows = RowEmbedding(N_WORDS, WIDTH, generator)
        self.embedding = rows if ours else nn.Embedding.from_pretrained(rows.weight, freeze=False)
        self.dense = Dense(WIDTH, N_CLASSES, generator)

    def forward(self, ids: Tensor) -> Tensor:
        logits: Tensor = self.dense(self.embedding(ids).mean(dim=1))
        return logits


def settings(**values: Any) -> TrainingParams:
    return Settings(**({"clip_norm": 0.0} | values))


def batches(*, everything: bool, seed: int = 1) -> list[tuple[Tensor, Tensor]]:
    """Batches that hold every word, or a few."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(N_STEPS):
        ids = torch.randint(0, N_WORDS, (6, 5), generator=generator)
        if everything:
            ids[0], ids[1] = torch.arange(5), torch.arange(N_WORDS - 5, N_WORDS)
        else:
            ids = ids % 4 + torch.randint(0, 5, (1,), generator=generator)
        found.append((ids, torch.randint(0, N_CLASSES, (6,), generator=generator)))
    return found


def gradients(network: nn.Module, ids: Tensor, y: Tensor) -> None:
    F.cross_entropy(20 * network(ids), y).backward()


def trained(params: TrainingParams, *, everything: bool = True) -> dict[str, Tensor]:
    network = Network(ours=True)
    optimizer = Optimizer(network, params)
    for step, (ids, y) in enumerate(batches(everything=everything)):
        gradients(network, ids, y)
        optimizer.step(params.learning_rate / (1 + step))
    return network.state_dict()


def by_torch(params: TrainingParams, optimizer_of: Any) -> dict[str, Tensor]:
    """The same with torch's embedding and a dense optimizer of torch."""
    network = Network(ours=False)
    optimizer = optimizer_of(network.parameters())
    for step, (ids, y) in enumerate(batches(everything=True)):
        optimizer.zero_grad()
        gradients(network, ids, y)
        for weight in network.parameters():
            if weight is not network.embedding.weight and weight.ndim > 1:
                weight.grad += params.l1 * weight.detach().sign() + 2 * params.l2 * weight.detach()
        if params.clip_norm:
            nn.utils.clip_grad_norm_(network.parameters(), params.clip_norm)
        optimizer.param_groups[0]["lr"] = params.learning_rate / (1 + step)
        optimizer.step()
    return network.state_dict()


@pytest.mark.parametrize(
    ("values", "oracle"),
    [
        ({"optimizer": "adam"}, torch.optim.Adam),
        (
            {"optimizer": "adamw", "weight_decay": 0.5},
            lambda weights: torch.optim.AdamW(weights, weight_decay=0.5),
        ),
        (
            {"optimizer": "adamw"},
            lambda weights: torch.optim.AdamW(weights, weight_decay=0.0),
        ),
        ({"optimizer": "rmsprop"}, lambda weights: torch.optim.RMSprop(weights, alpha=0.9)),
        ({"optimizer": "sgd"}, lambda weights: torch.optim.SGD(weights, momentum=0.9)),
    ],
    ids=["adam", "adamw-decay", "adamw", "rmsprop", "sgd"],
)
@pytest.mark.parametrize(
    "more", [{}, {"clip_norm": 0.3}, {"l1": 0.1, "l2": 0.2, "clip_norm": 1.0}], ids=str
)
def test_rows_move_as_dense_weights_do_where_every_step_touches_all(
    values: dict[str, Any], oracle: Any, more: dict[str, Any]
) -> None:
    params = settings(learning_rate=0.05, **values, **more)
    found, expected = trained(params), by_torch(params, oracle)
    start = Network(ours=True).state_dict()
    for name, weight in expected.items():
        assert not torch.equal(found[name], start[name])
        torch.testing.assert_close(found[name], weight, rtol=1e-4, atol=1e-5)


def test_gradients_are_cut_by_the_length_of_all_of_them_together() -> None:
    params = settings(optimizer="sgd", clip_norm=0.01)
    network = Network(ours=True)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    ids, y = batches(everything=False)[0]
    gradients(network, ids, y)
    Optimizer(network, params).step(1.0)
    moved = [weight - before[name] for name, weight in network.state_dict().items()]
    assert torch.cat([part.flatten() for part in moved]).norm().item() == pytest.approx(0.01)
    assert all(part.abs().max() > 0 for part in moved)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_rows_that_a_batch_does_not_hold_stay(optimizer: str) -> None:
    network = Network(ours=True)
    updates = Optimizer(network, settings(optimizer=optimizer, weight_decay=0.1, l1=0.1, l2=0.1))
    for y, held in enumerate(([0, 1, 2], [2, 3, 4])):
        before = network.embedding.weight.clone()
        gradients(network, torch.tensor([held]), torch.tensor([y]))
        updates.step(0.01)
        moved = (network.embedding.weight != before).any(dim=1)
        assert moved.nonzero().flatten().tolist() == held


def test_a_frozen_table_has_no_moments_and_stays() -> None:
    network = Network(ours=True)
    network.embedding.frozen = True
    before = network.embedding.weight.clone()
    updates = Optimizer(network, settings())
    gradients(network, *batches(everything=True)[0])
    updates.step(0.1)
    assert torch.equal(network.embedding.weight, before)
    assert not any(name.startswith("embedding") for name in updates.state())


@pytest.mark.parametrize("penalty", [{"l1": 0.1}, {"l2": 0.1}], ids=str)
def test_penalties_act_on_matrices_alone(penalty: dict[str, float]) -> None:
    network = Network(ours=True)
    with torch.no_grad():
        network.dense.bias += 1.0
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    for weight in network.parameters():
        weight.grad = torch.zeros_like(weight)
    Optimizer(network, settings(optimizer="sgd", **penalty)).step(1.0)
    after = network.state_dict()
    assert torch.equal(after["dense.bias"], before["dense.bias"])
    assert torch.equal(after["embedding.weight"], before["embedding.weight"])
    matrix = before["dense.weight"]
    gradient = 0.1 * matrix.sign() if "l1" in penalty else 0.2 * matrix
    torch.testing.assert_close(after["dense.weight"], matrix - gradient)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("done", [0, 1, 7])
def test_a_restored_optimizer_goes_on_with_the_same_bits(optimizer: str, done: int) -> None:
    params = settings(optimizer=optimizer, learning_rate=0.05, weight_decay=0.1, clip_norm=1.0)
    expected = trained(params, everything=False)

    network = Network(ours=True)
    updates = Optimizer(network, params)
    for step, (ids, y) in enumerate(batches(everything=False)):
        if step == done:
            state, weights = updates.state(), network.state_dict()
            network = Network(ours=True, seed=5)
            network.load_state_dict(weights)
            updates = Optimizer(network, params)
            updates.restore(state)
        gradients(network, ids, y)
        updates.step(params.learning_rate / (1 + step))
    assert all(torch.equal(weight, expected[name]) for name, weight in network.state_dict().items())


def test_a_state_shares_no_memory_with_its_optimizer() -> None:
    network = Network(ours=True)
    updates = Optimizer(network, settings())
    all_batches = batches(everything=True)
    gradients(network, *all_batches[0])
    updates.step(0.1)
    state = updates.state()
    before = {name: array.copy() for name, array in state.items()}
    gradients(network, *all_batches[1])
    updates.step(0.1)
    assert all((state[name] == array).all() for name, array in before.items())


# ── what a network asks for ──────────────────────────────────────────────────────────────────────


def after_one_step(params: TrainingParams, wishes: Wishes | None = None) -> dict[str, Tensor]:
    network = Network(ours=True)
    gradients(network, *batches(everything=True)[0])
    Optimizer(network, params, wishes).step(0.01)
    return network.state_dict()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_move_with_their_share_of_the_rate(optimizer: str) -> None:
    params = settings(optimizer=optimizer)
    factors = {"embedding.weight": 0.1, "dense.weight": 0.5}
    start = Network(ours=True).state_dict()
    plain, slowed = after_one_step(params), after_one_step(params, Wishes(rate_factors=factors))
    for name, share in (factors | {"dense.bias": 1.0}).items():
        moved = plain[name] - start[name]
        torch.testing.assert_close(slowed[name] - start[name], share * moved, rtol=1e-4, atol=1e-6)
        assert moved.abs().max() > 0


@pytest.mark.parametrize(
    "values",
    [{"optimizer": "adamw", "weight_decay": 0.5}, {"optimizer": "sgd", "l1": 0.1, "l2": 0.1}],
    ids=str,
)
def test_exempt_weights_are_neither_decayed_nor_penalised(values: dict[str, Any]) -> None:
    kind = values["optimizer"]
    bare = after_one_step(settings(optimizer=kind))
    with_it = after_one_step(settings(**values))
    exempt = after_one_step(settings(**values), Wishes(exempt=frozenset({"dense.weight"})))
    assert torch.equal(exempt["dense.weight"], bare["dense.weight"])
    assert not torch.equal(with_it["dense.weight"], bare["dense.weight"])
    assert torch.equal(exempt["dense.bias"], with_it["dense.bias"])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_in_one_pass_are_the_same_up_to_rounding(optimizer: str) -> None:
    params = settings(optimizer=optimizer, weight_decay=0.1)
    expected = after_one_step(params)
    for name, weight in after_one_step(params, Wishes(fused=True)).items():
        torch.testing.assert_close(weight, expected[name])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_in_one_pass_go_on_with_the_same_bits(optimizer: str) -> None:
    params, wishes = settings(optimizer=optimizer), Wishes(fused=True)
    networks = [Network(ours=True), Network(ours=True)]
    first, second = (Optimizer(network, params, wishes) for network in networks)
    for ids, y in batches(everything=False)[:6]:
        gradients(networks[0], ids, y)
        first.step(0.01)
        gradients(networks[1], ids, y)
        second.step(0.01)
        state, second = second.state(), Optimizer(networks[1], params, wishes)
        second.restore(state)
    for one, other in zip(*(network.state_dict().values() for network in networks), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_that_want_no_gradient_stay_and_have_no_moments(optimizer: str) -> None:
    network = Network(ours=True)
    network.dense.weight.requires_grad_(False)
    before = network.dense.weight.clone()
    updates = Optimizer(network, settings(optimizer=optimizer, weight_decay=1.0, l1=1.0, l2=1.0))
    for ids, y in batches(everything=True)[:2]:
        gradients(network, ids, y)
        updates.step(0.1)
    assert torch.equal(network.dense.weight, before)
    assert not any(name.startswith("dense.weight") for name in updates.state())
    assert any(name.startswith("dense.bias") for name in updates.state())


# ── several batches to one update ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_gathered_gradients_are_those_of_one_large_batch(optimizer: str) -> None:
    params = settings(optimizer=optimizer, clip_norm=0.5, l2=0.01)
    one, several = Network(ours=True), Network(ours=True)
    whole, parts = Optimizer(one, params), Optimizer(several, params)
    for first, second in zip(*[iter(batches(everything=False))] * 2, strict=True):
        gradients(one, torch.cat([first[0], second[0]]), torch.cat([first[1], second[1]]))
        whole.step(0.01)
        for ids, y in (first, second):
            (0.5 * F.cross_entropy(20 * several(ids), y)).backward()
            parts.gather()
        parts.step(0.01)
    for name, weight in several.state_dict().items():
        torch.testing.assert_close(weight, one.state_dict()[name], rtol=1e-4, atol=1e-5)


def test_one_gathered_batch_is_that_batch_to_the_last_bit() -> None:
    networks = [Network(ours=True), Network(ours=True)]
    first, second = (Optimizer(network, settings()) for network in networks)
    for ids, y in batches(everything=False):
        gradients(networks[0], ids, y)
        first.step(0.01)
        gradients(networks[1], ids, y)
        second.gather()
        second.step(0.01)
    for one, other in zip(*(network.state_dict().values() for network in networks), strict=True):
        assert torch.equal(one, other)


# ── words that are looked up several times for one update ────────────────────────────────────────


class Tied(nn.Module):
    """Reads words by their vectors and decodes by them too; the vectors are ours, or torch's."""

    def __init__(self, *, ours: bool) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        rows = RowEmbedding(N_WORDS, WIDTH, generator)
        self.embedding = rows if ours else nn.Embedding.from_pretrained(rows.weight, freeze=False)
        self.dense = Dense(WIDTH, WIDTH, generator)
        self.ours = ours

    def forward(self, ids: Tensor, y: Tensor) -> Tensor:
        state = torch.tanh(self.dense(self.embedding(ids).mean(dim=1)))
        if self.ours:
            # In two parts, one of them twice, as two directions would decode.
            low, high = torch.arange(5), torch.arange(5, N_WORDS)
            parts = [self.embedding.more(low), self.embedding.more(high)]
            again = self.embedding.more(low)
            weight = torch.cat(parts)
            extra = again.sum()
        else:
            weight = self.embedding.weight
            extra = weight[:5].sum()
        return F.cross_entropy(20 * state @ weight.T, y) + extra


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize(
    ("values", "oracle"),
    [
        ({"optimizer": "adam"}, torch.optim.Adam),
        ({"optimizer": "adam", "betas": (0.8, 0.99)}, torch.optim.Adam),
        ({"optimizer": "sgd"}, lambda weights, **_: torch.optim.SGD(weights, momentum=0.9)),
    ],
    ids=["adam", "betas", "sgd"],
)
def test_words_read_and_decoded_move_as_dense_weights_used_twice_do(
    values: dict[str, Any], oracle: Any, accumulate: int
) -> None:
    params = settings(learning_rate=0.05, clip_norm=0.5, accumulate=accumulate, **values)
    own, theirs = Tied(ours=True), Tied(ours=False)
    updates, expected = Optimizer(own, params), oracle(theirs.parameters(), betas=params.betas)
    start = own.embedding.weight.clone()
    for number, (ids, _) in enumerate(batches(everything=True), 1):
        y = ids[:, 0]
        for network in (own, theirs):
            (network(ids, y) / accumulate).backward()
        if accumulate > 1:
            updates.gather()
        if number % accumulate == 0:
            updates.step(0.05)
            nn.utils.clip_grad_norm_(theirs.parameters(), params.clip_norm)
            expected.param_groups[0]["lr"] = 0.05
            expected.step()
            expected.zero_grad()
    assert not torch.equal(own.embedding.weight, start)
    for one, other in (
        (own.embedding.weight, theirs.embedding.weight),
        (own.dense.weight, theirs.dense.weight),
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_rows_that_are_only_decoded_move_too_and_no_others() -> None:
    network = Network(ours=True)
    updates = Optimizer(network, settings())
    before = network.embedding.weight.clone()
    network.embedding(torch.tensor([1, 2])).sum().backward()
    network.embedding.more(torch.tensor([2, 5])).sum().backward()
    updates.step(0.1)
    moved = (network.embedding.weight != before).any(dim=1)
    assert moved.nonzero().flatten().tolist() == [1, 2, 5]
    again = network.embedding.weight.clone()
    network.embedding(torch.tensor([3])).sum().backward()
    updates.step(0.1)
    moved = (network.embedding.weight != again).any(dim=1)
    assert moved.nonzero().flatten().tolist() == [3]  # the further words are forgotten


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_the_betas_asked_for_are_those_of_torch(optimizer: str) -> None:
    betas = (0.5, 0.8)
    params = settings(learning_rate=0.05, optimizer=optimizer, betas=betas)
    oracle = torch.optim.Adam if optimizer == "adam" else torch.optim.AdamW

    def of_torch(weights: Any) -> Any:
        return oracle(weights, betas=betas, weight_decay=0.0)

    found, expected = trained(params), by_torch(params, of_torch)
    other = trained(settings(learning_rate=0.05, optimizer=optimizer))
    for name, weight in expected.items():
        torch.testing.assert_close(found[name], weight, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(other[name], weight, rtol=1e-2)


@pytest.mark.parametrize("resumed", [False, True])
def test_words_that_have_waited_move_as_if_the_training_began_then(resumed: bool) -> None:
    late, fresh = Network(ours=True), Network(ours=True)
    params = settings(learning_rate=0.05)
    updates, expected = Optimizer(late, params), Optimizer(fresh, params)
    late.embedding.frozen = True
    for _ in range(7):
        updates.step(0.05)
    late.embedding.frozen = False
    if resumed:
        state, updates = updates.state(), Optimizer(late, params)
        updates.restore(state)
    for ids, y in batches(everything=False)[:4]:
        for network, own in ((late, updates), (fresh, expected)):
            gradients(network, ids, y)
            own.step(0.05)
    for one, other in zip(late.state_dict().values(), fresh.state_dict().values(), strict=True):
        assert torch.equal(one, other)
