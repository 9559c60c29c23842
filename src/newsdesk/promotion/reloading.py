"""Telling a running server that another version is to be served, and seeing that it is."""

from __future__ import annotations

import http.client
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from newsdesk.errors import ConfigError, ReloadError

__all__ = ["Server", "reload"]

_TIMEOUT_S = 180.0
_BUSY, _TRIES = 409, 5
_MOST_BYTES = 1 << 20
_STAYS = "The home serves the new version all the same: mend the server, then load it again."


@dataclass(frozen=True)
class Server:
    """A running server.

    Parameters
    ----------
    url : str
        Its address, such as ``http://127.0.0.1:8080``.
    key : str
        A management key.
    model : str | None
        The model to load; None means the default one.

    Raises
    ------
    ConfigError
        If the address is none.
    """

    url: str
    key: str
    model: str | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            problem = f"{self.url!r} is no address of a server."
            raise ConfigError(problem, remedy="Write it as http://127.0.0.1:8080.")

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Send a request, and follow no redirection: the key is for this server alone.

        Parameters
        ----------
        method : str
            Of HTTP.
        path : str
            Behind the address.
        body : object
            Sent as JSON; None sends nothing.

        Returns
        -------
        tuple[int, dict[str, Any]]
            Status and decoded answer.

        Raises
        ------
        ReloadError
            If there is no answer, or one that is no JSON object.
        """
        parts = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        content = None
        if body is not None:
            content = msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        assert parts.hostname is not None, "checked when it was made"
        try:
            with closing(kind(parts.hostname, parts.port, timeout=_TIMEOUT_S)) as connection:
                connection.request(method, parts.path.rstrip("/") + path, content, headers)
                answer = connection.getresponse()
                raw = answer.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = f"{self.url} does not answer: {str(error) or type(error).__name__}."
            raise ReloadError(problem, remedy=_STAYS) from error
        try:
            return answer.status, msgspec.json.decode(raw, type=dict[str, Any])
        except msgspec.DecodeError as error:
            problem = f"{self.url}{path} answers {answer.status} with what is no JSON object."
            raise ReloadError(problem, remedy=_STAYS) from error


def reload(server: Server, digest: str) -> str:
    """Have a server load its model again, and check that it answers with a version.

    Parameters
    ----------
    server : Server
        The server.
    digest : str
        Of the version.

    Returns
    -------
    str
        Name of the model.

    Raises
    ------
    ReloadError
        If it does not answer, refuses, or answers with another version.
    """
    name = server.model
    if name is None:
        name = str(_good(server, "GET", "/api/v1/models").get("default"))
    load = f"/v2/repository/models/{quote(name, safe='')}/load"
    for _ in range(_TRIES):
        status, said = server.ask("POST", load, {})
        if status != _BUSY:
            break
        time.sleep(2.0)  # as its Retry-After says
    if status != http.client.OK:
        raise _refused(server, load, status, said)
    asked = {"texts": ["Which version answers?"], "model": name, "top_k": 1}
    found = _good(server, "POST", "/api/v1/predict", asked).get("model", {}).get("digest")
    if found != digest:
        problem = f"{server.url} answers with version {str(found)[:12]}, not with {digest[:12]}."
        remedy = f"Does it serve this home, as model {name}? The home serves the new one."
        raise ReloadError(problem, remedy=remedy)
    return name


def _good(server: Server, method: str, path: str, body: object = None) -> dict[str, Any]:
    status, said = server.ask(method, path, body)
    if status != http.client.OK:
        raise _refused(server, path, status, said)
    return said


def _refused(server: Server, path: str, status: int, said: dict[str, Any]) -> ReloadError:
    why = " ".join(str(said[key]) for key in ("error", "hint") if said.get(key))
    problem = f"{server.url}{path} answers {status}: {why or 'no reason given'}"
    return ReloadError(problem if problem.endswith(".") else f"{problem}.", remedy=_STAYS)
