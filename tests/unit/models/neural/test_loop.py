from __future__ import annotations

import itertools
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.errors import ConfigError, DivergedError
from newsdesk.features.sequences import Sequences
from newsdesk.models.history import History
from newsdesk.models.neural import batches, classifying, loop
from newsdesk.models.neural.checkpoints import Checkpoint, State
from newsdesk.models.neural.examples import Measured, measure
from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.loop import train
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.recurrent.network import RecurrentNetwork
from newsdesk.models.neural.wishes import Wishes
from newsdesk.models.neural.words.examples import WordExamples
from newsdesk.types import Indices, Silent

N_WORDS, N_CLASSES, N_ROWS = 20, 3, 22
SEED = 5
CPU = torch.device("cpu")

Weights = dict[str, Tensor]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


def examples(n: int = N_ROWS, seed: int = 0) -> WordExamples:
    """Documents of 1 to 6 words, some of which say the class."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 7, n)
    y = rng.permutation(np.arange(n) % N_CLASSES)
    words = [rng.integers(0, 6, length) * 3 + 2 + c for length, c in zip(lengths, y, strict=True)]
    ids = np.concatenate(words).astype(np.int32)
    return WordExamples(Sequences(np.cumsum([0, *lengths]), ids), y)


def params(**values: Any) -> LstmParams:
    quick = {"embedding_dim": 4, "units": 3, "epochs": 3, "batch_size": 8, "learning_rate": 0.03}
    quick |= {"patience": 0, "device": "cpu", "hidden": (4,)}
    return LstmParams(**(quick | values))


def network_of(settings: LstmParams) -> RecurrentNetwork:
    generator = torch.Generator().manual_seed(0)
    embedding = RowEmbedding(N_WORDS, settings.embedding_dim, generator)
    return RecurrentNetwork(settings, embedding, N_CLASSES, generator)


def trained(
    settings: LstmParams, *, valid: bool = True, network: nn.Module | None = None, **more: Any
) -> tuple[Weights, History]:
    network = network or network_of(settings)
    history = train(
        network,
        more.pop("examples", None) or examples(),
        examples(9, seed=1) if valid else None,
        n_classes=N_CLASSES,
        params=settings,
        seed=more.pop("seed", SEED),
        progress=Silent(),
        **more,
    )
    return network.state_dict(), history


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(weight, other[name]) for name, weight in one.items()
    )


def timeless(history: History) -> History:
    return replace(history, epochs=tuple(replace(epoch, seconds=0.0) for epoch in history.epochs))


# ── what training does ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop", "sgd"])
def test_a_problem_that_can_be_learnt_is_learnt(optimizer: str) -> None:
    rate = 0.3 if optimizer == "sgd" else 0.03
    settings = params(optimizer=optimizer, learning_rate=rate, epochs=25, hidden=())
    settings = replace(settings, dropout=0.0, hidden_dropout=0.0)
    _, history = trained(settings)
    assert history.epochs[0].train_loss > 0.8
    assert history.epochs[-1].train_loss < 0.3
    assert history.epochs[-1].train_accuracy == 1.0


def test_the_history_tells_each_epoch_as_it_was() -> None:
    settings = params(schedule="one-cycle", keep="last", batch_size=8, dropout=0.0)
    settings = replace(settings, hidden_dropout=0.0)
    weights, history = trained(settings)
    assert [epoch.number for epoch in history.epochs] == [1, 2, 3]
    assert [epoch.step for epoch in history.epochs] == [3, 6, 9]
    assert history.chosen == 3
    assert history.n_steps == 9
    network = network_of(settings)
    network.load_state_dict(weights)
    measured = measure(network, examples(9, seed=1), N_CLASSES, CPU)
    last = history.epochs[-1]
    assert (last.valid_loss, last.valid_accuracy, last.valid_macro_f1) == measured
    rates = [epoch.learning_rate for epoch in history.epochs]
    assert rates[0] > rates[1] > rates[2] > 0
    assert all(epoch.seconds > 0 for epoch in history.epochs)


def test_the_loss_of_an_epoch_is_the_mean_over_its_rows() -> None:
    # A rate this small changes nothing: every row has the loss of the network as it began.
    settings = params(learning_rate=1e-12, epochs=1, dropout=0.0, hidden_dropout=0.0)
    _, history = trained(settings, valid=False)
    measured = measure(network_of(settings), examples(), N_CLASSES, CPU)
    assert history.epochs[0].train_loss == pytest.approx(measured.loss, rel=1e-5)
    assert history.epochs[0].train_accuracy == pytest.approx(measured.accuracy)


def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    settings = params(dropout=0.3, recurrent_dropout=0.2)
    first, history = trained(settings)
    again, history_again = trained(settings)
    other, _ = trained(settings, seed=6)
    assert same(first, again)
    assert timeless(history) == timeless(history_again)
    assert not same(first, other)


def test_generators_threads_and_callers_network_are_left_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    seen = []
    network = network_of(params())
    network.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        trained(params(), network=network)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(torch.get_rng_state(), before)
    assert set(seen) == {2}


def test_valid_rows_have_no_say_in_the_weights() -> None:
    settings = params(keep="last", dropout=0.2)
    assert same(trained(settings)[0], trained(settings, valid=False)[0])


# ── which weights are kept ───────────────────────────────────────────────────────────────────────


class Script:
    """Valid results as a test wants them, and the weights that they were said of."""

    def __init__(self, *values: float) -> None:
        self.values = values
        self.seen: list[Weights] = []

    def __call__(self, network: nn.Module, *_rest: object) -> Any:
        value = self.values[len(self.seen)]
        self.seen.append({name: t.clone() for name, t in network.state_dict().items()})
        return Measured(loss=1 - value, accuracy=value, macro_f1=value)


@pytest.mark.parametrize("monitor", ["macro_f1", "accuracy", "loss"])
def test_the_weights_of_the_best_epoch_are_kept(
    monitor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(0.2, 0.7, 0.7, 0.4)
    monkeypatch.setattr(classifying, "measure", script)
    weights, history = trained(params(epochs=4, monitor=monitor))
    assert history.chosen == 2
    assert history.n_steps == 6
    assert len(history.epochs) == 4
    assert same(weights, script.seen[1])
    assert not same(weights, script.seen[3])


def test_the_last_weights_are_kept_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = Script(0.2, 0.7, 0.4)
    monkeypatch.setattr(classifying, "measure", script)
    weights, history = trained(params(keep="last"))
    assert history.chosen == 3
    assert same(weights, script.seen[2])


@pytest.mark.parametrize(
    ("values", "patience", "n_epochs"),
    [
        ((0.1, 0.5, 0.5, 0.4, 0.9, 0.1), 2, 4),
        ((0.1, 0.5, 0.5, 0.4, 0.9, 0.1), 3, 6),
        ((0.5, 0.1, 0.1, 0.1, 0.1, 0.1), 1, 2),
        ((0.5, 0.1, 0.1, 0.1, 0.1, 0.1), 0, 6),
    ],
)
@pytest.mark.parametrize("keep", ["best", "last"])
def test_training_stops_when_nothing_has_become_better_for_long(
    values: tuple[float, ...],
    patience: int,
    n_epochs: int,
    keep: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classifying, "measure", Script(*values))
    _, history = trained(params(epochs=6, patience=patience, keep=keep))
    assert len(history.epochs) == n_epochs


def test_without_valid_rows_every_epoch_is_trained_and_the_last_is_kept() -> None:
    _, history = trained(params(patience=1, epochs=4), valid=False)
    assert [epoch.number for epoch in history.epochs] == [1, 2, 3, 4]
    assert history.chosen == 4
    assert history.epochs[0].valid_loss is None
    assert history.epochs[0].valid_accuracy is None
    assert history.epochs[0].valid_macro_f1 is None


@pytest.mark.parametrize("n_steps", [1, 3, 4, 9])
def test_a_number_of_steps_ends_training_in_the_middle_of_an_epoch_too(n_steps: int) -> None:
    settings = params(dropout=0.2)
    states: list[Weights] = []
    network = network_of(settings)

    def note(*_: object) -> None:
        if network.training:
            states.append({name: t.clone() for name, t in network.state_dict().items()})

    network.register_forward_pre_hook(note)
    trained(settings, valid=False, network=network)
    states.append(network.state_dict())
    weights, history = trained(settings, valid=False, n_steps=n_steps)
    assert same(weights, states[n_steps])
    assert history.epochs[-1].step == history.n_steps == n_steps


def test_few_rows_are_passed_as_often_as_the_updates_need() -> None:
    asked, history = trained(params(epochs=1, min_updates=8, schedule="slanted-triangular"))
    same_epochs, _ = trained(params(epochs=3, schedule="slanted-triangular"))
    assert [epoch.step for epoch in history.epochs] == [3, 6, 9]
    assert same(asked, same_epochs)


def test_steps_chosen_on_fewer_rows_are_made_though_the_passes_are_fewer() -> None:
    # 8 rows a batch: a pass over 24 rows is three updates, and four of them make twelve.
    settings = params(epochs=1, schedule="slanted-triangular", batch_size=8)
    weights, history = trained(settings, valid=False, n_steps=11)
    assert history.n_steps == 11
    assert all(epoch.learning_rate > 0 for epoch in history.epochs)
    assert all(tensor.isfinite().all() for tensor in weights.values())


# ── the loss ─────────────────────────────────────────────────────────────────────────────────────


class Bias(nn.Module):
    """Answers the same for every document."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.tensor([0.5, -0.3, 0.1]))

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.bias.expand(len(ids), N_CLASSES)


