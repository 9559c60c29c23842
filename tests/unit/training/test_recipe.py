from __future__ import annotations

import errno
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk import config
from newsdesk.bundle import SMALL, Bundle, Cleaner, holdout
from newsdesk.data import tables
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.errors import (
    BundleExistsError,
    ConfigError,
    LabelError,
    LeakageError,
    NewsdeskError,
    SchemaError,
    StorageError,
)
from newsdesk.evaluation.metrics import measure
from newsdesk.training import evaluate, train
from newsdesk.training.recipe import train_on
from newsdesk.training.rows import RowSource
from newsdesk.types import Silent

News = Callable[..., pa.Table]


@pytest.fixture
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training would be an error of its own."""

    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("Bundle.fit was called")

    monkeypatch.setattr(Bundle, "fit", refuse)


def set_column(table: pa.Table, name: str, values: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values))


# --- which rows


def test_by_default_a_stratified_fifth_of_a_small_corpus_is_test(news: News) -> None:
    run = train(news(150))
    split = run.split
    assert split.spec == "stratified:0.2"
    assert (len(split.train), len(split.valid), len(split.test)) == (96, 24, 30)
    assert sorted([*split.train, *split.valid, *split.test]) == list(range(150))
    assert run.corpus.class_counts.tolist() == [50, 50, 50]
    assert np.bincount(run.corpus.y[split.test]).tolist() == [10, 10, 10]


def test_a_named_split_is_drawn(news: News) -> None:
    run = train(news(100), split="tail:10")
    assert run.split.test.tolist() == list(range(90, 100))
    assert run.settings["split"] == "tail:10"


def test_few_and_easy_test_rows_are_measured_without_a_warning(news: News) -> None:
    run = train(news(100, n_own=4), split="tail:10")
    assert run.metrics.accuracy == 1
    low, high = run.metrics.intervals["log_loss"]
    assert 0 <= low <= run.metrics.log_loss <= high


def test_a_given_test_file_is_measured_whole_but_for_labels_that_train_lacks(
    news: News, tmp_path: Path
) -> None:
    table = news(20, seed=1)
    labels = ["crime", *table["section"].to_pylist()[1:-1], "opera"]
    tables.write(set_column(table, "section", labels), tmp_path / "test.csv")
    run = train(news(90), test=tmp_path / "test.csv")
    (result,) = run.results
    assert run.split.test.tolist() == list(range(90, 110))
    assert run.corpus.labels.names == ("business", "sport", "tech")
    assert run.corpus.y[run.split.test][[0, -1]].tolist() == [-1, -1]
    assert result.test.n == 18
    assert result.test_rows.tolist() == list(range(91, 109))
    assert len(result.predictions) == 20
    note = "2 test rows of 2 classes unknown to train (crime, opera): not measured"
    assert note in run.notes
    expected = measure(
        result.predictions.proba[1:-1], run.corpus.y[result.test_rows], run.corpus.labels
    )
    assert result.test.confusion == expected.confusion
    assert result.test.log_loss == expected.log_loss


def test_a_split_and_a_test_file_exclude_each_other(news: News, no_fit: None) -> None:
    with pytest.raises(ConfigError, match=r"Both a split \(tail:9\) and a file .* \(test.csv\)"):
        train(news(90), split="tail:9", test="test.csv")


def test_rows_classes_and_columns_reach_the_corpus(news: News) -> None:
    table = news(200).append_column("body", pa.array(["some more text"] * 200))
    run = train(
        table, text=["headline", "body"], label="section", classes="sport,tech", rows=60, seed=2
    )
    assert len(run.corpus) == 60
    assert run.corpus.labels.names == ("sport", "tech")
    assert list(run.corpus.documents.fields) == ["headline", "body"]
    other = train(table, text=["body", "headline"], classes=["sport", "tech"], rows=60, seed=3)
    assert other.corpus.documents.ids != run.corpus.documents.ids


def test_a_merge_map_reaches_train_and_test(news: News, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        'name = "two"\nversion = 1\nsource = "test"\n[merge]\ntech = "business"\n'
    )
    tables.write(news(30, seed=1), tmp_path / "test.csv")
    run = train(news(90), labels=tmp_path / "map.toml", test=tmp_path / "test.csv")
    assert run.corpus.labels.names == ("business", "sport")
    assert np.bincount(run.corpus.y[run.split.test]).tolist() == [20, 10]


def test_bad_rows_are_treated_as_asked(tmp_path: Path, news: News) -> None:
    table = news(60)
    labels = [None, *table["section"].to_pylist()[1:]]
    table = set_column(table, "section", labels)
    with pytest.raises(NewsdeskError, match="row 1, column 'section'"):
        train(table)
    run = train(table, on_bad_row="quarantine", quarantine=tmp_path / "bad")
    assert len(run.corpus) == 59
    assert len(list((tmp_path / "bad").iterdir())) == 1


def test_encoding_and_delimiter_reach_the_reader(tmp_path: Path, news: News) -> None:
    path = tmp_path / "news.txt.csv"
    rows = zip(*news(60).select(["headline", "section"]).to_pydict().values(), strict=True)
    lines = ["headline;section", *(f"caf\u00e9 {text};{label}" for text, label in rows)]
    path.write_text("\n".join(lines), encoding="latin-1")
    run = train(path, encoding="latin-1", delimiter=";")
    assert run.corpus.documents.texts[0].as_py().startswith("caf\u00e9 ")
    with pytest.raises(SchemaError):
        train(path, encoding="latin-1", delimiter="|")


def test_a_corpus_is_taken_as_it_is(news: News) -> None:
    table = news(90)
    from_table, from_corpus = train(table), train(read_corpus(table))
    assert from_corpus.metrics == from_table.metrics
    assert from_corpus.split.test.tolist() == from_table.split.test.tolist()


def test_choosing_rows_of_a_corpus_is_refused_rather_than_ignored(news: News, no_fit: None) -> None:
    with pytest.raises(ConfigError, match="classes and rows cannot be applied to a Corpus"):
        train(read_corpus(news(90)), rows=10, classes="top2")


def test_one_class_only_is_refused(news: News, no_fit: None) -> None:
    with pytest.raises(LabelError, match="one label"):
        train(news(30, sections=1))


# --- what is chosen, and by which rows


def test_families_are_ranked_by_valid_and_never_by_test(news: News) -> None:
    table = news(120)
    parts = ["train"] * 80 + ["valid"] * 20 + ["test"] * 20
    # The test rows carry each other's labels: whoever has learnt is wrong on them.
    turned = {"business": "sport", "sport": "tech", "tech": "business"}
    labels = table["section"].to_pylist()
    labels[100:] = [turned[label] for label in labels[100:]]
    table = set_column(table, "section", labels).append_column("part", pa.array(parts))
    run = train(table, family=["prior", "linear"], split="column:part")
    first, second = run.results
    assert (first.family, second.family) == ("linear", "prior")
    assert first.valid.macro_f1 > second.valid.macro_f1
    assert first.test.macro_f1 < second.test.macro_f1
    assert run.bundle is first.bundle
    assert run.metrics is first.test
    assert [(line["family"], line["chosen"]) for line in run.leaderboard] == [
        ("linear", True),
        ("prior", False),
    ]


def test_settings_reach_the_family_that_knows_them(news: News) -> None:
    run = train(news(60), family=["linear", "prior"], settings=["bits=12", "C=0.3"])
    assert run.settings["params"]["linear"].C == 0.3
    by_family = {result.family: result.bundle.classifier.params for result in run.results}
    assert by_family["linear"].bits == 12
    assert by_family["linear"] == run.settings["params"]["linear"]


def test_text_steps_reach_the_bundle_and_the_record(news: News, tmp_path: Path) -> None:
    cleaner = Cleaner.of(["html", "lower"])
    run = train(news(60), cleaner=cleaner, out=tmp_path / "run")
    assert run.bundle.cleaner == Bundle.load(tmp_path / "run/bundle").cleaner == cleaner
    recorded = tomllib.loads((tmp_path / "run/run.toml").read_text(encoding="utf-8"))["cleaner"]
    assert [name for name, value in recorded.items() if value is True] == ["html", "lower"]
    assert train(news(60)).bundle.cleaner == Cleaner()


def test_an_unknown_setting_is_refused_before_anything_is_read(no_fit: None) -> None:
    with pytest.raises(ConfigError, match="'epoch'"):
        train("no-such-file.csv", settings=["epoch=3"])


def test_few_rows_are_chosen_and_calibrated_by_out_of_fold_predictions(news: News) -> None:
    run = train(news(150))
    n_train, n_valid = len(run.split.train), len(run.split.valid)
    assert run.results[0].valid.n == n_train + n_valid < SMALL
    in_train = run.bundle.predict(run.corpus.documents.take(run.split.train))
    accuracy_in_train = (in_train.y == run.corpus.y[run.split.train]).mean()
    assert run.results[0].valid.accuracy < accuracy_in_train


@pytest.mark.parametrize("refit", [True, False])
def test_many_rows_are_chosen_and_calibrated_by_valid(news: News, refit: bool) -> None:
    run = train(news(2_700), split="random:0.1", refit=refit)
    split = run.split
    assert len(split.train) + len(split.valid) >= SMALL
    assert run.results[0].valid.n == len(split.valid)
    # The prior is the Laplace-smoothed class frequencies of the rows that the model has seen.
    seen = np.concatenate([split.train, split.valid]) if refit else split.train
    counts = np.bincount(run.corpus.y[seen]) + 1
    assert run.bundle.prior == pytest.approx(counts / counts.sum(), rel=1e-6)


def test_the_threshold_of_two_classes_is_found_on_held_out_rows_and_measured(news: News) -> None:
    run = train(news(150, sections=2))
    threshold = run.bundle.calibrator.threshold
    assert threshold not in (None, 0.5)
    for metrics in (run.results[0].valid, run.metrics):
        assert metrics.binary is not None
        assert metrics.binary.threshold == threshold
    again = evaluate(run.bundle, run.corpus.take(run.split.test))
    assert again.metrics.binary == run.metrics.binary


def folds_of(monkeypatch: pytest.MonkeyPatch) -> list[tuple[np.ndarray, np.ndarray]]:
    """Groups and folds of each fit that is to come."""
    found = []
    deal = holdout._folds

    def watched(y: Any, groups: Any, seed: int) -> Any:
        fold = deal(y, groups, seed)
        found.append((groups, fold))
        return fold

    monkeypatch.setattr(holdout, "_folds", watched)
    return found


def test_no_group_of_a_grouped_split_is_parted_by_folds(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = news(120)
    outlets = table["outlet"].to_pylist()
    outlets[:6] = [None] * 6
    seen = folds_of(monkeypatch)
    run = train(set_column(table, "outlet", outlets), split="grouped:outlet:0.2")
    ((_, fold),) = seen
    rows = np.concatenate([run.split.train, run.split.valid])
    folds: dict[str, set[int]] = {}
    for row, number in zip(rows.tolist(), fold.tolist(), strict=True):
        if outlets[row] is not None:
            folds.setdefault(outlets[row], set()).add(number)
    assert len(folds) > 5
    assert all(len(numbers) == 1 for numbers in folds.values())
    parts = [{outlets[row] for row in part} - {None} for part in (rows, run.split.test)]
    assert not parts[0] & parts[1]


def test_rows_without_a_group_are_groups_of_their_own(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = news(120)
    outlets = [None if row % 2 else f"outlet {row % 10}" for row in range(120)]
    seen = folds_of(monkeypatch)
    run = train(set_column(table, "outlet", outlets), split="grouped:outlet:0.2")
    ((groups, _),) = seen
    rows = np.concatenate([run.split.train, run.split.valid])
    alone = np.array([outlets[row] is None for row in rows])
    assert len(np.unique(groups[alone])) == alone.sum() > 1
    assert not set(groups[alone]) & set(groups[~alone])


def test_exact_duplicates_are_not_parted_by_folds(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = news(100)
    twice = pa.concat_tables([table, table])
    seen = folds_of(monkeypatch)
    run = train(twice, split="tail:10")
    ((_, fold),) = seen
    rows = np.concatenate([run.split.train, run.split.valid])
    by_row = dict(zip(rows.tolist(), fold.tolist(), strict=True))
    assert all(by_row[row] == by_row[row + 100] for row in range(90))


# --- leaks


def test_every_metric_is_also_given_without_leaked_rows(news: News) -> None:
    table = news(120)
    headlines = table["headline"].to_pylist()
    headlines[100:106] = headlines[:6]
    headlines[106] = headlines[95]  # a valid row
    run = train(set_column(table, "headline", headlines), split="tail:20")
    (result,) = run.results
    assert 95 in run.split.valid
    assert result.n_leaked == result.n_copies == 7
    assert result.without_copies is result.without_leaked
    assert result.without_leaked is not None
    assert result.without_leaked.n == 13
    expected = measure(result.predictions.proba[7:], run.corpus.y[107:], run.corpus.labels)
    assert result.without_leaked == expected
    note = "7 of 20 test rows (35.0 %) stand word for word in train or valid"
    assert f"{note}; every metric is also given without them" in run.notes


def test_near_duplicates_are_left_out_beside_exact_copies(news: News) -> None:
    table = news(120)
    headlines = table["headline"].to_pylist()
    story = "sea lion rescued from oil spill dies at marine park"
    headlines[0] = headlines[100] = story
    headlines[101] = f"{story} video"
    run = train(set_column(table, "headline", headlines), split="tail:20")
    (result,) = run.results
    assert (result.n_leaked, result.n_copies) == (2, 1)
    assert result.without_leaked is not None
    assert result.without_copies is not None
    assert (result.without_leaked.n, result.without_copies.n) == (18, 19)
    note = (
        "1 of 20 test rows (5.0 %) stands word for word in train or valid, 1 more (5.0 %) nearly so"
    )
    assert f"{note}; every metric is also given without them" in run.notes


def test_without_the_search_a_near_duplicate_is_a_row_like_others(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsdesk.data.corpus.find_clusters", pytest.fail)
    run = train(news(90), near_duplicates=False)
    assert run.settings["near_duplicates"] is False
    assert "near-duplicates were not looked for: only exact copies are known" in run.notes


def test_without_a_leak_there_is_nothing_to_leave_out(news: News) -> None:
    (result,) = train(news(90)).results
    assert (result.n_leaked, result.without_leaked) == (0, None)


def test_where_every_test_row_is_leaked_nothing_is_left_to_measure(news: News) -> None:
    table = news(60)
    (result,) = train(pa.concat_tables([table, table]), split="tail:30").results
    assert (result.n_leaked, result.without_leaked) == (30, None)


def test_forbidden_leaks_stop_before_training(news: News, no_fit: None) -> None:
    table = news(60)
    with pytest.raises(LeakageError, match="30 of 30 test rows"):
        train(pa.concat_tables([table, table]), split="tail:30", forbid_leaks=True)


# --- what is said


def test_notes_come_as_they_arise_and_stand_in_the_run(news: News) -> None:
    table = news(100)
    heard: list[str] = []
    run = train(
        pa.concat_tables([table, table.slice(0, 1)]), split="tail:10", rows=101, notes=heard.append
    )
    assert tuple(heard) == run.notes
    steps = run.corpus.steps
    assert heard[: len(steps)] == list(steps)
    assert heard[len(steps)] == run.split.how
    assert heard[len(steps) + 1].startswith("1 of 10 test rows")
    assert heard[-1].startswith("Fitting linear takes about")


def test_long_work_tells_its_progress(news: News) -> None:
    class Heard(Silent):
        def __init__(self) -> None:
            self.names: list[str] = []

        def task(self, name: str, total: int, unit: str) -> Any:
            self.names.append(name)
            return super().task(name, total, unit)

    heard = Heard()
    train(news(60), progress=heard)
    assert "folds" in heard.names


def test_rows_that_are_read_already_are_trained_on_as_train_does(news: News) -> None:
    table = news(100)
    table = pa.concat_tables([table, table.slice(0, 1)])
    whole = train(table, split="tail:10", rows=101, seed=3)
    source = RowSource(data=table, split="tail:10", rows=101, seed=3)
    rows = source.draw(source.read(Silent()), Silent())
    heard: list[str] = []
    run = train_on(rows, whole.settings["params"], notes=heard.append)
    assert (run.metrics, run.settings) == (whole.metrics, whole.settings)
    assert run.notes == whole.notes == (*rows.notes, *heard)
    assert len(heard) == 2


# --- what stops a run before it costs anything


def test_a_place_that_cannot_be_written_stops_before_training(
    news: News, no_fit: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path, *_args: object, **_named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(StorageError, match="Read-only file system"):
        train(news(60), out=tmp_path / "run")


def test_a_file_in_the_way_stops_before_training(news: News, no_fit: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        train(news(60), out=tmp_path / "file" / "run")
    with pytest.raises(BundleExistsError):
        train(news(60), out=tmp_path / "file", overwrite=True)


def test_an_existing_run_stops_before_training(news: News, no_fit: None, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(BundleExistsError, match="exists already") as caught:
        train(news(60), out=tmp_path)
    assert "--overwrite" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_overwrite_replaces_the_whole_folder(news: News, tmp_path: Path) -> None:
    out = tmp_path / "run"
    old = train(news(60), family=["linear", "prior"], out=out)
    (out / "stray").touch()
    new = train(news(60, seed=1), out=out, overwrite=True)
    assert not (out / "stray").exists()
    assert not (out / "families").exists()
    assert Bundle.load(out / "bundle").digest == new.bundle.digest != old.bundle.digest
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_overwrite_spares_a_folder_that_is_no_run(news: News, no_fit: None, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(BundleExistsError, match="was not written by newsdesk"):
        train(news(60), out=tmp_path, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_run_that_fails_leaves_nothing(
    news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("newsdesk.training.folder.write", fail)
    with pytest.raises(KeyboardInterrupt):
        train(news(60), out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("family", ["linear", ["prior", "linear"]], ids=["alone", "second"])
def test_a_fit_that_would_not_fit_into_memory_is_refused(
    news: News, no_fit: None, monkeypatch: pytest.MonkeyPatch, family: Any
) -> None:
    monkeypatch.setattr(config, "available_memory", lambda: 10_000_000)
    with pytest.raises(
        ConfigError, match=r"on 96 documents and 3 classes .* 0\.0 GB are"
    ) as caught:
        train(news(150), family=family)
    assert "--rows" in caught.value.remedy


def test_where_the_system_does_not_tell_its_memory_nothing_is_refused(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "available_memory", lambda: None)
    assert train(news(60)).metrics.n == 12


# --- the same again


def test_the_same_seed_gives_the_same_bytes_and_numbers_anywhere(
    news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(news(150), out=tmp_path / "first", seed=7)
    monkeypatch.setenv("NEWSDESK_THREADS", "1")
    second = train(news(150), out=tmp_path / "elsewhere" / "second", seed=7)
    assert first.bundle.digest is not None
    assert first.bundle.digest == second.bundle.digest
    assert first.metrics == second.metrics
    assert first.results[0].valid == second.results[0].valid
    for path in sorted((tmp_path / "first" / "bundle").iterdir()):
        other = tmp_path / "elsewhere" / "second" / "bundle" / path.name
        assert path.read_bytes() == other.read_bytes()


def test_another_seed_draws_another_split(news: News) -> None:
    splits = [train(news(90), seed=seed).split.test.tolist() for seed in (0, 1)]
    assert splits[0] != splits[1]


def test_a_run_without_a_folder_writes_nothing(
    news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = train(news(60))
    assert run.out is None
    assert run.bundle.digest is None
    assert run.results[0].costs.bundle_mb is None
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_called_like_its_folder_or_else_like_its_rows(news: News, tmp_path: Path) -> None:
    tables.write(news(60), tmp_path / "articles.csv")
    assert train(tmp_path / "articles.csv").name == "articles"
    assert train(tmp_path / "articles.csv", out=tmp_path / "mine").name == "mine"


def test_a_label_that_stands_in_test_alone_is_kept_and_told(news: News) -> None:
    table = news(60)
    labels = table["section"].to_pylist()
    labels[-2:] = ["opera", "opera"]
    run = train(set_column(table, "section", labels), split="tail:10")
    assert isinstance(run.corpus, Corpus)
    assert "1 class has no row in train: opera" in run.notes
    assert run.metrics.per_class[1].support == 2
    assert run.metrics.per_class[1].recall == 0
