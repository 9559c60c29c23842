"""The versions that the bits of a training depend on."""

from __future__ import annotations

from importlib.metadata import version

from newsdesk._version import __version__

__all__ = ["versions"]


def versions() -> tuple[str, ...]:
    """Versions of newsdesk, torch and numpy.

    Returns
    -------
    tuple[str, ...]
        In this order.
    """
    return __version__, version("torch"), version("numpy")
