from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import label_map
from newsdesk.data.label_map import LabelMap
from newsdesk.errors import ConfigError, LabelError


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
        ('"A" = "B"\n"A" = "C"', "no valid TOML: Cannot overwrite a value"),
        ('"A" = "B"\n"B" = "C"', "'A' is merged into 'B', which is itself merged away"),
        ('"A" = "B"\n"B" = "A"', "itself merged away"),
        ('"A" = "A"', "'A' is merged into itself"),
        ('"A" = " "', "has an empty label"),
        ('"A" = 1', "Expected `str`"),
    ],
    ids=["twice", "chain", "cycle", "self", "empty", "number"],
)
def test_chains_cycles_and_empty_labels_are_refused(
    tmp_path: Path, merge: str, message: str
) -> None:
    path = tmp_path / "map.toml"
    path.write_text(f'name = "m"\nversion = 1\n[merge]\n{merge}\n')
    with pytest.raises(ConfigError, match=message):
        label_map.load(path)


LABELS = pa.array(["Arts", "TECH", "Arts", "SPORT "], pa.large_string())


def test_row_20_a_map_of_other_data_is_refused_with_near_labels() -> None:
    merge = LabelMap("m", 1, {"ARTS": "CULTURE", "SPORTS": "GAMES", "ZZZ": "GAMES"})
    with pytest.raises(LabelError, match="The map m names no label of the data") as caught:
        label_map.apply(merge, LABELS)
    assert "ARTS (did you mean 'Arts'?), SPORTS (did you mean 'SPORT '?), ZZZ." in str(caught.value)
    assert caught.value.remedy == "The data have Arts, SPORT , TECH."


def test_row_20_absent_labels_are_told_with_near_ones() -> None:
    merge = LabelMap("m", 1, {"TECH": "SCIENCE", "ARTS": "CULTURE", "ZZZ": "CULTURE"})
    merged, lines = label_map.apply(merge, LABELS)
    assert merged.to_pylist() == ["Arts", "SCIENCE", "Arts", "SPORT "]
    assert lines[1:] == [
        "  TECH → SCIENCE: 1 row",
        "  in the map but not in the data: ARTS (did you mean 'Arts'?), ZZZ",
    ]


def test_row_20_a_map_that_leaves_one_class_is_refused() -> None:
    merge = LabelMap("m", 1, {"TECH": "NEWS", "Arts": "NEWS", "SPORT ": "NEWS"})
    with pytest.raises(LabelError, match="merges all 3 classes into 'NEWS'"):
        label_map.apply(merge, LABELS)


def test_a_few_rows_may_lack_the_labels_of_a_map_and_become_one_class() -> None:
    few = pa.array(["TECH", "SPORT "], pa.large_string())
    merged, _ = label_map.apply(LabelMap("m", 1, {"ARTS": "CULTURE"}), few, partial=True)
    assert merged.equals(few)
    merge = LabelMap("m", 1, {"TECH": "SPORT "})
    assert label_map.apply(merge, few, partial=True)[0].to_pylist() == ["SPORT "] * 2


def test_a_map_may_make_a_new_name() -> None:
    merge = LabelMap("m", 1, {"TECH": "NEW", "Arts": "NEW"})
    assert label_map.apply(merge, LABELS)[0].to_pylist() == ["NEW", "NEW", "NEW", "SPORT "]


def test_unknown_map_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no label map 'huffpost34'") as caught:
        label_map.load("huffpost34")
    assert "Did you mean 'huffpost-34'?" in caught.value.remedy
    with pytest.raises(ConfigError, match="no file"):
        label_map.load("missing.toml")
