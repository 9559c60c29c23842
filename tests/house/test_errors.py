"""Every error of the house is in its tree, in `__all__` and in the reference."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from newsdesk import errors

CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if value.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_error_is_part_of_the_tree_and_exported(error: type[Exception]) -> None:
    assert issubclass(error, errors.NewsdeskError)
    assert error.__name__ in errors.__all__
    assert re.search(rf"\b{error.__name__}\b", errors.__doc__ or "")


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_error_has_its_line_in_the_reference(error: type[Exception], root: Path) -> None:
    page = (root / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{error.__name__}` \|(.*)$", page, flags=re.MULTILINE)
    assert row, f"docs/reference/errors.md has no row for {error.__name__}"
    builtins = [base for base in error.__mro__ if base.__module__ == "builtins"]
    own = builtins[0].__name__
    assert own == "Exception" or f"`{own}`" in row.group(1), f"{error.__name__} is also a {own}"
