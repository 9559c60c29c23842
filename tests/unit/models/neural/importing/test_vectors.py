from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.importing.vectors import read

GLOVE = b"The 9 9\nthe 1 2\n, 3 4\nParis 5 6\n<unk> 7 8\n"
BINARY = (
    b"2 2\nthe " + np.array([1, 2], "<f4").tobytes() + b"of " + np.array([3, 4], "<f4").tobytes()
)


def imported(
    folder: Path, content: bytes, n_words: int | None = None
) -> tuple[list[str], list[list[float]]]:
    path = folder / "vectors.txt"
    path.write_bytes(content)
    encoder, _ = read(Request("word-vectors", (str(path),), n_words=n_words))
    assert encoder.vocab is not None
    assert encoder.architecture.shapes(len(encoder.vocab.words)) == {
        "embedding": encoder.tensors["embedding"].shape
    }
    return list(encoder.vocab.words), encoder.tensors["embedding"].tolist()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_text_is_read_packed_or_not(tmp_path: Path, pack: type[bytes]) -> None:
    words, table = imported(tmp_path, pack(GLOVE))
    assert words == ["<pad>", "<OOV>", "the", "paris"]
    assert table == [[0, 0], [7, 8], [1, 2], [5, 6]]


def test_binary_is_read_and_unknown_words_have_the_mean(tmp_path: Path) -> None:
    words, table = imported(tmp_path, BINARY)
    assert words == ["<pad>", "<OOV>", "the", "of"]
    assert table == [[0, 0], [2, 3], [1, 2], [3, 4]]


def test_the_first_words_alone_are_kept_when_asked(tmp_path: Path) -> None:
    assert imported(tmp_path, BINARY, n_words=1)[0] == ["<pad>", "<OOV>", "the"]


def test_nothing_is_left_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
    imported(tmp_path, BINARY)
    assert not (tmp_path / "cache").exists()


def test_two_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs one file, not 2"):
        read(Request("word-vectors", ("a", "b")))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"the 1 2\nof 1\n", BINARY[:-1]])
def test_what_is_no_file_of_word_vectors_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"vectors\.txt"):
        imported(tmp_path, content)
