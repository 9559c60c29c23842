"""Where rows come from: a known set, a prepared file or any other table, and what that tells."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk.config import suggest
from newsdesk.data import known, tables
from newsdesk.data.bad_rows import BadRowPolicy
from newsdesk.data.history import history_of
from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError
from newsdesk.types import Indices, Progress

__all__ = ["Origin", "open_source"]


@dataclass(frozen=True, eq=False)
class Origin:
    """A table, and what is known of it beside its values.

    Parameters
    ----------
    read : tables.TableRead
        The table.
    name : str
        Name of the corpus.
    steps : tuple[str, ...]
        What was done to its rows up to here.
    text : tuple[str, ...] | None
        Its text columns, if they are known.
    label : str | None
        Its label column, if it is known; each row is then known to have one label.
    licence : str | None
        Licence line.
    published : Indices | None
        Rows of the published test split of a known set.
    split_column : str | None
        Column that says train, valid or test, if one is known.
    cluster_column : str | None
        Column with the numbers of near-duplicate clusters of `text`, if one is known.
    """

    read: tables.TableRead
    name: str
    steps: tuple[str, ...]
    text: tuple[str, ...] | None = None
    label: str | None = None
    licence: str | None = None
    published: Indices | None = None
    split_column: str | None = None
    cluster_column: str | None = None


def open_source(
    source: Any,  # noqa: ANN401  a known name, a path or any table with the Arrow C stream
    *,
    on_bad_row: BadRowPolicy,
    quarantine: Path | None,
    encoding: str | None,
    delimiter: str | None,
    text_named: bool,
    label_named: bool,
    prefer: Sequence[str],
    progress: Progress,
) -> Origin:
    """Read a table and say what is known of it.

    Parameters
    ----------
    source : Any
        As `newsdesk.data.corpus.read_corpus` takes it, like the options below.
    on_bad_row : BadRowPolicy
        What happens on a row that cannot be read.
    quarantine : Path | None
        Folder for the bad rows.
    encoding : str | None
        Encoding of text files.
    delimiter : str | None
        Delimiter of CSV files.
    text_named : bool
        Whether the caller names the text columns, so that those of a prepared file need not exist.
    label_named : bool
        Whether the caller names the label column.
    prefer : Sequence[str]
        Text columns to take before those that a prepared file names, where the table has them.
    progress : Progress
        Told of the bytes read.

    Returns
    -------
    Origin
        The table and what is known.

    Raises
    ------
    DataError
        If the source does not exist or is damaged.
    SchemaError
        If its columns cannot be read, or a prepared file contradicts itself.
    """
    if _is_known(source):
        return _known(source, progress)
    read = tables.read(
        source,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        progress=progress,
    )
    preferred = tuple(name for name in prefer if name in read.table.column_names)
    where = listed(read.files)
    origin = Origin(
        read=read,
        name=read.name,
        steps=(f"read {where}: {counted(read.n_read)}", *read.notes),
        text=preferred or None,
    )
    named = text_named or bool(preferred)
    history = history_of(read.table, where, text_named=named, label_named=label_named)
    if history is None:
        return origin
    origin = dataclasses.replace(
        origin,
        text=preferred or history.text,
        label=history.label,
        split_column=history.split_column,
    )
    if len(read.files) > 1:
        # Joined tables keep the history of the first file, which is not that of the others, and
        # the clusters of each are numbered from 0.
        return origin
    return dataclasses.replace(
        origin,
        name=history.name,
        steps=(*history.steps, *origin.steps),
        licence=history.licence,
        cluster_column=history.cluster_column if origin.text == history.text else None,
    )


def _is_known(source: object) -> bool:
    if not isinstance(source, str):
        return False
    if source in known.NAMES:
        return True
    path = Path(source)
    if not path.suffix and path.name == source and not path.exists():
        problem = f"There is no file and no known data set {source!r}."
        raise DataError(problem, remedy=suggest(source, known.NAMES))
    return False


def _known(name: str, progress: Progress) -> Origin:
    table = known.load(name, progress=progress)
    return Origin(
        read=table.read,
        name=name,
        steps=(*table.steps, f"licence: {table.licence}"),
        text=table.text,
        label=table.label,
        licence=table.licence,
        published=table.published,
    )
