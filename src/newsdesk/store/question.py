"""What a journal answers: two runs with the same question have the same answer."""

from __future__ import annotations

import hashlib
import platform
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Generic, Self, TypeVar

import msgspec

from newsdesk._version import __version__

__all__ = ["Asked", "Fit", "versions"]

Fit = TypeVar("Fit")


@dataclass(frozen=True)
class Asked(ABC, Generic[Fit]):
    """Everything that the fits of a journal depend on, in plain values; a frozen dataclass."""

    @property
    def digest(self) -> str:
        """Sha256 of the question, hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def differences(self, other: Self) -> list[str]:
        """Say in what two questions differ.

        Parameters
        ----------
        other : Self
            Another one.

        Returns
        -------
        list[str]
            Names of what differs.
        """
        mine, others = msgspec.to_builtins(self), msgspec.to_builtins(other)
        # Plain values as JSON gives them back: a list and a tuple say the same.
        encode = msgspec.json.encode
        return [
            item.name
            for item in fields(self)
            if encode(mine[item.name], order="sorted") != encode(others[item.name], order="sorted")
        ]

    @abstractmethod
    def place(self, fit: Fit) -> Hashable | None:
        """Say which of the fits that are asked for one is.

        Parameters
        ----------
        fit : Fit
            A fit of a journal.

        Returns
        -------
        Hashable | None
            Its place; None where it is no fit of this question, or one that cannot be.
        """


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """Versions of newsdesk, Python and the libraries that compute.

    Parameters
    ----------
    libraries : Iterable[str]
        Names of distributions.

    Returns
    -------
    dict[str, str]
        By name; without those that are not installed.
    """
    found = {"newsdesk": __version__, "python": platform.python_version()}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
