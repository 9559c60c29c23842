"""What every test may use: data on demand, reproducible properties, slow tests last."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# No deadlines: a busy machine is no fault. CI draws the same examples each time; at home new ones
# are drawn, and a failure prints how to see it again.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("dev", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests last, so that a plain mistake is known after seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def newsdesk_data() -> Callable[[str], Path]:
    """Find a real data file by its name under ``$NEWSDESK_DATA``, or skip and say which is missing.

    Returns
    -------
    Callable[[str], Path]
        Takes a name such as ``"bbc/bbc-text.csv"``.
    """

    def find(name: str) -> Path:
        folder = os.environ.get("NEWSDESK_DATA")
        if not folder:
            pytest.skip(f"needs {name}: NEWSDESK_DATA names no data folder")
        path = Path(folder) / name
        if not path.exists():
            pytest.skip(f"needs {name}: there is no {path}")
        return path

    return find
