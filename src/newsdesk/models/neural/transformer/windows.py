"""Texts as the windows that an encoder reads one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from newsdesk.errors import ConfigError
from newsdesk.features.csr import take_rows
from newsdesk.features.sequences import Sequences
from newsdesk.types import Bools, Indices

__all__ = ["Cutter", "Windows"]


class Windows(NamedTuple):
    """n texts, of one window at least."""

    indptr: Indices
    """Shape ``(n + 1,)``: text i owns the windows ``indptr[i]`` to ``indptr[i + 1] - 1``."""
    sequences: Sequences
    """Pieces of m windows, special ones among them."""
    n_pieces: Indices
    """Pieces of each text without special ones, shape ``(n,)``."""
    n_unread: Indices
    """Those that stand in no window, shape ``(n,)``."""

    @property
    def n(self) -> int:
        """Number of texts."""
        return len(self.indptr) - 1

    @property
    def blank(self) -> Bools:
        """Texts without a piece, shape ``(n,)``."""
        empty: Bools = self.n_pieces == 0
        return empty

    @property
    def lengths(self) -> Indices:
        """Pieces in all windows of each text, shape ``(n,)``."""
        ends = self.sequences.indptr[self.indptr]
        return ends[1:] - ends[:-1]

    def take(self, rows: Indices) -> Windows:
        """Choose texts.

        Parameters
        ----------
        rows : Indices
            Positions in any order, shape ``(m,)``.

        Returns
        -------
        Windows
            m texts in that order.
        """
        indptr, windows = take_rows(self.indptr, rows)
        sequences = self.sequences.take(windows)
        return Windows(indptr, sequences, self.n_pieces[rows], self.n_unread[rows])

    def sentence(self) -> str:
        """Tell what is not read.

        Returns
        -------
        str
            One sentence.
        """
        share = self.n_unread.sum() / max(self.n_pieces.sum(), 1)
        n_cut = int(np.count_nonzero(self.n_unread))
        n_split = int(np.count_nonzero(np.diff(self.indptr) > 1))
        return (
            f"{share:.1%} of the word pieces stand behind the last window and are not read "
            f"({_texts(n_cut)}), {_texts(n_split)} {'has' if n_split == 1 else 'have'} several "
            "windows."
        ).replace("%", " %")


class Cutter(NamedTuple):
    """Cuts texts into windows that overlap."""

    prefix: tuple[int, ...]
    """Numbers of the special pieces before a window."""
    suffix: tuple[int, ...]
    """Numbers of the special pieces behind it."""
    max_tokens: int
    """Pieces of a window, special ones included."""
    stride: int
    """Pieces that two neighbouring windows have in common, but no more than half of their room."""
    max_windows: int
    """Windows of a text at the most."""

    @property
    def room(self) -> int:
        """Pieces of the text that a window holds.

        Raises
        ------
        ConfigError
            If the special pieces leave none.
        """
        n_special = len(self.prefix) + len(self.suffix)
        if n_special >= self.max_tokens:
            problem = f"max_tokens is {self.max_tokens}, of which {n_special} are special pieces."
            raise ConfigError(problem, remedy=f"Set max_tokens to more than {n_special}.")
        return self.max_tokens - n_special

    def cut(self, texts: Sequences) -> Windows:
        """Cut texts.

        Parameters
        ----------
        texts : Sequences
            Pieces of n texts, without special ones.

        Returns
        -------
        Windows
            n texts.

        Examples
        --------
        >>> texts = Sequences(np.array([0, 6, 7]), np.array([1, 2, 3, 4, 5, 6, 1], dtype=np.int32))
        >>> windows = Cutter((8,), (9,), max_tokens=5, stride=1, max_windows=2).cut(texts)
        >>> windows.sequences.rectangle().tolist()
        [[8, 1, 2, 3, 9], [8, 3, 4, 5, 9], [8, 1, 9, 0, 0]]
        >>> windows.indptr.tolist(), windows.n_unread.tolist()
        ([0, 2, 3], [1, 0])
        """
        room, lengths = self.room, texts.lengths
        step = room - min(self.stride, room // 2)
        n_more = -(-np.maximum(lengths - room, 0) // step)
        n_windows = np.minimum(1 + n_more, self.max_windows)
        indptr = _ends(n_windows)
        text = np.arange(texts.n).repeat(n_windows)
        first = (np.arange(indptr[-1]) - indptr[text]) * step
        last = np.minimum(first + room, lengths[text])
        n_unread = lengths - last[indptr[1:] - 1]
        sequences = self._around(texts, texts.indptr[text] + first, last - first)
        return Windows(indptr, sequences, lengths, n_unread)

    def _around(self, texts: Sequences, first: Indices, lengths: Indices) -> Sequences:
        """Put the special pieces around stretches of the texts."""
        within = np.arange(lengths.sum()) - _ends(lengths)[:-1].repeat(lengths)
        ids = texts.ids[first.repeat(lengths) + within]
        return Sequences(_ends(lengths), ids).framed(self.prefix, self.suffix)


def _ends(lengths: Indices) -> Indices:
    found = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=found[1:])
    return found


def _texts(n: int) -> str:
    return f"{n:,} text" if n == 1 else f"{n:,} texts"
