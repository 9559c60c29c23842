from __future__ import annotations

import pytest

from newsdesk.data.column_names import is_known, normalise


@pytest.mark.parametrize("name", ["short_description", "Short Description", "shortDescription"])
def test_spellings_come_together(name: str) -> None:
    assert normalise(name) == "short_description"
    assert is_known(name)


def test_other_names_are_not_known() -> None:
    assert not is_known("tech")
