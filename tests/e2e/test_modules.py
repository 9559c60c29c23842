"""The page's modules by themselves, run in the browser: tables, highlights, chunks, patience."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

RUN = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
        ('a\n"x, ""y""\r\nz"\n', [["a"], ['x, "y"\r\nz']]),
        ("a,\n", [["a", ""]]),
        ("a,", [["a", ""]]),
        ('""\n', []),
        ("\n\na\n\n", [["a"]]),
        ('it"s,b\n', [['it"s', "b"]]),
        ('"a"b,c\n', [["ab", "c"]]),
        ("", []),
    ],
)
def test_csv_is_parsed(run_module: RUN, text: str, rows: list[list[str]]) -> None:
    assert run_module("table.js", "m.parseCsv(a)", text) == rows


def test_what_python_writes_the_page_reads(run_module: RUN) -> None:
    cells = ["", "a", 'q"', "x,y", "l\nm", "\r\n", "é", "👩‍👧", "=1", " s ", '""', ";", "\t"]
    rows = [[one, other, "end"] for one in cells for other in cells]
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    assert run_module("table.js", "m.parseCsv(a)", buffer.getvalue()) == rows


def test_what_the_page_writes_python_reads(run_module: RUN) -> None:
    rows = [["a", 'q"', "x,y"], ["l\nm", "a\r\n", "é"], ["", "👩‍👧", " s "], ["", "", ""]]
    text = run_module("table.js", "m.writeCsv(['a','b','c'], a)", rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b", "c"], *rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed(run_module: RUN, delimiter: str) -> None:
    rows = [["id", "text"], ["1", "one, two; three"], ["2", "no | more"], ["3", "x\ny"]]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    assert run_module("table.js", "m.guessDelimiter(a)", buffer.getvalue()) == delimiter


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("né".encode(), ["né", "utf-8", False]),
        ("né".encode("utf-8-sig"), ["né", "utf-8", True]),
        ("né".encode("utf-16"), ["né", "utf-16le", True]),
        (b"\xfe\xff" + "né".encode("utf-16-be"), ["né", "utf-16be", True]),
        ("né".encode("cp1252"), ["né", "windows-1252", False]),
    ],
)
def test_encodings_are_recognised(run_module: RUN, raw: bytes, found: list[Any]) -> None:
    expression = (
        "(({text, encoding, marked}) => [text, encoding, marked])(m.decode(new Uint8Array(a)))"
    )
    assert run_module("table.js", expression, list(raw)) == found


def test_columns_get_names_of_their_own(run_module: RUN) -> None:
    names = run_module("table.js", "m.columnNames(a, 5)", ["a", "", "a", " b "])
    assert names == ["a", "column 2", "a 2", "b", "column 5"]


def test_ragged_rows_lose_nothing(run_module: RUN) -> None:
    table = run_module("table.js", "m.readTable('x.csv', a)", "a,b\n1\n1,2,3\n")
    assert table["columns"] == ["a", "b", "column 3"]
    assert table["rows"] == [["1", "", ""], ["1", "2", "3"]]


def test_pieces_cover_the_text_and_merge_what_overlaps(run_module: RUN) -> None:
    spans = [
        {"start_utf16": 5, "end_utf16": 9, "weight": -1},
        {"start_utf16": 0, "end_utf16": 3, "weight": 2},
        {"start_utf16": 2, "end_utf16": 4, "weight": 1},
        {"start_utf16": 4, "end_utf16": 4, "weight": 9},
        {"start_utf16": 8, "end_utf16": 99, "weight": 0.5},
    ]
    found = run_module("highlights.js", "m.pieces('abcd efghij', a, 4)", spans)
    assert [(one["text"], one["weight"], one["share"]) for one in found] == [
        ("abcd", 3, 0.75),
        (" ", 0, 0),
        ("efghij", -0.5, -0.125),
    ]


def test_a_mark_never_parts_a_letter_from_its_accent(run_module: RUN) -> None:
    spans = [{"start_utf16": 0, "end_utf16": 4, "weight": 1}]
    found = run_module("highlights.js", "m.pieces('cafe\\u0301 au', a, 1)", spans)
    assert [one["text"] for one in found] == ["cafe\u0301", " au"]


def test_words_are_summed_over_their_occurrences(run_module: RUN) -> None:
    text = "Tax tax cut"
    spans = [
        {"field": "text", "start_utf16": start, "end_utf16": end, "weight": weight}
        for start, end, weight in ((0, 3, 1.0), (4, 7, 0.5), (8, 11, -2.0))
    ]
    found = run_module("highlights.js", "m.heaviest(a[0], a[1])", [{"text": text}, spans])
    assert found == {
        "pro": [{"word": "Tax", "weight": 1.5}],
        "contra": [{"word": "cut", "weight": -2}],
    }


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3), (" 0 ", 0), ("Thu, 01 Jan 1970 00:00:10 GMT", 9), ("soon", None), (None, None)],
)
def test_retry_after_is_seconds_or_a_date(
    run_module: RUN, header: str | None, seconds: int | None
) -> None:
    assert run_module("api.js", "m.secondsOf(a, 1000)", header) == seconds


def test_chunks_are_cut_by_number_and_by_bytes(run_module: RUN) -> None:
    weights = [1, 1, 1, 1, 8, 1, 20, 1]
    cut = "[...m.chunks(8, { size: 3, bytes: 10, weigh: (row) => a[row] })]"
    # What is too heavy for any request goes alone; the server says so.
    expected = [[0, 3], [3, 6], [6, 7], [7, 8]]
    assert run_module("sending.js", cut, weights) == expected


SENDING = """(async () => {
  const { Fault } = await import("/static/api.js");
  const told = { waits: [], refused: [], done: [], most: 0 };
  let busy = 0, calls = 0;
  const act = m.sendAll(m.chunks(a.n, { size: 4, bytes: 99, weigh: () => 1 }), {
    signal: new AbortController().signal,
    send: async (start, end) => {
      const script = a.script[calls];
      busy += 1; calls += 1; told.most = Math.max(told.most, busy);
      await new Promise((go) => setTimeout(go, 5));
      busy -= 1;
      const status = script ?? a.otherwise;
      if (status) throw new Fault(status, "no", "", "", 0.01);
      return Array.from({ length: end - start }, (_, k) => start + k);
    },
    done: (start, found) => told.done.push(...found),
    refused: (row) => told.refused.push(row),
    waits: (seconds) => told.waits.push(seconds),
  });
  const status = await act.then(() => 0, (fault) => fault.status);
  return { ...told, calls, status };
})()"""


def test_sending_is_patient_and_complete(run_module: RUN) -> None:
    told = run_module(
        "sending.js", SENDING, {"n": 20, "script": [429, 503, 0, 429], "otherwise": 0}
    )
    assert sorted(told["done"]) == list(range(20))
    assert told["waits"] == [0.01] * 3
    assert told["most"] == 2


def test_patience_has_an_end(run_module: RUN) -> None:
    told = run_module("sending.js", SENDING, {"n": 20, "script": [], "otherwise": 503})
    assert told["status"] == 503
    assert 13 <= told["calls"] <= 15


def test_a_server_that_refuses_every_text_is_not_asked_about_each(run_module: RUN) -> None:
    told = run_module("sending.js", SENDING, {"n": 4000, "script": [], "otherwise": 422})
    assert told["status"] == 422
    assert told["calls"] < 100
