"""Settings: TOML and ``key=value`` pairs become frozen dataclasses, decoded by msgspec."""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from newsdesk.errors import ConfigError

__all__ = [
    "available_memory",
    "decode",
    "dump",
    "field_names",
    "load",
    "n_threads",
    "override",
    "setting_names",
    "suggest",
    "suggest_setting",
]

T = TypeVar("T")


def suggest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant.

    Parameters
    ----------
    name : str
        What was given.
    known : Iterable[str]
        What exists.

    Returns
    -------
    str
        A sentence: the nearest name, or all names.

    Examples
    --------
    >>> suggest("epoch", ["epochs", "tol"])
    "Did you mean 'epochs'?"
    >>> suggest("c", ["C", "tol"])
    "Did you mean 'C'?"
    >>> suggest("zzz", ["epochs", "tol"])
    'Known: epochs, tol.'
    """
    names = list(known)
    near = [other for other in names if other.casefold() == name.casefold()]
    near = near or difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}."


def suggest_setting(name: str, known: Iterable[str]) -> str:
    """Say which known setting was probably meant, see `suggest`.

    Parameters
    ----------
    name : str
        What was given.
    known : Iterable[str]
        What exists, as `setting_names` gives it.

    Returns
    -------
    str
        A sentence.

    Examples
    --------
    >>> known = ["epochs", "pretraining", "pretraining.units", "pretraining.window"]
    >>> suggest_setting("units", known)
    "Did you mean 'pretraining.units'?"
    >>> suggest_setting("pretraining.unit", known)
    "Did you mean 'pretraining.units'?"
    >>> suggest_setting("z.zz", known)
    'Known: epochs, pretraining.'
    """
    names = list(known)
    within = [other for other in names if other.endswith(f".{name}")]
    if within:
        return f"Did you mean {within[0]!r}?"
    beside = [other for other in names if other.rpartition(".")[0] == name.rpartition(".")[0]]
    return suggest(name, beside or [other for other in names if "." not in other])


def decode(cls: type[T], values: Mapping[str, Any], *, where: str) -> T:
    """Build a settings dataclass from plain values.

    Parameters
    ----------
    cls : type[T]
        A dataclass; its fields are the schema.
    values : Mapping[str, Any]
        Field values as TOML or JSON give them.
    where : str
        Where they come from, for the error text.

    Returns
    -------
    T
        The settings.

    Raises
    ------
    ConfigError
        If a key is unknown, or a value is of the wrong kind or out of range.
    """
    known = field_names(cls)
    for key in values:
        if key not in known:
            raise ConfigError(f"{where}: unknown setting {key!r}.", remedy=suggest(key, known))
    try:
        return _whole(msgspec.convert(dict(values), cls, strict=False))
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, ConfigError):  # the dataclass checks its own ranges
            raise error.__cause__ from None
        remedy = "Give a value of the kind and range that the message names."
        raise ConfigError(f"{where}: {error}.", remedy=remedy) from error


def _whole(settings: T) -> T:
    """Give an instance of its own what msgspec leaves to the class: it would not be written."""
    own = {name: getattr(settings, name) for name in field_names(settings)}
    inner = {name: _whole(value) for name, value in own.items() if dataclasses.is_dataclass(value)}
    return dataclasses.replace(settings, **inner)  # type: ignore[type-var]


def load(cls: type[T], path: Path) -> T:
    """Read a TOML file into a settings dataclass.

    Parameters
    ----------
    cls : type[T]
        A dataclass.
    path : Path
        The file.

    Returns
    -------
    T
        The settings.

    Raises
    ------
    ConfigError
        If the file is missing or no TOML, or a setting is wrong.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"There is no file {path}.", remedy="Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no valid TOML: {error}.", remedy="Mend the line.") from error
    return decode(cls, values, where=str(path))


