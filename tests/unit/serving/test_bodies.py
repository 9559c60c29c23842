"""Reading bodies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from newsdesk.serving import Limits
from newsdesk.serving.bodies import _SPARE_BYTES, WHOLE, read
from newsdesk.serving.call import Call
from newsdesk.serving.faults import ServingError

KIND = ("content-type", "application/json; charset=utf-8")
CHUNKED = ("transfer-encoding", "chunked")


def body(parts: list[bytes | None], *headers: tuple[str, str], **limits: Any) -> bytes:
    """Read parts; None is a client that goes away."""
    waiting = list(parts)

    async def receive() -> Any:
        part = waiting.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    sent = [(name.encode(), value.encode()) for name, value in headers]
    call = Call({"headers": sent}, b"", receive)  # type: ignore[arg-type]
    return asyncio.run(read(call, Limits(**limits)))


def refusal(parts: list[bytes | None], *headers: tuple[str, str], **limits: Any) -> ServingError:
    with pytest.raises(ServingError) as caught:
        body(parts, *headers, **limits)
    return caught.value


def test_parts_are_put_together() -> None:
    assert body([b"ab", b"", b"cd"], KIND, CHUNKED) == b"abcd"
    assert body([b"abcd"], KIND, ("content-length", "4")) == b"abcd"


def test_no_body_needs_no_kind() -> None:
    assert body([]) == b""
    assert body([], ("content-length", "0")) == b""


@pytest.mark.parametrize("kind", ["text/plain", "", "application/jsonx", "multipart/form-data"])
def test_another_kind_is_refused(kind: str) -> None:
    assert refusal([b"{}"], ("content-type", kind), CHUNKED).status == 415


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON ;x=y"])
def test_json_is_json_however_it_is_written(kind: str) -> None:
    assert body([b"{}"], ("content-type", kind), CHUNKED) == b"{}"


def test_a_compressed_body_is_refused() -> None:
    assert refusal([b"x"], KIND, CHUNKED, ("content-encoding", "gzip")).code == "content_encoding"
    assert body([b"x"], KIND, CHUNKED, ("content-encoding", "identity")) == b"x"


def test_a_length_that_is_too_long_is_refused_before_anything_is_read() -> None:
    for headers in (
        [("content-length", str(11 + _SPARE_BYTES))],
        [("content-length", "11"), ("expect", "100-continue")],
    ):
        said = refusal([], KIND, *headers, body_bytes=10)
        assert (said.status, said.headers) == (413, {"Connection": "close"})


def test_a_body_that_grows_too_long_is_refused() -> None:
    assert body([b"x" * 10], KIND, CHUNKED, body_bytes=10) == b"x" * 10
    said = refusal([b"x" * 6, b"x" * 5], KIND, CHUNKED, body_bytes=10)
    assert (said.status, said.headers) == (413, {"Connection": "close"})


def test_a_body_of_known_length_is_read_to_its_end_so_that_the_client_sees_the_refusal() -> None:
    said = refusal([b"x" * 6, b"x" * 5], KIND, ("content-length", "11"), body_bytes=10)
    assert (said.status, said.headers) == (413, {})


def test_a_slow_body_is_refused_in_time_for_all_of_it() -> None:
    async def drip() -> Any:
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b"x", "more_body": True}

    sent = [(name.encode(), value.encode()) for name, value in (KIND, CHUNKED)]
    call = Call({"headers": sent}, b"", drip)  # type: ignore[arg-type]
    with pytest.raises(ServingError) as caught:
        asyncio.run(read(call, Limits(body_s=0.1)))
    assert (caught.value.status, caught.value.headers) == (408, {"Connection": "close"})


def test_a_client_that_goes_away_is_told_of() -> None:
    assert refusal([b"x", None], KIND, CHUNKED).status == 499


def test_a_body_that_is_there_needs_no_time() -> None:
    async def whole() -> Any:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    sent = [(name.encode(), value.encode()) for name, value in (KIND, CHUNKED)]
    call = Call({"headers": sent, WHOLE: True}, b"", whole)  # type: ignore[arg-type]
    assert asyncio.run(read(call, Limits(body_s=1e-9))) == b"{}"
