"""The grid: which values of which settings are tried, and which settings are the simpler ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.training.choices import Choices, written

__all__ = ["MOST_FITS", "PUBLISHED", "Grid", "Setting", "read_grid", "written"]

PUBLISHED = {
    "word_ngrams": "1,2|1,3",
    "ngram_range": "1,2|1,3",
    "C": "0.1|0.2|0.3|0.5|1|5",
}
"""The published space, by the names that families give to these settings (imadelh,
NLP-news-classification, grid search over TfidfVectorizer and LinearSVC)."""

MOST_FITS = 10_000
"""More are rather a mistake than a wish."""

_CHOICES = Choices("Grid entry", "grid entries", "--grid")
_LARGER_IS_SIMPLER = {"alpha", "min_df", "tol"}
"""More smoothing, fewer features, fewer steps."""


@dataclass(frozen=True)
class Setting:
    """One point of the grid.

    Parameters
    ----------
    number : int
        Its place in the grid, from 0.
    values : dict[str, Any]
        What it sets, as plain values.
    pairs : tuple[str, ...]
        The same as ``key=value``, with what is fixed for the whole grid before it.
    params : Any
        The family's Params.
    complexity : tuple[int, ...]
        A lesser tuple is a simpler setting: the place of each value among those of its key, the
        simplest first.
    """

    number: int
    values: dict[str, Any]
    pairs: tuple[str, ...]
    params: Any
    complexity: tuple[int, ...]

    @property
    def name(self) -> str:
        """What it sets, for people."""
        return " ".join(f"{key}={written(value)}" for key, value in self.values.items())


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of some settings.

    Parameters
    ----------
    family : str
        Whose settings they are.
    values : dict[str, tuple[Any, ...]]
        Plain values by key, in the order given.
    settings : tuple[Setting, ...]
        The combinations; the last key changes fastest.
    """

    family: str
    values: dict[str, tuple[Any, ...]]
    settings: tuple[Setting, ...]


def read_grid(
    family: str,
    entries: Sequence[str] = ("published",),
    fixed: Sequence[str] = (),
    *,
    n_folds: int = 1,
) -> Grid:
    """Read a grid.

    Parameters
    ----------
    family : str
        A name of the registry.
    entries : Sequence[str]
        ``"published"`` alone, or one ``"key=value|value"`` per key; ``"1,2"`` is a pair of numbers.
    fixed : Sequence[str]
        ``"key=value"`` for settings that are the same everywhere.
    n_folds : int
        Fits of each setting.

    Returns
    -------
    Grid
        At least one setting.

    Raises
    ------
    ConfigError
        If the grid is empty, a key is unknown or named twice, a value is named twice or out of
        range, or there are more than `MOST_FITS` fits.
    UnknownFamilyError
        If there is no family of that name.

    Examples
    --------
    >>> grid = read_grid("linear", ["word_ngrams=1,1|1,2", "C=0.3|1"])
    >>> [setting.name for setting in grid.settings][:2]
    ['word_ngrams=[1,1] C=0.3', 'word_ngrams=[1,1] C=1']
    """
    defaults = door.default_params(family)
    base = config.override(defaults, fixed, where=f"Family {family}")
    known = config.setting_names(defaults)
    texts = _published(family, known) if list(entries) == ["published"] else _given(entries, known)
    for pair in fixed:
        key = pair.partition("=")[0].strip()
        if key in texts:
            problem = f"Setting {key} is fixed ({pair}) and stands in the grid."
            raise ConfigError(problem, remedy="Leave it out of one of them.")
    values = {key: _CHOICES.values(base, key, options, family) for key, options in texts.items()}
    n_settings = math.prod(map(len, values.values()))
    if n_settings * n_folds > MOST_FITS:
        problem = (
            f"The grid has {n_settings:,} settings, with {n_folds} folds "
            f"{n_settings * n_folds:,} fits; at most {MOST_FITS:,} are allowed."
        )
        raise ConfigError(problem, remedy="Name fewer values, or search one setting after another.")
    ranks = {key: _ranks(key, options) for key, options in values.items()}
    settings = []
    for number, chosen in enumerate(itertools.product(*values.values())):
        own = dict(zip(values, chosen, strict=True))
        pairs = [f"{key}={msgspec.json.encode(value).decode()}" for key, value in own.items()]
        params = config.override(base, pairs, where=f"Grid point {' '.join(pairs)}")
        complexity = tuple(ranks[key][_frozen(value)] for key, value in own.items())
        settings.append(Setting(number, own, (*fixed, *pairs), params, complexity))
    return Grid(family, values, tuple(settings))


def _published(family: str, known: Sequence[str]) -> dict[str, list[str]]:
    texts = {key: options.split("|") for key, options in PUBLISHED.items() if key in known}
    if not texts:
        problem = f"Family {family} has none of the settings of the published grid."
        remedy = (
            f"Name its own, such as --grid '{known[0]}=…|…'."
            if known
            else "It has no settings: search another family."
        )
        raise ConfigError(problem, remedy=remedy)
    return texts


def _given(entries: Sequence[str], known: Sequence[str]) -> dict[str, list[str]]:
    texts = _CHOICES.split(entries, known)
    if not texts:
        problem = "The grid is empty."
        raise ConfigError(problem, remedy="Name a setting with its values: --grid 'C=0.1|0.3|1'.")
    return texts


def _ranks(key: str, values: Sequence[Any]) -> dict[Any, int]:
    sign = -1 if key in _LARGER_IS_SIMPLER else 1

    def plainness(value: Any) -> tuple[float, ...]:  # noqa: ANN401
        if value is None:
            return (-math.inf,)
        if isinstance(value, int | float):
            return (sign * float(value),)
        if isinstance(value, list) and all(isinstance(item, int | float) for item in value):
            # Of n-grams: how many lengths there are, then the longest.
            return (value[-1] - value[0], value[-1]) if value else (-math.inf,)
        return (math.inf,)  # a word: the order of the grid decides

    ordered = sorted(values, key=plainness)
    return {_frozen(value): rank for rank, value in enumerate(ordered)}


def _frozen(value: Any) -> Any:  # noqa: ANN401
    return tuple(value) if isinstance(value, list) else value
