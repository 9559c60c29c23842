from __future__ import annotations

import re
from math import hypot

import pytest

from newsdesk.inspection.charts import HEIGHT, OTHERS, WIDTH, boxes, columns, slices, ticks
from newsdesk.inspection.lengths import Histogram, Quantiles
from newsdesk.inspection.record import Class

WORDS = Quantiles(0, 1, 2, 4, 8, 16, 20, 99)


def classes(*counts: int) -> list[Class]:
    total = sum(counts)
    return [Class(f"c{i}", n, n / total, WORDS, 0, ()) for i, n in enumerate(counts)]


def test_slices_begin_and_end_on_the_circle() -> None:
    found = slices(classes(50, 30, 20))
    assert [item.share for item in found] == [0.5, 0.3, 0.2]
    ends = []
    for item in found:
        numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", item.path)]
        start, end = numbers[2:4], numbers[-2:]
        assert hypot(*start) == pytest.approx(100, abs=0.02)
        ends.append((start, end))
    for (_, end), (start, _) in zip(ends, [*ends[1:], ends[0]], strict=True):
        assert end == pytest.approx(start, abs=0.02)
    assert ends[0] == ([0, -100], pytest.approx([0, 100], abs=0.02))


def test_a_slice_above_a_half_goes_the_long_way_round() -> None:
    large, small = slices(classes(90, 10))
    assert "A100 100 0 1 1" in large.path
    assert "A100 100 0 0 1" in small.path


def test_one_class_is_the_whole_circle() -> None:
    (whole,) = slices(classes(5))
    assert (whole.path, whole.share) == ("", 1.0)


def test_all_but_twelve_classes_are_one_slice() -> None:
    thirteen = slices(classes(*range(20, 7, -1)))
    assert [item.label for item in thirteen][-1] == "c12"
    many = slices(classes(*range(1000, 0, -1)))
    assert len(many) == 13
    assert (many[-1].label, many[-1].colour) == ("988 others", OTHERS)
    assert sum(item.share for item in many) == pytest.approx(1)
    assert len({item.colour for item in many}) == 13


def test_columns_fill_the_plane_and_show_every_text() -> None:
    histogram = Histogram((0, 5, 10, 20), (10, 0, 4000), logarithmic=False, n_beyond=0)
    low, none, high = columns(histogram)
    assert (high.height, high.y, high.x + high.width) == (HEIGHT, 0, WIDTH)
    assert none.height == 0
    assert low.height >= 0.5
    assert (high.first, high.last, high.n) == (10, 19, 4000)


def test_ticks_are_edges() -> None:
    histogram = Histogram(tuple(range(41)), (1,) * 40, logarithmic=False, n_beyond=0)
    found = ticks(histogram)
    assert len(found) <= 9
    assert (found[0].x, found[0].value) == (0, 0)
    assert (found[-1].x, found[-1].value) == (WIDTH, 40)
    (only, last) = ticks(Histogram((0, 1), (3,), logarithmic=False, n_beyond=0))
    assert (only.value, last.value) == (0, 1)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_boxes_share_a_scale(logarithmic: bool) -> None:
    wide = Quantiles(0, 10, 20, 40, 80, 160, 200, 999)
    narrow, widest = boxes([WORDS, wide], logarithmic=logarithmic)
    assert widest.p95 == 100
    for box in (narrow, widest):
        assert 0 <= box.p5 <= box.q1 <= box.median <= box.q3 <= box.p95 <= 100
    assert (narrow.p95 == pytest.approx(10)) is not logarithmic


def test_texts_without_words_have_boxes_too() -> None:
    (box,) = boxes([Quantiles(*[0] * 8)], logarithmic=False)
    assert box.p95 == 0
