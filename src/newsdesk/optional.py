"""Libraries that are not part of the base install: the only place that catches ImportError."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from newsdesk.errors import MissingExtraError

__all__ = ["load", "require"]


def load(target: str, *, extra: str) -> Any:  # noqa: ANN401  a module or attribute of any kind
    """Import an optional module, or an attribute of one.

    Parameters
    ----------
    target : str
        ``"module"`` or ``"module:attribute"``.
    extra : str
        The pip extra that installs it; empty when it belongs to the base install.

    Returns
    -------
    Any
        The module or attribute.

    Raises
    ------
    MissingExtraError
        If the module, or a library that it needs, is not installed.

    Examples
    --------
    >>> load("math:sqrt", extra="")(9.0)
    3.0
    """
    module_name, _, attribute = target.partition(":")
    try:
        module = import_module(module_name)
    except ImportError as error:
        remedy = (
            f'Install it with: pip install "newsdesk[{extra}]".'
            if extra
            else "Reinstall newsdesk: this library belongs to its base install."
        )
        missing = error.name or "a library"
        problem = f"{module_name} needs {missing}, which is not installed."
        if missing == module_name:
            problem = f"{module_name} is not installed."
        raise MissingExtraError(problem, remedy=remedy) from error
    return getattr(module, attribute) if attribute else module


def require(module: str, *, extra: str) -> None:
    """Make sure that an optional module is installed, without the time of importing it.

    Parameters
    ----------
    module : str
        Its name.
    extra : str
        The pip extra that installs it.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        found = find_spec(module) is not None
    except ValueError:  # it is being kept from being imported
        found = False
    if not found:
        problem = f"{module} is not installed."
        remedy = f'Install it with: pip install "newsdesk[{extra}]".'
        raise MissingExtraError(problem, remedy=remedy)
