"""Files stand where a reader looks for them, and are small enough to read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LINES = 400
VAGUE = {"utils", "util", "helpers", "common", "base", "manager", "misc"}

# Modules with functions but without a test module of their own, and why.
UNMIRRORED: dict[str, str] = {
    "__init__.py": "the public face: tests/house/test_public_face.py",
    "models/classifier.py": "protocols alone; every family is held to them by tests/contracts",
}


def sources(root: Path) -> dict[str, Path]:
    """Modules of the package by their path below it."""
    package = root / "src" / "newsdesk"
    return {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}


def has_logic(path: Path) -> bool:
    """Tell whether a module defines a function or a class."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in nodes)


def mirror(module: str) -> str:
    """Name the test module of a module: ``data/split.py`` has ``data/test_split.py``."""
    path = Path(module)
    stem = path.parent.name if path.stem == "__init__" else path.stem
    folder = path.parent.parent if path.stem == "__init__" else path.parent
    return (folder / f"test_{stem.strip('_')}.py").as_posix()


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("types.py", "test_types.py"),
        ("data/split.py", "data/test_split.py"),
        ("data/__init__.py", "test_data.py"),
        ("__main__.py", "test_main.py"),
    ],
)
def test_mirror_of(module: str, test: str) -> None:
    assert mirror(module) == test


def test_every_module_with_logic_has_its_test_module(root: Path) -> None:
    tests = root / "tests" / "unit"
    missing = [
        f"{module} wants tests/unit/{mirror(module)}"
        for module, path in sorted(sources(root).items())
        if has_logic(path) and module not in UNMIRRORED and not (tests / mirror(module)).exists()
    ]
    assert not missing, "\n".join(missing)


def test_every_unit_test_module_has_its_module(root: Path) -> None:
    tests = root / "tests" / "unit"
    expected = {mirror(module) for module in sources(root)}
    found = {path.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")}
    assert found <= expected, sorted(found - expected)


def test_every_exception_from_the_mirror_is_needed(root: Path) -> None:
    tests = root / "tests" / "unit"
    stale = [
        module
        for module in UNMIRRORED
        if module not in sources(root) or (tests / mirror(module)).exists()
    ]
    assert not stale


def test_no_source_file_is_longer_than_a_reader_can_hold(root: Path) -> None:
    lengths = {
        module: len(path.read_text(encoding="utf-8").splitlines())
        for module, path in sources(root).items()
    }
    assert lengths
    assert not {module: n for module, n in lengths.items() if n > LINES}


def test_no_module_has_a_name_that_says_nothing(root: Path) -> None:
    words = {word for module in sources(root) for word in Path(module).with_suffix("").parts}
    assert not words & VAGUE