def override(settings: T, pairs: Iterable[str], *, where: str) -> T:
    """Apply ``key=value`` pairs to settings.

    Parameters
    ----------
    settings : T
        A dataclass instance. Where its class has ``PRESETS``, ``preset=NAME`` sets all that stands
        there under the name, before the other pairs are applied.
    pairs : Iterable[str]
        Such as ``"C=0.3"``; a value is read as TOML where it is TOML, else as a string, of which
        commas part the items where the setting is a list. Settings within a setting are named with
        a dot: ``"pretraining.epochs=3"``.
    where : str
        Whose settings these are, for the error text.

    Returns
    -------
    T
        New settings.

    Raises
    ------
    ConfigError
        If a pair has no ``=``, a key is unknown or a value is wrong.
    """
    values = msgspec.to_builtins(settings)
    presets: Mapping[str, Mapping[str, Any]] = getattr(settings, "PRESETS", {})
    given: dict[str, Any] = {}
    inner: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            problem = f"{where}: {pair!r} is not of the form key=value."
            raise ConfigError(problem, remedy="Write, for example, --set C=0.3.")
        key = key.strip()
        outer, _, rest = key.partition(".")
        if key == "preset" and presets:
            if text.strip() not in presets:
                problem = f"{where}: there is no preset {text.strip()!r}."
                raise ConfigError(problem, remedy=suggest(text.strip(), presets))
            values = _merged(values, presets[text.strip()])
        elif rest and isinstance(values.get(outer), Mapping):
            inner.setdefault(outer, []).append(f"{rest}={text}")
        elif key not in values:
            remedy = suggest_setting(key, setting_names(settings, presets=True))
            raise ConfigError(f"{where}: unknown setting {key!r}.", remedy=remedy)
        else:
            given[key] = _plain(text.strip())
            if isinstance(given[key], str) and isinstance(values[key], list | tuple):
                given[key] = _items(given[key])
    made = decode(type(settings), values | given, where=where)
    if not inner:
        return made
    changes = {
        outer: override(getattr(made, outer), own, where=f"{where}, {outer}")
        for outer, own in inner.items()
    }
    return dataclasses.replace(made, **changes)  # type: ignore[type-var]


def _merged(values: Mapping[str, Any], preset: Mapping[str, Any]) -> dict[str, Any]:
    """Values with those of a preset, which need not name all settings within a setting."""
    return {**values} | {
        name: {**values[name], **value} if isinstance(value, Mapping) else value
        for name, value in preset.items()
    }


def _plain(text: str) -> Any:  # noqa: ANN401  whatever TOML holds
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _items(text: str) -> list[str] | None:
    """What commas part; None where the setting is to be empty."""
    if text.lower() == "null":
        return None
    return [item.strip() for item in text.split(",") if item.strip()]


def field_names(settings: object) -> list[str]:
    """Names of the settings of a dataclass or an instance of one.

    Parameters
    ----------
    settings : object
        A dataclass.

    Returns
    -------
    list[str]
        In the order of declaration.
    """
    return [item.name for item in dataclasses.fields(settings)]  # type: ignore[arg-type]


def setting_names(settings: object, *, presets: bool = False) -> list[str]:
    """Names that `override` takes, those of settings within a setting among them.

    Parameters
    ----------
    settings : object
        An instance of a dataclass.
    presets : bool
        Whether ``preset``, which has no value of its own, is one where the class has any.

    Returns
    -------
    list[str]
        The settings in the order of declaration, then those within them, such as
        ``"pretraining.epochs"``.
    """
    names = field_names(settings)
    within = [
        f"{name}.{inner}"
        for name in names
        if dataclasses.is_dataclass(getattr(settings, name))
        for inner in setting_names(getattr(settings, name), presets=presets)
    ]
    has_presets = presets and getattr(settings, "PRESETS", None)
    return names + (["preset"] if has_presets else []) + within


def dump(values: Mapping[str, Any]) -> str:
    """Write plain values as TOML.

    Parameters
    ----------
    values : Mapping[str, Any]
        Strings, numbers, booleans, lists and nested mappings; None is left out.

    Returns
    -------
    str
        A TOML document.

    Examples
    --------
    >>> print(dump({"seed": 0, "split": {"spec": "random:0.1"}}), end="")
    seed = 0
    <BLANKLINE>
    [split]
    spec = "random:0.1"
    """
    return "".join(_dumped(values, ())).lstrip("\n")


def _dumped(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    lines = [
        f"{_key(key)} = {_literal(value)}\n"
        for key, value in values.items()
        if key not in tables and value is not None
    ]
    if path and (lines or not tables):
        yield f"\n[{'.'.join(map(_key, path))}]\n"
    yield from lines
    for key, value in tables.items():
        yield from _dumped(value, (*path, key))


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("-", "_").isidentifier()
    return name if plain else _literal(name)


def _literal(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    # TOML's basic strings, numbers and booleans are JSON's, but for the delete character.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


def n_threads() -> int:
    """How many threads heavy loops use: ``$NEWSDESK_THREADS``, else the processors given to us.

    Returns
    -------
    int
        At least 1. No result depends on it.

    Raises
    ------
    ConfigError
        If the variable is no positive whole number.
    """
    asked = os.environ.get("NEWSDESK_THREADS", "")
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            problem = f"NEWSDESK_THREADS is {asked!r}, not a positive whole number."
            raise ConfigError(problem, remedy="Set it to a number such as 2, or unset it.")
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int | None:
    """Bytes of memory that can be taken without swapping, where the system tells.

    Returns
    -------
    int | None
        Bytes, or None where it is not known.
    """
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    facts = dict(line.split(":", 1) for line in lines)
    return int(facts["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in facts else None
