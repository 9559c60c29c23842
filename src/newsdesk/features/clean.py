"""Cleaning changes one text; it happens inside the bundle, always, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.features.alignment import Alignment, chain, follow
from newsdesk.features.steps import STEPS, Step, load_repair
from newsdesk.types import Documents

__all__ = ["Cleaner"]


@dataclass(frozen=True)
class Cleaner:
    """The text steps of a bundle; its fields are saved with it.

    Steps are off unless asked for, and are taken in the order of the parameters.

    Parameters
    ----------
    max_chars : int
        A longer text is cut behind this many code points, at least 1, before anything else. The
        limit keeps one runaway document from costing what thousands do.
    repair : bool
        Text that was decoded in a wrong encoding is decoded anew ("sÃ³" becomes "só"), and composed
        canonically (NFC). Needs the extra ``repair``.
    html : bool
        Tags, comments, scripts and style sheets are left out, entities become their characters.
    urls : bool
        Web addresses become ``xxurl``, e-mail addresses ``xxemail``.
    numbers : bool
        Numbers that stand alone become ``xxmoney``, ``xxpercent``, ``xxtime``, ``xxordinal``,
        ``xxyear`` or ``xxnumber``.
    lower : bool
        Letters become lower case, as by `str.lower`.
    ascii : bool
        Characters outside ASCII are left out. It mutilates every language but English.

    Raises
    ------
    ConfigError
        If `max_chars` is below 1.
    MissingExtraError
        If `repair` is asked for and its library is not installed.

    Examples
    --------
    >>> Cleaner(html=True, numbers=True).apply("<p>Up 5 % &amp; more</p>")
    ' Up xxpercent & more '
    """

    max_chars: int = 1_000_000
    repair: bool = False
    html: bool = False
    urls: bool = False
    numbers: bool = False
    lower: bool = False
    ascii: bool = False

    def __post_init__(self) -> None:
        if self.max_chars < 1:
            problem = f"The cleaner's max_chars is {self.max_chars}."
            raise ConfigError(problem, remedy="Give a whole number from 1 on.")
        if self.repair:
            load_repair()  # nobody should learn after training that a library is missing

    @classmethod
    def of(cls, names: Iterable[str]) -> Cleaner:
        """Switch steps on by their names.

        Parameters
        ----------
        names : Iterable[str]
            Steps, in any order; a bare string is one name.

        Returns
        -------
        Cleaner
            With these steps on and all others off.

        Raises
        ------
        ConfigError
            If there is no such step.

        Examples
        --------
        >>> Cleaner.of(["lower", "urls"]).steps
        ('urls', 'lower')
        """
        known = [step.name for step in STEPS]
        switched = {}
        for name in [names] if isinstance(names, str) else names:
            if name not in known:
                problem = f"There is no text step {name!r}."
                raise ConfigError(problem, remedy=config.suggest(name, known))
            switched[name] = True
        return cls(**switched)

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps that are on, in the order in which they are taken."""
        return tuple(step.name for step in self._steps())

    @property
    def libraries(self) -> tuple[str, ...]:
        """Distributions whose versions decide what the steps do."""
        return tuple(step.library for step in self._steps() if step.library is not None)

    def _steps(self) -> list[Step]:
        return [step for step in STEPS if getattr(self, step.name)]

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
        text = text[: self.max_chars]
        for step in self._steps():
            text = step.apply(text)
        return text

    def align(self, text: str) -> tuple[str, Alignment]:
        """Clean one text, and say where its characters came from.

        Parameters
        ----------
        text : str
            Raw text.

        Returns
        -------
        tuple[str, Alignment]
            Clean text as by `apply`, and for each of its characters the first raw character that it
            came from and one past the last. What stands for a stretch, as a mask does, came from
            all of it.

        Examples
        --------
        >>> Cleaner(html=True).align("a&amp;b")
        ('a&b', ([0, 1, 6], [1, 6, 7]))
        """
        text = text[: self.max_chars]
        alignment = follow(text, ())
        for step in self._steps():
            alignment = chain(alignment, step.align(text))
            text = step.apply(text)
        return text, alignment

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
        fields = {name: self._column(column) for name, column in documents.fields.items()}
        if all(fields[name] is column for name, column in documents.fields.items()):
            return documents
        return replace(documents, fields=fields)

    def _column(self, column: pa.LargeStringArray) -> pa.LargeStringArray:
        if _longest_bytes(column, self.max_chars) > self.max_chars:
            column = pc.utf8_slice_codeunits(column, 0, self.max_chars)
        steps = self._steps()
        if steps and len(column) == 1:  # Arrow's calls would cost more than the text
            text = column[0].as_py()
            clean = self.apply(text)
            return column if clean == text else pa.array([clean], pa.large_string())
        for step in steps:
            column = step.column(column)
        return column


def _longest_bytes(column: pa.LargeStringArray, enough: int) -> int:
    """Upper bound of the code points of any text, from the bytes, which are at least as many.

    Where all texts together have no more bytes than `enough`, no single one is looked at.
    """
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)
    first = column.offset
    total = int(offsets[first + len(column)] - offsets[first]) if len(column) else 0
    return total if total <= enough else int(pc.max(pc.binary_length(column)).as_py())
