"""List model families, or the settings of one.

For example:
  newsdesk families
  newsdesk families linear
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdesk.cli import console, options
from newsdesk.errors import MissingExtraError

if TYPE_CHECKING:
    from newsdesk.models.registry import Family

__all__ = ["available", "described", "families", "show_settings", "written"]


def families(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show the settings of this family.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List families, or one family's settings."""
    from newsdesk.models import registry

    if name is not None:
        family = registry.find(name)
        use = f"newsdesk train DATA --family {family.name}"
        show_settings(family.name, family.summary, family.load().Params, as_json=as_json, use=use)
        return
    rows = [
        {
            "name": family.name,
            "summary": family.summary,
            "extra": family.extra,
            "modalities": family.modalities,
            "available": missing is None,
        }
        for family, missing in available()
    ]
    if as_json:
        console.write_json(rows)
        return
    cells = [
        [
            str(row["name"]),
            "yes" if row["available"] else f"pip install 'newsdesk[{row['extra']}]'",
            str(row["summary"]),
        ]
        for row in rows
    ]
    console.say(console.table(["family", "installed", "what it is"], cells, left=(0, 1, 2)))
    console.say("Settings of one:  newsdesk families NAME", wrap=False)


def available() -> Iterator[tuple[Family, MissingExtraError | None]]:
    """Try to load each family.

    Yields
    ------
    tuple[Family, MissingExtraError | None]
        The row of the table, and what is missing if it cannot be used.
    """
    from newsdesk.models import registry

    for family in registry.families().values():
        try:
            family.load()
        except MissingExtraError as error:
            yield family, error
        else:
            yield family, _missing(family)


def _missing(family: Family) -> MissingExtraError | None:
    """What a family imports no earlier than in its training, and does not find."""
    from importlib import metadata

    with suppress(metadata.PackageNotFoundError):  # run without having been installed
        for line in metadata.requires("newsdesk") or ():
            requirement, _, marker = line.partition(";")
            if marker.strip() != f'extra == "{family.extra}"':
                continue
            library = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
            try:
                metadata.version(library)
            except metadata.PackageNotFoundError:
                remedy = f'Install it with: pip install "newsdesk[{family.extra}]".'
                return MissingExtraError(f"{library} is not installed.", remedy=remedy)
    return None


def show_settings(
    name: str,
    summary: str,
    params: type[Any],
    *,
    as_json: bool,
    use: str,
) -> None:
    """List the settings of a family, or of whatever else has a dataclass of them.

    Parameters
    ----------
    name : str
        What they belong to.
    summary : str
        What that is, in a line.
    params : type[Any]
        The dataclass; its docstring says what each is.
    as_json : bool
        Whether they are written for programs.
    use : str
        The command that ``--set`` is given to.
    """
    meanings = described(params.__doc__ or "")  # the family's own settings before shared ones
    defaults = params()
    presets: dict[str, dict[str, Any]] = getattr(params, "PRESETS", {})
    if as_json:
        settings = {
            setting: {"default": getattr(defaults, setting), "meaning": meaning}
            for setting, meaning in meanings.items()
        }
        console.write_json(
            {
                "name": name,
                "summary": summary,
                "settings": settings,
                "presets": presets,
            }
        )
        return
    console.say(f"{name}: {summary}")
    if not meanings:
        console.say("It has no settings.")
        return
    cells = [
        [setting, written(getattr(defaults, setting)), meaning]
        for setting, meaning in meanings.items()
    ]
    console.say(console.table(["setting", "default", "what it is"], cells, left=(0, 1, 2)))
    given = [f"{cells[0][0]}={cells[0][1]}"]
    if presets:
        other = [[preset, _changed(values, defaults)] for preset, values in presets.items()]
        console.say()
        console.say(console.table(["preset", "what it changes"], other, left=(0, 1)))
        given.append(f"preset={other[0][0]}")
    for act, pair in zip(("Set one:", "Take a preset:"), given, strict=False):
        console.say(f"{act}  {use} --set '{pair}'", wrap=False)


def _changed(preset: dict[str, Any], defaults: Any) -> str:  # noqa: ANN401  the family's Params
    parts = []
    for name, value in preset.items():
        own = getattr(defaults, name)
        if isinstance(value, dict):
            parts += [f"{name}.{inner}" for inner in _changed(value, own).split()]
        elif value != own:
            # A line may end between settings only.
            parts.append(f"{name}={written(value).replace(' ', '')}")
    return " ".join(parts)


def written(value: Any) -> str:  # noqa: ANN401  any value of a setting
    """Write a value as ``--set`` reads it.

    Parameters
    ----------
    value : Any
        Of a setting.

    Returns
    -------
    str
        TOML where there is a form, names parted by commas; ``none`` for None, ``…`` for settings
        that hold settings of their own.

    Examples
    --------
    >>> written((1, 2)), written(("a", "b")), written(None), written(True), written("")
    ('[1, 2]', 'a,b', 'none', 'true', '""')
    """
    if value is None:
        return "none"
    if value == "":
        return '""'
    if dataclasses.is_dataclass(value):
        return "…"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple) and value and all(isinstance(item, str) for item in value):
        return ",".join(value)
    return str(list(value)) if isinstance(value, tuple) else str(value)


def described(doc: str) -> dict[str, str]:
    """Read the meaning of each parameter out of a numpy-style docstring.

    Parameters
    ----------
    doc : str
        The docstring.

    Returns
    -------
    dict[str, str]
        Meaning by name, on one line, without markup.
    """
    import inspect

    _, _, section = inspect.cleandoc(doc).partition("Parameters\n----------\n")
    meanings: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if line and not line.startswith(" "):
            name = line.partition(" : ")[0]
            meanings[name] = ""
        elif name:
            meanings[name] = f"{meanings[name]} {line.strip()}".strip()
    return {name: meaning.replace("``", "") for name, meaning in meanings.items()}
