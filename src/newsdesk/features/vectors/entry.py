"""The files that a vector file is converted to."""

from __future__ import annotations

from pathlib import Path

import msgspec

from newsdesk.errors import StorageError

__all__ = [
    "FACTS",
    "FORMAT",
    "HASHES",
    "MATRIX",
    "MEAN",
    "OFFSETS",
    "ROWS",
    "WORDS",
    "Facts",
    "read_facts",
    "rows_of_block",
]

FORMAT = 1
"""Raised when the files below change."""
FACTS = "vectors.json"
"""Tells of the other files; written last."""
MATRIX = "matrix.f32"
"""The vectors, in the order of the vector file, shape ``(n, dim)``."""
WORDS = "words.utf8"
"""The words one behind the other, in the same order."""
OFFSETS = "offsets.i64"
"""Where each word begins, and the end of the last; shape ``(n + 1,)``."""
HASHES = "hashes.u64"
"""Hashes of the words, ascending, shape ``(n,)``."""
ROWS = "rows.i64"
"""The row of each hash, shape ``(n,)``."""
MEAN = "mean.f32"
"""The mean vector, shape ``(dim,)``."""

_BLOCK_BYTES = 8 << 20


class Facts(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the converted files say of themselves."""

    format: int
    """`FORMAT` of the program that wrote them."""
    n: int
    """Number of words, all distinct."""
    dim: int
    """Numbers of a vector."""
    notes: list[str]
    """What was left out, as sentences."""
    sizes: dict[str, int]
    """Bytes of each file."""


def read_facts(folder: Path) -> Facts | None:
    """Read what a converted vector file says of itself.

    Parameters
    ----------
    folder : Path
        Where it was converted to.

    Returns
    -------
    Facts | None
        None where the folder is not whole or of another format.

    Raises
    ------
    StorageError
        If the folder cannot be read.
    """
    try:
        facts = msgspec.json.decode((folder / FACTS).read_bytes(), type=Facts)
        sizes = {name: (folder / name).stat().st_size for name in facts.sizes}
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    except OSError as error:
        problem = f"{folder} cannot be read: {error.strerror or error}."
        raise StorageError(problem, remedy="Check its permissions, or remove it.") from error
    return facts if facts.format == FORMAT and sizes == facts.sizes else None


def rows_of_block(dim: int) -> int:
    """How many vectors are read at a time where all of them are.

    Parameters
    ----------
    dim : int
        Numbers of a vector.

    Returns
    -------
    int
        As many as 8 MiB hold, at least 1.
    """
    return max(1, _BLOCK_BYTES // (4 * dim))
