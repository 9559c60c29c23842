"""Several values of one setting, as they are typed: ``key=value|value``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from newsdesk import config
from newsdesk.errors import ConfigError

__all__ = ["Choices", "written"]


@dataclass(frozen=True)
class Choices:
    """How several values of a setting are read, and what errors call them.

    Parameters
    ----------
    name : str
        What one entry is called, such as ``"Grid entry"``.
    plural : str
        What several are called, within a sentence.
    option : str
        The option that takes them, such as ``"--grid"``.
    """

    name: str
    plural: str
    option: str

    def split(self, entries: Sequence[str], known: Sequence[str]) -> dict[str, list[str]]:
        """Take entries apart.

        Parameters
        ----------
        entries : Sequence[str]
            One ``"key=value|value"`` per key.
        known : Sequence[str]
            The keys that there are.

        Returns
        -------
        dict[str, list[str]]
            The texts of the values by key, in the order given.

        Raises
        ------
        ConfigError
            If an entry is of another form, or its key is unknown or has another entry.
        """
        texts: dict[str, list[str]] = {}
        for entry in entries:
            key, equals, options = entry.partition("=")
            key = key.strip()
            if not equals or not all(option.strip() for option in options.split("|")):
                problem = f"{self.name} {entry!r} is not of the form key=value|value."
                remedy = f"Write, for example, {self.option} 'C=0.1|0.3|1'."
                raise ConfigError(problem, remedy=remedy)
            if key not in known:
                problem = f"{self.name} {entry!r}: unknown setting {key!r}."
                raise ConfigError(problem, remedy=config.suggest_setting(key, known))
            if key in texts:
                problem = f"Setting {key} has two {self.plural}."
                raise ConfigError(problem, remedy=f"Name all its values in one: '{key}=…|…'.")
            texts[key] = [option.strip() for option in options.split("|")]
        return texts

    def values(
        self,
        params: Any,  # noqa: ANN401  each family has its own
        key: str,
        texts: Sequence[str],
        family: str,
    ) -> tuple[Any, ...]:
        """Read the values of a key.

        Parameters
        ----------
        params : Any
            Params that they are put into.
        key : str
            Name of a setting.
        texts : Sequence[str]
            As typed; ``"1,2"`` is a pair of numbers.
        family : str
            Name of the family.

        Returns
        -------
        tuple[Any, ...]
            Plain values, in the order given.

        Raises
        ------
        ConfigError
            If a value is of the wrong kind, out of range or named twice.
        """
        found: list[Any] = []
        for text in texts:
            where = f"{self.name} {key}={text}"
            listed = f"[{text}]" if "," in text and text[0] not in "[\"'{" else text
            try:
                read = config.override(params, [f"{key}={listed}"], where=where)
            except ConfigError as error:
                if error.problem.startswith(where):
                    raise
                raise ConfigError(f"{where}: {error.problem}", remedy=error.remedy) from error
            value = plain(read, key)
            if value in found:
                problem = f"{self.name} {key} of family {family} names {written(value)} twice."
                raise ConfigError(problem, remedy="Name each value once.")
            found.append(value)
        return tuple(found)


def plain(params: Any, key: str) -> Any:  # noqa: ANN401  whatever a setting holds
    """Value of a setting as JSON has it.

    Parameters
    ----------
    params : Any
        A family's Params.
    key : str
        Name of a setting, dotted where it is within another.

    Returns
    -------
    Any
        A plain value; lists for tuples.
    """
    value = msgspec.to_builtins(attrgetter(key)(params))
    return list(value) if isinstance(value, tuple) else value


def written(value: Any) -> str:  # noqa: ANN401  any value of a setting
    """Write a value for people.

    Parameters
    ----------
    value : Any
        A plain value.

    Returns
    -------
    str
        As `Choices` reads it.

    Examples
    --------
    >>> written([1, 2]), written(0.1), written(None), written("first")
    ('[1,2]', '0.1', 'null', 'first')
    """
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode().removesuffix(".0")
