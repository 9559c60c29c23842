from __future__ import annotations

import pytest

from newsdesk.data.readers.records import records


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_all_line_ends_end_a_row_and_blank_lines_are_none(end: str) -> None:
    found = list(records(f"a,b{end}{end}c,d{end}", ","))
    assert [record.cells for record in found] == [["a", "b"], ["c", "d"]]
    assert [record.line for record in found] == [1, 3]


def test_other_unicode_line_separators_are_text() -> None:
    (record,) = records("a\u2028b\x0b\x0c\x85", ",")
    assert record.cells == ["a\u2028b\x0b\x0c\x85"]


def test_stray_quote_gives_up_one_line_only() -> None:
    found = list(records('a,"b\nc,d\n"e"f,g\nh,i', ","))
    assert [record.cells for record in found] == [None, ["c", "d"], None, ["h", "i"]]
    assert [record.broken for record in found] == [1, None, 0, None]


def test_lines_are_counted_through_quoted_line_ends() -> None:
    found = list(records('"a\r\nb",c\nd,e', ","))
    assert [(record.line, record.cells) for record in found] == [
        (1, ["a\r\nb", "c"]),
        (3, ["d", "e"]),
    ]
