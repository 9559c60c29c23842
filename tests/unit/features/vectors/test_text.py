from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.features.vectors import text
from newsdesk.features.vectors.formats import Layout
from newsdesk.features.vectors.source import opened
from newsdesk.types import Silent


@pytest.fixture
def read(tmp_path: Path):  # noqa: ANN201
    def rows(data: bytes, dim: int, n: int | None = None):  # noqa: ANN202
        path = tmp_path / "vectors"
        path.write_bytes(data)
        with opened(path, progress=Silent()) as source:
            return [
                (block.word(row), block.vectors[row].tolist())
                for block in text.read_text(source, Layout("text", dim, n, 0))
                for row in range(block.n)
            ]

    return rows


def test_each_line_is_a_word_and_its_vector(read) -> None:  # noqa: ANN001
    assert read(b"the 0.5 1 \nof -2 3", 2) == [(b"the", [0.5, 1]), (b"of", [-2, 3])]
    assert read(b"the 0.5 1\n", 2, n=1) == [(b"the", [0.5, 1])]


@pytest.mark.parametrize("size", [1, 5, 64])
def test_lines_may_lie_across_pieces(read, monkeypatch, size: int) -> None:  # noqa: ANN001
    monkeypatch.setattr(text, "_CHUNK_BYTES", size)
    expected = [(f"word{i}".encode(), [i, 0.5]) for i in range(30)]
    lines = "".join(f"word{i} {i} 0.5\n" for i in range(30))
    assert read(lines.encode(), 2) == expected
    with pytest.raises(DataError, match="line 32: the vector has 1 numbers, not 2"):
        read(lines.encode() + b"late 1\n", 2, n=31)


def test_words_may_hold_spaces(read) -> None:  # noqa: ANN001
    rows = read(b"new york 1 2\n. . . 3 4\n- 5 6\n-- -a 7 8\n", 2)
    assert [word for word, _ in rows] == [b"new york", b". . .", b"-", b"-- -a"]
    assert [vector for _, vector in rows] == [[1, 2], [3, 4], [5, 6], [7, 8]]


def test_numbers_that_need_care_are_read_as_python_reads_them(read) -> None:  # noqa: ANN001
    rows = read(b"a 1e-40 1.00000005960464477539062500001\n 1e-30 2\n", 2)
    assert [word for word, _ in rows] == [b"a", b""]
    assert rows[0][1] == [float(np.float32(1e-40)), float(np.float32(1.0000000596046448))]
    assert rows[1][1] == [float(np.float32(1e-30)), 2]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"of 1 2", "line 2: the vector has 2 numbers, not 3"),
        (b"of", "line 2: the vector has 0 numbers, not 3"),
        (b"1 2 3", "line 2: the vector has 2 numbers, not 3"),
        (b"of 1 2 3 4", "line 2: the vector has 4 numbers, not 3"),
        (b"9 1 2 3 4 5", "line 2: the vector has 5 numbers, not 3"),
        (b"of 1 x.5 3", "line 2: 'x.5' is no number"),
        (b"of 1 2,5 3", "line 2: '2,5' is no number"),
        (b"of 1 nan 3", "line 2: nan is not finite"),
        (b"of 1 2 -inf", "line 2: -inf is not finite"),
        (b"of 1 1e39 3", "line 2: 1e39 is not finite, or too large"),
    ],
)
def test_a_line_that_is_no_vector_is_named(read, line: bytes, problem: str) -> None:  # noqa: ANN001
    with pytest.raises(DataError) as caught:
        read(b"the 1 2 3\n" + line + b"\nand 1 2 3\n", 3)
    assert problem in str(caught.value)


def test_a_header_may_promise_too_little_but_not_too_much(read) -> None:  # noqa: ANN001
    data = b"the 1 2\nof 1 2\n"
    assert len(read(data, 2, n=1)) == 2
    with pytest.raises(DataError, match="is cut short: it holds 2 of 3 vectors"):
        read(data, 2, n=3)


def test_a_line_without_end_is_refused(read, monkeypatch) -> None:  # noqa: ANN001
    monkeypatch.setattr(text, "_CHUNK_BYTES", 100)
    monkeypatch.setattr(text, "_LONGEST_LINE", 1000)
    with pytest.raises(DataError, match="line 2: the line is longer than any vector"):
        read(b"the 1\n" + b"x" * 5000, 1)
