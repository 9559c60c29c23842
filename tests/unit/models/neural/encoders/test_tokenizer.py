from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.errors import DataError, InputError, MissingExtraError
from newsdesk.models.neural.encoders import tokenizer as module
from newsdesk.models.neural.encoders.tokenizer import Tokenizer, canonical

TEXTS = ["Banks rise", "", "the goalkeeper, again?", "[SEP] a cup", "zebra", "a " * 40]


@pytest.fixture
def content(make_encoder: Callable[..., Path]) -> bytes:
    return canonical((make_encoder() / "tokenizer.json").read_bytes(), where="tokenizer.json")


def test_the_canonical_form_neither_cuts_nor_fills(make_encoder: Callable[..., Path]) -> None:
    found = (make_encoder() / "tokenizer.json").read_bytes()
    before = json.loads(found)
    assert before["truncation"]
    assert before["padding"]
    after = canonical(found, where="tokenizer.json")
    assert json.loads(after) == before | {"truncation": None, "padding": None}


def test_the_canonical_form_does_not_depend_on_white_space(content: bytes) -> None:
    indented = json.dumps(json.loads(content), indent=3).encode()
    assert canonical(indented, where="tokenizer.json") == content
    assert canonical(content, where="tokenizer.json") == content


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"a":' * 100_000])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"tokenizer\.json is damaged"):
        canonical(content, where="tokenizer.json")


def test_pieces_and_special_pieces_are_found(content: bytes) -> None:
    tokenizer = Tokenizer(content)
    assert (tokenizer.prefix, tokenizer.suffix) == ((0,), (2,))
    assert tokenizer.n_pieces == len(tokenizer.pieces)
    assert tokenizer.pieces[:6] == ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]", "bank")


def test_a_tokenizer_may_put_nothing_around_a_text(content: bytes) -> None:
    values = json.loads(content) | {"post_processor": None}
    tokenizer = Tokenizer(json.dumps(values).encode())
    assert (tokenizer.prefix, tokenizer.suffix) == ((), ())


def test_numbers_without_a_piece_are_counted(content: bytes) -> None:
    values = json.loads(content)
    values["model"]["vocab"]["late"] = 99
    tokenizer = Tokenizer(json.dumps(values).encode())
    assert tokenizer.n_pieces == 100
    assert tokenizer.pieces[98:] == ("", "late")


def test_special_pieces_are_counted_that_the_vocabulary_lacks(content: bytes) -> None:
    values = json.loads(content)
    values["post_processor"]["special_tokens"]["[SEP]"]["ids"] = [200]
    tokenizer = Tokenizer(json.dumps(values).encode())
    assert (tokenizer.suffix, tokenizer.n_pieces) == ((200,), 201)


def test_texts_are_read_whole_and_without_special_pieces(content: bytes) -> None:
    tokenizer = Tokenizer(content)
    sequences = tokenizer.read(TEXTS)
    assert sequences.ids.dtype == np.int32
    assert sequences.indptr.dtype == np.int64
    rows = np.split(sequences.ids, sequences.indptr[1:-1])
    named = [[tokenizer.pieces[number] for number in row] for row in rows]
    assert named[:2] == [["bank", "##s", "rise"], []]
    assert named[2] == ["the", "[UNK]", ",", "again", "?"]
    assert named[3] == ["[SEP]", "a", "cup"]  # as transformers does
    assert named[4] == ["[UNK]"]
    assert named[5] == ["a"] * 40


def test_arrow_arrays_and_slices_of_them_are_read_alike(content: bytes) -> None:
    tokenizer = Tokenizer(content)
    column = pa.array(["x", *TEXTS, "y"], pa.large_string())
    for texts in (column.slice(1, len(TEXTS)), pa.chunked_array([column.slice(1, len(TEXTS))])):
        for mine, other in zip(tokenizer.read(texts), tokenizer.read(TEXTS), strict=True):
            assert (mine == other).all()


def test_no_texts_give_no_rows(content: bytes) -> None:
    for texts in ([], pa.array([], pa.large_string())):
        sequences = Tokenizer(content).read(texts)
        assert sequences.n == 0
        assert sequences.ids.dtype == np.int32


def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="Text 1 is of type int"):
        Tokenizer(content).read(["a", 3])  # type: ignore[list-item]


@pytest.mark.parametrize(("n_texts", "n_bytes"), [(2, 1 << 20), (100, 12), (100, 1), (1, 1)])
def test_runs_do_not_change_what_is_read(
    content: bytes, monkeypatch: pytest.MonkeyPatch, n_texts: int, n_bytes: int
) -> None:
    tokenizer = Tokenizer(content)
    whole = tokenizer.read(TEXTS)
    monkeypatch.setattr(module, "_CHUNK_TEXTS", n_texts)
    monkeypatch.setattr(module, "_CHUNK_BYTES", n_bytes)
    column = pa.array(TEXTS, pa.large_string())
    runs = list(module._chunks(column))
    assert [start for start, _ in runs] == [0, *(stop for _, stop in runs[:-1])]
    assert runs[-1][1] == len(TEXTS)
    assert all(0 < stop - start <= n_texts for start, stop in runs)
    parted = tokenizer.read(TEXTS)
    assert (parted.indptr == whole.indptr).all()
    assert (parted.ids == whole.ids).all()


def test_progress_is_told_of_texts(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    class Telling:
        @contextmanager
        def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
            told.append((total, unit))
            yield told.append

    monkeypatch.setattr(module, "_CHUNK_TEXTS", 4)
    Tokenizer(content).read(TEXTS, Telling())
    assert told == [(6, "texts"), 4, 2]


def test_a_failure_while_reading_is_told(content: bytes) -> None:
    values = json.loads(content)
    values["model"]["unk_token"] = "[NONE]"
    with pytest.raises(DataError, match="cannot be used: WordPiece error: Missing"):
        Tokenizer(json.dumps(values).encode()).read(["zebra"])


def test_a_tokenizer_that_makes_nothing_of_a_text_is_refused(content: bytes) -> None:
    values = json.loads(content)
    values["normalizer"] = {"type": "Replace", "pattern": {"Regex": "."}, "content": ""}
    with pytest.raises(DataError, match="of a plain text"):
        Tokenizer(json.dumps(values).encode())


def test_the_extra_is_named_where_the_library_is_missing(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtraError, match=r"newsdesk\[encoders\]"):
        Tokenizer(content)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads as Linux does")
@pytest.mark.parametrize("asked", ["1", "3"])
def test_threads_are_as_many_as_asked_for(content: bytes, tmp_path: Path, asked: str) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)
    code = """
import os, sys
from pathlib import Path
from newsdesk.models.neural.encoders.tokenizer import Tokenizer
tokenizer = Tokenizer(Path(sys.argv[1]).read_bytes())
before = len(os.listdir("/proc/self/task"))
tokenizer.read(["bank", "rate"])
print(len(os.listdir("/proc/self/task")) - before, "RAYON_NUM_THREADS" in os.environ)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "tokenizer.json")]
    unset = ("RAYON_NUM_THREADS", "TOKENIZERS_PARALLELISM")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        command,
        env=environment | {"NEWSDESK_THREADS": asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [asked, "False"]
