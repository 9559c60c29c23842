"""Windows of texts as networks take them while they train."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from newsdesk.models.neural.transformer.windows import Windows
from newsdesk.types import Indices

__all__ = ["WindowExamples"]


@dataclass(frozen=True, eq=False)
class WindowExamples:
    """Documents as windows of word pieces; see `newsdesk.models.neural.examples.Examples`.

    Parameters
    ----------
    windows : Windows
        n documents.
    y : Indices
        Class indices, shape ``(n,)``.
    """

    windows: Windows
    y: Indices

    @cached_property
    def lengths(self) -> Indices:
        """Pieces in all windows of each document, shape ``(n,)``."""
        return self.windows.lengths

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """All windows of some documents, filled up behind to the longest.

        Parameters
        ----------
        rows : Indices
            Which, shape ``(b,)``.
        device : torch.device
            Where they are to lie.

        Returns
        -------
        tuple[Tensor, ...]
            Pieces, shape ``(m, t)``, lengths, shape ``(m,)``, and the windows of each document,
            shape ``(b,)``.
        """
        taken = self.windows.take(rows)
        ids = torch.from_numpy(taken.sequences.rectangle())
        lengths = torch.from_numpy(taken.sequences.lengths)
        n_windows = torch.from_numpy(np.diff(taken.indptr))
        return ids.to(device, torch.long), lengths.to(device), n_windows.to(device)
