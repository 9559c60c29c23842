from __future__ import annotations

import pytest

from newsdesk.data.readers.dialect import Dialect, find_dialect
from newsdesk.errors import ConfigError, DataError


def _find(text: str, delimiter: str | None = None, *, whole_lines: bool = False) -> Dialect:
    return find_dialect(text, delimiter, whole_lines=whole_lines)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("headline,label\na;b,A\n", ","),
        ("headline;label\na,b,c;A\nd,e;B\n", ";"),
        ("headline\tlabel\na, b\tA\n", "\t"),
        ('"head,line"|label\n"a|b"|A\n', "|"),
        ("headline\nRates, again\n", ","),
    ],
)
def test_delimiter_is_the_one_that_makes_rows_regular(text: str, delimiter: str) -> None:
    assert _find(text).delimiter == delimiter


def test_rows_begin_after_a_header_of_several_lines() -> None:
    text = '\n"head\nline",label\na,A\n'
    dialect = _find(text)
    assert dialect.columns == ("head\nline", "label")
    assert text[dialect.body :] == "a,A\n"
    assert dialect.body_line == 4


@pytest.mark.parametrize(
    "text",
    [
        "tech,phones get smaller\nsport,late goal\ntech,chips\n",
        "3,Stocks fall\n1,Vote\n",
        f"tech,{'long ' * 30}\nsport,goal\n",
    ],
    ids=["repeated", "number", "long"],
)
def test_first_line_that_is_data_is_a_row(text: str) -> None:
    dialect = _find(text)
    assert dialect.columns == ("column_1", "column_2")
    assert text[dialect.body :] == text
    assert "no header line found" in dialect.unnamed


def test_well_known_name_makes_a_header_even_if_repeated() -> None:
    assert _find("label,text\nlabel,x\n").columns == ("label", "text")


def test_columns_without_name_are_numbered_and_told() -> None:
    dialect = _find(",headline, \n0,a,b\n")
    assert dialect.columns == ("column_1", "headline", "column_3")
    assert dialect.unnamed == "columns without a name called column_1, column_3"


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_impossible_delimiter_is_refused(delimiter: str) -> None:
    with pytest.raises(ConfigError, match="not one character"):
        _find("a,b\n", delimiter)


def test_header_with_a_stray_quote_is_refused() -> None:
    with pytest.raises(DataError, match=r"header \(line 1\) has a quote"):
        _find('"headline,label\na,A\n', ",")
