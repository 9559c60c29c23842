"""Texts to an encoder folder: a language model that families start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from newsdesk import config, store
from newsdesk.bundle import Cleaner
from newsdesk.data.assembly import documents_of, empty_rows
from newsdesk.data.columns import guess
from newsdesk.data.origin import open_source
from newsdesk.errors import ConfigError, DataError
from newsdesk.models.history import Stage
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.models.neural.language.kinds import KINDS, default_params, pretrainer
from newsdesk.training.notes import Note, Notes
from newsdesk.training.rows import Rows, RowSource
from newsdesk.training.unfinished import unfinished
from newsdesk.training.unlabelled import read_unlabelled
from newsdesk.types import Documents, Progress, Silent

__all__ = ["Made", "pretrain"]


@dataclass(frozen=True, eq=False)
class Made:
    """An encoder folder and how it was made.

    Parameters
    ----------
    path : Path
        The folder.
    encoder : Encoder[Any]
        What it holds.
    stage : Stage
        The epochs, for people.
    """

    path: Path
    encoder: Encoder[Any]
    stage: Stage


def pretrain(
    kind: str,
    sources: Sequence[Any],
    *,
    out: str | Path,
    source: RowSource | None = None,
    text: Sequence[str] | None = None,
    settings: Sequence[str] = (),
    seed: int = 0,
    cleaner: Cleaner | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    notes: Note | None = None,
) -> Made:
    """Train a language model on texts, and publish it as an encoder folder.

    A training that was interrupted is gone on with where the same one is asked for.

    Parameters
    ----------
    kind : str
        ``nnlm``, ``elmo`` or ``awd-lstm``.
    sources : Sequence[Any]
        Paths, globs, known names or Arrow-stream tables; no label is read.
    out : str | Path
        The folder to write.
    source : RowSource | None
        Labelled rows and their split: their train part is read too, and no other text that stands
        in their valid or test part. None reads ``sources`` alone.
    text : Sequence[str] | None
        Text columns in reading order; guessed if None.
    settings : Sequence[str]
        ``key=value`` for the settings of the kind.
    seed : int
        Of all draws.
    cleaner : Cleaner | None
        Text steps; those of the bundles that will use the folder should be the same.
    overwrite : bool
        Whether an encoder folder that stands there is replaced.
    progress : Progress | None
        Told of long work.
    notes : Note | None
        Receives each note as it comes up.

    Returns
    -------
    Made
        The folder.

    Raises
    ------
    ConfigError
        If the kind or a setting is unknown or out of range.
    DataError
        If a source cannot be read, or no text is left.
    BundleExistsError
        If the folder exists and ``overwrite`` is not set.
    StorageError
        If the disk refuses.
    """
    if kind not in KINDS:
        problem = f"There is no language model of kind {kind!r}."
        raise ConfigError(problem, remedy=config.suggest(kind, KINDS))
    out, progress, told = Path(out), progress or Silent(), Notes(notes)
    params = config.override(default_params(kind), settings, where=f"pretrain {kind}")
    train = pretrainer(kind)
    store.probe(out, replace=overwrite, marker=folder.MARKER)
    documents, lines = _texts(sources, source, text, progress)
    told.all(lines)
    if cleaner is not None:
        documents = cleaner.apply_all(documents)
    named = [one for one in sources if isinstance(one, str | Path)]
    if source is not None and isinstance(source.data, str | Path):
        named.insert(0, source.data)
    with unfinished(out) as home:
        made = train(
            documents,
            params,
            seed=seed,
            progress=progress,
            checkpoints=home,
            source=", ".join(Path(one).name for one in named),
        )
        with store.staged(out, replace=overwrite, marker=folder.MARKER) as directory:
            folder.write(made.encoder, directory)
    return Made(out, made.encoder, made.stage)


def _texts(
    sources: Sequence[Any],
    source: RowSource | None,
    text: Sequence[str] | None,
    progress: Progress,
) -> tuple[Documents, tuple[str, ...]]:
    """All texts as documents of one field, and what was found, in lines."""
    parts: list[Documents] = []
    lines: list[str] = []
    rows: Rows | None = None
    if source is not None:
        rows = source.draw(source.read(progress), progress)
        parts.append(rows.train[0])
        lines += rows.notes
        lines.append(f"{len(rows.split.train):,} train rows are read; no text of valid or test")
    for one in sources:
        found, said = (
            _read(one, text, progress) if rows is None else read_unlabelled(one, rows, progress)
        )
        lines += said
        parts.append(found)
    texts = pa.concat_arrays([part.texts for part in parts]) if parts else []
    documents = Documents.from_texts(texts)
    filled = np.flatnonzero(~empty_rows(documents))
    if not len(filled):
        raise DataError("There is no text to train on.", remedy="Give files that hold texts.")
    if len(filled) < len(documents):
        lines.append(f"{len(documents) - len(filled):,} empty texts are left out")
    return documents.take(filled), tuple(lines)


def _read(
    source: Any,  # noqa: ANN401  a path, a known name or a table
    text: Sequence[str] | None,
    progress: Progress,
) -> tuple[Documents, tuple[str, ...]]:
    origin = open_source(
        source,
        on_bad_row="skip",
        quarantine=None,
        encoding=None,
        delimiter=None,
        text_named=text is not None,
        label_named=True,
        prefer=text or (),
        progress=progress,
    )
    columns = guess(origin.read.table, text=text or origin.text, label=None, need_label=False)
    every = np.arange(len(origin.read.table), dtype=np.int64)
    documents, said = documents_of(origin.read, list(columns.text), every)
    what = f"text: {' + '.join(columns.text)}, {len(documents):,} rows"
    return documents, (*origin.steps, what, *said)
