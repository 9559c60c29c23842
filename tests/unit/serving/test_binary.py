from __future__ import annotations

import struct

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.binary import split_body, strings_of
from newsdesk.serving.faults import ServingError


def packed(*texts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def test_a_body_is_parted_where_the_header_says() -> None:
    assert split_body(b"{}rest", "2") == (b"{}", b"rest")
    assert split_body(b"{}rest", "6") == (b"{}rest", b"")
    assert split_body(b"{}", "") == (b"{}", b"")


@pytest.mark.parametrize("length", ["7", "-1", "+2", " 2", "٢", "2" * 5000, "x"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    with pytest.raises(ServingError) as caught:
        split_body(b"{}rest", length)
    assert caught.value.status == 400


def test_binary_texts_are_read_and_the_rest_is_left_for_the_next_input() -> None:
    data = packed("ä".encode(), b"", b"b")
    found = strings_of([3], None, {"binary_data_size": len(data)}, data + b"next")
    assert found == (["ä", "", "b"], b"next")


def test_texts_in_json_may_be_nested_as_their_shape_says() -> None:
    assert strings_of([2, 1], [["a"], ["b"]], {}, b"") == (["a", "b"], b"")
    assert strings_of([2, 1], ["a", "b"], {}, b"") == (["a", "b"], b"")


@pytest.mark.parametrize("size", [-1, 9, True, 2.0, "8"])
def test_a_size_beyond_the_body_is_refused(size: object) -> None:
    with pytest.raises(ServingError):
        strings_of([1], None, {"binary_data_size": size}, packed(b"abcd"))


@pytest.mark.parametrize(
    "data", [b"\x01", b"\x01\0\0", packed(b"ab")[:-1], b"\xff\xff\xff\xff", packed(b"\xff")]
)
def test_broken_binary_texts_are_refused(data: bytes) -> None:
    with pytest.raises(ServingError):
        strings_of([1], None, {"binary_data_size": len(data)}, data)


def test_data_twice_is_refused() -> None:
    with pytest.raises(ServingError):
        strings_of([1], ["a"], {"binary_data_size": 5}, packed(b"a"))


@pytest.mark.parametrize("shape", [[], [0], [3], [-1, -2], [1] * 9 + [2], [2**62, 2**62]])
def test_a_shape_that_is_not_that_of_the_data_is_refused(shape: list[int]) -> None:
    with pytest.raises(ServingError):
        strings_of(shape, ["a", "b"], {}, b"")
