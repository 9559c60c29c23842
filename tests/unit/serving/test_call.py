from __future__ import annotations

from typing import Any

import msgspec
import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.call import JSON, Call, decoded, said
from newsdesk.serving.faults import ServingError


async def receive() -> Any:
    return {"type": "http.disconnect"}


def call(query: bytes = b"", *headers: tuple[bytes, bytes]) -> Call:
    return Call({"query_string": query, "headers": headers, "path_params": {}}, b"", receive)


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    n: int


DECODER = msgspec.json.Decoder(Asked)


def test_the_first_header_of_a_name_counts_and_the_last_parameter() -> None:
    found = call(b"a=1&a=%C3%A4&b=", (b"x", b"1"), (b"x", b"2"))
    assert (found.header(b"x"), found.header(b"y")) == ("1", "")
    assert found.query == {"a": "ä", "b": ""}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"\xff", 400), (b'{"n": "1"}', 422), (b'{"n": 1, "m": 2}', 422)],
)
def test_what_is_no_json_is_told_from_what_is_not_expected(body: bytes, status: int) -> None:
    with pytest.raises(ServingError) as caught:
        decoded(body, DECODER)
    assert caught.value.status == status


def test_a_request_is_read() -> None:
    assert decoded(b'{"n": 3}', DECODER) == Asked(3)


def test_json_is_said_with_its_type_and_nothing_else() -> None:
    reply = said(Asked(1), 201)
    assert (reply.body, reply.status, reply.content_type) == (b'{"n":1}', 201, JSON)
    assert JSON == b"application/json"


def test_a_problem_of_a_request_never_repeats_much_of_it() -> None:
    with pytest.raises(ServingError) as caught:
        decoded(msgspec.json.encode({"x" * 5000: 1, "n": 1}), DECODER)
    assert len(caught.value.problem) <= 300
