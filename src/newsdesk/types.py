"""The words that all floors share: documents, label sets, array aliases, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsdesk.errors import InputError, LabelError

__all__ = [
    "Bools",
    "Documents",
    "Floats",
    "Indices",
    "LabelSet",
    "Progress",
    "Renaming",
    "Silent",
    "Span",
    "string_array",
]

Floats = NDArray[np.float32]
"""Float32 array; shapes stand in the docstring of each use."""
Indices = NDArray[np.int64]
"""Row numbers or class indices."""
Bools = NDArray[np.bool_]

TEXT_FIELD = "text"
"""Name of the only field of documents that were given as bare strings."""


def string_array(values: object) -> pa.LargeStringArray:
    """Turn strings into one contiguous Arrow array with 64-bit offsets; missing becomes empty.

    Parameters
    ----------
    values : object
        A sequence of ``str | None``, or an Arrow array or chunked array of a string type.

    Returns
    -------
    pa.LargeStringArray
        Shape ``(n,)``, no nulls.

    Raises
    ------
    InputError
        If a value is no string, or holds a lone surrogate (not expressible in UTF-8).
    """
    array: Any = values
    if isinstance(values, pa.ChunkedArray):
        array = values.combine_chunks()
    elif not isinstance(values, pa.Array):
        if not isinstance(values, Iterable):
            problem = f"Texts are needed, not a value of type {type(values).__name__}."
            raise InputError(problem, remedy="Pass a sequence of strings.")
        array = _from_sequence(values)
    if array.type != pa.large_string():
        array = pc.cast(array, pa.large_string())
    return pc.fill_null(array, "") if array.null_count else array


def _from_sequence(values: Iterable[object]) -> pa.LargeStringArray:
    items = list(values)
    try:
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array(items, type=pa.large_string())
        # Data frames say NaN or NA where a text is missing; to look for them takes its time.
        return pa.array(items, type=pa.large_string(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as error:
        for position, item in enumerate(items):
            if item is not None and not isinstance(item, str):
                problem = f"Text {position} is of type {type(item).__name__}, not str."
                raise InputError(problem, remedy="Pass strings.") from error
            if item is not None and any("\ud800" <= char <= "\udfff" for char in item):
                problem = f"Text {position} holds a lone surrogate, which is no valid Unicode text."
                remedy = "Decode the text again, or replace it: text.encode('utf-8', 'replace')."
                raise InputError(problem, remedy=remedy) from error
        raise


@dataclass(frozen=True, eq=False)
class Documents:
    """n raw documents: never cleaned, never labelled.

    Parameters
    ----------
    ids : pa.LargeStringArray
        Shape ``(n,)``; unique within a corpus.
    fields : Mapping[str, pa.LargeStringArray]
        Named text columns in reading order, each of shape ``(n,)``; at least one. A headline and
        its description are two fields of one document.
    side : Mapping[str, Floats]
        Named side features, each float32 of shape ``(n,)``.
    images : pa.Array | None
        References to images, shape ``(n,)``.
    parts : pa.ListArray | None
        Several texts per document, shape ``(n,)`` of lists of strings.
    """

    ids: pa.LargeStringArray
    fields: Mapping[str, pa.LargeStringArray]
    side: Mapping[str, Floats] = field(default_factory=dict)
    images: pa.Array | None = None
    parts: pa.ListArray | None = None

    def __post_init__(self) -> None:
        assert self.fields, "documents need at least one field"
        n = len(self.ids)
        same = all(len(column) == n for column in self.fields.values())
        assert same, "ids and fields differ in length"

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def from_texts(cls, texts: Iterable[str], ids: Iterable[str] | None = None) -> Documents:
        """Wrap bare strings as documents with the one field ``text``.

        Parameters
        ----------
        texts : Iterable[str]
            n texts, or an Arrow string array.
        ids : Iterable[str] | None
            n ids; by default the positions ``"0" … "n-1"``.

        Returns
        -------
        Documents
            n documents.

        Raises
        ------
        InputError
            If `texts` is one bare string, or holds what is no text.

        Examples
        --------
        >>> len(Documents.from_texts(["Rates rise again", "Keeper saves two penalties"]))
        2
        """
        if isinstance(texts, str):
            problem = "One bare string was given where a sequence of texts is needed."
            raise InputError(problem, remedy="Pass a list: [text].")
        column = string_array(texts)
        identifiers = numbered(len(column)) if ids is None else string_array(ids)
        return cls(ids=identifiers, fields={TEXT_FIELD: column})

    @cached_property
    def texts(self) -> pa.LargeStringArray:
        """The fields of each document joined by one space; shape ``(n,)``."""
        columns = list(self.fields.values())
        if len(columns) == 1:
            return columns[0]
        return pc.binary_join_element_wise(*columns, pa.scalar(" ", pa.large_string()))

    def take(self, rows: Indices) -> Documents:
        """Select documents by position, in the given order.

        Parameters
        ----------
        rows : Indices
            Positions, shape ``(m,)``.

        Returns
        -------
        Documents
            m documents.
        """
        picked = pa.array(rows)
        return Documents(
            ids=self.ids.take(picked),
            fields={name: column.take(picked) for name, column in self.fields.items()},
            side={name: column[rows] for name, column in self.side.items()},
            images=None if self.images is None else self.images.take(picked),
            parts=None if self.parts is None else self.parts.take(picked),
        )

    def extended(self, more: Documents) -> Documents:
        """These n documents and m more of the same fields."""
        return Documents(
            ids=pa.concat_arrays([self.ids, more.ids]),
            fields={
                name: pa.concat_arrays([column, more.fields[name]])
                for name, column in self.fields.items()
            },
            side={name: np.concatenate([own, more.side[name]]) for name, own in self.side.items()},
            images=_extended(self.images, more.images),
            parts=_extended(self.parts, more.parts),
        )

    def slice(self, start: int, stop: int) -> Documents:
        """Documents ``start`` to ``stop`` (exclusive) as a view; nothing is copied.

        Parameters
        ----------
        start : int
            First position.
        stop : int
            One past the last position.

        Returns
        -------
        Documents
            ``stop - start`` documents.
        """
        length = stop - start
        return Documents(
            ids=self.ids.slice(start, length),
            fields={name: column.slice(start, length) for name, column in self.fields.items()},
            side={name: column[start:stop] for name, column in self.side.items()},
            images=None if self.images is None else self.images.slice(start, length),
            parts=None if self.parts is None else self.parts.slice(start, length),
        )


def _extended(column: Any, more: Any) -> Any:  # noqa: ANN401  Arrow arrays carry no types
    return None if column is None or more is None else pa.concat_arrays([column, more])


def numbered(n: int) -> pa.LargeStringArray:
    """Make ids from positions.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    pa.LargeStringArray
        ``"0" … "n-1"``.
    """
    return _ONE_ID if n == 1 else pc.cast(pa.array(np.arange(n)), pa.large_string())


_ONE_ID = pa.array(["0"], type=pa.large_string())


class LabelSet(Sequence[str]):
    """The ordered class names: the only map between names and class indices.

    Parameters
    ----------
    names : Iterable[str]
        Distinct, not empty; their order is the order of every probability column.

    Raises
    ------
    LabelError
        If a name occurs twice or is empty.

    Examples
    --------
    >>> labels = LabelSet(["BUSINESS", "SPORTS"])
    >>> labels.encode(["SPORTS", "SPORTS", "BUSINESS"]).tolist()
    [1, 1, 0]
    >>> labels.decode(np.array([0, 1]))
    ['BUSINESS', 'SPORTS']
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._index = {name: index for index, name in enumerate(self.names)}
        if len(self._index) != len(self.names) or "" in self._index:
            problem = "Class names must be distinct and not empty."
            raise LabelError(problem, remedy="Rename or merge the classes that collide.")

    @classmethod
    def from_labels(cls, labels: pa.LargeStringArray) -> LabelSet:
        """Collect the distinct labels of a column, sorted by code point.

        Parameters
        ----------
        labels : pa.LargeStringArray
            Shape ``(n,)``.

        Returns
        -------
        LabelSet
            The class names.
        """
        return cls(sorted(pc.unique(labels).to_pylist()))

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401  Sequence's overloads
        return self.names[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabelSet) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return f"LabelSet({list(self.names)!r})"

    def find(self, name: str) -> int:
        """Class index of a name, or -1 when it is not a class.

        Parameters
        ----------
        name : str
            A label.

        Returns
        -------
        int
            Class index or -1.
        """
        return self._index.get(name, -1)

    def encode(self, labels: Iterable[str] | pa.Array) -> Indices:
        """Turn names into class indices; a name that is no class becomes -1.

        Parameters
        ----------
        labels : Iterable[str] | pa.Array
            n labels.

        Returns
        -------
        Indices
            Shape ``(n,)``, int64.
        """
        column = string_array(labels)
        found = pc.index_in(column, value_set=pa.array(self.names, type=pa.large_string()))
        encoded: Indices = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        return encoded

    def decode(self, y: NDArray[np.integer[Any]]) -> list[str]:
        """Turn class indices into names.

        Parameters
        ----------
        y : NDArray[np.integer[Any]]
            Class indices, shape ``(n,)``.

        Returns
        -------
        list[str]
            n names.
        """
        return [self.names[index] for index in y.tolist()]


class Progress(Protocol):
    """Where long work tells how far it is; the command line draws bars, tests stay silent."""

    def task(
        self, name: str, total: int, unit: str
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Open a task of ``total`` units; call the yielded function with units done since."""
        ...


@runtime_checkable
class Renaming(Protocol):
    """A `Progress` that can say more of an open task than how far it is."""

    def rename(self, name: str, text: str) -> None:
        """Say ``text`` beside the bar of the task that was opened by ``name``."""
        ...


class Silent:
    """A `Progress` that says nothing."""

    def task(
        self,
        name: str,  # noqa: ARG002
        total: int,  # noqa: ARG002
        unit: str,  # noqa: ARG002
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Do nothing."""
        return nullcontext(lambda _done: None)


class Span(NamedTuple):
    """A stretch of one field of a document, with its weight in an explanation."""

    field: str
    """Field name."""
    start: int
    """First character, in code points of the raw text."""
    end: int
    """One past the last character."""
    weight: float
    """Contribution to the score of the explained class; positive speaks for it."""
