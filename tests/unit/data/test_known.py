from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.model_selection import train_test_split

from newsdesk.data import known, tables
from newsdesk.data.corpus import read_corpus
from newsdesk.errors import DataError
from newsdesk.types import Silent

HUFFPOST_V3 = {
    "link": ["l"] * 12,
    "headline": [f"headline {n}" for n in range(12)],
    "category": ["POLITICS", "WELLNESS", "TECH"] * 4,
    "short_description": ["d"] * 12,
    "authors": ["a"] * 12,
    "date": ["2022-09-23", "2018-05-27", *["2018-05-26"] * 10],
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the hub: files of a folder by repository and name."""

    def list_repo_files(repo: str, *, repo_type: str) -> list[str]:
        assert repo_type == "dataset"
        folder = tmp_path / repo
        if not folder.exists():
            raise ConnectionError("no network")
        return ["README.md", *(path.name for path in folder.iterdir())]

    def hf_hub_download(repo: str, name: str, *, repo_type: str) -> str:
        return str(tmp_path / repo / name)

    module = SimpleNamespace(list_repo_files=list_repo_files, hf_hub_download=hf_hub_download)
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    monkeypatch.delenv(known.ENVIRONMENT, raising=False)
    return tmp_path


def _expect(monkeypatch: pytest.MonkeyPatch, name: str, **numbers: Any) -> None:
    changed = dataclasses.replace(known._SETS[name], **numbers)
    monkeypatch.setitem(known._SETS, name, changed)


def _order(rows: dict[str, list[str]]) -> str:
    texts = [*rows["headline"], *rows["category"]]
    return hashlib.sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()


V2 = {name: column[2:] for name, column in HUFFPOST_V3.items()}


@pytest.mark.parametrize("in_order", [True, False])
def test_huffpost_from_the_hub_is_cut_at_the_last_day_of_v2(
    hub: Path, monkeypatch: pytest.MonkeyPatch, in_order: bool
) -> None:
    tables.write(
        pa.table(HUFFPOST_V3), hub / "heegyu/news-category-dataset/News_Category_Dataset_v3.jsonl"
    )
    _expect(monkeypatch, "huffpost", n_rows=10, n_classes=3)
    if in_order:
        monkeypatch.setattr(known, "_HUFFPOST_SHA256", _order(V2))
    corpus = read_corpus("huffpost")
    assert len(corpus) == 10
    assert corpus.documents.fields["headline"][0].as_py() == "headline 2"
    _, test = train_test_split(np.arange(10), test_size=0.1, random_state=42)
    if in_order:
        assert corpus.published is not None
        assert corpus.published.tolist() == sorted(test)
    else:
        assert corpus.published is None
        assert any("not in the order of the published split" in step for step in corpus.steps)


def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, rows: Any) -> Path:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setenv(known.ENVIRONMENT, str(tmp_path))
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    return path


@pytest.mark.parametrize("folder", ["", "huffpost/"])
@pytest.mark.parametrize("version", [2, 3])
def test_huffpost_from_the_raw_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, version: int
) -> None:
    rows = V2 if version == 2 else HUFFPOST_V3
    path = _folder(tmp_path, monkeypatch, f"{folder}News_Category_Dataset_v{version}.json", rows)
    _expect(monkeypatch, "huffpost", n_rows=10, n_classes=3)
    monkeypatch.setattr(known, "_HUFFPOST_SHA256", _order(V2))
    assert known.find("huffpost") == path
    corpus = read_corpus("huffpost")
    assert corpus.documents.fields["headline"].to_pylist() == V2["headline"]
    assert corpus.documents.ids.to_pylist() == [str(n) for n in range(10)]
    assert corpus.published is not None
    assert corpus.steps[0] == f"huffpost from {path}: 10 rows, 3 classes, as known"


def test_huffpost_v3_has_all_rows_and_no_published_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _folder(tmp_path, monkeypatch, "News_Category_Dataset_v3.json", HUFFPOST_V3)
    _expect(monkeypatch, "huffpost-v3", n_rows=12, n_classes=3)
    corpus = read_corpus("huffpost-v3")
    assert (len(corpus), corpus.published) == (12, None)
    assert not any("published" in step for step in corpus.steps)
    assert "licence: News Category Dataset v3, Rishabh Misra, CC BY 4.0" in corpus.steps


def test_huffpost_v3_that_is_not_there_is_answered_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _folder(tmp_path, monkeypatch, "News_Category_Dataset_v2.json", V2)
    assert known.find("huffpost-v3") is None
    with pytest.raises(DataError, match=r"there is no huffpost/News_Category_Dataset_v3\.json or"):
        read_corpus("huffpost-v3")


@pytest.mark.parametrize("absent", ["headline", "category", "date"])
def test_a_raw_file_of_other_columns_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    rows = {name: column for name, column in HUFFPOST_V3.items() if name != absent}
    _folder(tmp_path, monkeypatch, "News_Category_Dataset_v3.json", rows)
    with pytest.raises(DataError, match=f"has no column '{absent}'|has 12 rows of 3 classes"):
        read_corpus("huffpost")


def test_the_raw_file_and_the_parquet_file_are_one_data_set(
    newsdesk_data: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsdesk_data("huffpost/news_category_v2.parquet")
    parquet = known.load("huffpost", progress=Silent())
    raw = parquet.read.table.drop_columns(["published_test"])
    tables.write(raw, tmp_path / "v2.jsonl")
    (tmp_path / "v2.jsonl").rename(tmp_path / "News_Category_Dataset_v2.json")
    monkeypatch.setenv(known.ENVIRONMENT, str(tmp_path))
    found = known.load("huffpost", progress=Silent())
    assert found.read.table.select(raw.column_names).equals(raw)
    assert found.published is not None
    assert parquet.published is not None
    assert np.array_equal(found.published, parquet.published)


def test_other_rows_than_the_known_ones_are_refused(hub: Path) -> None:
    tables.write(
        pa.table(HUFFPOST_V3), hub / "heegyu/news-category-dataset/News_Category_Dataset_v3.jsonl"
    )
    with pytest.raises(DataError, match=r"10 rows of 3 classes; huffpost has 200,853 of 41"):
        read_corpus("huffpost")


def test_bbc_from_the_hub_joins_its_files_and_offers_no_published_split(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"text": ["a", "b"], "label": [0, 1], "label_text": ["tech", "sport"]}
    for part in ("train", "test"):
        tables.write(pa.table(rows), hub / f"SetFit/bbc-news/{part}.jsonl")
    _expect(monkeypatch, "bbc", n_rows=4, n_classes=2)
    monkeypatch.setattr(known, "_N_BBC_TEST", 2)
    corpus = read_corpus("bbc")
    assert corpus.labels.names == ("sport", "tech")
    assert corpus.published is None
    assert any("not in the order of the published split" in step for step in corpus.steps)


def test_hub_without_the_file_and_without_network_are_told(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="nor on the hub: no network"):
        read_corpus("bbc")
    (hub / "SetFit/bbc-news").mkdir(parents=True)
    with pytest.raises(DataError, match="holds none of train"):
        read_corpus("bbc")


def test_neither_folder_nor_hub_names_both_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.delenv(known.ENVIRONMENT, raising=False)
    with pytest.raises(DataError, match="NEWSDESK_DATA is not set") as caught:
        read_corpus("huffpost")
    assert "huffpost/news_category_v2.parquet" in caught.value.remedy
    assert "newsdesk[hub]" in caught.value.remedy
    monkeypatch.setenv(known.ENVIRONMENT, str(tmp_path))
    with pytest.raises(DataError, match=r"there is no bbc/bbc-text\.csv in "):
        read_corpus("bbc")


def test_bbc_from_the_folder_has_its_published_rows() -> None:
    folder = os.environ.get(known.ENVIRONMENT, "")
    if not folder or not Path(folder, "bbc/bbc-text.csv").exists():
        pytest.skip("bbc/bbc-text.csv is not in $NEWSDESK_DATA")
    corpus = read_corpus("bbc")
    assert (len(corpus), len(corpus.labels)) == (2225, 5)
    assert corpus.published is not None
    assert corpus.published.tolist() == list(range(1780, 2225))
    assert "licence: BBC News, copyright BBC" in "\n".join(corpus.steps)


def test_sample_is_embedded() -> None:
    if not (resources.files("newsdesk.data") / "sample/sample.csv").is_file():
        pytest.skip("sample/sample.csv is not in the package")
    corpus = read_corpus("sample")
    assert list(corpus.documents.fields) == ["headline", "description"]
    assert len(corpus.labels) == 8
    assert corpus.class_counts.min() >= 80
