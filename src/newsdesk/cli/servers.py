"""A running server that is told of a new version, and who tells it."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.cli import console
from newsdesk.cli.keys import read_keys

if TYPE_CHECKING:
    from newsdesk.promotion import Server

__all__ = ["server", "told", "whoever"]


def server(url: str | None, key_file: Path | None, model: str | None) -> Server | None:
    """Read which server is to be told, before anything is changed.

    Parameters
    ----------
    url : str | None
        Its address; None for none.
    key_file : Path | None
        File whose first line is a management key.
    model : str | None
        The model; None means the default one.

    Returns
    -------
    Server | None
        The server, if there is one to be told.

    Raises
    ------
    ConfigError
        If there is an address and no key, or a key and no address.
    """
    from newsdesk.errors import ConfigError
    from newsdesk.promotion import Server

    if url is None:
        if key_file is not None or model is not None:
            problem = "A key or a model is named, and no server."
            raise ConfigError(problem, remedy="Name its address: --reload URL.")
        return None
    if key_file is None:
        problem = "Loading a model takes a management key."
        raise ConfigError(problem, remedy="Name a file that holds it: --management-key-file FILE.")
    return Server(url, read_keys(key_file)[0], model)


def told(running: Server | None, digest: str, *, quiet: bool) -> None:
    """Tell a server of a version, where there is one to be told.

    Parameters
    ----------
    running : Server | None
        The server.
    digest : str
        Of the version.
    quiet : bool
        Whether nothing is said.

    Raises
    ------
    ReloadError
        If it does not answer with that version then.
    """
    if running is None:
        return
    from newsdesk.promotion import reload

    name = reload(running, digest)
    if not quiet:
        console.note(f"{running.url} answers with {digest[:12]} as {name}")


def whoever(given: str | None) -> str:
    """Say who promotes: as given, else the user of the system.

    Parameters
    ----------
    given : str | None
        A name.

    Returns
    -------
    str
        The name; empty where the system knows none.
    """
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return ""
