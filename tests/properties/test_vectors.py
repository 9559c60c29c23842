"""Vector files against plain reading: every format gives the vectors that were written."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsdesk.features.vectors import WordVectors, embed, open_vectors
from newsdesk.features.vectors.numbers import parse_number

FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters=" \t\r\n"), min_size=1, max_size=8)


def opened(folder: str, data: bytes) -> WordVectors:
    path = Path(folder, "vectors")
    path.write_bytes(data)
    return open_vectors(path, cache=Path(folder, "cache"))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], np.ndarray]:
    """Words, some of them repeated, and their vectors."""
    words = draw(st.lists(WORDS, min_size=1, max_size=12))
    dim = draw(st.integers(1, 4))
    numbers = draw(st.lists(FLOATS, min_size=dim * len(words), max_size=dim * len(words)))
    return words, np.array(numbers, dtype="<f4").reshape(len(words), dim)


@settings(max_examples=60)
@given(tables(), st.booleans(), st.sampled_from(["{}", "{:.9g}", "{:.17g}", "{:+.30f}", "{:E}"]))
def test_text_gives_what_python_reads(
    table: tuple[list[str], np.ndarray], header: bool, form: str
) -> None:
    words, vectors = table
    rows = [[form.format(value) for value in row] for row in vectors.tolist()]
    lines = [f"{word} {' '.join(row)}\n" for word, row in zip(words, rows, strict=True)]
    if header:
        lines.insert(0, f"{len(words)} {vectors.shape[1]}\n")
    else:
        assume(not lines[0].startswith("\ufeff"))
        assume(not all(part.isdecimal() and part.isascii() for part in lines[0].split()))
    with TemporaryDirectory() as folder:
        found = opened(folder, "".join(lines).encode())
        assert found.words(0, found.n).to_pylist() == list(dict.fromkeys(words))
        expected = np.array([[float(text) for text in row] for row in rows]).astype(np.float32)
        first = [words.index(word) for word in words]
        np.testing.assert_array_equal(found.take(found.find(words)), expected[first])


@settings(max_examples=60)
@given(tables(), st.sampled_from([b"\n", b""]), st.booleans())
def test_binary_gives_the_same_bits(
    table: tuple[list[str], np.ndarray], end: bytes, packed: bool
) -> None:
    words, vectors = table
    data = f"{len(words)} {vectors.shape[1]}\n".encode() + b"".join(
        word.encode() + b" " + vector.tobytes() + end
        for word, vector in zip(words, vectors, strict=True)
    )
    with TemporaryDirectory() as folder:
        found = opened(folder, gzip.compress(data) if packed else data)
        first = [words.index(word) for word in words]
        taken = found.take(found.find(words))
        assert taken.tobytes() == vectors[first].tobytes()


@settings(max_examples=40)
@given(tables(), st.lists(WORDS, max_size=8), st.sampled_from(["subwords", "mean", "zeros"]))
def test_an_embedding_is_finite_and_keeps_known_vectors(
    table: tuple[list[str], np.ndarray], others: list[str], missing: str
) -> None:
    words, vectors = table
    vectors = np.clip(vectors, -1e6, 1e6)
    rows = [" ".join(map(repr, row)) for row in vectors.tolist()]
    lines = [f"{len(words)} {vectors.shape[1]}\n"]
    lines += [f"{word} {row}\n" for word, row in zip(words, rows, strict=True)]
    with TemporaryDirectory() as folder:
        known = opened(folder, "".join(lines).encode())
        matrix, coverage = embed([*others, *words], known, missing=missing)
    assert np.isfinite(matrix).all()
    first = [words.index(word) for word in words]
    np.testing.assert_array_equal(matrix[len(others) :], vectors[first])
    shares = (coverage.exact, coverage.variant, coverage.estimated, coverage.unknown)
    assert abs(sum(shares) - 1.0) < 1e-9
    assert coverage.exact >= len(words) / (len(words) + len(others)) - 1e-9


def above(x: float) -> float:
    """The next float32 number, infinite behind the largest."""
    with np.errstate(over="ignore"):
        return float(np.nextafter(np.float32(x), np.float32(np.inf)))


NUMERALS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{0,24}\.?[0-9]{0,24}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    FLOATS.map(repr),
    st.floats().map(repr),
    # Close to the middle between two float32 numbers, where rounding twice may go wrong.
    FLOATS.map(lambda x: repr((x + above(x)) / 2)),
    st.text("0123456789.eE+-nai_ ", max_size=12),
)


@settings(max_examples=1000)
@given(NUMERALS)
def test_a_number_is_read_as_python_does_or_not_at_all(text: str) -> None:
    data = np.frombuffer(text.encode() + b"\0", dtype=np.uint8)
    value, plain = parse_number(data, 0, len(text))
    if plain:
        with np.errstate(over="ignore"):
            assert np.float32(value).tobytes() == np.float32(float(text)).tobytes()
