"""The plan of a study: which levels of which settings are tried, around which base."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.training.choices import Choices, plain, written

__all__ = ["MOST_FITS", "Design", "Factor", "Plan", "Setting", "read_plan"]

Design = Literal["one-at-a-time", "grid"]

MOST_FITS = 2_000
"""More are rather a mistake than a wish."""

USUAL = {
    "C": ("0.05", "0.15", "0.5", "1.5", "5"),
    "min_df": ("1", "2", "5"),
    "loss": ("squared_hinge", "logistic"),
    "alpha": ("0.0001", "0.01", "1"),
}
"""Factors of families that declare none, by the names that they give to these settings."""

_BUDGET = {"patience": "0", "keep": "last"}
"""Neither the length of a training nor its result is chosen on valid: equal budgets, and valid is
as new to every fit as to the next."""
_CHOICES = Choices("Factor", "--vary entries", "--vary")


@dataclass(frozen=True)
class Factor:
    """A setting that is varied.

    Parameters
    ----------
    key : str
        Its name.
    levels : tuple[Any, ...]
        Plain values, the base among them; numbers ascend, others stand as they were given.
    base : Any
        The level that the setting has while other factors are varied.
    """

    key: str
    levels: tuple[Any, ...]
    base: Any

    @property
    def is_numeric(self) -> bool:
        """Whether all levels are numbers."""
        return _are_numbers(self.levels)


@dataclass(frozen=True)
class Setting:
    """One level of every factor.

    Parameters
    ----------
    number : int
        Its place in the plan, from 0, which is the base.
    values : dict[str, Any]
        The level of each factor.
    params : Any
        The family's Params.
    """

    number: int
    values: dict[str, Any]
    params: Any


@dataclass(frozen=True)
class Plan:
    """What is fitted.

    Parameters
    ----------
    family : str
        Whose settings they are.
    design : Design
        ``"one-at-a-time"``: the base, and every other level of each factor with the others at
        their base. ``"grid"``: every combination.
    factors : tuple[Factor, ...]
        At least one, in the order given.
    settings : tuple[Setting, ...]
        The base, then the others.
    fixed : tuple[str, ...]
        ``"key=value"`` for what is the same everywhere.
    """

    family: str
    design: Design
    factors: tuple[Factor, ...]
    settings: tuple[Setting, ...]
    fixed: tuple[str, ...] = ()

    @property
    def base(self) -> Setting:
        """Every factor at its base."""
        return self.settings[0]

    def name(self, setting: Setting) -> str:
        """Name a setting for people.

        Parameters
        ----------
        setting : Setting
            Of this plan.

        Returns
        -------
        str
            In what it differs from the base, or ``"base"``.
        """
        return " ".join(self.changes(setting.values)) or "base"

    def changes(self, values: Mapping[str, Any]) -> list[str]:
        """Say in what levels differ from the base.

        Parameters
        ----------
        values : Mapping[str, Any]
            A level of each factor.

        Returns
        -------
        list[str]
            ``"key=value"`` of each that differs.
        """
        return [
            f"{factor.key}={written(values[factor.key])}"
            for factor in self.factors
            if values[factor.key] != factor.base
        ]

    def setting(self, values: Mapping[str, Any]) -> Setting:
        """Find the setting with certain levels, or make one that the plan lacks.

        Parameters
        ----------
        values : Mapping[str, Any]
            A level of each factor.

        Returns
        -------
        Setting
            A new one has the next number.
        """
        for setting in self.settings:
            if setting.values == values:
                return setting
        return _setting(len(self.settings), dict(values), self.base.params)


def read_plan(
    family: str,
    entries: Sequence[str] = (),
    fixed: Sequence[str] = (),
    *,
    design: Design = "one-at-a-time",
    n_seeds: int = 1,
) -> Plan:
    """Read what is to be varied.

    Parameters
    ----------
    family : str
        A name of the registry.
    entries : Sequence[str]
        One ``"key=value|value"`` per factor; none takes those that the family declares in its
        ``Params.FACTORS``, else those of `USUAL` that it has.
    fixed : Sequence[str]
        ``"key=value"`` for the base.
    design : Design
        Which combinations are fitted.
    n_seeds : int
        Fits of each setting.

    Returns
    -------
    Plan
        At least two settings.

    Raises
    ------
    ConfigError
        If a key is unknown or named twice, a level is named twice or out of range, a factor has no
        level besides its base, there is no factor, or there are more than `MOST_FITS` fits.
    UnknownFamilyError
        If there is no family of that name.

    Examples
    --------
    >>> plan = read_plan("linear", ["C=0.1|1", "min_df=1|2"])
    >>> [plan.name(setting) for setting in plan.settings]
    ['base', 'C=0.1', 'C=1', 'min_df=1']
    """
    defaults = door.default_params(family)
    base = _with_budget(defaults, fixed, family)
    known = config.setting_names(defaults)
    texts = _CHOICES.split(entries, known) or _declared(defaults, known, family)
    factors = tuple(_factor(base, key, options, family) for key, options in texts.items())
    n_settings = _n_settings(factors, design)
    if n_settings * n_seeds > MOST_FITS:
        problem = (
            f"The study has {n_settings:,} settings, with {n_seeds} seeds "
            f"{n_settings * n_seeds:,} fits; at most {MOST_FITS:,} are allowed."
        )
        remedy = "Name fewer levels, or vary one factor at a time (--design one-at-a-time)."
        raise ConfigError(problem, remedy=remedy)
    values = _grid(factors) if design == "grid" else _one_at_a_time(factors)
    settings = tuple(_setting(number, own, base) for number, own in enumerate(values))
    return Plan(family, design, factors, settings, tuple(fixed))


def _with_budget(defaults: Any, fixed: Sequence[str], family: str) -> Any:  # noqa: ANN401
    """The base: neither early stopping nor a choice of the epoch on valid, unless asked for."""
    where = f"Family {family}"
    base = defaults
    for key, value in _BUDGET.items():
        if key in config.field_names(defaults):
            try:
                base = config.override(base, [f"{key}={value}"], where=where)
            except ConfigError:
                continue  # it has a rule of its own by this name
    return config.override(base, fixed, where=where)


def _declared(defaults: Any, known: Sequence[str], family: str) -> dict[str, list[str]]:  # noqa: ANN401
    declared: Mapping[str, Sequence[Any]] = getattr(defaults, "FACTORS", USUAL)
    texts = {
        key: [written(level) for level in levels]
        for key, levels in declared.items()
        if key in known
    }
    if not texts:
        problem = f"Family {family} declares no factors."
        remedy = (
            f"Name its own, such as --vary '{known[0]}=…|…'."
            if known
            else "It has no settings: study another family."
        )
        raise ConfigError(problem, remedy=remedy)
    return texts


def _factor(base: Any, key: str, texts: Sequence[str], family: str) -> Factor:  # noqa: ANN401
    levels = _CHOICES.values(base, key, texts, family)
    own = plain(base, key)
    if own not in levels:
        levels = (own, *levels)
    if len(levels) < 2:
        problem = f"Factor {key} has the one level {written(own)}, which is the base."
        raise ConfigError(problem, remedy=f"Name another one: --vary '{key}={written(own)}|…'.")
    return Factor(key, tuple(sorted(levels)) if _are_numbers(levels) else levels, own)


def _are_numbers(levels: Sequence[Any]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in levels)


def _n_settings(factors: Sequence[Factor], design: Design) -> int:
    sizes = [len(factor.levels) for factor in factors]
    return math.prod(sizes) if design == "grid" else 1 + sum(size - 1 for size in sizes)


def _one_at_a_time(factors: Sequence[Factor]) -> list[dict[str, Any]]:
    base = {factor.key: factor.base for factor in factors}
    others = [
        base | {factor.key: level}
        for factor in factors
        for level in factor.levels
        if level != factor.base
    ]
    return [base, *others]


def _grid(factors: Sequence[Factor]) -> list[dict[str, Any]]:
    base = {factor.key: factor.base for factor in factors}
    combinations = itertools.product(*(factor.levels for factor in factors))
    everything = [dict(zip(base, levels, strict=True)) for levels in combinations]
    return [base, *(values for values in everything if values != base)]


def _setting(number: int, values: dict[str, Any], base: Any) -> Setting:  # noqa: ANN401
    pairs = [f"{key}={msgspec.json.encode(value).decode()}" for key, value in values.items()]
    params = config.override(base, pairs, where=f"Setting {' '.join(pairs)}")
    return Setting(number, values, params)
