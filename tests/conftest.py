"""What every test may use: data, parsed pages, reproducible properties; slow tests last."""

from __future__ import annotations

import os
from collections.abc import Callable
from html.parser import HTMLParser
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


# HTML Living Standard, "Void elements".
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
VOID |= {"track", "wbr"}


class Page(HTMLParser):
    """Elements, attributes and text of a page whose elements nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="session")
def parsed() -> Callable[[str], Page]:
    """Parse a page, and check that its elements nest."""
    return Page
