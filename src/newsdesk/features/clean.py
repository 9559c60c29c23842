"""Cleaning changes one text; it happens inside the bundle, always, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.types import Documents

__all__ = ["Cleaner"]


@dataclass(frozen=True)
class Cleaner:
    """The text steps of a bundle; its fields are saved with it.

    Parameters
    ----------
    max_chars : int
        A longer text is cut behind this many code points. The limit keeps one runaway document
        from costing what thousands do; offsets of what is kept do not change.
    """

    max_chars: int = 1_000_000

    def apply(self, text: str) -> str:
        """Clean one text.

        Parameters
        ----------
        text : str
            Raw text.

        Returns
        -------
        str
            Clean text.

        Examples
        --------
        >>> Cleaner(max_chars=5).apply("Rates rise")
        'Rates'
        """
        return text[: self.max_chars]

    def apply_all(self, documents: Documents) -> Documents:
        """Clean every field of every document, as `apply` does.

        Parameters
        ----------
        documents : Documents
            Raw documents.

        Returns
        -------
        Documents
            Clean documents; the same object when nothing changes.
        """
        fields = dict(documents.fields)
        for name, column in documents.fields.items():
            if _longest_bytes(column, self.max_chars) > self.max_chars:
                fields[name] = pc.utf8_slice_codeunits(column, 0, self.max_chars)
        if all(fields[name] is column for name, column in documents.fields.items()):
            return documents
        return replace(documents, fields=fields)


def _longest_bytes(column: pa.LargeStringArray, enough: int) -> int:
    """Upper bound of the code points of any text, from the bytes, which are at least as many.

    Where all texts together have no more bytes than `enough`, no single one is looked at.
    """
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)
    first = column.offset
    total = int(offsets[first + len(column)] - offsets[first]) if len(column) else 0
    return total if total <= enough else int(pc.max(pc.binary_length(column)).as_py())
