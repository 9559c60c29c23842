from __future__ import annotations

import io
import sys

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.cli import texts
from newsdesk.errors import DocumentTooLargeError, InputError

LINES = st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])))


class Slow(io.BytesIO):
    """A writer that hands over a few bytes at a time."""

    step = 3

    def read1(self, size: int | None = -1) -> bytes:
        return super().read1(self.step)


def joined(stream: io.BytesIO) -> list[str]:
    return [text for chunk in texts.chunks(stream) for text in chunk]


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.integers(1, 7))
@settings(max_examples=60)
def test_every_line_is_a_text_however_it_arrives(lines: list[str], end: str, step: int) -> None:
    stream = Slow("".join(line + end for line in lines).encode())
    stream.step = step
    # A byte order mark before the first line is no part of it.
    expected = [line.removeprefix("\ufeff") if not n else line for n, line in enumerate(lines)]
    assert joined(stream) == expected


def test_last_line_needs_no_end() -> None:
    assert joined(io.BytesIO(b"one\n\ntwo")) == ["one", "", "two"]


def test_a_line_is_handed_over_before_the_next_one_is_read() -> None:
    stream = Slow(b"a\nb\nc\n")
    stream.step = 2
    chunks = texts.chunks(stream)
    assert next(chunks) == ["a"]
    assert stream.tell() == 2


def test_lines_before_a_bad_one_are_handed_over() -> None:
    chunks = texts.chunks(io.BytesIO(b"one\n\xe4nd\n"), name="stdin")
    assert next(chunks) == ["one"]
    with pytest.raises(InputError, match=r"stdin, line 2: byte 1 is 0xe4, no UTF-8"):
        next(chunks)


def test_row_17_a_line_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_LINE_BYTES", 5)
    with pytest.raises(DocumentTooLargeError, match="line 2"):
        joined(io.BytesIO(b"short\nlonger than that\n"))
    with pytest.raises(DocumentTooLargeError, match="line 1"):
        joined(io.BytesIO(b"never ending"))


def test_typed_texts_go_before_stdin() -> None:
    assert texts.given(["a", "-"]) == ["a", "-"]
    assert texts.given(["-"]) is None


def test_terminal_without_text_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with pytest.raises(typer.BadParameter, match="pipe"):
        texts.given(None)
