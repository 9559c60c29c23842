from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import NotFittedError
from newsdesk.models.hashed.machine import Machine
from newsdesk.models.neural.hybrid import Hybrid, HybridParams
from newsdesk.models.neural.hybrid.family import _Answers, _Rows
from newsdesk.models.neural.hybrid.fusion import Fusion
from newsdesk.models.soft_targets import SoftTargets, Teachable, one_hot
from newsdesk.types import Documents, Indices, Silent

WORDS = ["bank rates profit shares", "goal cup final keeper", "chip phone app code"]


def documents(n: int, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    other = rng.integers(0, 3, n)  # some words speak for another class
    words = [
        [*rng.choice(WORDS[c].split(), 5), *rng.choice(WORDS[o].split(), 2)]
        for c, o in zip(y, other, strict=True)
    ]
    return Documents.from_texts(map(" ".join, words)), y


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fitted(make_encoder: Callable[..., Path]) -> Callable[..., Hybrid]:
    def fit(valid: Any = None, **settings: Any) -> Hybrid:
        chosen = {"hidden": (16,), "learning_rate": 0.02, "bits": 12, "layer_epochs": 4, **settings}
        model = Hybrid(HybridParams(encoder=str(make_encoder()), **chosen))
        rng = np.random.default_rng(0)
        return model.fit(*documents(120), n_classes=3, valid=valid, rng=rng, progress=Silent())

    return fit


@pytest.mark.parametrize("fusion", ["auto", "joint", "late"])
@pytest.mark.parametrize("watched", [True, False])
def test_it_learns_saves_and_answers_with_the_same_bits(
    fitted: Callable[..., Hybrid], fusion: str, watched: bool, tmp_path: Path
) -> None:
    model = fitted(valid=documents(60, seed=3) if watched else None, fusion=fusion)
    texts, y = documents(60, seed=1)
    found = model.decision(texts).values
    assert (found.argmax(axis=1) == y).mean() > 0.9
    model.save(tmp_path)
    assert np.array_equal(Hybrid.load(tmp_path).decision(texts).values, found)


def test_a_joint_machine_has_no_layers_and_late_ones_see_their_own(
    fitted: Callable[..., Hybrid], tmp_path: Path
) -> None:
    for fusion, joint in (("joint", True), ("late", False)):
        model = fitted(fusion=fusion)
        assert model.fusion.joint is joint
    assert "of a linear machine on n-grams and" in model.notes[-1]


def test_parts_without_a_share_are_not_kept(fitted: Callable[..., Hybrid], tmp_path: Path) -> None:
    fitted(fusion="joint").save(tmp_path)
    assert not (tmp_path / "layers.safetensors").exists()
    assert (tmp_path / "machine.safetensors").exists()


def test_all_documents_are_learnt_with_the_mixture_that_was_chosen(
    fitted: Callable[..., Hybrid],
) -> None:
    model = fitted(valid=documents(60, seed=3))
    fusion = model.fusion
    texts, _ = documents(30, seed=4)
    before = model.decision(texts).values
    model.refit(*documents(60, seed=3), rng=np.random.default_rng(1), progress=Silent())
    assert model.fusion == fusion
    assert not np.array_equal(model.decision(texts).values, before)
    model.release()
    with pytest.raises(NotFittedError, match="no fit to continue"):
        model.refit(*documents(9), rng=np.random.default_rng(1), progress=Silent())


def test_the_vector_weighs_as_asked(fitted: Callable[..., Hybrid]) -> None:
    texts, _ = documents(30, seed=4)
    light, heavy = (
        fitted(fusion="joint", vector_weight=weight).decision(texts).values for weight in (0.1, 5.0)
    )
    assert not np.allclose(light, heavy, atol=1e-3)


def test_more_documents_take_more_memory() -> None:
    plans = [Hybrid().plan(documents(n)[0], 3) for n in (10, 1000)]
    assert plans[1] - plans[0] >= 990 * 384 * 8


def test_what_was_read_is_not_read_again(make_encoder: Callable[..., Path]) -> None:
    folder = str(make_encoder())
    texts, _ = documents(30)
    model = Hybrid(HybridParams(encoder=folder))
    n = len(set(texts.texts.to_pylist()))
    assert model.unread(texts) == n
    model.read(texts.slice(0, 1), Silent())
    assert model.unread(texts) == n - 1
    Hybrid(HybridParams(encoder=folder)).read(texts, Silent())
    assert model.unread(texts) == 0


def test_a_family_that_is_not_to_remember_reads_nothing_ahead(
    make_encoder: Callable[..., Path], tmp_path: Path
) -> None:
    model = Hybrid(HybridParams(encoder=str(make_encoder()), remember=False))
    texts, _ = documents(30)
    model.read(texts, Silent())
    assert model.unread(texts) == 0
    assert not (tmp_path / "cache" / "encodings").exists()


def taught(
    folder: Path, soft: SoftTargets | None, *, valid: bool = True, n_labelled: int = 120
) -> Hybrid:
    params = HybridParams(
        encoder=str(folder), hidden=(), learning_rate=0.1, bits=12, layer_epochs=60
    )
    model = Hybrid(params)
    assert isinstance(model, Teachable)
    texts, y = documents(120)
    guessed = np.concatenate([y[:n_labelled], (y[n_labelled:] + 1) % 3])
    model.soft_targets = soft
    return model.fit(
        texts,
        guessed,
        n_classes=3,
        valid=documents(60, seed=3) if valid else None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )


def turned(n: int, labelled: int) -> SoftTargets:
    """A teacher that always names the next class."""
    y = documents(n)[1]
    return SoftTargets(one_hot((y + 1) % 3, 3), np.arange(n) < labelled)


def surer_of_the_next(model: Hybrid) -> bool:
    """Whether the layers are surer of the next class than of the true one."""
    texts, y = documents(60, seed=1)
    asked = model._ask(model._parts, _Rows(texts, model._encode(texts).vectors, y))
    assert asked.layers is not None
    rows = np.arange(60)
    return bool(asked.layers[rows, (y + 1) % 3].mean() > asked.layers[rows, y].mean())


def test_layers_learn_what_a_teacher_says_and_the_machine_the_classes(
    make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {"apart", "layers"}
    monkeypatch.setattr(Hybrid, "_needed", staticmethod(lambda _fusion: needed))
    folder = make_encoder()
    plain, pupil = (taught(folder, soft, valid=False) for soft in (None, turned(120, 120)))
    assert not surer_of_the_next(plain)
    assert surer_of_the_next(pupil)
    assert pupil.soft_targets is None
    machines = [model._parts.apart for model in (plain, pupil)]
    weights = [machine.learnt.weights for machine in machines if machine is not None]
    assert np.array_equal(*weights)
    more, y = documents(600, seed=5)
    pupil.soft_targets = SoftTargets(one_hot(y, 3), np.ones(600, dtype=bool))
    pupil.refit(more, y, rng=np.random.default_rng(1), progress=Silent())
    assert not surer_of_the_next(pupil)


def test_machines_learn_nothing_of_texts_without_label(
    make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[tuple[int, list[int]]] = []
    fit = Machine.fit

    def noted(self: Machine, counts: Any, y: Indices, **options: Any) -> Machine:
        vectors = options.get("vectors")
        learnt.append((counts.n if vectors is None else len(vectors), y.tolist()))
        return fit(self, counts, y, **options)

    monkeypatch.setattr(Machine, "fit", noted)
    taught(make_encoder(), turned(120, 90), n_labelled=90)
    assert learnt == [(90, documents(120)[1][:90].tolist())] * 2


def test_texts_without_label_have_no_say_in_the_mixture(
    make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Indices] = []
    chosen = _Answers.fusion

    def noted(self: _Answers, y: Indices) -> Fusion:
        seen.append(y)
        return chosen(self, y)

    monkeypatch.setattr(_Answers, "fusion", noted)
    taught(make_encoder(), turned(120, 90), valid=False, n_labelled=90)
    assert [y.tolist() for y in seen] == [documents(120)[1][:90].tolist()]
