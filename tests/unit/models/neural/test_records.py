from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.models.neural.records import append, entry, grown, latest, size_of

RECORD = np.dtype([("high", "<u8"), ("low", "<u8"), ("value", "<u4")])
KEY = np.dtype([("high", "<u8"), ("low", "<u8")])


def test_the_last_record_of_a_text_is_found_by_both_halves_of_its_digest() -> None:
    records = np.array([(5, 1, 0), (3, 1, 1), (5, 1, 2), (9, 2, 3)], dtype=RECORD)
    keys = np.array([(5, 1), (3, 1), (9, 1), (1, 1), (11, 1)], dtype=KEY)
    place, same = latest(records, keys)
    assert same.tolist() == [True, True, False, False, False]
    assert records["value"][place[:2]].tolist() == [2, 1]


def test_what_is_not_whole_is_cut_off_before_more_is_written(tmp_path: Path) -> None:
    with grown(tmp_path / "file") as file:
        append(file, 0, b"abcdef")
        append(file, 4, b"XY")
        assert size_of(file) == 6
    assert (tmp_path / "file").read_bytes() == b"abcdXY"
    with grown(tmp_path / "file") as file:
        append(file, 6, b"!")
    assert (tmp_path / "file").read_bytes() == b"abcdXY!"


def test_an_entry_depends_on_all_its_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path))
    found = {entry("states", 1, 8, "a"), entry("states", 2, 8, "a"), entry("states", 1, 8, "b")}
    assert len(found | {entry("states", 1, 8, "a")}) == 3
    assert all(place.parent == tmp_path / "states" for place in found)
