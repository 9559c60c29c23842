"""What a network asks of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import nn

__all__ = ["Wishes", "wishes_of"]


@dataclass(frozen=True)
class Wishes:
    """What a network asks of its training; a network without any has the defaults.

    Parameters
    ----------
    rate_factors : Mapping[str, float]
        Share of the learning rate that a weight moves with, by its name in the network; 1 for
        those that are not named (Howard & Ruder 2018, "Universal Language Model Fine-tuning for
        Text Classification", section 3.2: discriminative fine-tuning).
    first_epochs : Mapping[str, int]
        Epoch in which a weight begins to move, by its name; 1 for those that are not named (the
        same, section 3.3: gradual unfreezing). Where weights begin later, so does the schedule.
    exempt : frozenset[str]
        Names of weights that weight decay and penalties leave alone.
    bfloat16 : bool
        Whether mixed bfloat16 is faster for it than float32 on processors that can multiply in it.
    fused : bool
        Whether an update makes one pass over a weight instead of one per term: on processors six
        times as fast for weights that are larger than the cache (PyTorch 2.13, 22 million), with
        other last bits.
    tokens_together : int | None
        Tokens, filling among them, that are measured in one batch at the most; None sets no bound.
    """

    rate_factors: Mapping[str, float] = field(default_factory=dict)
    first_epochs: Mapping[str, int] = field(default_factory=dict)
    exempt: frozenset[str] = frozenset()
    bfloat16: bool = False
    fused: bool = False
    tokens_together: int | None = None


def wishes_of(network: nn.Module) -> Wishes:
    """Ask a network.

    Parameters
    ----------
    network : nn.Module
        May have an attribute ``wishes``.

    Returns
    -------
    Wishes
        What it says, or the defaults.
    """
    found: Wishes = getattr(network, "wishes", None) or Wishes()
    return found