def moved(**values: Any) -> np.ndarray[Any, Any]:
    """The gradient of one step on all rows."""
    settings = params(
        optimizer="sgd", learning_rate=1.0, clip_norm=0.0, epochs=1, batch_size=64, **values
    )
    rows = replace(examples(), y=np.repeat([0, 1], [16, 6]))
    network = Bias()
    before = network.bias.detach().clone()
    train(network, rows, None, n_classes=N_CLASSES, params=settings, seed=0, progress=Silent())
    return (before - network.bias.detach()).numpy()


def expected_gradient(truth: np.ndarray[Any, Any], weight: np.ndarray[Any, Any]) -> Any:
    """Of the mean of ``-w_y Σ truth log p``, by hand; rows of truth are documents."""
    logits = np.array([0.5, -0.3, 0.1])
    p = np.exp(logits) / np.exp(logits).sum()
    weighted = truth * weight
    return (weighted.sum(axis=1, keepdims=True) * p - weighted).sum(axis=0)


ONE_HOT = np.eye(N_CLASSES)[np.repeat([0, 1], [16, 6])]


def test_the_plain_loss_is_the_mean_cross_entropy() -> None:
    assert moved() == pytest.approx(expected_gradient(ONE_HOT, np.ones(3)) / 22, abs=1e-6)


