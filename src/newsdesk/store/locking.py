"""Locks on files and folders that end with the process that holds them."""

from __future__ import annotations

from newsdesk.errors import StorageError

__all__ = ["refuse_shared", "try_lock"]


def try_lock(handle: int) -> bool | None:
    """Take a lock if nobody holds it; the kernel frees that of a killed process.

    Parameters
    ----------
    handle : int
        An open file or folder.

    Returns
    -------
    bool | None
        Whether the lock is ours now; None where there are no locks.
    """
    try:
        import fcntl  # not on every system
    except ImportError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None  # a file system without locks
    return True


def refuse_shared(
    handle: int, work: str, *, remedy: str = "Wait for it, or choose another --out."
) -> None:
    """Take a lock, or say that another process is at the same work.

    Parameters
    ----------
    handle : int
        An open file or folder.
    work : str
        What it is doing, such as ``"training for runs/news"``.
    remedy : str
        What to do then.

    Raises
    ------
    StorageError
        If another process holds the lock.
    """
    if try_lock(handle) is False:
        problem = f"Another process is {work}."
        raise StorageError(problem, remedy=remedy)
