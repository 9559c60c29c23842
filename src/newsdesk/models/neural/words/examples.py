"""Sequences of words as networks take them while they train."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from newsdesk.features.sequences import Sequences
from newsdesk.types import Indices

__all__ = ["WordExamples"]


@dataclass(frozen=True, eq=False)
class WordExamples:
    """Documents as word ids; see `newsdesk.models.neural.examples.Examples`.

    Parameters
    ----------
    sequences : Sequences
        n documents of one word at least.
    y : Indices
        Class indices, shape ``(n,)``.
    """

    sequences: Sequences
    y: Indices

    @cached_property
    def lengths(self) -> Indices:
        """Words of each document, shape ``(n,)``."""
        return self.sequences.lengths

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Word ids of some documents, filled up behind to the longest, and their lengths.

        Parameters
        ----------
        rows : Indices
            Which, shape ``(b,)``.
        device : torch.device
            Where they are to lie.

        Returns
        -------
        tuple[Tensor, ...]
            Ids, shape ``(b, t)``, and lengths, shape ``(b,)``.
        """
        ids = torch.from_numpy(self.sequences.take(rows).rectangle())
        return ids.to(device, torch.long), torch.from_numpy(self.lengths[rows]).to(device)