def test_smoothing_spreads_a_share_of_the_truth_over_all_classes() -> None:
    truth = 0.7 * ONE_HOT + 0.3 / N_CLASSES
    found = moved(label_smoothing=0.3)
    assert found == pytest.approx(expected_gradient(truth, np.ones(3)) / 22, abs=1e-6)


def test_balanced_classes_have_an_equal_say() -> None:
    weight = np.array([22 / (2 * 16), 22 / (2 * 6), 1.0])
    total = (ONE_HOT * weight).sum()
    found = moved(class_weight="balanced")
    assert found == pytest.approx(expected_gradient(ONE_HOT, weight) / total, abs=1e-6)
    by_class = F.softmax(torch.tensor([0.5, -0.3, 0.1]), dim=0).numpy()
    assert found == pytest.approx(by_class - [0.5, 0.5, 0.0], abs=1e-6)


def test_the_reported_loss_knows_no_smoothing_weights_or_penalties() -> None:
    quiet = {"learning_rate": 1e-12, "epochs": 1, "dropout": 0.0, "hidden_dropout": 0.0}
    plain = trained(params(**quiet))[1].epochs[0]
    loud = params(
        **quiet, label_smoothing=0.5, class_weight="balanced", l1=1.0, l2=1.0, focal_gamma=2.0
    )
    assert trained(loud)[1].epochs[0].train_loss == pytest.approx(plain.train_loss)


