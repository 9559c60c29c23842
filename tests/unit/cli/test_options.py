from __future__ import annotations

import pytest

from newsdesk.cli.options import names


@pytest.mark.parametrize(
    ("typed", "found"),
    [(None, None), ("", []), ("a", ["a"]), (" a , b,", ["a", "b"]), ("two words", ["two words"])],
)
def test_names(typed: str | None, found: list[str] | None) -> None:
    assert names(typed) == found
