from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from newsdesk.evaluation.pages import Pages

Write = Callable[..., Pages]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Make the pages of a package that has these templates."""

    def make(templates: dict[str, str], **filters: Callable[..., str]) -> Pages:
        folder = tmp_path / "a_room" / "templates"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        for name, content in templates.items():
            (folder / name).write_text(content, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "a_room", raising=False)
        return Pages("a_room", **filters)

    return make


def test_values_are_escaped(write: Write) -> None:
    pages = write({"page.j2": "<p>{{ name }}</p>"})
    assert pages.render("page.j2", name="<b>&") == "<p>&lt;b&gt;&amp;</p>\n"


def test_blank_lines_and_indentation_are_left_out(write: Write) -> None:
    pages = write({"page.j2": "<ul>\n\n  {% for n in numbers %}\n  <li>{{ n }}\n  {% endfor %}\n"})
    assert pages.render("page.j2", numbers=[1, 2]) == "<ul>\n<li>1\n<li>2\n"


def test_a_value_may_have_any_name(write: Write) -> None:
    pages = write({"page.j2": "{{ template }} {{ self_ }}"})
    assert pages.render("page.j2", template="a", self_="b") == "a b\n"


def test_a_name_that_is_not_given_is_an_error(write: Write) -> None:
    with pytest.raises(UndefinedError, match="name"):
        write({"page.j2": "{{ name }}"}).render("page.j2", nam="x")


def test_every_page_knows_the_common_filters(write: Write) -> None:
    pages = write({"page.j2": "{{ n | count }} {{ s | percent }} {{ r | percent_range }}"})
    words = pages.render("page.j2", n=2225, s=0.689, r=(0.683, 0.695))
    assert words == "2,225 68.9\u00a0% 68.3–69.5\u00a0%\n"


def test_long_words_are_clipped(write: Write) -> None:
    pages = write({"page.j2": "{{ x | clip }} {{ x | clip(5) }} {{ 12345 | clip(5) }}"})
    assert pages.render("page.j2", x="y" * 100) == f"{'y' * 59}… yyyy… 12345\n"


def test_a_room_adds_its_own_filters(write: Write) -> None:
    pages = write({"page.j2": "{{ word | loud }}"}, loud=str.upper)
    assert pages.render("page.j2", word="goal") == "GOAL\n"


def test_the_report_s_style_is_at_hand_and_a_room_s_own_file_comes_first(write: Write) -> None:
    pages = write({"page.j2": '{% include "report.css" %}', "report.js": "mine"})
    assert "--paper" in pages.render("page.j2")
    assert pages.render("report.js") == "mine\n"
