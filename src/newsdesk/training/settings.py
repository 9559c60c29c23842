"""Which of the given settings belongs to which family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.errors import ConfigError

__all__ = ["family_params"]


def family_params(names: Sequence[str], pairs: Sequence[str]) -> dict[str, Any]:
    """Params of each family, with the ``key=value`` pairs that it knows applied.

    Parameters
    ----------
    names : Sequence[str]
        Names of families.
    pairs : Sequence[str]
        Settings; each must be known to one of the families at least.

    Returns
    -------
    dict[str, Any]
        Params by family, in the given order.

    Raises
    ------
    ConfigError
        If no family is named, one is named twice, or a setting is unknown or out of range.
    UnknownFamilyError
        If there is no family of a name.
    MissingExtraError
        If a family cannot be trained here.
    """
    if not names or len(set(names)) < len(names):
        problem = f"Families are {', '.join(names) or 'none'}."
        raise ConfigError(problem, remedy="Name one or more families, each once.")
    defaults = {name: door.default_params(name) for name in names}
    known = {name: config.setting_names(value, presets=True) for name, value in defaults.items()}
    for pair in pairs:
        if not any(_key(pair) in fields for fields in known.values()):
            everything = sorted(set().union(*known.values()))
            problem = f"No chosen family has a setting {_key(pair)!r}."
            raise ConfigError(problem, remedy=config.suggest_setting(_key(pair), everything))
    params = {
        name: config.override(
            value, [pair for pair in pairs if _key(pair) in known[name]], where=f"Family {name}"
        )
        for name, value in defaults.items()
    }
    for name, own in params.items():
        door.require(name, own)
    return params


def _key(pair: str) -> str:
    return pair.partition("=")[0].strip()
