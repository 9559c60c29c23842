"""Rows that cannot be read: refused, skipped with a count, or set aside in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import msgspec

from newsdesk.data.atomic import replacing
from newsdesk.errors import ConfigError, RowError

__all__ = ["BadRowPolicy", "BadRows", "RejectedRow", "write_quarantine"]

BadRowPolicy = Literal["error", "skip", "quarantine"]
"""What happens on a bad row: stop, drop it with a count, or drop it and write it to a file."""


@dataclass(frozen=True)
class RejectedRow:
    r"""One row that was not read, and why.

    Parameters
    ----------
    file : str
        The table's path, or a name for a table in memory.
    row : int
        Row number, 1-based; the header line of a text file is not counted.
    column : str | None
        Column name, where one column is to blame.
    reason : str
        One sentence.
    raw : str
        The row as it stood in the file; bytes that are no text appear as ``\xNN``.
    """

    file: str
    row: int
    column: str | None
    reason: str
    raw: str = field(default="", repr=False)


class BadRows:
    """Collects rejected rows under one policy.

    Parameters
    ----------
    policy : BadRowPolicy
        ``"error"`` raises at the first bad row; ``"skip"`` and ``"quarantine"`` collect.
    quarantine : Path | None
        Folder for the rejected rows; required by ``"quarantine"``.

    Raises
    ------
    ConfigError
        If the policy is unknown, or its folder is missing.
    """

    def __init__(self, policy: BadRowPolicy, quarantine: Path | None) -> None:
        known = get_args(BadRowPolicy)
        if policy not in known:
            problem = f"There is no way {policy!r} to treat a bad row."
            raise ConfigError(problem, remedy=f"Choose one of: {', '.join(known)}.")
        if policy == "quarantine" and quarantine is None:
            problem = "Bad rows are to be set aside, but no folder is named for them."
            raise ConfigError(problem, remedy="Name a folder with quarantine=.")
        self.policy = policy
        self.folder = quarantine if policy == "quarantine" else None
        self.rejected: list[RejectedRow] = []

    def reject(self, row: RejectedRow) -> None:
        """Apply the policy to one bad row.

        Parameters
        ----------
        row : RejectedRow
            The row.

        Raises
        ------
        RowError
            Under the policy ``"error"``.
        """
        if self.policy == "error":
            remedy = "Mend the row, or let bad rows be skipped or quarantined (on_bad_row)."
            raise RowError(row.reason, remedy=remedy, file=row.file, row=row.row, column=row.column)
        self.rejected.append(row)

    def finish(self) -> None:
        """Write the collected rows to the quarantine folder, where the policy asks for it."""
        if self.folder is not None and self.rejected:
            write_quarantine(self.rejected, self.folder)


def write_quarantine(rejected: Iterable[RejectedRow], folder: Path) -> tuple[Path, ...]:
    """Write rejected rows as JSON-lines, one file ``STEM.rejected.jsonl`` per source file.

    Parameters
    ----------
    rejected : Iterable[RejectedRow]
        The rows.
    folder : Path
        Made when it does not exist; files of the same name are replaced.

    Returns
    -------
    tuple[Path, ...]
        The files written, in order of first appearance.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    by_target: dict[Path, list[RejectedRow]] = {}
    sources: dict[Path, str] = {}
    for row in rejected:
        stem = Path(row.file).stem.replace(" ", "_")
        target = folder / f"{stem}.rejected.jsonl"
        extra = 2
        # Two sources of one stem (a/news.csv, b/news.csv) must not share a file.
        while sources.setdefault(target, row.file) != row.file:
            target = folder / f"{stem}-{extra}.rejected.jsonl"
            extra += 1
        by_target.setdefault(target, []).append(row)
    for target, rows in by_target.items():
        with replacing(target) as temporary:
            temporary.write_bytes(msgspec.json.Encoder().encode_lines(rows))
    return tuple(by_target)
