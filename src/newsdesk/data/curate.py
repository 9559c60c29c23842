"""Curating: which rows and classes a corpus has, changed step by step and logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import pyarrow as pa

from newsdesk.data.class_sizes import balance, without_rare
from newsdesk.data.corpus import Corpus
from newsdesk.data.dropping import without_duplicates, without_empty
from newsdesk.data.recorded_split import PARTS, record, with_column
from newsdesk.data.split import default_spec, draw
from newsdesk.data.wording import counted
from newsdesk.errors import ConfigError, SchemaError

__all__ = ["Curation", "Duplicates", "Stage", "curate", "stages"]

Duplicates = Literal["exact", "near"]
"""Which train rows are duplicates: those of the same text, or of nearly the same."""

_SPLIT, _CLUSTER = "split", "cluster"
"""Columns that are added."""
_READ, _SPLITTING, _NUMBERING = "read", "split recorded", "clusters numbered"
"""Names of stages."""


@dataclass(frozen=True)
class Curation:
    """What to do to a corpus; nothing is done unless asked for.

    Parameters
    ----------
    min_count : int
        Classes of fewer rows are dropped; at least 1.
    other : str | None
        Class that they are merged into instead.
    balance : int | Literal["smallest"] | None
        Rows to draw of each class; ``"smallest"`` for as many as the smallest class has. The
        published balanced set of HuffPost has 1,004.
    split : str | None
        Split to draw and record, see `newsdesk.data.split.draw`. None records one only if rows
        are dropped from train: that of `newsdesk.data.split.default_spec`.
    drop_empty : bool
        Whether train rows without any text are dropped.
    drop_duplicates : Duplicates | None
        Which train rows are dropped as duplicates of another row.
    clusters : bool
        Whether the numbers of near-duplicate clusters are written into a column; those of
        ``drop_duplicates="near"`` always are.
    seed : int
        Seed of everything that is random.

    Raises
    ------
    ConfigError
        If a value is out of range, or `other` is given without `min_count`.
    """

    min_count: int = 1
    other: str | None = None
    balance: int | Literal["smallest"] | None = None
    split: str | None = None
    drop_empty: bool = False
    drop_duplicates: Duplicates | None = None
    clusters: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.min_count < 1:
            problem = f"A class cannot have {self.min_count} rows at least."
            raise ConfigError(problem, remedy="Name a number from 1 on.")
        if self.other is not None and (self.min_count == 1 or not self.other.strip()):
            problem = f"No classes can be merged into {self.other!r}."
            remedy = "Name the class, and with min_count= (--min-count) which ones are rare."
            raise ConfigError(problem, remedy=remedy)
        if isinstance(self.balance, str) and self.balance != "smallest":
            problem = f"{self.balance!r} is no number of rows of each class."
            raise ConfigError(problem, remedy="Name a number from 1 on, or 'smallest'.")
        if isinstance(self.balance, int) and self.balance < 1:
            problem = f"{self.balance} rows of each class cannot be drawn."
            raise ConfigError(problem, remedy="Name a number from 1 on, or 'smallest'.")
        if self.drop_duplicates not in (None, *get_args(Duplicates)):
            problem = f"There are no duplicates of the kind {self.drop_duplicates!r}."
            raise ConfigError(problem, remedy=f"Choose one of: {', '.join(get_args(Duplicates))}.")


class Stage(NamedTuple):
    """A corpus on its way."""

    name: str
    """What was done, in a few words."""
    corpus: Corpus
    """The rows after it."""
    lines: tuple[str, ...]
    """What was said of it: the last of the corpus's steps."""


def curate(corpus: Corpus, curation: Curation) -> Corpus:
    """Change which rows and classes a corpus has; see `stages`.

    Parameters
    ----------
    corpus : Corpus
        The rows, each of a class.
    curation : Curation
        What to do.

    Returns
    -------
    Corpus
        The rows that are left, in their order, with every step logged.

    Raises
    ------
    ConfigError
        If the split is of no known form.
    DataError
        If the split cannot be drawn.
    SchemaError
        If a column that is to be added exists.
    LabelError
        If fewer than two classes are left.

    Examples
    --------
    >>> from newsdesk.data.corpus import read_corpus
    >>> balanced = curate(read_corpus("sample"), Curation(balance=50))
    >>> len(balanced), balanced.class_counts.tolist()
    (400, [50, 50, 50, 50, 50, 50, 50, 50])
    """
    for stage in stages(corpus, curation):
        corpus = stage.corpus
    return corpus


