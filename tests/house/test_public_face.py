"""What `newsdesk` shows is documented, and showing it costs little."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import newsdesk

# Each of these costs a tenth of a second or more, and neither an import nor --help needs one.
HEAVY = {
    "numba",
    "scipy",
    "sklearn",
    "matplotlib",
    "jinja2",
    "torch",
    "pandas",
    "polars",
    "huggingface_hub",
    "sqlalchemy",
    "psycopg",
}

HELP = """
import sys
from newsdesk.cli.main import main
sys.argv = ["newsdesk", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.mark.parametrize("name", [n for n in newsdesk.__all__ if not n.startswith("__")])
def test_every_public_name_has_a_docstring(name: str) -> None:
    doc = inspect.getdoc(getattr(newsdesk, name)) or ""
    # A dataclass without a docstring gets its signature for one.
    assert doc
    assert not doc.startswith(f"{name}(")


def test_public_names_are_the_documented_names(root: Path) -> None:
    pages = (root / "docs" / "reference").glob("*.md")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    documented = set(re.findall(r"^::: newsdesk\.(\w+)$", text, flags=re.MULTILINE))
    public = {name for name in newsdesk.__all__ if not name.startswith("__")}
    assert documented == public


@pytest.mark.parametrize("code", ["import newsdesk", HELP], ids=["import", "--help"])
def test_nothing_heavy_is_loaded_by(code: str) -> None:
    report = "\nimport json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "newsdesk" in loaded
    assert not loaded & HEAVY
