from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.features.vocab import Vocab
from newsdesk.models.neural.words.family import Plan
from newsdesk.models.neural.words.pretrained import first_vectors
from newsdesk.types import Documents, Floats, Silent


def plan_of(*texts: str, size: int = 100) -> Plan:
    vocab, sequences = Vocab.learn(Documents.from_texts(texts), size=size)
    return Plan(vocab, sequences, 2, Silent())


@pytest.fixture
def file(tmp_path: Path, write_vectors: Any) -> tuple[str, dict[str, Floats]]:
    path = tmp_path / "glove.txt"
    return str(path), write_vectors(path)


def test_words_of_the_file_get_its_vectors(file: tuple[str, dict[str, Floats]]) -> None:
    path, vectors = file
    plan = plan_of("Bank goal", "bank CHIP")
    start, _ = first_vectors(path, "zeros", plan)
    assert start.dtype == np.float32
    assert start.shape == (5, 4)
    for word in ("bank", "goal", "chip"):
        assert np.array_equal(start[plan.vocab.words.index(word)], vectors[word])


def test_filling_has_no_direction_and_unknown_words_the_mean_of_the_others(
    file: tuple[str, dict[str, Floats]],
) -> None:
    start, _ = first_vectors(file[0], "mean", plan_of("bank goal chip zzz"))
    assert not start[0].any()
    assert start[1] == pytest.approx(start[2:].mean(axis=0))


@pytest.mark.parametrize("missing", ["subwords", "mean", "zeros"])
def test_missing_words_get_what_is_asked_for(
    file: tuple[str, dict[str, Floats]], missing: Any
) -> None:
    path, vectors = file
    plan = plan_of("bank banks")
    found = first_vectors(path, missing, plan)[0][plan.vocab.words.index("banks")]
    mean = np.mean(list(vectors.values()), axis=0)
    assert (not found.any()) == (missing == "zeros")
    assert np.allclose(found, mean, atol=1e-6) == (missing == "mean")


def test_the_notes_tell_how_many_words_and_tokens_were_found(
    file: tuple[str, dict[str, Floats]],
) -> None:
    _, sentences = first_vectors(file[0], "zeros", plan_of("bank bank bank zzz"))
    assert sentences[-1] == (
        "Of 2 words the file of vectors has 50.0% as they are and 0.0% in another case; 0.0% are "
        "estimated from their parts, and 50.0% are unknown (of all tokens 75.0% / 0.0% / 0.0% / "
        "25.0%)."
    )


def test_a_vocabulary_without_words_gets_rows_for_its_two_marks(
    file: tuple[str, dict[str, Floats]],
) -> None:
    start, sentences = first_vectors(file[0], "subwords", plan_of("bank", size=2))
    assert start.shape == (2, 4)
    assert not start.any()
    assert sentences[-1] == "No word needs a vector."
