from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from newsdesk.models.neural.nnlm_linear import NnlmLinear
from newsdesk.types import Documents


def test_words_add_up_to_the_logits_exactly(make: Any, train: Any) -> None:
    model = train("nnlm-linear", *make(60)).model
    documents = Documents.from_texts(["goal zzz bank", "the Cup final", ""])
    logits = model.decision(documents).values
    bias = model.tensors["bias"]
    for index in range(3):
        spans = model.attribute(documents, np.full(3, index))
        sums = [sum(span.weight for span in own) for own in spans]
        for row in range(2):
            assert sums[row] + bias[index] == pytest.approx(logits[row, index], abs=1e-5)
        assert not spans[2]
    assert [(span.start, span.end) for span in spans[0]] == [(0, 4), (5, 8), (9, 13)]
    assert model.exact


def test_a_text_is_as_long_as_the_root_of_its_words_says(make: Any, train: Any) -> None:
    model = train("nnlm-linear", *make(60)).model
    texts = ["goal", "goal goal goal goal"]
    once, often = model.decision(Documents.from_texts(texts)).values - model.tensors["bias"]
    assert often == pytest.approx(2 * once, rel=1e-5)


def test_a_bundle_holds_what_words_add(make: Any, train: Any, tmp_path: Path) -> None:
    model = train("nnlm-linear", *make(30)).model
    model.save(tmp_path)
    tensors = load_file(tmp_path / "weights.safetensors")
    assert {name: array.shape for name, array in tensors.items()} == {
        "scores": (model.reader.vocab.n_ids, 3),
        "bias": (3,),
    }


def test_unknown_words_are_told_from_each_other_but_make_no_evidence(
    make: Any, train: Any, write_language_model: Any, tmp_path: Path
) -> None:
    write_language_model(tmp_path / "lm", n_buckets=50)
    model = train("nnlm-linear", *make(60), encoder=str(tmp_path / "lm")).model
    texts = [f"unknown{number}" for number in range(5)]
    values, blank = model.decision(Documents.from_texts([*texts, "goal unknown1"]))
    assert blank.tolist() == [True] * 5 + [False]
    assert len(np.unique(values[:5], axis=0)) > 1


def test_the_notes_tell_of_the_words_and_of_the_language_model(make: Any, train: Any) -> None:
    model = train("nnlm-linear", *make(60)).model
    assert model.notes[0].startswith("Training words:")
    assert model.notes[-1] == "First vectors: a language model of 59 training texts."
    assert "held-out perplexity" in model.history.stages[0].columns


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    NnlmLinear.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"learning_rate", "hidden_dropout"} <= set(asked)
