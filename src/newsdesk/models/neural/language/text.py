"""What a language model reads: documents dealt anew in every epoch, or joined to one stream."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from newsdesk.features.sequences import Sequences
from newsdesk.types import Indices

__all__ = ["Stream", "Text"]


class Text(Protocol):
    """What a language model reads, in pieces."""

    @property
    def lengths(self) -> Indices:
        """Words to predict in each piece, shape ``(n,)``."""
        ...

    def deal(self, epoch: int) -> list[Indices]:
        """Deal the pieces to the batches of an epoch.

        Parameters
        ----------
        epoch : int
            From 1 on; 0 is the order of measuring. As many batches in every epoch.

        Returns
        -------
        list[Indices]
            Pieces of each batch.
        """
        ...

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Make what the network is called with for some of the pieces.

        Parameters
        ----------
        rows : Indices
            As `deal` gave them last.
        device : torch.device
            Where it is to lie.

        Returns
        -------
        tuple[Tensor, ...]
            The arguments.
        """
        ...


class _Dealt(NamedTuple):
    """The documents of one epoch side by side."""

    epoch: int
    ids: NDArray[np.int32]
    """Shape ``(b, lookback + n_windows * t + 1)``."""


class Stream:
    """Documents behind one another, cut to strips that are read side by side, window by window.

    Each epoch shuffles the documents. A separator stands before each. The stream is cut to b strips
    of one length; what is left over at its end is not read in that epoch.

    Parameters
    ----------
    sequences : Sequences
        Word ids of n documents.
    separator : int
        Id of the separator.
    strips : int
        Strips b at most; there are fewer where they would be shorter than a window.
    window : int
        Words t to predict in a window.
    lookback : int
        Further words that are given before a window.
    seed : int
        Of the order of the documents.
    backwards : bool
        Whether each document is read from its end.
    """

    def __init__(
        self,
        sequences: Sequences,
        separator: int,
        *,
        strips: int,
        window: int,
        lookback: int = 0,
        seed: int = 0,
        backwards: bool = False,
    ) -> None:
        read = sequences.reversed() if backwards else sequences
        framed = self._sequences = read.framed([separator], [])
        self._separator, self._lookback, self._seed = separator, lookback, seed
        n_tokens = len(framed.ids)
        self.strips = max(1, min(strips, n_tokens // (window + 1)))
        self.window = min(window, max(n_tokens - 1, 1))
        self.n_windows = max(1, (n_tokens - 1) // (self.strips * self.window))
        self._dealt: _Dealt | None = None

    @property
    def n_tokens(self) -> int:
        """Words to predict in an epoch."""
        return self.strips * self.window * self.n_windows

    @property
    def lengths(self) -> Indices:
        """Words to predict in each window, shape ``(n_windows,)``."""
        return np.full(self.n_windows, self.strips * self.window, dtype=np.int64)

    def deal(self, epoch: int) -> list[Indices]:
        """Put the documents in order; see `Text.deal`. Each batch is a window of all strips."""
        if self._dealt is None or self._dealt.epoch != epoch:
            self._dealt = _Dealt(epoch, self._strips(epoch))
        return list(np.arange(self.n_windows)[:, None])

    def _strips(self, epoch: int) -> NDArray[np.int32]:
        sequences = self._sequences
        if epoch:
            rng = np.random.default_rng([self._seed, epoch])
            sequences = sequences.take(rng.permutation(sequences.n))
        length = self.n_windows * self.window
        ids = np.full(self._lookback + self.strips * length + 1, self._separator, dtype=np.int32)
        read = sequences.ids[: self.strips * length + 1]
        ids[self._lookback : self._lookback + len(read)] = read
        wide = self._lookback + length + 1
        return np.stack([ids[row * length : row * length + wide] for row in range(self.strips)])

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Give one window; see `Text.batch`.

        Parameters
        ----------
        rows : Indices
            The window's number, shape ``(1,)``.
        device : torch.device
            Where it is to lie.

        Returns
        -------
        tuple[Tensor, ...]
            Word ids, shape ``(b, lookback + t)``; the words that follow the last t of them, shape
            ``(b, t)``; and whether it is the first window, shape ``()``.
        """
        assert self._dealt is not None, "deal comes first"
        begin = int(rows[0]) * self.window
        end = begin + self._lookback + self.window
        ids = torch.from_numpy(self._dealt.ids[:, begin:end].astype(np.int64))
        first = begin + self._lookback + 1
        following = self._dealt.ids[:, first : first + self.window].astype(np.int64)
        fresh = torch.tensor(begin == 0)
        return ids.to(device), torch.from_numpy(following).to(device), fresh
