from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.elmo.pretraining import from_texts, untrained
from newsdesk.models.neural.language import folder
from newsdesk.types import Documents, Silent


def corpus(n: int) -> Documents:
    """Texts in which the next word is known but for the first."""
    chains = ["one two three four five six", "red green blue black white grey"]
    return Documents.from_texts([chains[i % 2] for i in range(n)])


def pretrained(params: ElmoParams, documents: Documents, **rest: Any) -> Any:
    return from_texts(documents, params, seed=3, progress=Silent(), **rest)


def test_it_learns_which_words_follow_and_go_before(tiny: dict[str, Any]) -> None:
    settings = {"epochs": 8, "window": 8, "dropout": 0.0, "learning_rate": 0.05}
    found = pretrained(ElmoParams(**{**tiny, **settings}), corpus(80), source="chains")
    # At each end two words are possible, so 2 of 14 words of a text take a bit each.
    assert found.encoder.origin.perplexities[-1] < 1.3
    assert found.encoder.origin.perplexities[-1] < found.encoder.origin.perplexities[0]
    assert found.encoder.origin.source == "chains"
    assert found.encoder.origin.n_texts == 78
    assert found.encoder.origin.n_tokens == 78 * 6
    assert len(found.stage.rows) == 8


def test_the_same_seed_gives_the_same_bits(tiny: dict[str, Any]) -> None:
    params = ElmoParams(**tiny)
    first, second = (pretrained(params, corpus(40)).encoder.tensors for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_it_trains_in_mixed_precision_too(tiny: dict[str, Any]) -> None:
    found = pretrained(ElmoParams(**{**tiny, "precision": "bfloat16"}), corpus(40)).encoder
    whole = pretrained(ElmoParams(**{**tiny, "precision": "float32"}), corpus(40)).encoder
    last, expected = (own.origin.perplexities[-1] for own in (found, whole))
    assert last == pytest.approx(expected, rel=0.1)
    assert not np.array_equal(found.tensors["characters"], whole.tensors["characters"])


def test_the_folder_holds_what_was_trained(tiny: dict[str, Any], tmp_path: Path) -> None:
    encoder = pretrained(ElmoParams(**tiny), corpus(20)).encoder
    folder.write(encoder, tmp_path)
    found = folder.read(tmp_path, "elmo", ElmoArchitecture)
    assert found.architecture == encoder.architecture
    assert found.vocab is None
    assert found.origin.settings["units"] == 12
    assert all(np.array_equal(found.tensors[name], encoder.tensors[name]) for name in found.tensors)


def test_an_interrupted_training_goes_on_from_its_state(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    params = ElmoParams(**tiny)
    whole = pretrained(params, corpus(40), checkpoints=tmp_path).encoder.tensors
    (state,) = tmp_path.iterdir()
    before = state.read_bytes()
    again = pretrained(params, corpus(40), checkpoints=tmp_path).encoder.tensors
    assert all(np.array_equal(whole[name], again[name]) for name in whole)
    assert state.read_bytes() == before, "nothing was trained once more"


@pytest.mark.parametrize("texts", [["", " "], ["one"]])
def test_texts_that_say_nothing_leave_the_first_values(
    texts: list[str], tiny: dict[str, Any]
) -> None:
    found = pretrained(ElmoParams(**tiny), Documents.from_texts(texts)).encoder
    assert all(np.isfinite(tensor).all() for tensor in found.tensors.values())


def test_an_untrained_model_is_drawn_from_its_seed(tiny: dict[str, Any]) -> None:
    sizes = ElmoParams(**tiny).architecture
    first, same, other = (untrained(sizes, corpus(3), seed).tensors for seed in (1, 1, 2))
    assert {name: tensor.shape for name, tensor in first.items()} == sizes.shapes(0)
    assert np.array_equal(first["lstm.0.forward.input"], same["lstm.0.forward.input"])
    assert not np.array_equal(first["lstm.0.forward.input"], other["lstm.0.forward.input"])
