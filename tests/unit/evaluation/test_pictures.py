from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from newsdesk.evaluation.curves import Curves
from newsdesk.evaluation.pictures import draw


def curves(n: int) -> Curves:
    epochs = tuple(range(1, n + 1))
    falling = tuple(1 / epoch for epoch in epochs)
    rising = tuple(1 - loss / 2 for loss in falling)
    return Curves(epochs, rising, rising, falling, falling, chosen=n)


def words(path: Path) -> list[str]:
    return [element.text or "" for element in ElementTree.parse(path).iter() if element.text]


@pytest.mark.parametrize("n", [1, 10, 200])
def test_a_picture_of_points_has_its_promised_size(n: int, tmp_path: Path) -> None:
    path = tmp_path / "curves.png"
    draw(curves(n), path)
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (2000, 720)


def test_a_picture_of_lines_holds_its_words(tmp_path: Path) -> None:
    path = tmp_path / "curves.svg"
    draw(curves(3), path)
    assert {"train", "valid", "epoch", "accuracy, %", "loss, nats", "kept: epoch 3"} <= set(
        words(path)
    )


def test_a_single_panel_fills_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "curves.svg"
    draw(Curves((1,), (0.5,), (0.4,), (None,), (None,), chosen=1), path)
    assert "accuracy, %" in words(path)
    assert "loss, nats" not in words(path)


def test_the_same_curves_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.png", "b.png", "a.svg", "b.svg")]
    draw(curves(5), paths[0], paths[2])
    draw(curves(5), paths[1], paths[3])
    first, again, lines, lines_again = (path.read_bytes() for path in paths)
    assert first == again
    assert lines == lines_again


def test_a_style_of_the_reader_is_neither_used_nor_changed(tmp_path: Path) -> None:
    draw(curves(5), tmp_path / "plain.svg")
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30.0}):
        before = dict(mpl.rcParams)
        draw(curves(5), tmp_path / "styled.svg")
        assert dict(mpl.rcParams) == before
    assert (tmp_path / "plain.svg").read_bytes() == (tmp_path / "styled.svg").read_bytes()
