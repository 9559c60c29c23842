"""Keys."""

from __future__ import annotations

import pytest

from newsdesk.serving import Keys
from newsdesk.serving.call import Call
from newsdesk.serving.faults import ServingError
from newsdesk.serving.keys import Doorman, key_of

KEY, MANAGEMENT = "k" * 20, "m" * 20


def call(**headers: str) -> Call:
    sent = [(k.lower().replace("_", "-").encode(), v.encode("latin-1")) for k, v in headers.items()]
    return Call({"headers": sent}, b"", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"Authorization": "Bearer abc"}, "abc"),
        ({"Authorization": "bearer  abc "}, "abc"),
        ({"X_API_Key": "abc"}, "abc"),
        ({"Authorization": "Basic xyz", "X_API_Key": "abc"}, "abc"),
        ({"Authorization": "Bearer", "X_API_Key": "abc"}, "abc"),
        ({}, ""),
    ],
)
def test_where_a_key_may_stand(headers: dict[str, str], key: str) -> None:
    assert key_of(call(**headers)) == key


def test_everybody_is_a_client_where_there_is_no_key() -> None:
    for keys in (Keys(), Keys(management=(MANAGEMENT,))):
        doorman = Doorman(keys)
        doorman.check(call())
        assert not doorman.needs_key


def test_a_management_key_is_a_clients_key_too() -> None:
    doorman = Doorman(Keys(api=(KEY,), management=(MANAGEMENT,)))
    doorman.check(call(X_API_Key=KEY))
    doorman.check(call(X_API_Key=MANAGEMENT))
    doorman.check_management(call(X_API_Key=MANAGEMENT))
    for wrong in (call(), call(X_API_Key="x" * 20)):
        with pytest.raises(ServingError, match="valid key"):
            doorman.check(wrong)
    with pytest.raises(ServingError, match="valid key"):
        doorman.check_management(call(X_API_Key=KEY))


def test_nobody_manages_where_there_is_no_key_for_it() -> None:
    with pytest.raises(ServingError, match="off") as caught:
        Doorman(Keys(api=(KEY,))).check_management(call(X_API_Key=KEY))
    assert caught.value.status == 403


def test_an_owner_is_told_by_a_digest_and_only_where_the_key_is_known() -> None:
    doorman = Doorman(Keys(api=(KEY, "l" * 20)))
    first, second = doorman.owner(call(X_API_Key=KEY)), doorman.owner(call(X_API_Key="l" * 20))
    assert len({first, second, ""}) == 3
    assert KEY not in first
    assert doorman.owner(call(X_API_Key="x" * 20)) == doorman.owner(call()) == ""
