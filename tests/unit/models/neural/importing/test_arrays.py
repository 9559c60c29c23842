from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.importing.arrays import read
from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.importing.found import Found

WORDS = "The\nthe\n,\nParis\n<UNK>\n<S>\n"
VECTORS = np.arange(24, dtype=np.float32).reshape(8, 3)  # 6 words and 2 buckets


def imported(folder: Path, array: Any = VECTORS, words: str = WORDS, **options: Any) -> Found:
    (folder / "tokens.txt").write_text(words, encoding="utf-8")
    if isinstance(array, bytes):
        (folder / "vectors.npy").write_bytes(array)
    else:
        np.save(folder / "vectors.npy", array)
    files = (str(folder / "tokens.txt"), str(folder / "vectors.npy"))
    return read(Request("nnlm", files, **options))


def test_words_have_their_vectors_and_unknown_ones_the_mean_of_the_buckets(tmp_path: Path) -> None:
    encoder, notes = imported(tmp_path)
    assert encoder.vocab is not None
    assert encoder.vocab.words == ("<pad>", "<OOV>", "the", "paris")
    expected = [[0, 0, 0], [19.5, 20.5, 21.5], [3, 4, 5], [9, 10, 11]]
    assert encoder.tensors["embedding"].tolist() == expected
    assert (encoder.architecture.embedding_dim, encoder.architecture.n_buckets) == (3, 0)
    assert notes[-1] == "unknown words have the mean of the 2 hash buckets behind the words"


def test_without_buckets_unknown_words_have_the_vector_that_stands_for_them(tmp_path: Path) -> None:
    encoder, notes = imported(tmp_path, VECTORS[:6])
    assert encoder.tensors["embedding"][1].tolist() == [12, 13, 14]
    assert notes[-1] == "unknown words have the vector of <UNK>"


def test_else_they_have_the_mean_of_all(tmp_path: Path) -> None:
    encoder, notes = imported(tmp_path, VECTORS[:2], "the\nof\n")
    assert encoder.tensors["embedding"][1].tolist() == [1.5, 2.5, 3.5]
    assert notes == ("unknown words have the mean of all vectors",)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_floats_of_any_size_and_order_are_read(tmp_path: Path, kind: str, order: Any) -> None:
    encoder = imported(tmp_path, np.asarray(VECTORS, kind, order=order)).encoder
    assert encoder.tensors["embedding"].dtype == np.float32
    assert encoder.tensors["embedding"][2].tolist() == [3, 4, 5]


def test_the_first_words_alone_are_kept_when_asked(tmp_path: Path) -> None:
    encoder = imported(tmp_path, n_words=1).encoder
    assert encoder.vocab is not None
    assert encoder.vocab.words == ("<pad>", "<OOV>", "the")


def test_fewer_vectors_than_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has 6 words, .* has 5 vectors only"):
        imported(tmp_path, VECTORS[:5])


def test_pickled_objects_are_refused_and_not_unpickled(tmp_path: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.mkdir, (tmp_path / "made",)

    np.save(tmp_path / "vectors.npy", np.array([Touch()], dtype=object))
    with pytest.raises(DataError, match="no array of floats that can be read"):
        imported(tmp_path, (tmp_path / "vectors.npy").read_bytes())
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("n_bytes", [6, 12, 100, 130, -1])
def test_an_array_that_is_cut_short_is_refused(tmp_path: Path, n_bytes: int) -> None:
    np.save(tmp_path / "vectors.npy", VECTORS)
    content = (tmp_path / "vectors.npy").read_bytes()
    with pytest.raises(DataError, match="no array of floats that can be read"):
        imported(tmp_path, content[:n_bytes])


def header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    said = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, said)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        header((8 << 40, 3)) + VECTORS.tobytes(),
        header((8, 3)).replace(b"'descr'", b"'descr") + VECTORS.tobytes(),
        header((8, 3)).replace(b"(8, 3)", b"(8, 3 ") + VECTORS.tobytes(),
        header((8, 3)).replace(b"'<f4'", b"print") + VECTORS.tobytes(),
    ],
)
def test_a_header_that_promises_too_much_or_is_broken_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(DataError, match="no array of floats that can be read"):
        imported(tmp_path, content)


@pytest.mark.parametrize("array", [VECTORS[0], VECTORS[None], VECTORS[:, :0]])
def test_what_is_no_table_is_refused(tmp_path: Path, array: Any) -> None:
    with pytest.raises(DataError, match="needed is a row of numbers for each word"):
        imported(tmp_path, array)


@pytest.mark.parametrize("kind", ["i4", "c8", "U3", "?"])
def test_what_are_no_floats_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(DataError, match="not floats"):
        imported(tmp_path, VECTORS.astype(kind))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_number_that_is_not_finite_is_refused(tmp_path: Path, value: float) -> None:
    array = VECTORS.astype("f8")
    array[7, 0] = value
    with pytest.raises(DataError, match="not finite, or too large for 32 bits"):
        imported(tmp_path, array)
