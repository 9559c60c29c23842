"""Tiny encoders with random weights, tuned for moments."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from newsdesk.errors import BundleFormatError, ConfigError, NotFittedError
from newsdesk.models.neural.encoders.pretrained import find
from newsdesk.models.neural.fewshot import FewShot, FewShotParams
from newsdesk.models.neural.fewshot.network import PairExamples
from newsdesk.types import Documents, Silent

TOPICS = ["bank rates rise profit shares market", "goal cup final keeper", "chip phone app code"]
QUICK = {"max_tokens": 16, "batch_size": 16, "learning_rate": 0.01, "device": "cpu"}
QUICK |= {"precision": "float32", "kept_precision": "float32", "dropout": 0.0, "head_epochs": 20}
QUICK |= {"head_learning_rate": 0.05}

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


@pytest.fixture(name="encoder", scope="session")
def _encoder(make_encoder: Make) -> Path:
    return make_encoder()


def some(n: int, seed: int = 0) -> Any:
    """Documents of 2 to 10 words that say the class."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 3)
    texts = [" ".join(rng.choice(TOPICS[c].split(), rng.integers(2, 11))) for c in y]
    return Documents.from_texts(texts), y


def unfitted(encoder: Path, **settings: Any) -> FewShot:
    return FewShot(FewShotParams(**{**QUICK, "encoder": str(encoder), **settings}))


def fitted(
    encoder: Path, rows: Any = None, *, valid: Any = None, seed: int = 0, **settings: Any
) -> FewShot:
    rng = np.random.default_rng(seed)
    documents, y = rows or some(24)
    return unfitted(encoder, **settings).fit(
        documents, y, n_classes=3, valid=valid, rng=rng, progress=Silent()
    )


def weights(model: FewShot) -> dict[str, Any]:
    head = {f"head.{name}": array for name, array in model._head.tensors.items()}
    return {**model.encoder.packed, **head}


def same(one: Any, other: Any) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def cosines(model: FewShot, documents: Documents, y: Any) -> tuple[float, float]:
    """Mean cosine of texts of one class, and of different ones."""
    vectors = model.encoder.encode(documents.texts.to_pylist()).vectors
    products = vectors @ vectors.T
    alike, other = y[:, None] == y, ~np.eye(len(y), dtype=bool)
    return products[alike & other].mean(), products[~alike].mean()


def test_tuning_brings_texts_of_a_class_together_and_parts_others(encoder: Path) -> None:
    rows = some(30, seed=9)
    before = cosines(fitted(encoder, learning_rate=1e-9), *rows)
    after = cosines(fitted(encoder, epochs=6), *rows)
    assert after[0] - after[1] > before[0] - before[1] + 0.2


def test_it_learns_from_few_texts(encoder: Path) -> None:
    model = fitted(encoder, epochs=20)
    documents, y = some(60, seed=9)
    assert (model.predict_proba(documents).argmax(axis=1) == y).mean() > 0.85


def test_notes_say_what_the_encoder_was_tuned_on(encoder: Path) -> None:
    what, tuned, cut = fitted(encoder).notes
    assert "2 layers of 8, float32, up to 16 word pieces" in what
    assert tuned.startswith("The encoder was tuned on 188 pairs of 24 of the 24 texts, 84 of them")
    assert " of one class, in 12 steps; " in tuned
    assert tuned.endswith(" of the pairs were told apart in the last pass.")
    assert cut.startswith("Texts: ")


def test_the_encoder_is_tuned_on_a_sample_and_the_head_learns_from_all(encoder: Path) -> None:
    model = fitted(encoder, some(90), max_texts=12)
    assert " pairs of 12 of the 90 texts" in model.notes[1]
    assert model.history.epochs[-1].step == 20


def test_the_history_is_that_of_the_head_and_valid_chooses_its_epoch(encoder: Path) -> None:
    model = fitted(encoder, valid=some(15, seed=5))
    assert len(model.history.epochs) == 20
    assert model.history.epochs[-1].valid_accuracy is not None
    assert same(dict(model.encoder.packed), dict(fitted(encoder).encoder.packed))


def test_refitting_tunes_the_encoder_anew_on_all(encoder: Path) -> None:
    valid = some(12, seed=5)
    model = fitted(encoder, valid=valid)
    before, history = weights(model), model.history
    model.refit(*valid, rng=np.random.default_rng(), progress=Silent())
    assert model.history == history
    assert not same(weights(model), before)
    assert " of the 24 texts" in model.notes[1]
    assert model.notes[-1].endswith(f"for {history.n_steps:,} steps.")


def test_a_refit_for_whole_epochs_counts_those_of_the_head(encoder: Path) -> None:
    valid = some(12, seed=5)
    model = fitted(encoder, some(250), valid=valid, keep="last", max_texts=30)
    model.refit(*valid, rng=np.random.default_rng(), progress=Silent())
    assert model.notes[-1].endswith("for 40 steps.")  # 262 rows are 2 batches, 20 times


@pytest.mark.parametrize("kept", ["float32", "int8"])
def test_a_loaded_model_gives_the_same_bits(kept: str, encoder: Path, tmp_path: Path) -> None:
    model = fitted(encoder, kept_precision=kept)
    model.save(tmp_path)
    loaded = FewShot.load(tmp_path)
    documents = Documents.from_texts([*some(9, seed=3)[0].texts.to_pylist(), "", "goal " * 90])
    scores, again = model.decision(documents), loaded.decision(documents)
    assert np.array_equal(scores.values, again.values)
    assert scores.low_evidence.nonzero()[0].tolist() == [9]
    assert loaded.params.encoder == encoder.name
    assert {path.name for path in tmp_path.iterdir()} == {
        "encoder.json",
        "encoder.safetensors",
        "fewshot.json",
        "tokenizer.json",
        "weights.safetensors",
    }


