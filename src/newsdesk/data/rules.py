"""The rules by which splits are drawn, one function each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data.corpus import Corpus
from newsdesk.data.dates import date_column, days_of, extra_column
from newsdesk.data.wording import counted
from newsdesk.errors import ConfigError, DataError, SchemaError
from newsdesk.types import Indices

__all__ = ["RULES", "VALID_SHARE", "Drawn", "stratified_rows"]

VALID_SHARE = 0.1
"""Share of train that becomes valid where no rule gives another."""
_N_HUFFPOST = 200_853


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a rule has drawn; the other rows are train.

    Parameters
    ----------
    valid : Indices
        Valid rows, in any order.
    test : Indices
        Test rows, in any order.
    how : str
        One sentence.
    notes : tuple[str, ...]
        What a reader must know.
    """

    valid: Indices
    test: Indices
    how: str
    notes: tuple[str, ...] = ()


def _others(n: int, rows: Indices) -> Indices:
    left = np.ones(n, dtype=bool)
    left[rows] = False
    return np.flatnonzero(left)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        problem = f"The share {text!r} of a split is no number between 0 and 1."
        raise ConfigError(problem, remedy="Name one such as 0.1.")
    return share


def _need_rows(corpus: Corpus, spec: str) -> None:
    if len(corpus) < 3:
        problem = f"The split {spec!r} needs at least 3 rows, there are {len(corpus)}."
        raise DataError(problem, remedy="Give more rows.")


def _random_rows(rows: Indices, share: float, seed: int) -> Indices:
    """Scikit-learn's test rows of ``train_test_split(rows, test_size=share)``."""
    from sklearn.model_selection import train_test_split

    try:
        _, drawn = train_test_split(rows, test_size=share, random_state=seed)
    except ValueError as error:
        problem = f"A share of {share:g} of {counted(len(rows))} leaves nothing to train on."
        raise DataError(problem, remedy="Give more rows or another share.") from error
    test: Indices = drawn
    return test


def _random(corpus: Corpus, argument: str, seed: int) -> Drawn:
    share = _share(argument)
    _need_rows(corpus, f"random:{argument}")
    rows = np.arange(len(corpus))
    test = _random_rows(rows, share, seed)
    valid = _random_rows(_others(len(corpus), test), share, seed)
    return Drawn(valid, test, f"A random {share:g} of the rows is test (seed {seed}).")


def stratified_rows(
    corpus: Corpus, rows: Indices, share: float, rng: np.random.Generator
) -> Indices:
    """Draw a share of rows with each class in its proportion, never its last row.

    The number of each class is its exact share rounded by largest remainders, so that the total
    is that of the whole; equal remainders go to the class of the lower index.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    rows : Indices
        Rows to draw from.
    share : float
        Between 0 and 1.
    rng : np.random.Generator
        Source of chance.

    Returns
    -------
    Indices
        The rows drawn.
    """
    y = corpus.y[rows]
    sizes = np.bincount(y, minlength=len(corpus.labels))
    most = np.maximum(sizes - 1, 0)
    exact = sizes * share
    quota = np.minimum(np.floor(exact).astype(np.int64), most)
    wanted = math.ceil(share * len(rows))
    for index in np.argsort(-(exact - np.floor(exact)), kind="stable").tolist():
        if quota.sum() >= wanted:
            break
        quota[index] = min(quota[index] + 1, most[index])
    shuffled = rng.permutation(len(rows))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(rows)) - np.repeat(starts, sizes)
    drawn: Indices = rows[by_class[rank < np.repeat(quota, sizes)]]
    return drawn


def _stratified(corpus: Corpus, argument: str, seed: int) -> Drawn:
    share = _share(argument)
    _need_rows(corpus, f"stratified:{argument}")
    rng = np.random.default_rng(seed)
    test = stratified_rows(corpus, np.arange(len(corpus)), share, rng)
    valid = stratified_rows(corpus, _others(len(corpus), test), share, rng)
    return Drawn(valid, test, f"{share:g} of each class is test (seed {seed}).")


def _grouped(corpus: Corpus, argument: str, seed: int) -> Drawn:
    name, _, share_text = argument.rpartition(":")
    share = _share(share_text)
    values = extra_column(corpus, name)
    groups: Indices = (
        pc.dictionary_encode(values.combine_chunks()).indices.fill_null(-1).to_numpy().astype(int)
    )
    alone = groups < 0
    groups[alone] = groups.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    n_groups = int(groups.max(initial=-1)) + 1
    if n_groups < 3:
        problem = f"Column {name!r} has {counted(n_groups, 'group')}; train, valid and test need 3."
        raise DataError(problem, remedy="Choose a column with more groups, or another split.")
    rng = np.random.default_rng(seed)
    sizes = np.bincount(groups)
    in_test = _whole_groups(np.arange(n_groups), sizes, share * len(corpus), rng)
    left = np.setdiff1d(np.arange(n_groups), in_test)
    in_valid = _whole_groups(left, sizes, share * int(sizes[left].sum()), rng)
    n_alone = int(alone.sum())
    notes = (f"{counted(n_alone)} without {name}: each a group of its own",) if n_alone else ()
    return Drawn(
        valid=np.flatnonzero(np.isin(groups, in_valid)),
        test=np.flatnonzero(np.isin(groups, in_test)),
        how=f"About {share:g} of the rows is test, whole groups of {name} (seed {seed}).",
        notes=notes,
    )


