from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.features.vectors import binary
from newsdesk.features.vectors.formats import Layout
from newsdesk.features.vectors.source import opened
from newsdesk.types import Silent


def entry(word: bytes, *numbers: float, end: bytes = b"\n") -> bytes:
    return word + b" " + np.array(numbers, dtype="<f4").tobytes() + end


@pytest.fixture
def read(tmp_path: Path):  # noqa: ANN201
    def rows(data: bytes, dim: int, n: int):  # noqa: ANN202
        path = tmp_path / "vectors"
        path.write_bytes(data)
        with opened(path, progress=Silent()) as source:
            return [
                (block.word(row), block.vectors[row].tolist())
                for block in binary.read_binary(source, Layout("binary", dim, n, 0))
                for row in range(block.n)
            ]

    return rows


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("size", [8, 13, 4 << 20])
def test_entries_are_read_with_newlines_or_none(read, monkeypatch, end, size: int) -> None:  # noqa: ANN001
    monkeypatch.setattr(binary, "_CHUNK_BYTES", size)
    data = b"".join(entry(f"word{i}".encode(), i, 0.5, end=end) for i in range(30))
    assert read(data, 2, 30) == [(f"word{i}".encode(), [i, 0.5]) for i in range(30)]


def test_numbers_may_hold_any_byte(read) -> None:  # noqa: ANN001
    odd = np.frombuffer(b"    \n\n\n\n \n \n", dtype="<f4").tolist()
    assert read(entry(b"a", *odd, end=b"") + entry(b"b", 1, 2, 3), 3, 2)[1] == (b"b", [1, 2, 3])


@pytest.mark.parametrize("cut", [1, 5, 12, 17])
def test_a_file_that_is_cut_short_says_how_much_is_whole(read, cut: int) -> None:  # noqa: ANN001
    data = entry(b"a", 1, 2, end=b"") * 2 + entry(b"late", 3, 4, end=b"")
    whole = 1 if cut > len(entry(b"late", 3, 4, end=b"")) else 2
    with pytest.raises(DataError, match=f"is cut short: {whole} of 3 vectors are whole"):
        read(data[:-cut], 2, 3)


def test_a_header_that_promises_too_little_is_an_error(read) -> None:  # noqa: ANN001
    with pytest.raises(DataError, match="goes on behind the 1 vectors"):
        read(entry(b"a", 1, 2) * 2, 2, 1)
    with pytest.raises(DataError, match=r"goes on behind|is cut short"):
        read(entry(b"a", 1, 2) * 3, 1, 3)


def test_a_number_that_is_not_finite_is_named_by_its_word(read) -> None:  # noqa: ANN001
    with pytest.raises(DataError, match="vector 2, of the word 'of', holds a number"):
        read(entry(b"the", 1, 2) + entry(b"of", 1, np.nan), 2, 2)


def test_a_file_without_words_is_refused_early(read, monkeypatch) -> None:  # noqa: ANN001
    monkeypatch.setattr(binary, "_CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(binary, "_LONGEST_WORD", 1 << 10)
    with pytest.raises(DataError, match="no word is found behind the first 1 vectors"):
        read(entry(b"a", 1, 2) + b"\xff" * (1 << 14), 2, 900)