def test_rows_that_are_answered_well_count_less_where_that_is_asked_for() -> None:
    p = np.exp([0.5, -0.3, 0.1]) / np.exp([0.5, -0.3, 0.1]).sum()
    gamma, total = 2.0, np.zeros(3)
    for c, n in ((0, 16), (1, 6)):
        # Of -(1 - p)**gamma log p, by the chain rule over p = softmax.
        slope = gamma * (1 - p[c]) ** (gamma - 1) * np.log(p[c]) - (1 - p[c]) ** gamma / p[c]
        total += n * slope * p[c] * (np.eye(3)[c] - p)
    assert moved(focal_gamma=gamma) == pytest.approx(total / 22, abs=1e-6)


# ── several batches to one update ────────────────────────────────────────────────────────────────


def test_probabilities_are_learnt_in_place_of_the_classes_each_by_its_row() -> None:
    own = examples()
    other = (own.y + 1) % N_CLASSES
    settings = params(epochs=25, hidden=(), dropout=0.0, hidden_dropout=0.0)
    network = network_of(settings)
    told = np.eye(N_CLASSES, dtype=np.float32)[other]
    trained(settings, network=network, valid=False, targets=told)
    logits = network.eval()(*own.batch(np.arange(N_ROWS), CPU))
    assert (logits.argmax(dim=1).numpy() == other).mean() > 0.9


