"""Texts to the word pieces of an encoder (the room of tokenizers)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from newsdesk import optional
from newsdesk.config import n_threads
from newsdesk.errors import DataError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.foreign import REMEDY
from newsdesk.types import Progress, Silent, string_array

__all__ = ["Tokenizer", "canonical"]

_CHUNK_TEXTS = 4096
_CHUNK_BYTES = 1 << 20
"""The library takes some 200 bytes for a piece, of which a text has one in every four bytes."""
_VARIABLE = "RAYON_NUM_THREADS"


def canonical(content: bytes, *, where: str) -> bytes:
    """Write a ``tokenizer.json`` anew, without the lengths that it cuts and fills texts to.

    Files hold what their last use asked for: that of all-MiniLM-L6-v2 cuts at 128 pieces and fills
    up to them, though the encoder reads 256.

    Parameters
    ----------
    content : bytes
        As it was found.
    where : str
        The file, for the error text.

    Returns
    -------
    bytes
        The same for the same tokenizer, however it was indented.

    Raises
    ------
    DataError
        If it is no JSON object.

    Examples
    --------
    >>> canonical(b'{"version": "1.0", "padding": {}}', where="tokenizer.json")
    b'{"version":"1.0","padding":null,"truncation":null}'
    """
    try:
        values = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = f"{where} is damaged: {str(error).rstrip('.')}."
        raise DataError(problem, remedy=REMEDY) from error
    return msgspec.json.encode(values | {"truncation": None, "padding": None})


class Tokenizer:
    """Cuts texts into word pieces and numbers them.

    Parameters
    ----------
    content : bytes
        A ``tokenizer.json`` as `canonical` gives it.

    Raises
    ------
    DataError
        If the library cannot read it, or it makes no pieces of a plain text.
    MissingExtraError
        If the library is not installed.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        library = optional.load("tokenizers", extra="encoders")
        with _translated():
            self._tokenizer: Any = library.Tokenizer.from_buffer(content)
            whole = self._tokenizer.encode("a text")
        numbers = self._tokenizer.get_vocab(with_added_tokens=True).values()
        self.n_pieces: int = max((*numbers, *whole.ids), default=-1) + 1
        """One more than the highest number of a piece, special ones included."""
        plain = np.flatnonzero(np.array(whole.special_tokens_mask) == 0)
        if not len(plain) or plain[-1] - plain[0] + 1 != len(plain):
            problem = f"tokenizer.json makes {whole.tokens} of a plain text."
            raise DataError(problem, remedy=REMEDY)
        self.prefix: tuple[int, ...] = tuple(whole.ids[: plain[0]])
        """Numbers of the special pieces before a text."""
        self.suffix: tuple[int, ...] = tuple(whole.ids[plain[-1] + 1 :])
        """Numbers of the special pieces behind a text."""
        # This way leaves out at which characters pieces begin and end, and is faster.
        self._encode = self._tokenizer.encode_batch_fast

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Names of the pieces by number; empty where a number has none."""
        numbers = self._tokenizer.get_vocab(with_added_tokens=True)
        names = {number: name for name, number in numbers.items()}
        return tuple(names.get(number, "") for number in range(self.n_pieces))

    def read(
        self, texts: pa.LargeStringArray | Sequence[str], progress: Progress | None = None
    ) -> Sequences:
        """Cut texts into pieces.

        Parameters
        ----------
        texts : pa.LargeStringArray | Sequence[str]
            n texts.
        progress : Progress | None
            Told of texts.

        Returns
        -------
        Sequences
            Numbers of the pieces of n texts: all of them, without special ones around.

        Raises
        ------
        DataError
            If the library fails.
        """
        column = string_array(texts)
        _start_threads()
        parts = []
        with (progress or Silent()).task("word pieces", len(column), "texts") as done:
            for start, stop in _chunks(column):
                chunk = column.slice(start, stop - start).to_pylist()
                with _translated():
                    encoded = self._encode(chunk, add_special_tokens=False)
                indptr = np.zeros(len(encoded) + 1, dtype=np.int64)
                np.cumsum([len(one) for one in encoded], out=indptr[1:])
                ids = chain.from_iterable(one.ids for one in encoded)
                parts.append(Sequences(indptr, np.fromiter(ids, np.int32, count=indptr[-1])))
                done(stop - start)
        return Sequences.concat(parts)


@cache
def _start_threads() -> None:
    """Give the library as many threads as the rest of the house.

    It starts them once in a process, at the first batch, and asks the environment alone how many;
    so the variable is set for that moment, and only where the user has not.
    """
    if _VARIABLE in os.environ or "NEWSDESK_THREADS" not in os.environ:
        return
    library = optional.load("tokenizers", extra="encoders")
    words = library.models.WordLevel({"word": 0}, unk_token="word")  # noqa: S106  no password
    os.environ[_VARIABLE] = str(n_threads())
    try:
        library.Tokenizer(words).encode_batch(["word", "word"])
    finally:
        del os.environ[_VARIABLE]


def _chunks(column: pa.LargeStringArray) -> Iterator[tuple[int, int]]:
    """Part texts into runs of bounded number and size; a longer text is a run of its own."""
    if not len(column):
        return
    offsets = np.frombuffer(column.buffers()[1], np.int64, len(column) + 1, column.offset * 8)
    start = 0
    while start < len(column):
        stop = int(offsets.searchsorted(offsets[start] + _CHUNK_BYTES, side="right")) - 1
        stop = min(max(stop, start + 1), start + _CHUNK_TEXTS, len(column))
        yield start, stop
        start = stop


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the library raises into an error of the house."""
    try:
        yield
    except BaseException as error:
        # It raises bare exceptions, and where its own code fails one that is not even that.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        said = str(error).strip().partition("\n")[0].rstrip(".")
        problem = f"tokenizer.json cannot be used: {said}."
        raise DataError(problem, remedy=REMEDY) from error
