"""The settings of family ``linear``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from newsdesk.models.hashed.params import HashedParams

__all__ = ["LinearParams"]


@dataclass(frozen=True)
class LinearParams(HashedParams):
    """Settings of family ``linear``."""

    family: ClassVar[str] = "linear"
