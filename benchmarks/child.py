"""Processes of their own, so that a measured peak of memory is of one system alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, ParamSpec, TypeVar

__all__ = ["child", "environment", "in_child"]

P = ParamSpec("P")
T = TypeVar("T")


def in_child(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Call a function in a fresh process.

    On Linux a process inherits the peak of memory of the one that started it, so a benchmark that
    measures peaks must load nothing heavy itself.

    Parameters
    ----------
    function : Callable[P, T]
        Defined at the top of a module.
    *arguments : P.args
        For it.
    **options : P.kwargs
        For it.

    Returns
    -------
    T
        What it gave.
    """
    with child() as ask:
        found: T = ask(function, *arguments, **options)
        return found


@contextmanager
def child() -> Iterator[Callable[..., Any]]:
    """Start a fresh process that is asked more than once, and remembers what it has loaded.

    Yields
    ------
    Callable[..., Any]
        Calls a function there, as `in_child` does.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda *asked, **options: pool.submit(*asked, **options).result()


@contextmanager
def environment(**variables: str | None) -> Iterator[None]:
    """Set environment variables for a while.

    Parameters
    ----------
    **variables : str | None
        Their values; None removes one.

    Yields
    ------
    None
        While they are set.
    """
    before = {name: os.environ.get(name) for name in variables}
    try:
        _set(variables)
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
