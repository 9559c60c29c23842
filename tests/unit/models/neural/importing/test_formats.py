from __future__ import annotations

import io
import pickle
import typing
from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.importing.formats import (
    FORMATS,
    FormatName,
    Request,
    Sign,
    parts,
    recognise,
    sign,
)


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 2)))
    return file.getvalue()


HDF5, ZIP = b"\x89HDF\r\n\x1a\n" + bytes(90), b"PK\x03\x04" + bytes(60)
OLD_TORCH = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + bytes(60)  # MAGIC_NUMBER of torch


@pytest.fixture
def put(tmp_path: Path) -> typing.Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


Put = typing.Callable[[str, bytes], Path]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("weights", HDF5, "hdf5"),
        ("fwd_wt103.h5", OLD_TORCH, "torch"),
        ("lm.pth", ZIP, "torch"),
        ("lm.PT", b"", "torch"),
        ("lm.pth", HDF5, "hdf5"),
        ("vectors", npy(), "npy"),
        ("itos", pickle.dumps(["the"]), "pickled"),
        ("options", b' \n{"lstm": {}}', "json"),
        ("vectors", ZIP, "zip"),
        ("vectors", b"the 1 2\n", "other"),
        ("vectors", b"", "other"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(
    name: str, content: bytes, expected: Sign, put: Put
) -> None:
    assert sign(put(name, content)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": HDF5, "b": b"{}"}, "allennlp-elmo"),
        ({"b": b"{}", "a": HDF5}, "allennlp-elmo"),
        ({"a": OLD_TORCH, "b": pickle.dumps(["the"])}, "fastai-awd-lstm"),
        ({"itos.json": b"[]", "lm.pth": ZIP}, "fastai-awd-lstm"),
        ({"tokens": b"the\n", "a": npy()}, "nnlm"),
        ({"a": b"the 1 2\n"}, "word-vectors"),
        ({"a": ZIP}, "word-vectors"),
    ],
)
def test_files_are_recognised_in_any_order(
    files: dict[str, bytes], expected: FormatName, put: Put
) -> None:
    assert recognise([put(*file) for file in files.items()]) == expected


@pytest.mark.parametrize(
    "files", [{"a": b"{}"}, {"a": pickle.dumps(["x"])}, {"a": b"x 1\n", "b": b"y 1\n"}]
)
def test_files_of_no_format_are_refused_with_those_that_are_known(
    files: dict[str, bytes], put: Put
) -> None:
    with pytest.raises(ConfigError, match="no known format of weights") as caught:
        recognise([put(*file) for file in files.items()])
    assert all(name in caught.value.remedy for name in FORMATS)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*gone"):
        recognise([tmp_path / "gone"])
    with pytest.raises(DataError, match="is a folder"):
        sign(tmp_path)


def test_every_format_that_is_named_is_in_the_table() -> None:
    assert set(FORMATS) == set(typing.get_args(FormatName))


def test_weights_are_told_from_what_goes_with_them(put: Put) -> None:
    array, tokens = put("a", npy()), put("tokens", b"the\n")
    for files in ((array, tokens), (tokens, array)):
        assert parts(Request("nnlm", tuple(map(str, files))), "npy") == (array, tokens)


@pytest.mark.parametrize("names", [("a",), ("b",), ("a", "c"), ("a", "b", "d")])
def test_a_file_too_few_or_too_many_is_refused(names: tuple[str, ...], put: Put) -> None:
    content = {"a": npy(), "b": b"the\n", "c": npy(), "d": b"of\n"}
    files = tuple(str(put(name, content[name])) for name in names)
    with pytest.raises(DataError, match="one file of weights and one beside it") as caught:
        parts(Request("nnlm", files), "npy")
    assert "tokens.txt" in caught.value.remedy
