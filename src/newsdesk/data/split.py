"""Splits: three disjoint sets of rows, and how they were drawn."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from newsdesk.data import rules
from newsdesk.data.class_sizes import absent_note
from newsdesk.data.corpus import Corpus
from newsdesk.data.wording import counted
from newsdesk.errors import ConfigError, DataError, LeakageError
from newsdesk.types import Bools, Indices, Progress, Silent

__all__ = [
    "KEEPS_CLUSTERS",
    "Split",
    "checked",
    "clusters_of",
    "default_spec",
    "draw",
    "leak_note",
    "leaked",
]

KEEPS_CLUSTERS = frozenset({"stratified", "grouped", "after"})
"""Rules that keep near-duplicates together; the others take the rows as they are given."""

_FORMS = (
    "published, random:0.1, stratified:0.1, grouped:COLUMN:0.1, after:2018-01-01, "
    "after:COLUMN:2018-01-01, tail:445, column:NAME"
)
_SMALL_CORPUS = 10_000


@dataclass(frozen=True, eq=False)
class Split:
    """Train, valid and test rows: disjoint, ascending, together all rows.

    Parameters
    ----------
    train : Indices
        Rows to fit on.
    valid : Indices
        Rows to choose and calibrate on.
    test : Indices
        Rows to measure on, once.
    how : str
        How they were drawn, one sentence.
    spec : str
        The specification that draws them again.
    notes : tuple[str, ...]
        What a reader of the numbers must know: classes without train rows, rows set apart.
    """

    train: Indices
    valid: Indices
    test: Indices
    how: str
    spec: str
    notes: tuple[str, ...] = ()


def default_spec(corpus: Corpus) -> str:
    """Choose a split where none is named.

    The one that a prepared file records; else the published one of a known set; else a stratified
    one, of a fifth for fewer than 10,000 rows (a tenth would leave under 1,000 test rows, and
    accuracies uncertain by more than two points) and of a tenth from there on.

    Parameters
    ----------
    corpus : Corpus
        The corpus.

    Returns
    -------
    str
        A specification for `draw`.
    """
    if corpus.split_column is not None:
        return f"column:{corpus.split_column}"
    if corpus.published is not None and 0 < len(corpus.published) < len(corpus) - 1:
        return "published"
    return "stratified:0.2" if len(corpus) < _SMALL_CORPUS else "stratified:0.1"


def clusters_of(corpus: Corpus, *, near: bool = True, progress: Progress | None = None) -> Indices:
    """Rows that are one text.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    near : bool
        Whether nearly equal texts are one, or exact copies alone.
    progress : Progress | None
        Told of the search.

    Returns
    -------
    Indices
        Shape ``(n,)``; equal numbers belong together.
    """
    if not near:
        return corpus.duplicate_clusters
    with (progress or Silent()).task("near-duplicates", len(corpus), "rows") as done:
        clusters = corpus.near_duplicate_clusters
        done(len(corpus))
    return clusters


def draw(
    corpus: Corpus,
    spec: str,
    *,
    seed: int = 0,
    near: bool = True,
    progress: Progress | None = None,
) -> Split:
    """Draw a split.

    Test is drawn first; valid is then drawn from the other rows by the same rule, as large a
    share of them as test was of all. The stratified, the grouped and the split by date never part
    near-duplicates; the others take rows as they are.

    - ``published``: the test rows that came with a known set. Valid is the end of the other rows
      where test is the end of all, else random.
    - ``random:F``: the rows of scikit-learn's ``train_test_split(arange(n), test_size=F,
      random_state=seed)``.
    - ``stratified:F``: as many of each class as its share; a class never loses its last row to
      valid or test.
    - ``grouped:COLUMN:F``: rows with the same value stay together; values that share a cluster of
      near-duplicates are one group.
    - ``after:DATE`` or ``after:COLUMN:DATE``: test is from that day on, valid are the latest days
      before it; a cluster stands where its earliest row does.
    - ``tail:N``: the last N rows.
    - ``column:NAME``: a column says train, valid (dev, validation, val) or test. Without valid
      rows there, a random tenth of train becomes valid.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    spec : str
        One of the forms above.
    seed : int
        Seed of everything that is random.
    near : bool
        Whether near-duplicates are kept together, or exact copies alone.
    progress : Progress | None
        Told of the search for near-duplicates, where the rule needs it.

    Returns
    -------
    Split
        The rows.

    Raises
    ------
    ConfigError
        If the specification is of no known form or out of range.
    SchemaError
        If a column is missing, or its values are no dates or no parts.
    DataError
        If a part would be empty, or the known set has no published split.
    """
    kind, _, argument = spec.partition(":")
    if kind not in rules.RULES or bool(argument) == (kind == "published"):
        problem = f"There is no split {spec!r}."
        raise ConfigError(problem, remedy=f"Choose one of: {_FORMS}.")
    clusters = np.arange(len(corpus))
    if kind in KEEPS_CLUSTERS:
        clusters = clusters_of(corpus, near=near, progress=progress)
    drawn = rules.RULES[kind](rules.Request(corpus, argument, seed, clusters))
    split = Split(
        train=_rest(len(corpus), drawn.valid, drawn.test),
        valid=np.sort(drawn.valid),
        test=np.sort(drawn.test),
        how=drawn.how,
        spec=spec,
        notes=drawn.notes,
    )
    return checked(corpus, split)


def _rest(n: int, *parts: Indices) -> Indices:
    left = np.ones(n, dtype=bool)
    for part in parts:
        left[part] = False
    return np.flatnonzero(left)


def checked(corpus: Corpus, split: Split) -> Split:
    """Refuse a split of which a part has no row.

    Parameters
    ----------
    corpus : Corpus
        The rows.
    split : Split
        Its split.

    Returns
    -------
    Split
        The same, with a note of classes that train lacks.

    Raises
    ------
    DataError
        If train, valid or test is empty.
    """
    for part in ("train", "valid", "test"):
        if not len(getattr(split, part)):
            problem = f"The split {split.spec!r} of {counted(len(corpus))} leaves {part} empty."
            raise DataError(problem, remedy="Give more rows, or choose another split.")
    note = absent_note(corpus, split.train)
    if note is None:
        return split
    return dataclasses.replace(split, notes=(*split.notes, note))


def leaked(corpus: Corpus, split: Split, *, near: bool = False, forbid: bool = False) -> Bools:
    """Find test rows whose text also stands in train or valid.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    split : Split
        Its split.
    near : bool
        Whether near-duplicates count, or exact copies alone.
    forbid : bool
        Whether to raise if there is one.

    Returns
    -------
    Bools
        Shape ``(n_test,)``, in the order of ``split.test``.

    Raises
    ------
    LeakageError
        If there is one and that is forbidden.
    """
    clusters = clusters_of(corpus, near=near)
    seen = np.zeros(int(clusters.max(initial=-1)) + 1, dtype=bool)
    seen[clusters[split.train]] = True
    seen[clusters[split.valid]] = True
    found: Bools = seen[clusters[split.test]]
    if forbid and found.any():
        remedy = "Remove the duplicates, or draw a split that keeps them together: stratified:F."
        raise LeakageError(f"{leak_note(found)}.", remedy=remedy)
    return found


def leak_note(exact: Bools, near: Bools | None = None) -> str:
    """Say how many test rows are leaked.

    Parameters
    ----------
    exact : Bools
        What `leaked` gave for exact copies, shape ``(n_test,)``.
    near : Bools | None
        What it gave for near-duplicates; None if they were not looked for.

    Returns
    -------
    str
        One sentence without its full stop.

    Examples
    --------
    >>> leak_note(np.array([True, False, False, False]))
    '1 of 4 test rows (25.0 %) stands word for word in train or valid'
    >>> leak_note(np.array([True, False, False]), np.array([True, True, True]))
    '1 of 3 test rows (33.3 %) stands word for word in train or valid, 2 more (66.7 %) nearly so'
    """
    n, n_exact = len(exact), int(exact.sum())
    n_near = 0 if near is None else int((near & ~exact).sum())

    def share(count: int) -> str:
        return f"{100 * count / max(n, 1):.1f} %"

    if n_near and not n_exact:
        verb = "has a near-duplicate" if n_near == 1 else "have near-duplicates"
        return f"{n_near:,} of {n:,} test rows ({share(n_near)}) {verb} in train or valid"
    verb = "stands" if n_exact == 1 else "stand"
    more = f", {n_near:,} more ({share(n_near)}) nearly so" if n_near else ""
    return (
        f"{n_exact:,} of {n:,} test rows ({share(n_exact)}) {verb} word for word in train or "
        f"valid{more}"
    )
