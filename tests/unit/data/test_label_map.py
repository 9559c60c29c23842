from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import label_map
from newsdesk.data.label_map import LabelMap
from newsdesk.errors import ConfigError


def test_shipped_map_turns_41_labels_into_34() -> None:
    shipped = label_map.load("huffpost-34")
    assert label_map.shipped() == ("huffpost-34",)
    assert (shipped.version, len(shipped.merge)) == (1, 7)
    assert shipped.merge["THE WORLDPOST"] == "WORLDPOST"


def test_labels_are_merged_with_counts_and_absent_ones_are_told() -> None:
    merge = LabelMap("m", 3, {"STYLE": "BEAUTY", "ARTS": "CULTURE"})
    labels = pa.array(["STYLE", "TECH", "STYLE", "BEAUTY"], pa.large_string())
    merged, lines = label_map.apply(merge, labels)
    assert merged.to_pylist() == ["BEAUTY", "TECH", "BEAUTY", "BEAUTY"]
    assert lines == [
        "labels merged by m version 3: 3 classes became 2",
        "  STYLE → BEAUTY: 2 rows",
        "  in the map but not in the data: ARTS",
    ]


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        ('"A" = "B"\n"B" = "C"', "'A' is merged into 'B', which is itself merged away"),
        ('"A" = "B"\n"B" = "A"', "itself merged away"),
        ('"A" = "A"', "itself merged away"),
        ('"A" = " "', "has an empty label"),
        ('"A" = 1', "Expected `str`"),
    ],
    ids=["chain", "cycle", "self", "empty", "number"],
)
def test_chains_cycles_and_empty_labels_are_refused(
    tmp_path: Path, merge: str, message: str
) -> None:
    path = tmp_path / "map.toml"
    path.write_text(f'name = "m"\nversion = 1\n[merge]\n{merge}\n')
    with pytest.raises(ConfigError, match=message):
        label_map.load(path)


def test_unknown_map_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no label map 'huffpost34'") as caught:
        label_map.load("huffpost34")
    assert "Did you mean 'huffpost-34'?" in caught.value.remedy
    with pytest.raises(ConfigError, match="no file"):
        label_map.load("missing.toml")
