"""Known data sets: found in ``$NEWSDESK_DATA`` or on the Hugging Face hub, and checked."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk import optional
from newsdesk.data import tables
from newsdesk.errors import DataError, MissingExtraError
from newsdesk.types import Indices, Progress

__all__ = ["ENVIRONMENT", "NAMES", "KnownTable", "find", "load"]

ENVIRONMENT = "NEWSDESK_DATA"
"""Environment variable that names the folder of the data sets."""

_V2, _V3 = "News_Category_Dataset_v2.json", "News_Category_Dataset_v3.json"
"""Names of the files as Kaggle gives them out (rmisra/news-category-dataset)."""
_LAST_DAY_OF_V2 = "2018-05-26"
_HUFFPOST_SHA256 = "0b3c9c4ff471ff45e8f333deb0b09b693d8dbfcc28ccd8832084cd4953b18295"
"""Of all headlines and categories in the order of v2, which the published test rows refer to."""
_N_BBC_TEST = 445
_BBC_TEST_SHA256 = "d12452f960e4688072892c59c8e4e85f09c7eb17df98d35a5e9607d008490310"


@dataclass(frozen=True, eq=False)
class KnownTable:
    """The rows of a known data set.

    Parameters
    ----------
    read : tables.TableRead
        The table.
    text : tuple[str, ...]
        Its text columns.
    label : str
        Its label column.
    licence : str
        Licence and origin, one line.
    published : Indices | None
        Rows of its published test split, ascending; None where it has none.
    steps : tuple[str, ...]
        What was done to obtain it.
    """

    read: tables.TableRead
    text: tuple[str, ...]
    label: str
    licence: str
    published: Indices | None
    steps: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """How one data set is found, checked and split."""

    files: Mapping[str, Callable[[pa.Table], pa.Table]]
    """Where it may be below the data folder, best first, and what takes its rows from there."""
    text: tuple[str, ...]
    label: str
    n_rows: int
    n_classes: int
    licence: str
    hub_name: str
    hub_files: tuple[str, ...]
    from_hub: Callable[[pa.Table], pa.Table]
    published: Callable[[pa.Table], Indices | None] | None


def _as_it_is(table: pa.Table) -> pa.Table:
    return table


def _up_to_v2(table: pa.Table) -> pa.Table:
    """Version 3 of the set goes on to 2022; its rows up to the last day of v2 are v2."""
    if "date" not in table.column_names:
        return table  # which is then told by its number of rows
    days = pc.utf8_slice_codeunits(table["date"].cast(pa.large_string()), 0, 10)
    return table.filter(pc.less_equal(days, _LAST_DAY_OF_V2))


def _huffpost_published(table: pa.Table) -> Indices | None:
    """Rows that scikit-learn draws with seed 42, where they are those of the published split."""
    if "published_test" in table.column_names:
        return _where(table["published_test"])
    digest = hashlib.sha256()
    for name in ("headline", "category"):
        for text in table[name].to_pylist():
            digest.update((text or "").encode() + b"\n")
    if digest.hexdigest() != _HUFFPOST_SHA256:
        return None
    from sklearn.model_selection import train_test_split

    _, test = train_test_split(np.arange(len(table)), test_size=0.1, random_state=42)
    rows: Indices = np.sort(test)
    return rows


def _where(column: pa.ChunkedArray) -> Indices:
    flags = pc.fill_null(column, False).to_numpy()
    rows: Indices = np.flatnonzero(flags).astype(np.int64)
    return rows


def _bbc_from_hub(table: pa.Table) -> pa.Table:
    columns = {"label_text": "category", "text": "text"}
    return table.select(list(columns)).rename_columns(list(columns.values()))


def _bbc_published(table: pa.Table) -> Indices | None:
    """Find the last 445 rows, where they are the rows of the tutorials' file."""
    first = len(table) - _N_BBC_TEST
    digest = hashlib.sha256()
    for text in table["text"].slice(first).to_pylist():
        digest.update(" ".join(text.split()).encode() + b"\n")
    if digest.hexdigest() != _BBC_TEST_SHA256:
        return None
    return np.arange(first, len(table), dtype=np.int64)


_HUFFPOST = _Known(
    files={
        "huffpost/news_category_v2.parquet": _as_it_is,
        f"huffpost/{_V2}": _as_it_is,
        _V2: _as_it_is,
        f"huffpost/{_V3}": _up_to_v2,
        _V3: _up_to_v2,
    },
    text=("headline", "short_description"),
    label="category",
    n_rows=200_853,
    n_classes=41,
    licence="News Category Dataset v2, Rishabh Misra, CC BY 4.0",
    hub_name="heegyu/news-category-dataset",
    hub_files=("*News_Category_Dataset_v3*.json*",),
    from_hub=_up_to_v2,
    published=_huffpost_published,
)
_SETS = {
    "huffpost": _HUFFPOST,
    "huffpost-v3": dataclasses.replace(
        _HUFFPOST,
        files={f"huffpost/{_V3}": _as_it_is, _V3: _as_it_is},
        n_rows=209_527,
        n_classes=42,
        licence="News Category Dataset v3, Rishabh Misra, CC BY 4.0",
        from_hub=_as_it_is,
        published=None,
    ),
    "bbc": _Known(
        files={"bbc/bbc-text.csv": _as_it_is},
        text=("text",),
        label="category",
        n_rows=2_225,
        n_classes=5,
        licence="BBC News, copyright BBC, for research (Greene and Cunningham, ICML 2006)",
        hub_name="SetFit/bbc-news",
        hub_files=("train*.jsonl", "test*.jsonl"),
        from_hub=_bbc_from_hub,
        published=_bbc_published,
    ),
}
_SAMPLE_TEXT = ("headline", "description")
_SAMPLE_LABEL = "section"
_SAMPLE_LICENCE = "newsdesk's own sample of invented headlines, Apache-2.0"

