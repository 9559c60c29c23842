"""Loops that are compiled to machine code when they are first called: the numba room.

Machine code is kept on the disk and made anew when the file of the kernel changes; changes of other
files are not seen. So the liberties and the inlined parts of a kernel stand in its own file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

__all__ = ["compiled", "inlined"]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(*, fastmath: bool | set[str] = False) -> Callable[[Kernel], Kernel]:
    """Make a decorator for a kernel that runs without the interpreter's lock.

    Parameters
    ----------
    fastmath : bool | set[str]
        Liberties that LLVM may take with floating point: all of them, none, or those named as in
        the LLVM language reference, "Fast-Math Flags".

    Returns
    -------
    Callable[[Kernel], Kernel]
        The decorator.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": fastmath}

    def compile_lazily(kernel: Kernel) -> Kernel:
        try:
            ready: Kernel = numba.njit(cache=True, **options)(kernel)
        except RuntimeError:
            # Nowhere to keep compiled code (a read-only installation): compile in every process.
            ready = numba.njit(**options)(kernel)
        return ready

    return compile_lazily


def inlined(part: Kernel) -> Kernel:
    """Make a function that is compiled into the kernels that call it.

    Parameters
    ----------
    part : Kernel
        The function.

    Returns
    -------
    Kernel
        To be called by kernels alone.
    """
    ready: Any = numba.njit(inline="always")(part)
    return ready  # type: ignore[no-any-return]  # numba's type hides the function's
