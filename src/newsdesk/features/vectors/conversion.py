"""From a vector file to the files that are used from the disk."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import DataError
from newsdesk.features.vectors.binary import read_binary
from newsdesk.features.vectors.entry import (
    FACTS,
    FORMAT,
    HASHES,
    MATRIX,
    MEAN,
    OFFSETS,
    ROWS,
    WORDS,
    Facts,
    rows_of_block,
)
from newsdesk.features.vectors.formats import HEAD_BYTES, Layout, detect
from newsdesk.features.vectors.source import opened
from newsdesk.features.vectors.text import read_text
from newsdesk.features.vectors.wordlist import WordList, first_of_each, select
from newsdesk.types import Bools, Floats, Progress

__all__ = ["convert"]


def convert(path: Path, folder: Path, *, progress: Progress) -> None:
    """Read a vector file once, in pieces, and write its vectors and an index of its words.

    Vectors go to the disk as they are read; words stay in memory until the end, at some 30 bytes
    each. All numbers are written with the least significant byte first. Of a word that stands in
    the file more than once the first vector counts.

    Parameters
    ----------
    path : Path
        The vector file.
    folder : Path
        An empty folder.
    progress : Progress
        Told of the bytes read.

    Raises
    ------
    DataError
        If the file is none of word vectors, or damaged.
    """
    gathered = WordList()
    with opened(path, progress=progress) as source, (folder / MATRIX).open("wb") as matrix:
        layout = detect(source.peek(HEAD_BYTES), source.name)
        source.drop(layout.skip)
        read = read_text if layout.kind == "text" else read_binary
        for block in read(source, layout):
            kept = gathered.add(block)
            matrix.write(block.vectors[: block.n][kept].data)
    words, hashes = gathered.joined()
    if not len(hashes):
        problem = f"{path} holds no word with a vector."
        raise DataError(problem, remedy="Give a GloVe, word2vec or fastText file of word vectors.")
    first = first_of_each(words, hashes)
    if not first.all():
        _keep_rows(folder / MATRIX, first, layout.dim)
    kept_words, kept_hashes = select(words, first), hashes[first]
    order = np.argsort(kept_hashes, kind="stable")
    arrays: dict[str, tuple[NDArray[np.generic], str]] = {
        WORDS: (kept_words.data, "u1"),
        OFFSETS: (kept_words.offsets, "<i8"),
        HASHES: (kept_hashes[order], "<u8"),
        ROWS: (order, "<i8"),
        MEAN: (_mean(folder / MATRIX, layout.dim), "<f4"),
    }
    for name, (values, kind) in arrays.items():
        (folder / name).write_bytes(values.astype(kind).tobytes())
    sizes = {name: (folder / name).stat().st_size for name in (MATRIX, *arrays)}
    notes = _notes(gathered, layout, n_again=len(first) - len(order))
    facts = Facts(FORMAT, len(order), layout.dim, notes, sizes)
    (folder / FACTS).write_bytes(msgspec.json.encode(facts))


def _keep_rows(matrix: Path, kept: Bools, dim: int) -> None:
    """Move the rows that are kept to the front of the file, and cut off the rest."""
    n_rows = rows_of_block(dim)
    with matrix.open("rb+") as file:
        end = 0
        for first in range(0, len(kept), n_rows):
            file.seek(4 * dim * first)
            block = np.frombuffer(file.read(4 * dim * n_rows), dtype="<f4").reshape(-1, dim)
            file.seek(end)
            end += file.write(block[kept[first : first + n_rows]].data)
        file.truncate(end)


def _mean(matrix: Path, dim: int) -> Floats:
    total, n = np.zeros(dim), 0
    with matrix.open("rb") as file:
        while data := file.read(4 * dim * rows_of_block(dim)):
            block = np.frombuffer(data, dtype="<f4").reshape(-1, dim)
            total += block.sum(axis=0, dtype=np.float64)
            n += len(block)
    return (total / n).astype(np.float32)


def _notes(gathered: WordList, layout: Layout, *, n_again: int) -> list[str]:
    notes = []
    if layout.n is not None and gathered.n_read > layout.n:
        promised = f"the header promises {layout.n:,} vectors"
        notes.append(f"{promised}, and the file holds {gathered.n_read:,}: all are read")
    counts = (
        (n_again, "of a word that stood before", "of words that stood before"),
        (gathered.n_undecodable, "of a word in no valid UTF-8", "of words in no valid UTF-8"),
        (gathered.n_empty, "of an empty word", "of empty words"),
    )
    for count, one, several in counts:
        if count:
            what = f"1 vector {one} is" if count == 1 else f"{count:,} vectors {several} are"
            notes.append(f"{what} left out")
    return notes
