"""Who may ask: keys, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac

from newsdesk.serving.call import Call
from newsdesk.serving.faults import ServingError
from newsdesk.serving.settings import Keys

__all__ = ["Doorman", "key_of"]


class Doorman:
    """Knows the keys by their digests alone.

    Parameters
    ----------
    keys : Keys
        Of clients and of management.
    """

    def __init__(self, keys: Keys) -> None:
        self._api = [_digest(key) for key in (*keys.api, *keys.management)]
        self._management = [_digest(key) for key in keys.management]
        self.needs_key = bool(keys.api)

    def owner(self, call: Call) -> str:
        """Tell which key a request holds, without telling the key.

        Parameters
        ----------
        call : Call
            The request.

        Returns
        -------
        str
            The beginning of the digest of a key that is known; empty for any other.
        """
        key = key_of(call)
        return _digest(key).hex()[:16] if key and _holds(self._api, key) else ""

    def check(self, call: Call) -> None:
        """Let a client through that has a key, if there are any.

        Parameters
        ----------
        call : Call
            The request.

        Raises
        ------
        ServingError
            401 if it has none, or a wrong one.
        """
        if self.needs_key and not _holds(self._api, key_of(call)):
            raise _unauthorized()

    def check_management(self, call: Call) -> None:
        """Let one through that may change what is served.

        Parameters
        ----------
        call : Call
            The request.

        Raises
        ------
        ServingError
            403 if nobody may, 401 if this one may not.
        """
        if not self._management:
            problem, hint = "Management is off.", "Start the server with --management-keys FILE."
            raise ServingError(403, "management_off", problem, hint)
        if not _holds(self._management, key_of(call)):
            raise _unauthorized()


def key_of(call: Call) -> str:
    """Read the key of a request.

    Parameters
    ----------
    call : Call
        The request.

    Returns
    -------
    str
        From ``Authorization: Bearer`` or ``X-API-Key``; empty where there is none.
    """
    scheme, _, key = call.header(b"authorization").partition(" ")
    if scheme.lower() == "bearer" and key:
        return key.strip()
    return call.header(b"x-api-key")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("latin-1", "replace")).digest()


def _holds(digests: list[bytes], key: str) -> bool:
    own = _digest(key)
    found = False
    for digest in digests:  # all of them: which one it is takes no less time
        found |= hmac.compare_digest(own, digest)
    return found


def _unauthorized() -> ServingError:
    hint = "Send it as Authorization: Bearer KEY, or as X-API-Key: KEY."
    challenge = {"WWW-Authenticate": "Bearer"}
    return ServingError(401, "unauthorized", "A valid key is needed.", hint, challenge)
