"""The documentation lists what it holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


def test_every_decision_is_in_the_index_of_decisions(root: Path) -> None:
    folder = root / "docs" / "adr"
    records = {path.name for path in folder.glob("[0-9]*.md")}
    index = (folder / "index.md").read_text(encoding="utf-8")
    assert records
    assert set(re.findall(r"\]\(([0-9][\w-]*\.md)\)", index)) == records


def test_every_decision_says_why_and_what_follows(root: Path) -> None:
    for path in (root / "docs" / "adr").glob("[0-9]*.md"):
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name


@pytest.mark.parametrize("target", ["setup", "check", "fix", "test", "bench", "docs", "demo"])
def test_make_help_names(target: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.* ## \S", makefile, flags=re.MULTILINE)
