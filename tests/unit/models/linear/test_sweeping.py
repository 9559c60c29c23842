from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.models.classifier import Sweeping, SweepTask
from newsdesk.models.linear import Linear, LinearParams
from newsdesk.models.linear import sweeping as room
from newsdesk.models.linear.concurrency import Work
from newsdesk.types import Documents, Floats, Indices, Silent, numbered, string_array

PARAMS = LinearParams(bits=14)
# Weights of a saved model have 11 significant bits.
ROUNDING = 5e-3


def corpus(n: int = 400, k: int = 3, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % k)
    words = [[f"w{c}x{i}" for i in range(15)] + [f"any{i}" for i in range(30)] for c in range(k)]
    fields = {
        name: string_array([" ".join(rng.choice(words[c], 7)) for c in y])
        for name in ("headline", "description")
    }
    return Documents(numbered(n), fields), y


def tasks_of(settings: list[LinearParams], n: int, n_folds: int = 2) -> list[SweepTask]:
    fold = np.arange(n) % n_folds
    return [
        SweepTask(params, np.flatnonzero(fold != i), np.flatnonzero(fold == i))
        for params in settings
        for i in range(n_folds)
    ]


def swept(
    documents: Documents, y: Indices, tasks: list[SweepTask], k: int = 3
) -> dict[int, Floats]:
    found = Linear.sweep(documents, y, tasks, n_classes=k, seed=0, progress=Silent())
    return dict(found)


def fitted(documents: Documents, y: Indices, task: SweepTask, k: int = 3) -> Floats:
    model = Linear(task.params).fit(
        documents.take(task.train),
        y[task.train],
        n_classes=k,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    return model.decision(documents.take(task.held_out)).values


def test_linear_is_a_family_that_sweeps() -> None:
    assert issubclass(Linear, Sweeping)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("loss", ["squared_hinge", "logistic"])
def test_a_lone_task_scores_as_a_fit_does(loss: str, k: int) -> None:
    documents, y = corpus(k=k)
    settings = [
        replace(PARAMS, loss=loss),
        replace(PARAMS, loss=loss, word_ngrams=(1, 3), min_df=1),
        replace(PARAMS, loss=loss, char_ngrams=(3, 4)),
        replace(PARAMS, loss=loss, class_weight="balanced", fields="apart"),
    ]
    tasks = tasks_of(settings, 400)
    found = swept(documents, y, tasks, k)
    assert sorted(found) == list(range(len(tasks)))
    for number, task in enumerate(tasks):
        assert found[number].dtype == np.float32
        assert found[number] == pytest.approx(fitted(documents, y, task, k), abs=ROUNDING)


def test_a_chain_answers_nearly_as_fits_from_zero_do() -> None:
    documents, y = corpus(1200)
    tasks = tasks_of([replace(PARAMS, C=C) for C in (5.0, 0.1, 1.0, 0.3)], 1200)
    found = swept(documents, y, tasks)
    for number, task in enumerate(tasks):
        same = found[number].argmax(axis=1) == fitted(documents, y, task).argmax(axis=1)
        assert same.mean() >= 0.97


def test_scores_depend_on_the_tasks_of_the_chain_alone() -> None:
    documents, y = corpus()
    chain = [replace(PARAMS, C=C) for C in (0.1, 1.0)]
    others = [replace(PARAMS, C=C, word_ngrams=(1, 1)) for C in (0.3, 2.0)]
    tasks = tasks_of(chain, 400)
    alone = swept(documents, y, tasks)
    among = swept(documents, y, [*reversed(tasks_of(others, 400)), *tasks])
    for number, scores in alone.items():
        assert np.array_equal(scores, among[number + 4])


@pytest.mark.parametrize("n_threads", [1, 3, 8])
def test_the_number_of_threads_changes_no_bit(
    n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, y = corpus()
    settings = [replace(PARAMS, C=C, min_df=m) for C in (0.1, 1.0) for m in (1, 2)]
    tasks = tasks_of(settings, 400, n_folds=3)
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    expected = swept(documents, y, tasks)
    monkeypatch.setenv("NEWSDESK_THREADS", str(n_threads))
    found = swept(documents, y, tasks)
    assert all(np.array_equal(found[number], expected[number]) for number in expected)


def test_little_memory_makes_fewer_chains_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    documents, y = corpus()
    tasks = tasks_of([PARAMS], 400, n_folds=4)
    expected = swept(documents, y, tasks)
    at_once: list[int] = []
    side_by_side = room.side_by_side

    def watched(works: list[Work[Any]], n_threads: int) -> Iterator[Any]:
        at_once.append(n_threads)
        return side_by_side(works, n_threads)

    monkeypatch.setattr(room, "side_by_side", watched)
    monkeypatch.setattr(room, "available_memory", lambda: 1)
    found = swept(documents, y, tasks)
    assert at_once == [1]
    assert all(np.array_equal(found[number], expected[number]) for number in expected)


def test_nothing_is_learnt_from_held_out_rows() -> None:
    documents, y = corpus()
    task = tasks_of([replace(PARAMS, min_df=1)], 400)[0]
    shorter = task._replace(held_out=task.held_out[:50])
    whole = swept(documents, y, [task])[0]
    part = swept(documents, np.where(np.isin(np.arange(400), task.train), y, 0), [shorter])[0]
    assert np.array_equal(whole[:50], part)


def test_a_diverged_fit_gives_no_scores_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents, y = corpus()
    tasks = tasks_of([replace(PARAMS, C=C) for C in (0.01, 5.0)], 400)
    normal = swept(documents, y, tasks)
    # As if half precision ended at what the weights of the larger C exceed.
    monkeypatch.setattr(room, "_LARGEST", 0.5)
    found = swept(documents, y, tasks)
    assert np.array_equal(found[0], normal[0])
    assert np.isnan(found[2]).all()
    assert found[2].shape == normal[2].shape


@pytest.mark.parametrize("texts", [["", "", "", ""], ["one", "two", "three", "four"]])
def test_documents_without_a_feature_are_scored(texts: list[str]) -> None:
    task = SweepTask(PARAMS, np.array([0, 1]), np.array([2, 3]))
    documents = Documents.from_texts(texts)
    (scores,) = swept(documents, np.array([0, 1, 0, 1]), [task], 2).values()
    assert scores.shape == (2, 2)
    assert np.isfinite(scores).all()
