from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.bundle import Bundle, Cleaner
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.export import write
from newsdesk.errors import BundleExistsError, ConfigError, DataError, FitError
from newsdesk.models.linear import Linear
from newsdesk.search import SearchResult, search
from newsdesk.search.journal import JOURNAL
from newsdesk.search.result import SettingScore
from newsdesk.training import train

News = Callable[..., pa.Table]
GRID = ("word_ngrams=1,1|1,2", "C=0.1|1")
FIXED = ("bits=12",)


def searched(data: Any, **options: Any) -> SearchResult:
    return search(data, **{"grid": GRID, "settings": FIXED, "folds": 3} | options)


def table(found: SearchResult) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k != "seconds"} for line in found.table]


@pytest.fixture(scope="module")
def found(news: News, tmp_path_factory: pytest.TempPathFactory) -> SearchResult:
    return searched(news(), out=tmp_path_factory.mktemp("search") / "found")


def test_every_setting_has_its_folds_and_the_best_is_named(found: SearchResult) -> None:
    assert len(found.scores) == 4
    assert all(len(score.folds) == 3 for score in found.scores)
    means = [score.mean or 0.0 for score in found.scores]
    assert found.best.mean == max(means)
    assert found.n_rows == len(found.run.split.train) + len(found.run.split.valid)


def test_the_best_setting_is_trained_as_train_does(found: SearchResult, news: News) -> None:
    again = train(news(), settings=found.best.setting.pairs)
    assert again.settings["params"]["linear"] == found.best.setting.params
    assert found.run.metrics == again.metrics
    assert found.out is not None
    saved = Bundle.load(found.out / "run" / "bundle")
    texts = found.run.corpus.documents.take(found.run.split.test)
    assert np.array_equal(saved.predict(texts).proba, again.bundle.predict(texts).proba)


def test_the_folder_holds_journal_table_page_and_run(found: SearchResult) -> None:
    assert found.out is not None
    assert {path.name for path in found.out.iterdir()} == {
        JOURNAL,
        "search.csv",
        "search.html",
        "run",
    }
    lines = [json.loads(line) for line in (found.out / JOURNAL).read_text().splitlines()]
    assert len(lines) == 1 + 12 + 1
    assert lines[-1]["finished"]["bundle_digest"] == found.run.bundle.digest
    settings = (found.out / "run" / "run.toml").read_text()
    assert f"C = {found.best.setting.values['C']}" in settings


def test_nothing_is_written_where_no_folder_is_named(
    found: SearchResult, news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    unwritten = searched(news())
    assert unwritten.out is None
    assert table(unwritten) == table(found)
    assert not list(tmp_path.iterdir())


def cut(source: Path, target: Path, n_fits: int, *, torn: bool = False) -> None:
    """A folder as a search leaves it that was killed after so many fits."""
    target.mkdir()
    lines = (source / JOURNAL).read_bytes().splitlines(keepends=True)
    content = b"".join(lines[: 1 + n_fits]) + (lines[1 + n_fits][:40] if torn else b"")
    (target / JOURNAL).write_bytes(content)


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("n_fits", [0, 1, 5, 11, 12])
def test_a_search_that_was_cut_off_ends_as_one_that_was_not(
    n_fits: int, torn: bool, found: SearchResult, news: News, place: Path
) -> None:
    assert found.out is not None
    cut(found.out, place, n_fits, torn=torn)
    said: list[str] = []
    resumed = searched(news(), out=place, notes=said.append)
    assert table(resumed) == table(found)
    assert resumed.run.bundle.digest == found.run.bundle.digest
    assert (f"{n_fits} of 12 fits are done already" in said) == (n_fits > 0)
    assert any("was cut off (40 bytes)" in line for line in said) == torn
    assert lines_without_seconds(place) == lines_without_seconds(found.out)


def lines_without_seconds(folder: Path) -> list[dict[str, str]]:
    with (folder / "search.csv").open(newline="", encoding="utf-8") as file:
        return [{k: v for k, v in line.items() if k != "seconds"} for line in csv.DictReader(file)]


def test_what_is_done_is_not_fitted_again(
    found: SearchResult, news: News, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found.out is not None
    cut(found.out, place, 12)
    asked: list[int] = []
    monkeypatch.setattr(
        Linear, "sweep", lambda _documents, _y, tasks, **_: iter(asked.append(len(tasks)) or ())
    )
    assert table(searched(news(), out=place)) == table(found)
    assert asked == [0]


def test_a_finished_search_is_replaced_only_when_asked(
    found: SearchResult, news: News, place: Path
) -> None:
    assert found.out is not None
    shutil.copytree(found.out, place)
    with pytest.raises(BundleExistsError, match="finished search"):
        searched(news(), out=place)
    again = searched(news(), out=place, grid=("C=0.3",), overwrite=True)
    assert again.best.setting.values == {"C": 0.3}
    assert "C = 0.3" in (place / "run" / "run.toml").read_text()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"seed": 1}, "folds, seed"),
        ({"grid": ("C=0.1|2",)}, "grid, settings"),
        ({"folds": 4}, "folds, n_folds"),
        ({"settings": ("bits=13",)}, "settings"),
        ({"split": "tail:20"}, "split, folds"),
        ({"cleaner": Cleaner(max_chars=20)}, "cleaner"),
    ],
)
def test_another_question_does_not_go_on_with_an_unfinished_search(
    change: dict[str, Any], name: str, found: SearchResult, news: News, place: Path
) -> None:
    assert found.out is not None
    cut(found.out, place, 5)
    with pytest.raises(BundleExistsError) as caught:
        searched(news(), out=place, **change)
    assert f"(other {name}" in caught.value.problem


