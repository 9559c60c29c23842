"""Rows 6, 18, 19, 20 and 22 for prepared files; and files that say of themselves what is not so."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from newsdesk.data import export
from newsdesk.data.corpus import read_corpus
from newsdesk.data.curate import Curation, curate
from newsdesk.data.prepared import write
from newsdesk.data.recorded_split import part
from newsdesk.data.split import default_spec, draw, leaked
from newsdesk.errors import SchemaError, StorageError


def _table(texts: list[str], labels: list[str]) -> pa.Table:
    return pa.table({"text": texts, "label": labels})


def test_row_6_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.feather"
    corpus = read_corpus(_table(["one", "two"], ["A", "B"]))
    write(corpus, path)
    before = path.read_bytes()

    def full(table: pa.Table, target: str) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export.feather, "write_feather", full)
    with pytest.raises(StorageError, match="No space left"):
        write(corpus, path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["out.feather"]


@pytest.mark.parametrize("suffix", [".feather", ".parquet", ".csv", ".jsonl"])
def test_row_18_words_that_look_like_values_stay_texts(suffix: str, tmp_path: Path) -> None:
    texts = ["NA", "None", "null", "nan", "1e5", "=cmd()", "+1", "-1", "@x", "007"]
    corpus = read_corpus(_table(texts, ["A", "null"] * 5))
    write(corpus, tmp_path / f"out{suffix}")
    read = read_corpus(tmp_path / f"out{suffix}", text="text", label="label")
    assert read.documents.fields["text"].to_pylist() == texts
    assert read.labels.names == ("A", "null")


@pytest.mark.parametrize("suffix", [".feather", ".parquet", ".csv", ".jsonl"])
def test_row_19_odd_unicode_survives(suffix: str, tmp_path: Path) -> None:
    texts = [
        "a\u202eb\u2066c",
        "👩\u200d👩\u200d👧",
        "e\u0301 é",
        "a\u200bb\ufeff",
        "x" + "\u0301" * 1000,
        'a "b"\r\nc\u2028d',
    ]
    corpus = read_corpus(_table(texts, ["A", "B"] * 3))
    write(corpus, tmp_path / f"out{suffix}")
    read = read_corpus(tmp_path / f"out{suffix}", text="text", label="label")
    assert read.fingerprint == corpus.fingerprint


def test_row_20_a_class_of_one_row_stays_in_train() -> None:
    texts = [f"story {n}" for n in range(30)] + ["story 1"]
    corpus = read_corpus(_table(texts, ["A", "B"] * 15 + ["C"]))
    for kind in ("exact", "near"):
        curation = Curation(split="stratified:0.2", drop_duplicates=kind, drop_empty=True)
        result = curate(corpus, curation)
        rows = np.flatnonzero(part(result, "train"))
        assert "C" in result.labels.decode(result.y[rows])


def test_row_22_no_train_row_stands_in_valid_or_test_after_dropping() -> None:
    texts = [f"story {n % 35}" for n in range(100)]
    corpus = read_corpus(_table(texts, [("A", "B")[n % 2] for n in range(100)]))
    result = curate(corpus, Curation(split="random:0.2", drop_duplicates="exact"))
    split = draw(result, default_spec(result))
    clusters = result.duplicate_clusters
    held_out = {*clusters[split.valid].tolist(), *clusters[split.test].tolist()}
    assert not held_out & set(clusters[split.train].tolist())
    before = draw(corpus, "random:0.2")
    assert leaked(corpus, before).any()
    assert len(split.test) == len(before.test)


HOSTILE: dict[str, Any] = {
    "no object": [],
    "a number": 1,
    "nothing": None,
    "another format": {"format": 999},
    "format as text": {"format": "1", "name": "n", "text": ["text"], "label": "label"},
    "columns that are missing": {"format": 1, "name": "n", "text": ["x"], "label": "y"},
    "text that is the label": {"format": 1, "name": "n", "text": ["label"], "label": "label"},
    "no text": {"format": 1, "name": "n", "text": [], "label": "label"},
    "steps that are objects": {
        **{"format": 1, "name": "n", "text": ["text"], "label": "label"},
        "steps": [{"__reduce__": "os.system"}],
    },
    "a path as split column": {
        **{"format": 1, "name": "n", "text": ["text"], "label": "label"},
        "split_column": "../../etc/passwd",
    },
}


@pytest.mark.parametrize("entry", HOSTILE.values(), ids=HOSTILE)
def test_hostile_metadata_is_refused_with_a_remedy(entry: object, tmp_path: Path) -> None:
    path = tmp_path / "hostile.feather"
    table = _table(["one", "two"], ["A", "B"])
    metadata = {b"newsdesk": json.dumps(entry).encode()}
    feather.write_feather(table.replace_schema_metadata(metadata), str(path))
    with pytest.raises(SchemaError, match=r"hostile\.feather") as caught:
        read_corpus(path)
    assert caught.value.remedy


def test_a_split_column_with_odd_values_names_the_row(tmp_path: Path) -> None:
    corpus = read_corpus(_table([f"story {n}" for n in range(6)], ["A", "B"] * 3))
    prepared = curate(corpus, Curation(split="tail:2"))
    odd = pa.array(["train", "valid", "test", "TRAIN", "tset", "test"])
    write(prepared.with_changes(extra=pa.table({"split": odd})), tmp_path / "out.feather")
    read = read_corpus(tmp_path / "out.feather")
    with pytest.raises(SchemaError, match=r"Column 'split' holds 'tset' \(document 4\)"):
        draw(read, default_spec(read))
