"""A day's work through the public names alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import newsdesk


def news(n: int) -> pa.Table:
    words = {"business": ["bank", "shares", "profit"], "sport": ["goal", "cup", "striker"]}
    everything = [*words["business"], *words["sport"]]
    rng = np.random.default_rng(0)
    labels = [["business", "sport"][index] for index in rng.permutation(np.arange(n) % 2)]
    texts = [
        " ".join([*rng.choice(words[label], 3), rng.choice(everything), f"no{row}"])
        for row, label in enumerate(labels)
    ]
    return pa.table({"headline": texts, "section": labels})


class Stream:
    """A table of any other library, of which nothing but the Arrow C stream is known."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.fixture(scope="module")
def run() -> newsdesk.Run:
    return newsdesk.train(news(120))


def csv_file(table: pa.Table, folder: Path) -> Path:
    pacsv.write_csv(table, folder / "news.csv")
    return folder / "news.csv"


def parquet_file(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "news.parquet")
    return folder / "news.parquet"


SOURCES: dict[str, Callable[[pa.Table, Path], Any]] = {
    "csv": csv_file,
    "csv by name": lambda table, folder: str(csv_file(table, folder)),
    "parquet": parquet_file,
    "pandas": lambda table, _folder: table.to_pandas(),
    "polars": lambda table, _folder: pl.from_arrow(table),
    "another library": lambda table, _folder: Stream(table),
    "corpus": lambda table, _folder: newsdesk.read_corpus(table),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_of_the_same_rows_gives_the_same_numbers(
    source: str, run: newsdesk.Run, tmp_path: Path
) -> None:
    other = newsdesk.train(SOURCES[source](news(120), tmp_path))
    assert other.corpus.fingerprint == run.corpus.fingerprint
    assert other.metrics == run.metrics
    assert other.results[0].valid == run.results[0].valid


def test_a_bundle_is_saved_loaded_asked_and_explained(run: newsdesk.Run, tmp_path: Path) -> None:
    digest = run.bundle.save(tmp_path / "bundle")
    bundle = newsdesk.Bundle.load(tmp_path / "bundle", expect_digest=digest)
    documents = newsdesk.Documents.from_texts(["Bank shares fall", "Goal wins the cup", ""])
    predictions = bundle.predict(documents)
    assert isinstance(predictions, newsdesk.Predictions)
    assert predictions.labels[:2] == ["business", "sport"]
    assert predictions.proba.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert predictions.low_evidence.tolist() == [False, False, True]
    assert predictions.abstain(0.5).tolist() == [False, False, True]
    explanation = bundle.explain(documents)[1]
    assert isinstance(explanation, newsdesk.Explanation)
    assert explanation.label == "sport"
    heaviest = max(explanation.spans, key=lambda span: span.weight)
    assert "Goal wins the cup"[heaviest.start : heaviest.end].lower() in {
        "goal",
        "cup",
        "goal wins",
    }


def test_other_rows_are_measured_by_hand(run: newsdesk.Run) -> None:
    corpus = newsdesk.read_corpus(news(40))
    predictions = run.bundle.predict(corpus.documents)
    found = newsdesk.measure(predictions.proba, corpus.y, corpus.labels)
    assert isinstance(found, newsdesk.Metrics)
    right = [
        a == b for a, b in zip(predictions.labels, corpus.labels.decode(corpus.y), strict=True)
    ]
    assert found.accuracy == np.mean(right) > 0.8


def test_every_error_on_purpose_is_of_one_kind_with_two_sentences(tmp_path: Path) -> None:
    acts: list[Callable[[], Any]] = [
        lambda: newsdesk.train(tmp_path / "missing.csv"),
        lambda: newsdesk.train(news(60), family="linaer"),
        lambda: newsdesk.train(news(60), settings=["c=1"]),
        lambda: newsdesk.train(news(60), split="weekly"),
        lambda: newsdesk.Bundle.load(tmp_path),
        lambda: newsdesk.TextClassifier().fit(["goal"], ["sport"]),
        lambda: newsdesk.LabelSet(["sport", "sport"]),
    ]
    for act in acts:
        with pytest.raises(newsdesk.NewsdeskError) as caught:
            act()
        assert caught.value.problem.endswith(".")
        assert caught.value.remedy.endswith((".", "?"))


def test_the_frame_of_a_notebook_goes_in_and_answers_come_beside_it(run: newsdesk.Run) -> None:
    frame = pd.DataFrame({"headline": ["Bank profit", None, "Striker goal"]}, index=[7, 3, 5])
    frame["section"] = run.bundle.predict(newsdesk.Documents.from_texts(frame["headline"])).labels
    assert frame.loc[[7, 5], "section"].tolist() == ["business", "sport"]
