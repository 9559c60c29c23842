"""The page is small, strict and needs nobody else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MOST_BYTES = 100_000
NAMESPACES = {"http://www.w3.org/2000/svg"}
# Ways from text to markup or code, and to styles that the policy forbids.
FORBIDDEN = [
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment"),
    *("DOMParser", "setHTML", "srcdoc", "eval(", "new Function", "javascript:", "cssText"),
    *('setTimeout("', 'setAttribute("style', 'setAttribute("on', "@import", "//#"),
]


def page(root: Path) -> dict[str, str]:
    """Files of the page by name."""
    folder = root / "src" / "newsdesk" / "serving" / "page"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}


def test_the_page_is_small(root: Path) -> None:
    own = {name: text for name, text in page(root).items() if not name.startswith("docs.")}
    sizes = {name: len(text.encode()) for name, text in own.items()}
    assert {"index.html", "review.html", "app.js", "style.css", "icon.svg"} <= set(sizes)
    assert sum(sizes.values()) < MOST_BYTES, sizes


def test_the_page_names_no_other_host(root: Path) -> None:
    for name, text in page(root).items():
        found = {match[0] for match in re.finditer(r"(?:https?:)?//[\w.-]+\.\w[\w./-]*", text)}
        assert found <= NAMESPACES, name


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_module_turns_text_into_markup_or_code(root: Path, what: str) -> None:
    assert not [name for name, text in page(root).items() if what in text]


def test_markup_holds_no_inline_script_style_or_handler(root: Path) -> None:
    for name, text in page(root).items():
        if not name.endswith((".html", ".svg")):
            continue
        assert not re.search(r"\s(?:on\w+|style)\s*=", text), name
        assert not re.search(r"<style|<script(?![^>]*\ssrc=\"static/\w+\.js\"></script>)", text), (
            name
        )


def test_modules_import_only_their_neighbours(root: Path) -> None:
    files = page(root)
    named = [
        (name, target)
        for name, text in files.items()
        if name.endswith(".js")
        for target in re.findall(r"(?:from|import)\s*\(?\s*[\"']([^\"']+)[\"']", text)
    ]
    assert named
    assert not [(name, target) for name, target in named if target.removeprefix("./") not in files]


def test_what_markup_asks_for_is_there(root: Path) -> None:
    files = page(root)
    for name in ("index.html", "review.html"):
        asked = re.findall(r'(?:href|src)="static/([^"]+)"', files[name])
        assert asked
        assert set(asked) <= set(files)


def test_every_module_says_what_it_is_for(root: Path) -> None:
    modules = {name: text for name, text in page(root).items() if name.endswith(".js")}
    assert not [name for name, text in modules.items() if not text.startswith("// ")]


def test_the_package_takes_the_page_along(root: Path) -> None:
    assert '"serving/page/*"' in (root / "pyproject.toml").read_text(encoding="utf-8")