NAMES = (*_SETS, "sample")
"""Names that `load` knows."""


def find(name: str) -> Path | None:
    """Look for the file of a known data set, without reading it.

    The raw files of ``huffpost`` may also be in the data folder itself.

    Parameters
    ----------
    name : str
        One of `NAMES`, except ``sample``, which comes with the package.

    Returns
    -------
    Path | None
        The file below the folder that ``NEWSDESK_DATA`` names; None where it is not there.
    """
    place = _place(_SETS[name])
    return None if place is None else place[0]


def _place(known: _Known) -> tuple[Path, Callable[[pa.Table], pa.Table]] | None:
    folder = os.environ.get(ENVIRONMENT)
    if folder:
        for file, rows_of in known.files.items():
            path = Path(folder, file)
            if path.exists():
                return path, rows_of
    return None


def load(name: str, *, progress: Progress) -> KnownTable:
    """Load a known data set.

    ``sample`` comes with the package. The others are looked for in the folder that the
    environment variable ``NEWSDESK_DATA`` names, then on the Hugging Face hub.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    progress : Progress
        Told of the bytes read.

    Returns
    -------
    KnownTable
        Its rows, checked against the known numbers of rows and classes.

    Raises
    ------
    DataError
        If it is found nowhere, or is not the known set.
    """
    if name == "sample":
        embedded = resources.files("newsdesk.data") / "sample/sample.csv"
        with resources.as_file(embedded) as sample:
            read = tables.read(sample, progress=progress)
        return KnownTable(
            read, _SAMPLE_TEXT, _SAMPLE_LABEL, _SAMPLE_LICENCE, None, ("the embedded sample",)
        )
    known = _SETS[name]
    place = _place(known)
    if place is None:
        read, origin = _download(name, known, progress), f"{known.hub_name} on the hub"
    else:
        path, rows_of = place
        read, origin = tables.read(path, progress=progress), str(path)
        table = rows_of(read.table)
        read = read if table is read.table else _whole(table, read.files)
    _check(name, known, read.table, origin)
    published = None if known.published is None else known.published(read.table)
    counts = f"{known.n_rows:,} rows, {known.n_classes} classes"
    steps = [f"{name} from {origin}: {counts}, as known"]
    if published is None and known.published is not None:
        steps.append("the rows are not in the order of the published split, so it is not offered")
    return KnownTable(read, known.text, known.label, known.licence, published, tuple(steps))


def _check(name: str, known: _Known, table: pa.Table, origin: str) -> None:
    problem = None
    absent = sorted({*known.text, known.label} - set(table.column_names))
    if absent:
        problem = f"{origin} has no column {absent[0]!r}, which {name} has."
    else:
        n_classes = pc.count_distinct(table[known.label]).as_py()
        if (len(table), n_classes) != (known.n_rows, known.n_classes):
            problem = (
                f"{origin} has {len(table):,} rows of {n_classes} classes; "
                f"{name} has {known.n_rows:,} of {known.n_classes}."
            )
    if problem is not None:
        raise DataError(problem, remedy="Put the right file in place, or read it by its path.")


def _download(name: str, known: _Known, progress: Progress) -> tables.TableRead:
    folder = os.environ.get(ENVIRONMENT)
    wanted = " or ".join(known.files)
    missing = f"there is no {wanted} in {folder}" if folder else f"{ENVIRONMENT} is not set"
    put = f"Set {ENVIRONMENT} to a folder that holds {wanted}"
    try:
        hub = optional.load("huggingface_hub", extra="hub")
    except MissingExtraError as error:
        problem = f"The data set {name} is not here: {missing}."
        remedy = f"{put}, or let it be downloaded: pip install 'newsdesk[hub]'."
        raise DataError(problem, remedy=remedy) from error
    try:
        files = _fetch(hub, known)
    except Exception as error:  # the hub's errors share no class that is ours to import
        problem = f"The data set {name} is not here ({missing}), nor on the hub: {error}."
        raise DataError(problem, remedy=f"Check the network, or else: {put}.") from error
    reads = [tables.read(file, progress=progress) for file in files]
    table = pa.concat_tables([read.table for read in reads], promote_options="permissive")
    table = known.from_hub(table)
    return _whole(table, tuple(f"{known.hub_name}/{file.name}" for file in files))


def _whole(table: pa.Table, files: tuple[str, ...]) -> tables.TableRead:
    """Rows of a set that were taken out of larger files, or out of several."""
    return tables.TableRead(table, files[:1], len(table), 0, (), (), (len(table),))


def _fetch(hub: Any, known: _Known) -> list[Path]:  # noqa: ANN401  a module
    listed = hub.list_repo_files(known.hub_name, repo_type="dataset")
    for_set = [
        [file for file in sorted(listed) if fnmatch(file, pattern)] for pattern in known.hub_files
    ]
    wanted = [file for files in for_set for file in files]
    if not wanted:
        message = f"{known.hub_name} holds none of {', '.join(known.hub_files)}"
        raise FileNotFoundError(message)
    return [Path(hub.hf_hub_download(known.hub_name, file, repo_type="dataset")) for file in wanted]
