from __future__ import annotations

import pytest

from newsdesk.data.readers.encoding import decode, find, visible


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "utf-8"),
        (b"plain ascii", "utf-8"),
        ("naïve café".encode(), "utf-8"),
        ("naïve café".encode("latin-1"), "cp1252"),
        ("“quotes” – dash €5".encode("cp1252"), "cp1252"),
        ("à la carte, vis-à-vis".encode("latin-1"), "cp1252"),
        (b"one \xff byte", "utf-8"),
        (b"cut \xc3( short", "utf-8"),
        (("é" * 9).encode() + b" caf\xe9 x", "utf-8"),
        (b"a\x00,b\nNUL in text\n", "utf-8"),
        ("a\n".encode("utf-32"), "utf-32-le"),
    ],
)
def test_encoding_is_found(data: bytes, name: str) -> None:
    assert find(data) == name
    assert decode(data).encoding == name


def test_undecodable_bytes_are_marked_and_shown() -> None:
    decoded = decode(b"a\xffb", "utf-8")
    assert not decoded.clean
    assert visible(decoded.text) == "a\\xffb"


@pytest.mark.parametrize("name", ["utf-16", "UTF-16", "utf_16_le", "utf-8-sig", "utf-8"])
def test_byte_order_mark_is_no_text_when_the_encoding_is_named(name: str) -> None:
    data = "a\n".encode("utf-16" if "16" in name else "utf-8-sig")
    assert decode(data, name).text == "a\n"
