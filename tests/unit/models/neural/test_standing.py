from __future__ import annotations

import msgspec
import torch

from newsdesk.models.history import Epoch, History
from newsdesk.models.neural.layers import Dense
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.optimizers import Optimizer
from newsdesk.models.neural.standing import Standing, Sums, restore, state_of

CPU = torch.device("cpu")


def epoch(number: int) -> Epoch:
    return Epoch(number, 4 * number, 0.1 + 0.2, 0.5, None, 0.25, 0.125, 1e-3, 0.7)


def standing(*, done: bool = False) -> Standing:
    sums = Sums(n=8, loss=1 / 3, n_right=5, seconds=0.5)
    history = History((epoch(1), epoch(2)), chosen=2)
    return Standing(3, 2, 10, sums, history, best_epoch=2, best_value=0.1 + 0.7, done=done)


def part(seed: int) -> tuple[Dense, Optimizer]:
    network = Dense(3, 2, torch.Generator().manual_seed(seed))
    return network, Optimizer(network, LstmParams())


def stepped(seed: int) -> tuple[Dense, Optimizer]:
    network, optimizer = part(seed)
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step(0.1)
    return network, optimizer


def test_sums_weigh_batches_by_their_rows() -> None:
    sums = Sums().plus(2, 0.5, 1).plus(6, 1.5, 6).after(0.25).after(0.5)
    assert sums == Sums(n=8, loss=10.0, n_right=7, seconds=0.75)
    assert sums.is_finite
    assert not sums.plus(1, float("nan"), 0).is_finite
    assert not sums.plus(1, float("inf"), 0).is_finite


def test_a_training_comes_back_as_it_stood() -> None:
    network, optimizer = stepped(0)
    best = {name: tensor + 1 for name, tensor in network.state_dict().items()}
    with torch.random.fork_rng():
        torch.manual_seed(7)
        state = state_of(standing(), network, optimizer, best, CPU)
        expected = torch.rand(3)
        other, other_optimizer = part(1)
        torch.manual_seed(8)
        found, found_best = restore(state, other, other_optimizer, CPU)
        assert torch.equal(torch.rand(3), expected)
    assert found == standing()
    assert all(torch.equal(found_best[name], tensor) for name, tensor in best.items())
    assert torch.equal(other.weight, network.weight)
    moments = other_optimizer.state()
    assert all((moments[name] == array).all() for name, array in optimizer.state().items())


def test_what_goes_to_json_comes_back_to_the_bit() -> None:
    network, optimizer = stepped(0)
    state = state_of(standing(), network, optimizer, {}, CPU)
    facts = msgspec.json.decode(msgspec.json.encode(state.facts))
    found, best = restore(state._replace(facts=facts), *part(1), CPU)
    assert found == standing()
    assert best == {}


def test_a_finished_training_keeps_its_weights_alone() -> None:
    network, optimizer = stepped(0)
    state = state_of(standing(done=True), network, optimizer, {}, CPU)
    assert sorted(state.tensors) == ["network/bias", "network/weight"]
    before = torch.get_rng_state()
    other, other_optimizer = part(1)
    found, _ = restore(state, other, other_optimizer, CPU)
    assert found.done
    assert torch.equal(other.weight, network.weight)
    assert other_optimizer.n_steps == 0
    assert torch.equal(torch.get_rng_state(), before)


def test_a_state_does_not_change_when_training_goes_on() -> None:
    network, optimizer = stepped(0)
    best = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    state = state_of(standing(), network, optimizer, best, CPU)
    before = {name: array.copy() for name, array in state.tensors.items()}
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step(0.1)
    best["weight"] += 1
    assert all((state.tensors[name] == array).all() for name, array in before.items())
    other, other_optimizer = part(1)
    restored = restore(state, other, other_optimizer, CPU)[1]
    restored["weight"] += 1
    other(torch.ones(1, 3)).sum().backward()
    other_optimizer.step(0.1)
    assert all((state.tensors[name] == array).all() for name, array in before.items())


def test_right_answers_are_counted_where_every_batch_has_them_and_not_else() -> None:
    assert Sums().plus(2, 0.5, None).plus(2, 0.5, None) == Sums(4, 2.0, None)
    assert Sums().plus(2, 0.5, 1).plus(2, 0.5, None).n_right is None
