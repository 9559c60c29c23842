from __future__ import annotations

import base64

import pytest

from newsdesk.errors import InputError
from newsdesk.feedback.pages import ORDERS, order_of


def mark(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def test_orders_are_found_by_name_and_no_others() -> None:
    assert {name: order_of(name).name for name in ORDERS} == {name: name for name in ORDERS}
    with pytest.raises(InputError, match="no order 'newst'") as caught:
        order_of("newst")
    assert "newest" in caught.value.remedy
    with pytest.raises(InputError):
        order_of("label; DROP TABLE newsdesk_corrections")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        "é",
        "====",
        mark(b"{}"),
        mark(b'["newest","a","b"]'),
        mark(b'["oldest",1,"b"]'),
        mark(b'["oldest","a\\u0000","b"]'),
        mark(b'["oldest","a"]'),
    ],
)
def test_what_is_no_mark_of_the_order_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="does not mark the end of a page"):
        order_of("oldest").behind(wrong)
