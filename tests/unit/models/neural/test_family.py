from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from newsdesk.errors import NotFittedError
from newsdesk.features.sequences import Sequences
from newsdesk.models.classifier import Valid
from newsdesk.models.neural import family as module
from newsdesk.models.neural.family import NetworkFamily, Prepared, Tensors, Training
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.words.examples import WordExamples
from newsdesk.models.soft_targets import SoftTargets
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Progress, Silent


@dataclass(frozen=True)
class TrialParams(TrainingParams):
    """Settings of a trial.

    Parameters
    ----------
    start : float
        First value of the outputs.
    """

    family: ClassVar[str] = "trial"

    start: float = 0.0
    epochs: int = 2
    batch_size: int = 4


class Bias(nn.Module):
    """Answers the same for every document."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.full((3,), start))

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.bias.expand(len(ids), 3)


class Trial(NetworkFamily[TrialParams]):
    """The least that a family has to say."""

    Params = TrialParams

    def __init__(self, params: TrialParams | None = None) -> None:
        super().__init__(params)
        self.tensors: Tensors = {}
        self.trainings: list[tuple[Training, bool, float]] = []
        self.seen: object = "seen"

    def _prepare(
        self,
        training: Training,
        valid: Valid | None,
        generator: torch.Generator,
        progress: Progress,
    ) -> Prepared:
        draw = torch.rand(1, generator=generator).item()
        self.trainings.append((training, valid is not None, draw))
        return Prepared(
            Bias(self.params.start),
            read(training.documents, training.y),
            None if valid is None else read(*valid),
            (self.seen,),
            ("A sentence.",),
            lambda state: self.tensors.update(state),
        )

    def decision(self, documents: Documents) -> Scores:
        values = np.tile(self.tensors["bias"], (len(documents), 1))
        return Scores(values, np.zeros(len(documents), dtype=bool))


def read(documents: Documents, y: Any) -> WordExamples:
    n = len(documents)
    return WordExamples(Sequences(np.arange(n + 1), np.zeros(n, dtype=np.int32)), y)


class Pupil(Trial):
    """Learns what it is told."""

    soft: SoftTargets | None = None

    def _soft_targets(self) -> SoftTargets | None:
        return self.soft


def texts(n: int) -> tuple[Documents, Any]:
    return Documents.from_texts(["text"] * n), np.arange(n) % 2


def fitted(model: Trial, n: int = 10, seed: int = 0, valid: Valid | None = None) -> Trial:
    rng = np.random.default_rng(seed)
    return model.fit(*texts(n), n_classes=3, valid=valid, rng=rng, progress=Silent())


def test_a_fit_trains_the_network_that_was_prepared_and_tells_of_it() -> None:
    model = fitted(Trial(), valid=texts(4))
    assert [epoch.number for epoch in model.history.epochs] == [1, 2]
    assert model.notes == ("A sentence.",)
    assert model.n_classes == 3
    assert model.tensors["bias"][2] < model.tensors["bias"][0]
    proba = model.predict_proba(texts(5)[0])
    assert proba.shape == (5, 3)
    assert proba.sum(axis=1) == pytest.approx(1.0)


def test_first_values_come_from_the_callers_generator() -> None:
    draws = [fitted(Trial(), seed=seed).trainings[0][2] for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_a_refit_draws_as_the_fit_did_and_takes_all_rows_for_as_many_steps() -> None:
    model = fitted(Trial(), valid=texts(4))
    history = model.history
    model.refit(*texts(4), rng=np.random.default_rng(5), progress=Silent())
    (first, watched, draw), (second, watched_again, draw_again) = model.trainings
    assert (watched, watched_again) == (True, False)
    assert (len(first.y), len(second.y)) == (10, 14)
    assert (first.seed, draw) == (second.seed, draw_again)
    assert model.history == history
    assert model.notes[-1].endswith(f"on train and valid, for {history.n_steps} steps.")


def test_updates_of_several_batches_are_counted_once_in_a_refit_too() -> None:
    model = fitted(Trial(TrialParams(keep="last", accumulate=2)))
    model.refit(*texts(4), rng=np.random.default_rng(), progress=Silent())
    assert model.notes[-1].endswith("for 4 steps.")  # 14 rows are 4 batches and 2 updates, twice


def test_there_is_no_refit_without_a_fit_or_after_the_release() -> None:
    released = fitted(Trial())
    released.release()
    for model in (Trial(), released):
        with pytest.raises(NotFittedError, match="no fit to continue"):
            model.refit(*texts(4), rng=np.random.default_rng(), progress=Silent())


def test_a_state_is_taken_up_where_all_that_counts_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    original = module.Checkpoint
    monkeypatch.setattr(
        module, "Checkpoint", lambda path, key: keys.append(key) or original(path, key)
    )
    for params, seed, seen in [
        (TrialParams(), 0, "seen"),
        (TrialParams(), 0, "seen"),
        (TrialParams(), 0, np.zeros(3)),
        (TrialParams(), 1, "seen"),
        (TrialParams(epochs=1), 0, "seen"),
        (TrialParams(start=1.0), 0, "seen"),
    ]:
        model = Trial(params)
        model.checkpoints, model.seen = tmp_path, seen
        fitted(model, seed=seed)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 5
    model.refit(*texts(4), rng=np.random.default_rng(), progress=Silent())
    assert {path.name for path in tmp_path.iterdir()} == {"fit.safetensors", "refit.safetensors"}
    assert len(set(keys)) == 6


def says(*proba: float, n: int = 10) -> SoftTargets:
    return SoftTargets(np.tile(np.float32(proba), (n, 1)), np.ones(n, dtype=bool))


def test_a_pupil_learns_probabilities_in_a_fit_and_those_of_all_rows_in_a_refit() -> None:
    model = Pupil(TrialParams(epochs=40, learning_rate=0.1))
    model.soft = says(0.1, 0.2, 0.7)
    fitted(model)
    assert model.predict_proba(texts(1)[0])[0] == pytest.approx([0.1, 0.2, 0.7], abs=0.02)
    model.soft = says(0.9, 0.1, 0.0, n=30)
    model.refit(*texts(30), rng=np.random.default_rng(), progress=Silent())
    learnt = model.trainings[-1][0].soft
    assert learnt is not None
    assert learnt.proba[[9, 10]].tolist() == np.float32([[0.1, 0.2, 0.7], [0.9, 0.1, 0]]).tolist()
    assert model.predict_proba(texts(1)[0])[0].argmax() == 0


def test_a_state_of_other_probabilities_is_not_gone_on_from(tmp_path: Path) -> None:
    def bias(soft: SoftTargets | None, home: Path | None) -> Any:
        model = Pupil()
        model.soft, model.checkpoints = soft, home
        return fitted(model).tensors["bias"].tolist()

    first, other = says(0.1, 0.2, 0.7), says(0.7, 0.2, 0.1)
    for soft in (None, first, other, None):
        assert bias(soft, tmp_path) == bias(soft, None)
    assert bias(first, None) != bias(other, None)
