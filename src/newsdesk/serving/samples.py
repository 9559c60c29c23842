"""Texts with known labels that the page offers to try a model on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import msgspec

from newsdesk.errors import ConfigError

__all__ = ["Sample", "Samples"]

_LABEL, _ID = "label", "id"


class Sample(msgspec.Struct, frozen=True):
    """A text that a model may not have learnt, and its label."""

    id: str
    fields: dict[str, str]
    label: str


class Samples:
    """A table of samples.

    Parameters
    ----------
    samples : Sequence[Sample]
        At least one.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self._random = random.Random()  # noqa: S311  which headline is shown is no secret

    def __len__(self) -> int:
        return len(self._samples)

    def draw(self) -> Sample:
        """Draw one at random."""
        return self._random.choice(self._samples)

    @classmethod
    def read(cls, path: Path) -> Samples:
        """Read a table.

        Parameters
        ----------
        path : Path
            Any table; one column ``label``, perhaps ``id``, all others are fields.

        Returns
        -------
        Samples
            Its rows that have a text and a label.

        Raises
        ------
        ConfigError
            If it has no column ``label``, no field, or no row.
        DataError
            If it cannot be read.
        """
        from newsdesk.data import tables

        table = tables.read(str(path), on_bad_row="skip").table
        names = [name for name in table.column_names if name not in (_LABEL, _ID)]
        if _LABEL not in table.column_names or not names:
            problem = f"{path} has the columns {', '.join(table.column_names)}."
            remedy = "Samples need a column label and one or more columns of text."
            raise ConfigError(problem, remedy=remedy)
        found = []
        for position, row in enumerate(table.to_pylist()):
            fields = {name: str(row[name]) for name in names if row[name] not in (None, "")}
            if fields and row[_LABEL]:
                found.append(Sample(str(row.get(_ID) or position), fields, str(row[_LABEL])))
        if not found:
            problem = f"{path} has no row with a text and a label."
            raise ConfigError(problem, remedy="Name another table (--samples FILE).")
        return cls(found)
