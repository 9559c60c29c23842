"""Addresses and origins; the table of foreign pages stands with the faults."""

from __future__ import annotations

import pytest

from newsdesk.serving.call import Call
from newsdesk.serving.faults import ServingError
from newsdesk.serving.origins import Addresses, network_of, refuse_foreign_pages


def call(client: str | None = "10.0.0.1", method: str = "POST", *headers: tuple[str, str]) -> Call:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"headers": sent, "method": method, "client": client and (client, 1)}
    return Call(scope, b"", None)  # type: ignore[arg-type]


def address(proxies: list[str], client: str | None, *said: str) -> str:
    headers = [("x-forwarded-for", one) for one in said]
    return Addresses(proxies).of(call(client, "POST", *headers))


@pytest.mark.parametrize(
    ("client", "said", "found"),
    [
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        (None, [], ""),
    ],
)
def test_the_last_address_that_is_no_proxys_is_the_clients(
    client: str | None, said: list[str], found: str
) -> None:
    assert address(["10.0.0.0/8"], client, *said) == found


def test_nobody_is_believed_where_no_proxy_is_named() -> None:
    assert address([], "10.0.0.1", "198.51.100.1") == "10.0.0.1"


@pytest.mark.parametrize("client", ["192.0.2.1", "", "unix:"])
def test_an_address_stands_for_itself(client: str) -> None:
    assert network_of(client) == client


def test_addresses_of_one_network_of_version_6_are_one_client() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db9::1")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_any_page_may_look(method: str) -> None:
    refuse_foreign_pages(call("10.0.0.1", method, ("sec-fetch-site", "cross-site")))


def test_a_foreign_page_may_not_change_anything() -> None:
    for method in ("POST", "DELETE", "PUT"):
        with pytest.raises(ServingError, match="another site"):
            refuse_foreign_pages(call("10.0.0.1", method, ("sec-fetch-site", "cross-site")))