def _whole_groups(
    groups: Indices, sizes: Indices, wanted: float, rng: np.random.Generator
) -> Indices:
    """Groups in random order, each taken if it still fits; at least the smallest one."""
    taken, total = [], 0
    for group in rng.permutation(groups).tolist():
        if total + sizes[group] <= wanted:
            taken.append(group)
            total += int(sizes[group])
    return np.array(taken or [groups[np.argmin(sizes[groups])]], dtype=np.int64)


def _after(corpus: Corpus, argument: str, seed: int) -> Drawn:  # noqa: ARG001  one signature for all rules
    name, _, day_text = argument.rpartition(":")
    name = name or date_column(corpus)
    try:
        first = np.datetime64(day_text, "D")
    except ValueError as error:
        problem = f"{day_text!r} is no date."
        raise ConfigError(problem, remedy="Write year-month-day, such as 2018-01-01.") from error
    days = days_of(corpus, name)
    dated = ~np.isnat(days)
    test = np.flatnonzero(dated & (days >= first))
    before = np.flatnonzero(dated & (days < first))
    if not len(test) or not len(before):
        bounds = f"{days[dated].min()} to {days[dated].max()}" if dated.any() else "no dates"
        problem = f"{first} does not divide the rows: column {name!r} holds {bounds}."
        raise DataError(problem, remedy="Choose a date inside of that span.")
    n_valid = math.ceil(len(test) / len(corpus) * len(before))
    cut = np.sort(days[before])[-n_valid]
    valid = before[days[before] >= cut]
    if len(valid) == len(before):
        problem = f"All rows before {first} are of one day or too few days to take valid from."
        raise DataError(problem, remedy="Choose a later date, or another split.")
    n_undated = int((~dated).sum())
    return Drawn(
        valid=valid,
        test=test,
        how=f"Test is from {first} on, valid from {cut} on (column {name}).",
        notes=(f"{counted(n_undated)} without a date stay in train",) if n_undated else (),
    )


def _tail(corpus: Corpus, argument: str, seed: int) -> Drawn:  # noqa: ARG001  one signature for all rules
    if not argument.isdecimal() or not 0 < int(argument) < len(corpus) - 1:
        problem = f"The last {argument} of {counted(len(corpus))} cannot be the test rows."
        raise ConfigError(problem, remedy="Name a whole number that leaves train and valid rows.")
    n_test = int(argument)
    return _tail_of(corpus, n_test, f"The last {counted(n_test)} are test, those before valid.")


def _tail_of(corpus: Corpus, n_test: int, how: str) -> Drawn:
    n_left = len(corpus) - n_test
    n_valid = math.ceil(n_test / len(corpus) * n_left)
    rows = np.arange(len(corpus))
    return Drawn(rows[n_left - n_valid : n_left], rows[n_left:], how)


_PARTS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
}


def _by_column(corpus: Corpus, argument: str, seed: int) -> Drawn:
    values = extra_column(corpus, argument).cast(pa.large_string()).fill_null("").to_pylist()
    parts = np.array([_PARTS.get(value.strip().lower(), "") for value in values])
    if (parts == "").any():
        row = int(np.flatnonzero(parts == "")[0])
        problem = (
            f"Column {argument!r} holds {values[row]!r} (document {corpus.documents.ids[row]})."
        )
        raise SchemaError(problem, remedy="Write train, valid or test in each row.")
    test, valid = (np.flatnonzero(parts == part) for part in ("test", "valid"))
    how = f"Column {argument} says which rows are train, valid and test."
    if len(valid):
        return Drawn(valid, test, how)
    valid = _random_rows(np.flatnonzero(parts == "train"), VALID_SHARE, seed)
    note = f"column {argument} names no valid rows: a random tenth of train is valid"
    return Drawn(valid, test, how, (note,))


def _published(corpus: Corpus, argument: str, seed: int) -> Drawn:  # noqa: ARG001  one signature for all rules
    test = corpus.published
    if test is None:
        problem = f"{corpus.name} has no published split."
        raise DataError(problem, remedy="Choose another, such as stratified:0.1.")
    n = len(corpus)
    if not 0 < len(test) < n - 1:
        problem = f"The published test rows are {len(test):,} of the {counted(n)} that are left."
        raise DataError(problem, remedy="Keep more rows, or choose another split.")
    if np.array_equal(test, np.arange(n - len(test), n)):
        return _tail_of(
            corpus, len(test), "The published test rows, the last ones; before them valid."
        )
    if corpus.name == "huffpost" and n == _N_HUFFPOST:
        expected = np.sort(_random_rows(np.arange(n), 0.1, 42))
        if not np.array_equal(test, expected):
            problem = "The published test rows are not those that scikit-learn draws with seed 42."
            raise DataError(problem, remedy="Put the original file in place.")
    left = _others(n, test)
    valid = _random_rows(left, len(test) / n, seed)
    return Drawn(valid, test, f"The published test rows; valid is random (seed {seed}).")


RULES: dict[str, Callable[[Corpus, str, int], Drawn]] = {
    "published": _published,
    "random": _random,
    "stratified": _stratified,
    "grouped": _grouped,
    "after": _after,
    "tail": _tail,
    "column": _by_column,
}
"""Rules by the first word of a specification; each takes corpus, argument and seed."""
