from __future__ import annotations

import inspect

import pytest

from newsdesk.config import field_names
from newsdesk.errors import ConfigError
from newsdesk.models.linear import LinearParams


def test_the_help_tells_of_every_setting() -> None:
    told = inspect.getdoc(LinearParams) or ""
    assert told.startswith("Settings of family ``linear``.")
    assert all(f"\n{name} : " in told for name in field_names(LinearParams))


def test_errors_name_the_family() -> None:
    with pytest.raises(ConfigError, match="Family linear: C is"):
        LinearParams(C=0.0)
