from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.lstm_vectors import LstmVectors
from newsdesk.types import Documents


def write_binary(path: Path, vectors: dict[str, Any]) -> None:
    dim = len(next(iter(vectors.values())))
    rows = [word.encode() + b" " + vector.tobytes() + b"\n" for word, vector in vectors.items()]
    path.write_bytes(f"{len(vectors)} {dim}\n".encode() + b"".join(rows))


@pytest.mark.parametrize("fine_tune", [True, False])
def test_vectors_of_a_file_stay_or_move_as_asked(
    fine_tune: bool, make: Any, train: Any, write_vectors: Any, tmp_path: Path
) -> None:
    path = tmp_path / "glove.txt"
    vectors = write_vectors(path)
    trained = train("lstm-vectors", *make(60), vectors=str(path), fine_tune=fine_tune)
    tensors, words = trained.model.tensors, trained.model.reader.vocab.words
    assert tensors["embedding"].shape == (len(words), 4)
    for word in ("bank", "goal"):
        moved = not np.array_equal(tensors["embedding"][words.index(word)], vectors[word])
        assert moved == fine_tune
    documents = make(20, seed=2)[0]
    expected = trained.by_torch(documents)
    assert np.allclose(trained.model.decision(documents).values, expected, atol=1e-5)


def test_the_binary_form_of_the_same_vectors_gives_the_same_network(
    make: Any, train: Any, write_vectors: Any, tmp_path: Path
) -> None:
    vectors = write_vectors(tmp_path / "v.txt")
    write_binary(tmp_path / "v.bin", vectors)
    documents = make(20, seed=2)[0]
    text, binary = (
        train("lstm-vectors", *make(30), vectors=str(tmp_path / name)).model
        for name in ("v.txt", "v.bin")
    )
    assert np.array_equal(text.decision(documents).values, binary.decision(documents).values)


def test_the_notes_tell_what_the_file_covers(
    make: Any, train: Any, write_vectors: Any, tmp_path: Path
) -> None:
    write_vectors(tmp_path / "v.txt")
    model = train("lstm-vectors", *make(60), vectors=str(tmp_path / "v.txt")).model
    assert model.notes[0].startswith("Training words:")
    assert model.notes[-1].startswith("Of ")
    assert "the file of vectors has" in model.notes[-1]


def test_what_is_saved_names_the_file_but_not_its_place_and_needs_it_no_more(
    make: Any, train: Any, write_vectors: Any, tmp_path: Path
) -> None:
    saved = []
    for place in ("here", "far/away"):
        home = tmp_path / place
        (home / "model").mkdir(parents=True)
        write_vectors(home / "v.txt")
        model = train("lstm-vectors", *make(30), vectors=str(home / "v.txt")).model
        model.save(home / "model")
        (home / "v.txt").unlink()
        saved.append({file.name: file.read_bytes() for file in (home / "model").iterdir()})
    assert saved[0] == saved[1]
    documents = Documents.from_texts(["bank rates", "zzz", ""])
    loaded = LstmVectors.load(tmp_path / "here/model")
    assert loaded.params.vectors == "v.txt"
    assert np.array_equal(loaded.decision(documents).values, model.decision(documents).values)


def test_without_a_file_vectors_are_learnt(make: Any, train: Any, tmp_path: Path) -> None:
    model = train("lstm-vectors", *make(30)).model
    assert model.tensors["embedding"].shape[1] == 6
    model.save(tmp_path)
    assert LstmVectors.load(tmp_path).params.vectors == ""


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    LstmVectors.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"units", "pooling", "learning_rate"} <= set(asked)
