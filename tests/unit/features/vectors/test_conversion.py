from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.features.vectors import entry
from newsdesk.features.vectors.conversion import convert
from newsdesk.types import Silent


def converted(folder: Path, data: bytes) -> tuple[dict[str, object], list[str], np.ndarray]:
    """Facts, words and vectors of what a file was converted to."""
    path = folder / "vectors"
    path.write_bytes(data)
    made = folder / "entry"
    made.mkdir()
    convert(path, made, progress=Silent())
    facts = msgspec.json.decode((made / entry.FACTS).read_bytes())
    offsets = np.fromfile(made / entry.OFFSETS, dtype="<i8").tolist()
    text = (made / entry.WORDS).read_bytes()
    words = [text[a:b].decode() for a, b in pairwise(offsets)]
    vectors = np.fromfile(made / entry.MATRIX, dtype="<f4").reshape(len(words), -1)
    mean = np.fromfile(made / entry.MEAN, dtype="<f4")
    np.testing.assert_allclose(mean, vectors.mean(axis=0), rtol=1e-6)
    hashes = np.fromfile(made / entry.HASHES, dtype="<u8")
    assert (hashes[:-1] <= hashes[1:]).all()
    assert sorted(np.fromfile(made / entry.ROWS, dtype="<i8")) == list(range(len(words)))
    assert facts["sizes"] == {
        path.name: path.stat().st_size for path in made.iterdir() if path.name != entry.FACTS
    }
    return facts, words, vectors


def test_text_and_binary_become_the_same_files(tmp_path: Path) -> None:
    vectors = np.array([[0.5, 1], [-2, 3], [4, 5]], dtype="<f4")
    words = ["the", "été", "大"]
    lines = "".join(f"{w} {v[0]} {v[1]}\n" for w, v in zip(words, vectors.tolist(), strict=True))
    entries = b"".join(w.encode() + b" " + v.tobytes() for w, v in zip(words, vectors, strict=True))
    for number, data in enumerate((lines.encode(), b"3 2\n" + lines.encode(), b"3 2\n" + entries)):
        folder = tmp_path / str(number)
        folder.mkdir()
        facts, found, matrix = converted(folder, data)
        assert (facts["n"], facts["dim"], facts["notes"]) == (3, 2, [])
        assert found == words
        np.testing.assert_array_equal(matrix, vectors)


@pytest.mark.parametrize("block_bytes", [4, 24, 8 << 20])
def test_the_first_of_a_repeated_word_counts_and_the_others_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(entry, "_BLOCK_BYTES", block_bytes)
    lines = b"a 1 1\nb 2 2\na 3 3\nc 4 4\nb 5 5\nd 6 6\na 7 7\n"
    facts, words, vectors = converted(tmp_path, lines)
    assert words == ["a", "b", "c", "d"]
    assert vectors[:, 0].tolist() == [1, 2, 4, 6]
    assert facts["notes"] == ["3 vectors of words that stood before are left out"]


def test_what_is_left_out_is_noted(tmp_path: Path) -> None:
    facts, words, vectors = converted(tmp_path, b"2 2\ncaf\xe9 1 1\n 2 2\na 3 3\nb 4 4\n")
    assert words == ["a", "b"]
    assert vectors[:, 0].tolist() == [3, 4]
    assert facts["notes"] == [
        "the header promises 2 vectors, and the file holds 4: all are read",
        "1 vector of a word in no valid UTF-8 is left out",
        "1 vector of an empty word is left out",
    ]


def test_a_file_without_a_word_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no word with a vector"):
        converted(tmp_path, b"1 2\n 1 1\n")
