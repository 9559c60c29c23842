from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.data.bad_rows import BadRows
from newsdesk.data.readers.content import Content, Reading
from newsdesk.types import Silent


def test_bytes_come_from_the_file_or_are_there(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_bytes(b"a")
    assert Content(str(path), ".csv", path).load() == b"a"
    packed = Content("x/news.zip/parts/train.csv", ".csv", b"b")
    assert (packed.load(), packed.title) == (b"b", "train.csv")


@pytest.mark.parametrize(("text", "long"), [("é" * 5, False), ("é" * 5 + "x", True), ("", False)])
def test_a_text_is_measured_in_utf8(text: str, long: bool) -> None:
    reading = Reading(BadRows("skip", None), 10, Silent())
    assert reading.too_long(text) == (
        "the text has 11 bytes, more than the 10 that are read" if long else None
    )