def stages(corpus: Corpus, curation: Curation) -> Iterator[Stage]:
    """Curate a corpus step by step.

    The order is: rare classes dropped or merged; rows of each class drawn; near-duplicate clusters
    numbered; split drawn and recorded; empty rows, then duplicates dropped from train.
    Rows are dropped as empty or duplicate from train alone, and no class loses its last train row.

    Parameters
    ----------
    corpus : Corpus
        The rows, each of a class.
    curation : Curation
        What to do.

    Yields
    ------
    Stage
        The corpus as it was read, then after each step that was asked for.
    """
    assert (corpus.y >= 0).all(), "a row of no class cannot be curated"
    acts = _acts(curation)
    _refuse_taken(corpus, curation.split, {name for name, _ in acts})
    yield Stage(_READ, corpus, corpus.steps)
    for name, act in acts:
        before, corpus = corpus, act(corpus)
        yield Stage(name, corpus, corpus.steps[len(before.steps) :])


def _acts(curation: Curation) -> list[tuple[str, Callable[[Corpus], Corpus]]]:
    rare, kind, n = curation.min_count, curation.drop_duplicates, curation.balance
    acts: list[tuple[str, Callable[[Corpus], Corpus]]] = []
    if rare > 1:
        name = "rare classes dropped" if curation.other is None else "rare classes merged"
        acts.append((name, lambda corpus: without_rare(corpus, rare, curation.other)))
    if n is not None:
        acts.append(("classes balanced", lambda corpus: balance(corpus, n, curation.seed)))
    if curation.clusters or kind == "near":
        # Before any row is dropped from train: what is a series of many texts depends on all.
        acts.append((_NUMBERING, _numbered))
    if curation.split is not None or curation.drop_empty or kind is not None:
        acts.append((_SPLITTING, lambda corpus: _split(corpus, curation)))
    if curation.drop_empty:
        acts.append(("empty rows dropped", without_empty))
    if kind is not None:
        acts.append((f"{kind} duplicates dropped", lambda corpus: without_duplicates(corpus, kind)))
    return acts


def _refuse_taken(corpus: Corpus, spec: str | None, acts: Set[str]) -> None:
    wanted = []
    # A split that is drawn from a column of this name is written back into it.
    if _SPLITTING in acts and corpus.split_column is None and spec != f"column:{_SPLIT}":
        wanted.append(_SPLIT)
    if _NUMBERING in acts and corpus.cluster_column is None:
        wanted.append(_CLUSTER)
    taken = {*corpus.documents.fields, corpus.label_column, *corpus.extra.column_names}
    for name in wanted:
        if name in taken:
            problem = f"The column {name!r} is to be added, but {corpus.name} has one of this name."
            remedy = "Rename that column" + (
                f", or take the split from it: column:{_SPLIT}." if name == _SPLIT else "."
            )
            raise SchemaError(problem, remedy=remedy)


def _split(corpus: Corpus, curation: Curation) -> Corpus:
    spec = curation.split or default_spec(corpus)
    drawn = draw(corpus, spec, seed=curation.seed)
    column = corpus.split_column or _SPLIT
    sizes = ", ".join(f"{name} {len(getattr(drawn, name)):,}" for name in PARTS)
    lines = [f"split {spec} recorded in column {column}: {sizes}", drawn.how, *drawn.notes]
    if curation.split is None and corpus.split_column is None:
        lines.insert(0, "rows are dropped from train alone, so a split is drawn now")
    return record(corpus, drawn, column).with_changes(steps=(*corpus.steps, *lines))


def _numbered(corpus: Corpus) -> Corpus:
    clusters = corpus.near_duplicate_clusters
    sizes = np.bincount(clusters)
    several = sizes[sizes > 1]
    found = f"{counted(int(several.sum()))} in {counted(len(several), 'cluster')} of several rows"
    if corpus.cluster_column is not None:
        line = f"near-duplicate clusters as recorded in column {corpus.cluster_column}: {found}"
        return corpus.with_changes(steps=(*corpus.steps, line))
    line = f"near-duplicate clusters numbered in column {_CLUSTER}: {found}"
    numbered = with_column(corpus, _CLUSTER, pa.array(clusters))
    return numbered.with_changes(cluster_column=_CLUSTER, steps=(*corpus.steps, line))