ASK = """
import sys
from pathlib import Path
from newsdesk.models.neural.fewshot import FewShot
from newsdesk.types import Documents
model = FewShot.load(Path(sys.argv[1]))
print(model.decision(Documents.from_texts(["goal"])).values.shape, "torch" in sys.modules)
"""


def test_it_answers_without_torch(encoder: Path, tmp_path: Path) -> None:
    fitted(encoder).save(tmp_path)
    command = [sys.executable, "-c", ASK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "(1, 3) False"


def test_the_lowest_layers_stay_where_that_is_asked_for(encoder: Path) -> None:
    found = fitted(encoder, frozen_layers=1).encoder.packed
    for name, array in find(str(encoder)).tensors().items():
        assert np.array_equal(found[name], array) == (not name.startswith("layer.1.")), name


def test_more_frozen_layers_than_there_are_is_refused(encoder: Path) -> None:
    with pytest.raises(ConfigError, match=r"frozen_layers is 3, but .* has 2 layers"):
        fitted(encoder, frozen_layers=3)


@pytest.mark.parametrize("y", [[0] * 9, list(range(9)), [0] + [1] * 8], ids=str)
def test_rare_and_lone_classes_are_learnt_from_as_far_as_they_go(
    y: list[int], encoder: Path
) -> None:
    documents = some(9)[0]
    rng = np.random.default_rng(0)
    model = unfitted(encoder).fit(
        documents, np.array(y), n_classes=9, valid=None, rng=rng, progress=Silent()
    )
    assert np.isfinite(model.decision(documents).values).all()
    tuned = len(set(y)) == 2
    assert model.notes[1].startswith("The encoder was tuned") == tuned
    stayed = same(model.encoder.packed, find(str(encoder)).tensors())
    assert stayed != tuned


def test_blank_texts_are_in_no_pair(encoder: Path) -> None:
    texts, y = some(12)
    documents = Documents.from_texts([*texts.texts.to_pylist(), "", " "])
    model = fitted(encoder, (documents, np.append(y, [0, 1])))
    assert " pairs of 12 of the 14 texts" in model.notes[1]


@pytest.mark.parametrize("texts", [["", " ", ""], ["goal"]], ids=["blank", "one"])
def test_texts_that_make_no_pairs_leave_the_encoder_as_it_was(
    texts: list[str], encoder: Path
) -> None:
    rows = Documents.from_texts(texts), np.arange(len(texts))
    model = fitted(encoder, rows)
    assert model.notes[1].startswith("The encoder is as it was")
    assert np.isfinite(model.predict_proba(rows[0])).all()


def test_classes_and_pairs_may_weigh_alike(encoder: Path) -> None:
    model = fitted(encoder, class_weight="balanced")
    assert not same(weights(model), weights(fitted(encoder)))


def test_the_same_seed_gives_the_same_bits_and_another_one_others(encoder: Path) -> None:
    first = weights(fitted(encoder, dropout=0.2))
    assert same(first, weights(fitted(encoder, dropout=0.2)))
    assert not same(first, weights(fitted(encoder, dropout=0.2, seed=1)))


def test_an_interrupted_tuning_goes_on_to_the_same_bits(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = weights(fitted(encoder, dropout=0.2))
    own, n_calls = PairExamples.batch, 0

    def interrupting(self: PairExamples, *arguments: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 5:
            signal.raise_signal(signal.SIGINT)
        return own(self, *arguments)

    model = unfitted(encoder, dropout=0.2)
    model.checkpoints = tmp_path

    def fit() -> None:
        rng = np.random.default_rng(0)
        model.fit(*some(24), n_classes=3, valid=None, rng=rng, progress=Silent())

    with monkeypatch.context() as patch:
        patch.setattr(PairExamples, "batch", interrupting)
        with pytest.raises(KeyboardInterrupt, match="is kept"):
            fit()
    with pytest.raises(NotFittedError):
        model.decision(some(3)[0])
    fit()
    assert same(weights(model), expected)
    assert {path.name for path in tmp_path.iterdir()} == {
        "fit.safetensors",
        "fit-head.safetensors",
    }


def test_files_that_do_not_fit_are_refused(encoder: Path, tmp_path: Path) -> None:
    fitted(encoder).save(tmp_path)
    tensors = load_file(tmp_path / "weights.safetensors")
    save_file(
        {name: np.concatenate([array, array]) for name, array in tensors.items()},
        tmp_path / "weights.safetensors",
    )
    with pytest.raises(BundleFormatError):
        FewShot.load(tmp_path)


def test_the_estimate_of_memory_grows_with_batch_and_texts(encoder: Path) -> None:
    documents = some(30)[0]
    small = unfitted(encoder).plan(documents, 3)
    assert 0 < small < 1e9
    assert unfitted(encoder, batch_size=512).plan(documents, 3) > small
    assert unfitted(encoder).plan(some(3000)[0], 3) > small


def test_the_search_space_names_what_it_draws() -> None:
    asked: list[str] = []
    FewShot.space(lambda name, choices: asked.append(name) or choices[0])  # type: ignore[func-returns-value]
    assert {"learning_rate", "pairs_per_text"} <= set(asked)
