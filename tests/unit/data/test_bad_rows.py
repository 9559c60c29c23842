from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from newsdesk.data.bad_rows import BadRows, RejectedRow, write_quarantine
from newsdesk.errors import RowError

ROW = RejectedRow("a/news.csv", 3, "label", "the label is empty.", "x,")


def test_policy_error_raises_with_the_place() -> None:
    with pytest.raises(RowError, match=r"a/news.csv, row 3, column 'label': the label is empty."):
        BadRows("error", None).reject(ROW)


def test_policy_skip_collects_and_writes_nothing(tmp_path: Path) -> None:
    bad_rows = BadRows("skip", tmp_path)
    bad_rows.reject(ROW)
    bad_rows.finish()
    assert bad_rows.rejected == [ROW]
    assert list(tmp_path.iterdir()) == []


def test_sources_of_one_stem_get_files_of_their_own(tmp_path: Path) -> None:
    other = RejectedRow("b/news.csv", 1, None, "ragged.", "y")
    written = write_quarantine([ROW, other, ROW], tmp_path)
    assert [path.name for path in written] == ["news.rejected.jsonl", "news-2.rejected.jsonl"]
    lines = written[0].read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=RejectedRow) for line in lines] == [ROW, ROW]