def test_certain_probabilities_teach_as_classes_do() -> None:
    certain = np.eye(N_CLASSES, dtype=np.float32)[examples().y]
    plain, history = trained(params())
    taught, told = trained(params(), targets=certain)
    for name, weight in plain.items():
        assert torch.allclose(weight, taught[name], atol=1e-5)
    losses = [[epoch.train_loss for epoch in own.epochs] for own in (history, told)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


@pytest.mark.parametrize(
    "values", [{}, {"class_weight": "balanced"}, {"focal_gamma": 1.5}, {"schedule": "one-cycle"}]
)
def test_accumulated_batches_are_one_large_batch(values: dict[str, Any]) -> None:
    quiet = {"dropout": 0.0, "hidden_dropout": 0.0, "keep": "last", "epochs": 2, **values}
    # 22 rows: of the batches of 6 the last one is smaller, and all are one update.
    whole, expected = trained(params(batch_size=24, **quiet))
    parts, found = trained(params(batch_size=6, accumulate=4, **quiet))
    assert [epoch.step for epoch in found.epochs] == [1, 2]
    for name, weight in whole.items():
        torch.testing.assert_close(parts[name], weight, rtol=1e-4, atol=1e-5)
    for one, other in zip(found.epochs, expected.epochs, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
        assert one.learning_rate == other.learning_rate


def test_updates_are_counted_and_not_their_batches() -> None:
    _, history = trained(params(batch_size=4, accumulate=4))  # 6 batches, 2 updates
    assert [epoch.step for epoch in history.epochs] == [2, 4, 6]
    _, short = trained(params(batch_size=4, accumulate=4), valid=False, n_steps=3)
    assert short.epochs[-1].step == short.n_steps == 3


def test_ctrl_c_within_an_update_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(dropout=0.3, batch_size=4, accumulate=4)
    expected, history = trained(settings)
    checkpoint, dealt = Checkpoint(tmp_path / "state", "key"), itertools.count(1)
    own = WordExamples.batch

    def interrupting(self: WordExamples, rows: Indices, device: torch.device) -> Any:
        if len(self.y) == N_ROWS and next(dealt) == 2:
            signal.raise_signal(signal.SIGINT)
        return own(self, rows, device)

    with monkeypatch.context() as patch:
        patch.setattr(WordExamples, "batch", interrupting)
        with pytest.raises(KeyboardInterrupt, match="after step 1 is kept"):
            trained(settings, checkpoint=checkpoint)
    weights, found = trained(settings, checkpoint=checkpoint)
    assert same(weights, expected)
    assert timeless(found) == timeless(history)


# ── what a network asks for ──────────────────────────────────────────────────────────────────────


class Asking(Bias):
    """Notes the precision that it is called in."""

    def __init__(self, wishes: Wishes) -> None:
        super().__init__()
        self.slow = nn.Parameter(torch.zeros(3))
        self.fixed = nn.Parameter(torch.ones(3), requires_grad=False)
        self.wishes = wishes
        self.seen: set[tuple[bool, torch.dtype]] = set()

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        self.seen.add((self.training, (torch.eye(3) @ torch.eye(3)).dtype))
        return super().forward(ids, lengths) + self.slow * self.fixed


def test_weights_move_at_the_rates_that_their_network_asks_for() -> None:
    network = Asking(Wishes(rate_factors={"slow": 0.25}))
    start = network.bias.detach().clone()
    settings = params(optimizer="sgd", clip_norm=0.0, keep="last", epochs=1)
    trained(settings, network=network)
    torch.testing.assert_close(network.slow, 0.25 * (network.bias - start))
    assert torch.equal(network.fixed, torch.ones(3))


@pytest.mark.parametrize("able", [True, False])
def test_training_and_measuring_share_a_precision(
    able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: able)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    for wishes, precision in itertools.product((True, False), ("auto", "float32", "bfloat16")):
        network = Asking(Wishes(bfloat16=wishes))
        trained(params(precision=precision, epochs=1), network=network)
        low = precision == "bfloat16" or (precision == "auto" and wishes and able)
        dtype = torch.bfloat16 if low else torch.float32
        assert network.seen == {(True, dtype), (False, dtype)}


# ── divergence ───────────────────────────────────────────────────────────────────────────────────


class Breaking(nn.Module):
    """Answers with a number up to its n-th call, then with none."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.inner = Bias()
        self.calls = calls

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        self.calls -= 1
        return self.inner(ids, lengths) * (1.0 if self.calls >= 0 else torch.nan)


def test_a_loss_that_is_no_number_names_its_step_and_what_to_lower(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "state", "key")
    with pytest.raises(DivergedError) as caught:
        trained(params(), network=Breaking(4), valid=False, checkpoint=checkpoint)
    assert caught.value.problem == "The loss is not finite in step 5 (epoch 2)."
    assert "--set learning_rate=0.003" in caught.value.remedy
    assert "clip_norm" not in caught.value.remedy
    kept = checkpoint.read()
    assert kept is not None
    assert kept.facts["step"] == 3
    assert all(np.isfinite(array).all() for array in kept.tensors.values())


@pytest.mark.parametrize("valid", [False, True])
def test_weights_that_the_last_step_breaks_are_not_delivered(valid: bool) -> None:
    network, calls = Bias(), itertools.count(1)
    network.bias.register_hook(lambda g: g * (torch.nan if next(calls) == 9 else 1.0))
    with pytest.raises(DivergedError) as caught:
        trained(params(clip_norm=0.0), network=network, valid=valid)
    assert caught.value.problem == "The weights are not finite after step 9 (epoch 3)."
    assert "--set learning_rate=0.003" in caught.value.remedy


def test_long_gradients_are_blamed_too_where_nothing_cuts_them() -> None:
    settings = params(clip_norm=0.0)
    with pytest.raises(DivergedError) as caught:
        trained(settings, network=Breaking(0), valid=False)
    assert caught.value.remedy.endswith("or cut long gradients (--set clip_norm=1).")


def test_a_learning_rate_that_is_far_too_high_is_found_out() -> None:
    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            generator = torch.Generator().manual_seed(0)
            self.embedding = RowEmbedding(N_WORDS, 4, generator)
            self.layers = nn.Sequential(*[nn.Linear(4, 4) for _ in range(4)])
            self.output = nn.Linear(4, N_CLASSES)

        def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
            logits: Tensor = self.output(self.layers(self.embedding(ids).sum(dim=1)))
            return logits

    wild = params(optimizer="sgd", learning_rate=10.0, clip_norm=0.0, epochs=100)
    with pytest.raises(DivergedError, match=r"The loss is not finite in step \d+"):
        trained(wild, network=Deep(), valid=False)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_refused_before_anything_is_touched() -> None:
    network = network_of(params())
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(ConfigError, match="no CUDA device"):
        trained(params(device="cuda"), network=network)
    assert same(network.state_dict(), before)


# ── interruption ─────────────────────────────────────────────────────────────────────────────────


class Cut(BaseException):
    """The process ends here."""


def cut_after(
    n: int, place: Path, run: Callable[[Checkpoint], object], monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Let a training end just after its n-th checkpoint; False if it has no n-th one."""
    write, seen = Checkpoint.write, itertools.count(1)

    def counted(self: Checkpoint, state: State) -> None:
        write(self, state)
        if next(seen) == n:
            raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "write", counted)
        try:
            run(Checkpoint(place, "key"))
        except Cut:
            return True
    return False


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every step, without waiting for the disk."""
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr("os.fsync", lambda _handle: None)


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize(
    "values",
    [
        {"optimizer": "adam", "schedule": "one-cycle"},
        {"optimizer": "adamw", "weight_decay": 0.1, "recurrent_dropout": 0.2},
        {"optimizer": "rmsprop", "schedule": "slanted-triangular", "l2": 0.01},
        {"optimizer": "sgd", "label_smoothing": 0.1, "class_weight": "balanced"},
        {"keep": "last", "patience": 1},
        {"schedule": "warm-up", "accumulate": 2, "focal_gamma": 2.0},
    ],
    ids=lambda values: "-".join(map(str, values.values())),
)
def test_a_training_that_is_cut_after_any_checkpoint_ends_with_the_same_bits(
    values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(**({"dropout": 0.3, "patience": 2} | values))
    expected, history = trained(settings)

    for n in itertools.count(1):
        place = tmp_path / str(n)
        cut = cut_after(
            n, place, lambda checkpoint: trained(settings, checkpoint=checkpoint), monkeypatch
        )
        weights, found = trained(settings, checkpoint=Checkpoint(place, "key"))
        assert same(weights, expected), n
        assert timeless(found) == timeless(history), n
        if not cut:
            break
    # One after each step, and one more at the end of each epoch.
    assert n - 1 == history.epochs[-1].step + len(history.epochs)


@pytest.mark.usefixtures("every_step")
def test_a_training_that_is_cut_again_and_again_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(dropout=0.3)
    expected, history = trained(settings)
    place = tmp_path / "state"
    n_cuts = 0
    while cut_after(
        2, place, lambda checkpoint: trained(settings, checkpoint=checkpoint), monkeypatch
    ):
        n_cuts += 1
    assert n_cuts >= 5
    weights, found = trained(settings, checkpoint=Checkpoint(place, "key"))
    assert same(weights, expected)
    assert timeless(found) == timeless(history)


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("n_steps", [3, 4])
def test_a_training_for_so_many_steps_that_is_cut_makes_no_step_more(
    n_steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(dropout=0.3)
    expected, history = trained(settings, valid=False, n_steps=n_steps)
    for n in range(1, n_steps + 3):
        place = tmp_path / str(n)

        def run(checkpoint: Checkpoint) -> tuple[Weights, History]:
            return trained(settings, valid=False, n_steps=n_steps, checkpoint=checkpoint)

        cut_after(n, place, run, monkeypatch)
        weights, found = run(Checkpoint(place, "key"))
        assert same(weights, expected), n
        assert timeless(found) == timeless(history), n


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "state", "key")
    settings = params()
    expected, history = trained(settings, checkpoint=checkpoint)
    network = network_of(settings)
    network.register_forward_hook(lambda *_: pytest.fail("the network was asked"))
    weights, found = trained(settings, network=network, checkpoint=checkpoint)
    assert same(weights, expected)
    assert found == history


def test_checkpoints_change_no_bit(tmp_path: Path) -> None:
    settings = params(dropout=0.3)
    kept, _ = trained(settings, checkpoint=Checkpoint(tmp_path / "state", "key"))
    assert same(kept, trained(settings)[0])


def test_a_state_of_another_training_is_not_gone_on_from(tmp_path: Path) -> None:
    settings = params()
    trained(settings, seed=6, checkpoint=Checkpoint(tmp_path / "state", "another"))
    weights, _ = trained(settings, checkpoint=Checkpoint(tmp_path / "state", "key"))
    assert same(weights, trained(settings)[0])


@pytest.mark.parametrize("step", range(1, 10))
def test_ctrl_c_keeps_the_state_after_the_step_and_the_same_call_goes_on(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(dropout=0.3)
    expected, history = trained(settings)
    checkpoint = Checkpoint(tmp_path / "state", "key")
    dealt = itertools.count(1)
    own = WordExamples.batch

    def interrupting(self: WordExamples, rows: Indices, device: torch.device) -> Any:
        if len(self.y) == N_ROWS and next(dealt) == step:
            signal.raise_signal(signal.SIGINT)
        return own(self, rows, device)

    with monkeypatch.context() as patch:
        patch.setattr(WordExamples, "batch", interrupting)
        with pytest.raises(KeyboardInterrupt) as caught:
            trained(settings, checkpoint=checkpoint)
    assert re.match(rf"the state after step {step} is kept: the same command", str(caught.value))
    weights, found = trained(settings, checkpoint=checkpoint)
    assert same(weights, expected)
    assert timeless(found) == timeless(history)


@pytest.mark.parametrize("epoch", [1, 3])
def test_ctrl_c_while_valid_is_measured_waits_for_the_end_of_the_epoch(
    epoch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(dropout=0.3)
    expected, history = trained(settings)
    checkpoint = Checkpoint(tmp_path / "state", "key")
    calls = itertools.count(1)

    def interrupting(*arguments: Any) -> Measured:
        if next(calls) == epoch:
            signal.raise_signal(signal.SIGINT)
        return measure(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(classifying, "measure", interrupting)
        with pytest.raises(KeyboardInterrupt, match=f"after step {3 * epoch} is kept"):
            trained(settings, checkpoint=checkpoint)
    weights, found = trained(settings, checkpoint=checkpoint)
    assert same(weights, expected)
    assert timeless(found) == timeless(history)


def test_without_a_checkpoint_ctrl_c_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupting(*_: object) -> Any:
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the step went on")

    monkeypatch.setattr(WordExamples, "batch", interrupting)
    with pytest.raises(KeyboardInterrupt):
        trained(params())


def test_without_rows_nothing_is_trained() -> None:
    settings = params()
    nothing = WordExamples(Sequences.concat([]), np.zeros(0, dtype=np.int64))
    weights, history = trained(settings, examples=nothing, valid=False)
    assert same(weights, network_of(settings).state_dict())
    assert history == History()


def test_every_epoch_deals_its_rows_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[list[int]]] = []
    own = batches.shuffled

    def noted(*arguments: Any, **named: Any) -> list[Indices]:
        dealt = own(*arguments, **named)
        seen.append([rows.tolist() for rows in dealt])
        return dealt

    monkeypatch.setattr(batches, "shuffled", noted)
    trained(params())
    assert len(seen) == 3
    assert seen[0] != seen[1] != seen[2]
    assert all(sorted(itertools.chain(*dealt)) == list(range(N_ROWS)) for dealt in seen)
