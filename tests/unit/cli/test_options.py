from __future__ import annotations

from pathlib import Path

import pytest
import typer

from newsdesk.cli.options import check_table, names


@pytest.mark.parametrize(
    ("typed", "found"),
    [(None, None), ("", []), ("a", ["a"]), (" a , b,", ["a", "b"]), ("two words", ["two words"])],
)
def test_names(typed: str | None, found: list[str] | None) -> None:
    assert names(typed) == found


def test_a_table_that_cannot_be_written_is_known_from_its_ending() -> None:
    check_table(Path("out.CSV"))
    with pytest.raises(typer.BadParameter, match=r"must end with one of \.csv"):
        check_table(Path("out.xlsx"))
