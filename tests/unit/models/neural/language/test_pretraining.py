from __future__ import annotations

import itertools
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from newsdesk.features.sequences import Sequences
from newsdesk.models.history import History
from newsdesk.models.neural.awd_lstm.network import AwdLstm, AwdLstmModel, Dropouts
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.language.pretraining import fit, hold_out
from newsdesk.models.neural.language.sampled import unigram_perplexity
from newsdesk.models.neural.language.text import Stream
from newsdesk.types import Indices, Silent

N_WORDS, SEPARATOR = 12, 2
Weights = dict[str, torch.Tensor]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


def texts(n: int, seed: int = 0) -> Sequences:
    """Texts whose words mostly follow each other in one order."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(4, 12, n)
    ids = rng.integers(3, N_WORDS, lengths.sum())
    for at in range(1, len(ids)):
        if rng.random() < 0.8:
            ids[at] = (ids[at - 1] - 2) % (N_WORDS - 3) + 3
    return Sequences(np.cumsum([0, *lengths]), ids.astype(np.int32))


def counts_of(sequences: Sequences) -> Indices:
    """How often each word occurs, the separator before each text among them."""
    return np.bincount(sequences.framed([SEPARATOR], []).ids, minlength=N_WORDS)


def params(**values: Any) -> AwdLstmParams:
    quick = {"embedding_dim": 6, "units": 8, "epochs": 3, "min_updates": 0, "batch_size": 4}
    quick |= {"window": 5, "n_samples": 6, "learning_rate": 0.02, "device": "cpu"}
    return AwdLstmParams(**(quick | values))


def trained(
    settings: AwdLstmParams, *, seed: int = 1, checkpoints: Path | None = None
) -> tuple[Weights, History]:
    text, held_out = (
        Stream(sequences, SEPARATOR, strips=settings.batch_size, window=settings.window, seed=seed)
        for sequences in (texts(40), texts(10, seed=1))
    )
    counts = counts_of(texts(40))
    generator = torch.Generator().manual_seed(seed)
    encoder = AwdLstm(settings.architecture, N_WORDS, Dropouts.of(settings), generator)
    network = AwdLstmModel(encoder, counts, settings.n_samples, strips=text.strips)
    history = fit(
        network,
        text,
        held_out,
        settings,
        seed=seed,
        progress=Silent(),
        checkpoints=checkpoints,
    )
    return network.state_dict(), history


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(weight, other[name]) for name, weight in one.items()
    )


def timeless(history: History) -> History:
    return replace(history, epochs=tuple(replace(epoch, seconds=0.0) for epoch in history.epochs))


@pytest.mark.parametrize(
    ("n", "share", "n_held"),
    [(1000, 0.02, 20), (100, 0.001, 1), (3, 0.02, 1), (2, 0.5, 1), (1, 0.5, 0), (0, 0.5, 0)],
)
def test_a_share_is_held_out_and_one_text_at_least(n: int, share: float, n_held: int) -> None:
    train, held = hold_out(n, share, 0)
    assert len(held) == n_held
    assert sorted([*train, *held]) == list(range(n))
    assert train.tolist() == sorted(train)
    assert held.tolist() == sorted(held)


def test_no_more_is_held_out_than_two_thousand() -> None:
    assert len(hold_out(9000, 0.5, 0)[1]) == 2000


def test_what_is_held_out_depends_on_the_seed() -> None:
    first, again, other = (hold_out(100, 0.1, seed)[1] for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize("n_samples", [0, 6])
def test_what_can_be_foreseen_is_learnt(n_samples: int) -> None:
    quiet = {f"{name}_dropout": 0.0 for name in Dropouts._fields}
    _, history = trained(params(n_samples=n_samples, epochs=20, learning_rate=0.05, **quiet))
    losses = [epoch.valid_loss for epoch in history.epochs]
    assert losses[0] is not None
    assert losses[-1] is not None
    held_out = texts(10, 1).framed([SEPARATOR], []).ids
    assert np.exp(losses[-1]) < 0.7 * unigram_perplexity(counts_of(texts(40)), held_out)
    assert history.epochs[history.chosen - 1].valid_loss == min(losses)  # type: ignore[type-var]


def test_the_epochs_are_as_many_as_the_updates_need() -> None:
    _, history = trained(params(epochs=1, min_updates=30))
    per_epoch = history.epochs[0].step
    assert len(history.epochs) == -(-30 // per_epoch) > 1
    assert history.epochs[-1].train_accuracy is None


def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    first, again, other = (trained(params(), seed=seed) for seed in (1, 1, 2))
    assert same(first[0], again[0])
    assert timeless(first[1]) == timeless(again[1])
    assert not same(first[0], other[0])


@pytest.mark.parametrize("n_samples", [0, 6])
@pytest.mark.parametrize("place", ["step", "measure"])
def test_a_training_that_is_interrupted_ends_with_the_same_bits(
    n_samples: int, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(n_samples=n_samples)
    expected, history = trained(settings)
    said: list[str] = []
    name = "forward" if place == "step" else "surprise"
    own = getattr(AwdLstmModel, name)
    for at in itertools.count(2, 5):
        calls = itertools.count(1)

        def interrupting(self: AwdLstmModel, *batch: Any) -> Any:
            if next(calls) == at:  # noqa: B023  called within this turn
                signal.raise_signal(signal.SIGINT)
            return own(self, *batch)

        with monkeypatch.context() as patch:
            patch.setattr(AwdLstmModel, name, interrupting)
            try:
                weights, found = trained(settings, checkpoints=tmp_path)
                break
            except KeyboardInterrupt as caught:
                said.append(str(caught))
    assert len(said) >= 2
    assert all("is kept" in words for words in said)
    assert same(weights, expected)
    assert timeless(found) == timeless(history)


def test_a_training_in_bfloat16_can_be_kept_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = params(precision="bfloat16", epochs=2)
    expected, _ = trained(settings)
    calls, own = itertools.count(1), AwdLstmModel.forward

    def interrupting(self: AwdLstmModel, *batch: Any) -> Any:
        if next(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return own(self, *batch)

    with monkeypatch.context() as patch:
        patch.setattr(AwdLstmModel, "forward", interrupting)
        with pytest.raises(KeyboardInterrupt):
            trained(settings, checkpoints=tmp_path)
    assert same(trained(settings, checkpoints=tmp_path)[0], expected)
