"""Files of keys."""

from __future__ import annotations

from pathlib import Path

__all__ = ["read_keys"]


def read_keys(path: Path) -> tuple[str, ...]:
    """Read a file of keys.

    Parameters
    ----------
    path : Path
        One ASCII key per line.

    Returns
    -------
    tuple[str, ...]
        At least one.

    Raises
    ------
    ConfigError
        If it cannot be read, or holds none.
    """
    from newsdesk.errors import ConfigError

    try:
        found = tuple(path.read_text(encoding="ascii").split())
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{path} cannot be read as a file of keys."
        raise ConfigError(problem, remedy="Name a file with one ASCII key per line.") from error
    if not found:
        raise ConfigError(f"{path} holds no key.", remedy="Write one key per line.")
    return found
