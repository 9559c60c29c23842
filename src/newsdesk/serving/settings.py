"""What a server is told when it starts."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from newsdesk.errors import ConfigError

__all__ = ["Keys", "Limits", "Settings", "name_of", "names_of", "samples_beside"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FEWEST_KEY_CHARACTERS = 16


@dataclass(frozen=True)
class Limits:
    """Bounds that keep one client from taking the server away from the others.

    Parameters
    ----------
    body_bytes : int
        Longest body of a request; 2 MB as text-embeddings-inference has it.
    texts : int
        Texts of one request at the most.
    header_s : float
        Seconds in which the headers of a request must be there.
    body_s : float
        Seconds in which its body must be there.
    waiting_s : float
        Work that would wait longer for its turn is refused at once.
    waiting : int
        Requests that one process may have begun and not answered; more are refused at once. A
        fast model answers so many in about 25 ms.
    rate : float
        Requests per second of one key or address in the long run; 0 bounds nothing.
    drain_s : float
        Seconds that requests have to end when the server is told to.
    """

    body_bytes: int = 2 << 20
    texts: int = 512
    header_s: float = 10.0
    body_s: float = 30.0
    waiting_s: float = 1.0
    waiting: int = 128
    rate: float = 0.0
    drain_s: float = 30.0


@dataclass(frozen=True)
class Keys:
    """Who may ask, and who may change what is served.

    Parameters
    ----------
    api : tuple[str, ...]
        Keys of clients; none lets everybody ask.
    management : tuple[str, ...]
        Keys for loading models and deciding on corrections; none turns both off.
    """

    api: tuple[str, ...] = ()
    management: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key in (*self.api, *self.management):
            if len(key) < _FEWEST_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
                problem = f"A key of {len(key)} characters was given."
                remedy = f"Take {_FEWEST_KEY_CHARACTERS} or more printable ASCII characters."
                raise ConfigError(problem, remedy=remedy)


@dataclass(frozen=True)
class Settings:
    """Everything that a server is told.

    Parameters
    ----------
    models : dict[str, Path]
        Bundle folders by the names that they are served under; the first is the default.
    host : str
        Address to listen on.
    port : int
        Port; 0 takes a free one.
    workers : int
        Processes.
    public : bool
        Whether everybody may reach and ask the server without a key.
    samples : Path | None
        Table of texts with labels that the page offers.
    feedback : str | None
        URL of the database of corrections.
    abstain_below : float
        An answer less likely than this is "not sure"; 0 to 1.
    proxies : tuple[str, ...]
        Networks whose ``X-Forwarded-For`` is believed.
    log_requests : bool
        Whether each request has a line in the log; errors always have.
    keys : Keys
        Who may ask.
    limits : Limits
        Bounds.
    runtime : Path | None
        Folder that the workers of one server share; None where there is one.
    """

    models: dict[str, Path]
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    public: bool = False
    samples: Path | None = None
    feedback: str | None = None
    abstain_below: float = 0.0
    proxies: tuple[str, ...] = ()
    log_requests: bool = True
    keys: Keys = field(default_factory=Keys)
    limits: Limits = field(default_factory=Limits)
    runtime: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.abstain_below <= 1:
            problem = f"abstain_below is {self.abstain_below:g}."
            raise ConfigError(problem, remedy="Name a probability from 0 to 1.")
        if self.workers < 1:
            problem = f"{self.workers} workers are asked for."
            raise ConfigError(problem, remedy="Name a number from 1 on.")
        for network in self.proxies:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                problem = f"{network!r} is no network."
                raise ConfigError(problem, remedy="Write it as 10.0.0.0/8.") from error
        if not (self.keys.api or self.public or _is_local(self.host)):
            problem = f"{self.host} can be reached from other machines, and there is no key."
            remedy = "Name a file of keys (--keys FILE), or say --public if everybody may ask."
            raise ConfigError(problem, remedy=remedy)


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def name_of(path: Path) -> str:
    """Name a bundle after its folder, or after the run that it is the bundle of.

    Parameters
    ----------
    path : Path
        A bundle folder.

    Returns
    -------
    str
        A name to serve it under.

    Examples
    --------
    >>> name_of(Path("runs/huffpost/bundle")), name_of(Path("models/news"))
    ('huffpost', 'news')
    """
    folder = path.resolve()
    if folder.name == "bundle" and folder.parent.name:
        folder = folder.parent
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).lstrip("._-")[:64]
    return name or "model"


def samples_beside(bundle: Path) -> Path | None:
    """Find the samples that a run left beside its bundle.

    Parameters
    ----------
    bundle : Path
        A bundle folder.

    Returns
    -------
    Path | None
        The table; None if there is none.
    """
    found = bundle.parent / "samples.parquet"
    return found if bundle.name == "bundle" and found.is_file() else None


def names_of(given: list[str]) -> dict[str, Path]:
    """Read ``BUNDLE`` or ``NAME=BUNDLE`` arguments; a run folder stands for the bundle in it.

    Parameters
    ----------
    given : list[str]
        At least one.

    Returns
    -------
    dict[str, Path]
        Folders by name, in order.

    Raises
    ------
    ConfigError
        If a name cannot stand in a URL, or is given twice.
    """
    found: dict[str, Path] = {}
    for text in given:
        name, equals, rest = text.partition("=")
        path = Path(rest) if equals and not Path(text).exists() else Path(text)
        name = name if path == Path(rest) and equals else name_of(path)
        if not _NAME.fullmatch(name):
            problem = f"{name!r} cannot be the name of a model."
            raise ConfigError(problem, remedy="Take letters, digits, dots, hyphens; 64 at most.")
        if name in found:
            problem = f"Two models would be named {name}."
            raise ConfigError(problem, remedy=f"Name one of them: other={path}.")
        found[name] = path / "bundle" if (path / "bundle").is_dir() else path
    return found
