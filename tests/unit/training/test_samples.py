from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import newsdesk
from newsdesk.training.samples import _MOST, SAMPLES


def table(n: int) -> pa.Table:
    words = [("goal cup", "bank rate")[row % 2] for row in range(n)]
    return pa.table(
        {
            "headline": [f"{word} no{row}" for row, word in enumerate(words)],
            "body": [f"=more {row}" for row in range(n)],
            "section": [("sport", "business")[row % 2] for row in range(n)],
        }
    )


def train(n: int, split: str, out: Path, seed: int = 0) -> newsdesk.Run:
    fields = ["headline", "body"]
    return newsdesk.train(
        table(n),
        text=fields,
        label="section",
        split=split,
        family="prior",
        near_duplicates=False,
        seed=seed,
        out=out,
    )


def test_the_test_rows_are_written_with_their_labels_as_they_are(tmp_path: Path) -> None:
    run = train(100, "tail:20", tmp_path / "run")
    found = pq.read_table(tmp_path / "run" / SAMPLES)
    assert found.column_names == ["id", "headline", "body", "label"]
    documents = run.corpus.documents.take(run.split.test)
    assert found["headline"].to_pylist() == documents.fields["headline"].to_pylist()
    assert found["body"].to_pylist() == [f"=more {row}" for row in range(80, 100)]
    assert found["label"].to_pylist() == ["sport", "business"] * 10


def test_many_rows_are_sampled_by_the_seed(tmp_path: Path) -> None:
    n = 2 * _MOST + 500
    found = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(n, f"tail:{2 * _MOST}", tmp_path / name, seed)
        found.append(pq.read_table(tmp_path / name / SAMPLES)["id"].to_pylist())
    assert len(set(found[0])) == _MOST
    assert found[0] == found[1] != found[2]
