"""What a reader is given: the bytes of one table under a name, and the wishes for reading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from newsdesk.data.bad_rows import BadRows
from newsdesk.types import Progress

__all__ = ["Content", "Reading"]


@dataclass(frozen=True, eq=False)
class Content:
    """One table before it is read: a file, or bytes that came out of an archive.

    Parameters
    ----------
    name : str
        What errors call it: a path, or ``news.zip/train.csv``.
    suffix : str
        What tells its format, in lower case; ``.csv`` for ``NEWS.CSV.gz``.
    origin : Path | bytes
        Where its bytes are, or the bytes.
    """

    name: str
    suffix: str
    origin: Path | bytes = field(repr=False)

    @property
    def title(self) -> str:
        """Its name without folders, for progress."""
        return PurePosixPath(self.name).name

    def load(self) -> bytes:
        """Fetch the bytes.

        Returns
        -------
        bytes
            All of them.
        """
        return self.origin if isinstance(self.origin, bytes) else self.origin.read_bytes()


@dataclass(frozen=True, eq=False)
class Reading:
    """One act of reading: what was asked for, and where bad rows go.

    Parameters
    ----------
    bad_rows : BadRows
        Takes the rows that cannot be read.
    max_field_bytes : int
        A longer text (in UTF-8) makes its row a bad row.
    progress : Progress
        Told of the bytes read.
    encoding : str | None
        Python's name of the encoding of text; None to find it.
    delimiter : str | None
        Delimiter of CSV, one character; None to find it.
    """

    bad_rows: BadRows
    max_field_bytes: int
    progress: Progress
    encoding: str | None = None
    delimiter: str | None = None

    def too_long(self, text: str) -> str | None:
        """Say that a text is too long to be read.

        Parameters
        ----------
        text : str
            Valid Unicode.

        Returns
        -------
        str | None
            The reason, without full stop; None where the text may be read.
        """
        # UTF-8 takes at most four bytes for a character, so most texts need no encoding to know.
        if len(text) * 4 <= self.max_field_bytes:
            return None
        size = len(text.encode())
        return self.excess(size) if size > self.max_field_bytes else None

    def excess(self, size_bytes: int) -> str:
        """Say that so many bytes are too many.

        Parameters
        ----------
        size_bytes : int
            Length of a text.

        Returns
        -------
        str
            The reason, without full stop.
        """
        most = f"more than the {self.max_field_bytes:,} that are read"
        return f"the text has {size_bytes:,} bytes, {most}"
