from __future__ import annotations

import json

import pytest
from rich.console import Console

from newsdesk.cli import console


def test_printable_keeps_the_length_so_that_offsets_stay_right() -> None:
    text = "a\x1b[31m\nb\u202ec\u2028d"
    shown = console.printable(text)
    assert len(shown) == len(text)
    assert not set(shown) & set("\x1b\n\u202e\u2028")


def test_printable_leaves_letters_of_all_scripts_alone() -> None:
    text = "Zinsen steigen, ставки растут, 金利上昇 👩‍💻"
    assert console.printable(text) == text


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999, 1.0])
def test_bar_never_leaves_its_width(share: float) -> None:
    assert len(console.bar(share, 10)) <= 10


def test_error_is_two_lines_even_if_its_parts_have_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.error("The file\n'a\nb' is bad.", "Mend\nit.")
    assert capsys.readouterr().err == "error: The file 'a b' is bad.\n  → Mend it.\n"


def test_note_does_not_wrap(capsys: pytest.CaptureFixture[str]) -> None:
    console.note("word " * 100)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_brackets_in_texts_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console.note("[bold]live[/bold] :smile:")
    assert capsys.readouterr().err == "[bold]live[/bold] :smile:\n"


@pytest.mark.parametrize(("width", "n_numbers"), [(60, 6), (40, 4), (5, 0)])
def test_table_leaves_out_numbers_rather_than_names_where_the_terminal_is_narrow(
    width: int, n_numbers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Console(width=width, force_terminal=False)
    monkeypatch.setattr(console, "stdout", lambda: narrow)
    headings = ["family", *("a\nnumber" for _ in range(6))]
    table = console.table(headings, [["transformer", *("0.123" for _ in range(6))]])
    assert len(table.columns) == 1 + n_numbers
    with narrow.capture() as captured:
        narrow.print(table)
    assert captured.get().count("0.123") == n_numbers
    assert captured.get().replace("\n", "").replace(" ", "").count("trans") == 1


def test_json_is_utf8_with_a_line_end(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    console.write_json({"label": "Ökonomie"})
    written = capsysbinary.readouterr().out
    assert json.loads(written) == {"label": "Ökonomie"}
    assert "Ökonomie".encode() in written
    assert written.endswith(b"}\n")