def test_other_rows_do_not_go_on_with_an_unfinished_search(
    found: SearchResult, news: News, place: Path
) -> None:
    assert found.out is not None
    cut(found.out, place, 5)
    with pytest.raises(BundleExistsError, match="other data, "):
        searched(news(seed=1), out=place)


def test_test_rows_change_no_score(found: SearchResult, news: News) -> None:
    whole = news()
    n_test = 30
    rows = whole.slice(0, len(whole) - n_test)
    other = news(n_test, seed=5)
    first = searched(whole, split=f"tail:{n_test}")
    second = searched(pa.concat_tables([rows, other]), split=f"tail:{n_test}")
    assert table(first) == table(second)
    assert first.run.metrics != second.run.metrics


def test_a_file_of_test_rows_is_measured_once_at_the_end(news: News, tmp_path: Path) -> None:
    write(news(40, seed=5), tmp_path / "test.csv")
    found = searched(news(), test=tmp_path / "test.csv")
    assert found.n_rows == 150
    assert found.run.metrics.n == 40


@pytest.mark.parametrize("kind", ["table", "stream", "corpus", "path"])
def test_any_source_that_train_takes(
    kind: str, found: SearchResult, news: News, place: Path
) -> None:
    source: Any = news()
    if kind == "stream":
        source = pa.RecordBatchReader.from_batches(source.schema, source.to_batches())
    elif kind == "corpus":
        source = read_corpus(source)
    elif kind == "path":
        source = place.with_name("news.csv")
        write(news(), source)
    assert table(searched(source)) == table(found)


def test_the_rows_are_read_once_and_the_best_setting_is_trained_on_them(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = news()
    whole = searched(table)
    sources: list[Any] = []

    def counted(source: Any, **options: Any) -> Corpus:
        sources.append(source)
        return read_corpus(source, **options)

    monkeypatch.setattr("newsdesk.training.rows.read_corpus", counted)
    heard: list[str] = []
    found = searched(table, notes=heard.append)
    assert len(sources) == 1
    assert found.run.corpus.fingerprint == whole.run.corpus.fingerprint
    assert found.run.metrics == whole.run.metrics
    assert len(set(heard)) == len(heard)
    assert set(found.run.notes) <= set(heard)


def test_two_classes_are_searched(news: News) -> None:
    found = searched(news(), classes=["sport", "tech"])
    assert len(found.run.corpus.labels) == 2
    assert 0.5 < (found.best.mean or 0) <= 1


def test_the_leader_is_told_after_every_fit(news: News) -> None:
    told: list[SettingScore] = []
    found = searched(news(), best_so_far=told.append)
    assert len(told) == 12
    assert told[-1].setting.number == found.best.setting.number


def test_settings_that_fail_are_recorded_and_the_best_of_the_others_is_trained(
    news: News, plain: Any, place: Path
) -> None:
    found = search(news(), family="plain", grid=("alpha=-1|2",), folds=3, out=place)
    assert found.best.setting.values == {"alpha": 2.0}
    assert [score.failed for score in found.ranked] == [None, "alpha is -1.0."]
    assert "alpha is -1.0." in (place / "search.csv").read_text()
    assert "failed: alpha is -1.0." in (place / "search.html").read_text()


def test_a_search_in_which_everything_fails_can_be_looked_up(
    news: News, plain: Any, place: Path
) -> None:
    with pytest.raises(FitError, match="All 2 settings failed"):
        search(news(), family="plain", grid=("alpha=-1|-2",), folds=3, out=place)
    assert (place / JOURNAL).read_text().count("alpha is") == 6


def test_choosing_rows_of_a_corpus_is_refused_before_the_first_fit(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = read_corpus(news())
    monkeypatch.setattr(Linear, "sweep", pytest.fail)
    with pytest.raises(ConfigError, match="rows cannot be applied to a Corpus"):
        searched(corpus, rows=30)


def test_a_run_folder_of_somebody_else_stops_before_the_first_fit(
    found: SearchResult, news: News, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found.out is not None
    cut(found.out, place, 5)
    (place / "run").mkdir()
    (place / "run" / "thesis.tex").touch()
    monkeypatch.setattr(Linear, "sweep", pytest.fail)
    with pytest.raises(BundleExistsError, match="was not written by newsdesk"):
        searched(news(), out=place)
    assert (place / "run" / "thesis.tex").exists()


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "one fold": ({"folds": 1}, ConfigError, "1 folds are asked for"),
    "more folds than rows": ({"folds": 500}, DataError, "cannot be dealt to 500 folds"),
    "split and test": ({"split": "tail:3", "test": "test.csv"}, ConfigError, "Both a split"),
    "unknown key": ({"grid": ("D=1",)}, ConfigError, "unknown setting 'D'"),
    "no test file": ({"test": "nowhere.csv"}, DataError, "nowhere.csv"),
}


@pytest.mark.parametrize(("options", "kind", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_known_before_the_first_fit_and_leaves_nothing(
    options: dict[str, Any], kind: type[Exception], problem: str, news: News, place: Path
) -> None:
    with pytest.raises(kind, match=problem):
        searched(news(), out=place, **options)
    assert not place.exists() or not list(place.iterdir())
