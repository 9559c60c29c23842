from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bundle import Bundle
from newsdesk.data.corpus import read_corpus
from newsdesk.errors import ConfigError, LabelError, LeakageError
from newsdesk.promotion.rows import Measured, TestRows, Trained
from newsdesk.training.members import run_about
from newsdesk.types import Silent

Tables = Callable[..., Path]


def known(run: Path, name: str = "the candidate") -> tuple[Bundle, Trained]:
    bundle = Bundle.load(run / "bundle")
    return bundle, Trained(name, run_about(run / "bundle"), bundle.fingerprint)


def measured(data: Path, *pairs: tuple[Bundle, Trained], **options: Any) -> Measured:
    values = {"guessed": True, "without_learnt": False} | options
    return Measured.of(read_corpus(data, min_classes=1), pairs, **values)


def test_the_test_rows_of_a_run_are_drawn_again(runs: dict[str, Path]) -> None:
    import pyarrow.parquet as pq

    bundle, trained = known(runs["good"])
    corpus = TestRows().read(trained, bundle.fields, Silent())
    recorded = pq.read_table(runs["good"] / "predictions.parquet")
    assert corpus.documents.ids.to_pylist() == recorded["id"].to_pylist()
    assert corpus.labels.decode(corpus.y) == recorded["label"].to_pylist()


def test_data_that_have_moved_are_found_where_they_are_said_to_lie(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    bundle, trained = known(runs["good"])
    moved = tmp_path / "moved.csv"
    shutil.copy(runs["good"].parent / "two.csv", moved)
    lost = trained.moved("nowhere.csv")
    with pytest.raises(ConfigError, match="cannot be drawn again: its data cannot be read"):
        TestRows().read(lost, bundle.fields, Silent())
    assert len(TestRows().read(lost.moved(str(moved)), bundle.fields, Silent()))


def test_data_that_have_changed_are_not_taken_for_the_same(
    runs: dict[str, Path], tmp_path: Path, table: Tables
) -> None:
    _, trained = known(runs["good"])
    other = table(tmp_path / "other.csv", 60, ["SPORT", "BUSINESS"], 1)
    assert trained.moved(str(other)).rows(Silent()) == (
        "its data are no longer those that it was trained on"
    )


def test_a_bundle_alone_has_no_test_rows(runs: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(runs["good"] / "bundle", tmp_path / "alone" / "deep" / "bundle")
    bundle = Bundle.load(tmp_path / "alone" / "deep" / "bundle")
    trained = Trained("the candidate", run_about(tmp_path / "alone"), bundle.fingerprint)
    with pytest.raises(ConfigError, match="no run folder"):
        TestRows().read(trained, bundle.fields, Silent())


def test_another_division_of_the_same_rows_is_found_out(runs: dict[str, Path]) -> None:
    bundle, trained = known(runs["good"])
    other = Trained("it", {**trained.run, "seed": 7}, bundle.fingerprint)
    assert other.rows(Silent()) == "its data are no longer those that it was trained on"


def test_the_rows_before_corrections_are_told_by_what_was_recorded_with_them(
    runs: dict[str, Path],
) -> None:
    _, trained = known(runs["good"])
    facts = {key: trained.run[key] for key in ("data_fingerprint", "split_digest")}
    grown = {**trained.run, "data_fingerprint": "grown", "split_digest": "grown"}
    with_record = Trained("it", {**grown, "feedback": facts}, "grown")
    found = with_record.rows(Silent())
    assert not isinstance(found, str)
    without = Trained("it", {**grown, "feedback": {"n_added": 3}}, "grown")
    assert without.rows(Silent()) == "its run does not say how the rows were divided"


def test_rows_are_read_once_for_two_bundles_of_the_same_run(runs: dict[str, Path]) -> None:
    _, first = known(runs["good"])
    _, second = known(runs["poor"])
    second.share(first)
    assert second.rows(Silent()) is first.rows(Silent())


def test_rows_that_neither_has_learnt_are_measured(
    runs: dict[str, Path], tmp_path: Path, table: Tables
) -> None:
    data = table(tmp_path / "new.csv", 5, ["SPORT", "WEATHER"], 100)
    served, candidate = known(runs["good"], "the served version"), known(runs["grown"])
    found = measured(data, served, candidate)
    assert len(found.corpus) == 10
    assert found.notes == ()
    # BUSINESS, SPORT, WEATHER
    assert sorted(set(found.y.tolist())) == [1, 2]


def test_learnt_rows_are_refused_or_left_out(
    runs: dict[str, Path], tmp_path: Path, table: Tables
) -> None:
    data = table(tmp_path / "all.csv", 120, ["SPORT", "BUSINESS"])
    pairs = known(runs["good"], "the served version"), known(runs["good"])
    with pytest.raises(LeakageError, match="rows 96 have been learnt by the served version"):
        measured(data, *pairs)
    found = measured(data, *pairs, without_learnt=True)
    assert len(found.corpus) == 240 - 96
    assert found.notes[0] == "96 rows that the served version has learnt are left out"


def test_what_is_not_known_of_a_bundle_is_said(
    runs: dict[str, Path], tmp_path: Path, table: Tables
) -> None:
    data = table(tmp_path / "new.csv", 5, ["SPORT"], 100)
    bundle, _ = known(runs["good"])
    stranger = bundle, Trained("the served version", {}, bundle.fingerprint)
    (note,) = measured(data, stranger, known(runs["good"])).notes
    assert note.startswith("whether the served version has learnt test rows is not known: it lies")


def test_rows_with_labels_that_neither_knows_are_left_out(
    runs: dict[str, Path], tmp_path: Path, table: Tables
) -> None:
    data = table(tmp_path / "new.csv", 5, ["SPORT", "WEATHER"], 100)
    pair = known(runs["good"]), known(runs["good"])
    found = measured(data, *pair)
    assert len(found.corpus) == 5
    assert found.notes == ("5 rows with labels that neither knows (WEATHER)",)
    with pytest.raises(LabelError, match="None of the 5 test rows"):
        measured(table(tmp_path / "w.csv", 5, ["WEATHER"], 100), *pair)


def test_a_table_of_test_rows_is_read_with_the_fields_of_the_candidate(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("label,other,headline\nSPORT,x,the keeper\nBUSINESS,y,the bank\n")
    bundle, trained = known(runs["good"])
    corpus = TestRows(test=str(path)).read(trained, bundle.fields, Silent())
    assert list(corpus.documents.fields) == ["headline"]
    named = TestRows(test=str(path), text=["other"], label="label")
    assert list(named.read(trained, bundle.fields, Silent()).documents.fields) == ["other"]
