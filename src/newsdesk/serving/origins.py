"""Where a request comes from: addresses behind proxies, and pages of other sites."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from newsdesk.serving.call import Call
from newsdesk.serving.faults import ServingError

__all__ = ["Addresses", "network_of", "refuse_foreign_pages"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Addresses:
    """Tells the address of a client.

    Parameters
    ----------
    proxies : Sequence[str]
        Networks whose ``X-Forwarded-For`` is believed.
    """

    def __init__(self, proxies: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(network) for network in proxies]

    def of(self, call: Call) -> str:
        """Address of a client.

        Parameters
        ----------
        call : Call
            Its request.

        Returns
        -------
        str
            That of the connection; behind proxies that are believed, the last one that is not
            theirs.
        """
        client = call.scope.get("client")
        own: str = client[0] if client else ""
        if not self._networks or not self._is_proxy(own):
            return own
        # Each proxy adds whom it heard at the end, perhaps in a header of its own.
        said = [value for name, value in call.scope["headers"] if name == b"x-forwarded-for"]
        for hop in reversed(b",".join(said).decode("latin-1").split(",")):
            address = hop.strip()
            if not address or not _is_address(address):
                break
            own = address
            if not self._is_proxy(address):
                break
        return own

    def _is_proxy(self, address: str) -> bool:
        if not _is_address(address):
            return False
        found = ipaddress.ip_address(address)
        return any(found in network for network in self._networks)


def network_of(client: str) -> str:
    """Tell what one client may hold as a whole.

    Parameters
    ----------
    client : str
        Its address.

    Returns
    -------
    str
        The address itself, of version 6 the network of 64 bits, which is one client's.

    Examples
    --------
    >>> network_of("192.0.2.7"), network_of("2001:db8::1:2")
    ('192.0.2.7', '2001:db8::/64')
    """
    if ":" not in client or not _is_address(client):
        return client
    return str(ipaddress.ip_network((client, 64), strict=False))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def refuse_foreign_pages(call: Call) -> None:
    """Refuse what a page of another site sends in the name of who looks at it.

    By the headers that browsers add and pages cannot change (Fetch Metadata, W3C; ``Origin``,
    RFC 6454). Programs send neither.

    Parameters
    ----------
    call : Call
        The request.

    Raises
    ------
    ServingError
        403 for a request that changes something or costs work.
    """
    if call.scope["method"] in _SAFE:
        return
    site = call.header(b"sec-fetch-site")
    origin = call.header(b"origin")
    foreign = site not in ("", "same-origin", "none")
    if not foreign and origin and not site:
        foreign = origin.partition("://")[2].lower() != call.header(b"host").lower()
    if foreign:
        problem = "The request comes from a page of another site."
        hint = "Call the API from a program, or from the page that this server shows."
        raise ServingError(403, "foreign_page", problem, hint)
