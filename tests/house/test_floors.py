"""The import contracts of pyproject.toml hold, and so do the rooms of optional libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

# An optional library is reached by name, where the import contracts do not see it.
ROOMS = {
    "spacy": {"features/lemmas.py"},
    "spacy_lookups_data": {"features/lemmas.py"},
    "ftfy": {"features/steps.py"},
    # Data sets and encoders share the hub, and nothing that they ask of it.
    "huggingface_hub": {"data/known.py", "models/neural/encoders/places.py"},
    "tensorboard": {"training/tensorboard.py"},
    "tokenizers": {"models/neural/encoders/tokenizer.py"},
    "onnx": {"models/neural/encoders/nodes.py", "models/neural/encoders/integers.py"},
    "onnxruntime": {"models/neural/encoders/runner.py", "models/neural/encoders/integers.py"},
}


def test_imports_keep_to_the_floors(root: Path) -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--no-logo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def named(source: str) -> set[str]:
    """Top-level names of the modules that a source imports or passes to `optional.load`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("load") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return {name.partition(":")[0].partition(".")[0] for name in found}


@pytest.mark.parametrize(
    "source",
    ["import spacy", "from spacy.tokenizer import Tokenizer", "optional.load('spacy:blank')"],
)
def test_every_way_to_reach_a_library_is_seen(source: str) -> None:
    assert "spacy" in named(source)


@pytest.mark.parametrize("library", ROOMS)
def test_an_optional_library_lives_in_its_rooms(library: str, root: Path) -> None:
    package = root / "src" / "newsdesk"
    rooms = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if library in named(path.read_text(encoding="utf-8"))
    }
    assert rooms == ROOMS[library]
