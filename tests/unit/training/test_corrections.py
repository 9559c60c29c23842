from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

from newsdesk import ladder
from newsdesk.errors import ConfigError, SchemaError, StorageError
from newsdesk.feedback import Correction, open_store
from newsdesk.training import train
from newsdesk.training.corrections import read_accepted
from newsdesk.training.rows import Rows, RowSource
from newsdesk.types import Silent

News = Callable[..., pa.Table]


def kept(path: Path, *given: tuple[dict[str, str], str], accept: bool = True) -> Path:
    with open_store(path) as store:
        for fields, label in given:
            added = store.add(Correction(fields=fields, label=label))
            if accept:
                store.decide(added.id, "accept")
    return path


def drawn(table: pa.Table, db: Path, **options: Any) -> Rows:
    given = {"text": ["headline"], "label": "section", "near_duplicates": False, **options}
    source = RowSource(data=table, feedback=db, **given)
    return source.draw(source.read(Silent()), Silent())


def added(rows: Rows) -> dict[str, str]:
    corpus = rows.corpus
    return {
        text: corpus.labels[y]
        for one, text, y in zip(
            corpus.documents.ids.to_pylist(),
            corpus.documents.texts.to_pylist(),
            corpus.y.tolist(),
            strict=True,
        )
        if one.startswith("feedback-")
    }


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


def test_only_accepted_ones_are_read(db: Path) -> None:
    kept(db, ({"headline": "waits"}, "sport"), accept=False)
    kept(db, ({"headline": "counts"}, "sport"))
    accepted = read_accepted(db)
    assert [entry.correction.fields["headline"] for entry in accepted.entries] == ["counts"]
    assert accepted.name == str(db)


def test_accepted_ones_are_train_rows_and_the_fingerprint_covers_them(news: News, db: Path) -> None:
    kept(db, ({"headline": "new one"}, "sport"), ({"headline": "new two"}, "weather"))
    table = news(90)
    rows = drawn(table, db)
    assert added(rows) == {"new one": "sport", "new two": "weather"}
    assert len(rows.corpus) == 92
    assert set(range(90, 92)) <= set(rows.split.train.tolist())
    assert rows.feedback is not None
    assert rows.feedback["n_added"] == 2
    assert rows.feedback["new_classes"] == ["weather"]
    source = RowSource(data=table, text=["headline"], label="section")
    without = source.read(Silent())
    assert rows.corpus.fingerprint != without.fingerprint


def test_labels_go_by_the_map_of_the_run(news: News, db: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('name = "m"\nversion = 1\n[merge]\nsport = "games"\nchess = "games"\n')
    kept(db, ({"headline": "a"}, "sport"), ({"headline": "b"}, "chess"), ({"headline": "c"}, "x"))
    rows = drawn(news(90), db, labels=path)
    assert added(rows) == {"a": "games", "b": "games", "c": "x"}


def test_where_classes_are_chosen_no_other_comes_in(news: News, db: Path) -> None:
    kept(db, ({"headline": "a"}, "sport"), ({"headline": "b"}, "tech"), ({"headline": "c"}, "x"))
    rows = drawn(news(90), db, classes="sport,business")
    assert added(rows) == {"a": "sport"}
    assert rows.feedback is not None
    assert (rows.feedback["n_accepted"], rows.feedback["n_not_chosen"]) == (3, 2)
    assert "2 accepted corrections of classes that were not chosen left out" in rows.notes[-2]


def test_test_rows_of_a_file_of_their_own_are_kept_out(
    news: News, db: Path, tmp_path: Path
) -> None:
    import pyarrow.csv as pa_csv

    test = news(20, seed=5)
    pa_csv.write_csv(test, tmp_path / "test.csv")
    kept(
        db,
        ({"headline": test["headline"][0].as_py()}, "sport"),
        ({"headline": "new"}, "sport"),
    )
    rows = drawn(news(90), db, test=str(tmp_path / "test.csv"))
    assert added(rows) == {"new": "sport"}
    assert len(rows.split.test) == 20


def test_a_bare_text_is_the_first_field(news: News, db: Path) -> None:
    kept(db, ({"text": "bare"}, "sport"), ({"headline": "named", "odd": " "}, "sport"))
    assert set(added(drawn(news(90), db))) == {"bare", "named"}


def test_a_field_that_the_rows_lack_is_an_error(news: News, db: Path) -> None:
    kept(db, ({"headline": "a", "body": "b"}, "sport"), ({"headline": "fine"}, "sport"))
    words = r"1 accepted correction of .*feedback.db has the fields body; the rows have headline"
    with pytest.raises(SchemaError, match=words):
        drawn(news(90), db)


def test_a_store_that_is_not_there_is_found_out_before_the_rows_are_read(tmp_path: Path) -> None:
    source = RowSource(data="nowhere.csv", feedback=tmp_path / "none.db")
    with pytest.raises(StorageError, match=r"none\.db"):
        source.read(Silent())
    with pytest.raises(ConfigError, match="mysql"):
        RowSource(data="nowhere.csv", feedback="mysql://h/d").read(Silent())


def test_a_store_without_accepted_ones_changes_nothing(news: News, db: Path) -> None:
    kept(db, ({"headline": "waits"}, "sport"), accept=False)
    rows = drawn(news(90), db)
    assert len(rows.corpus) == 90
    assert "feedback: 0 accepted corrections: 0 added to train" in rows.notes


@pytest.mark.parametrize("family", ["linear", "prior"])
def test_a_new_class_can_be_answered_and_every_metric_is_defined(
    news: News, db: Path, tmp_path: Path, family: str
) -> None:
    table = news(120)
    wrong = table["headline"][0].as_py()
    weather = [({"headline": f"storm rain wind snow {n}"}, "weather") for n in range(12)]
    kept(db, *weather, ({"headline": wrong}, "weather"))
    said: list[str] = []
    run = train(
        table,
        family=family,
        text=["headline"],
        label="section",
        split="tail:20",
        feedback=db,
        out=tmp_path / "run",
        notes=said.append,
    )
    assert run.corpus.labels.names == ("business", "sport", "tech", "weather")
    metrics = run.metrics
    assert metrics.per_class[3].support == 0
    assert all(0 <= getattr(metrics, name) <= 1 for name in ("accuracy", "macro_f1", "ece"))
    assert metrics.log_loss > 0
    assert any(note.startswith("feedback: 1 class is new (weather)") for note in said)
    written = tomllib.loads((tmp_path / "run/run.toml").read_text())
    table_of = written["feedback"]
    assert table_of["store"] == str(db)
    assert table_of["n_accepted"] == 13
    assert table_of["n_added"] + table_of["n_held_out"] == 13
    assert written["data_fingerprint"] == run.corpus.fingerprint != table_of["data_fingerprint"]
    assert written["split_digest"] != table_of["split_digest"]
    assert any(line.startswith("feedback:") for line in written["steps"])
    report = (tmp_path / "run/report.html").read_text()
    assert "accepted corrections" in report
    if family == "linear":
        from newsdesk.types import Documents

        predictions = run.bundle.predict(Documents.from_texts(["storm rain wind snow"]))
        assert predictions.labels[0] == "weather"


def test_test_rows_of_a_class_that_corrections_bring_are_measured(
    news: News, db: Path, tmp_path: Path
) -> None:
    held = pa.table(
        {
            "headline": [*news(40)["headline"].to_pylist(), *(f"storm {n}" for n in range(5)), "?"],
            "section": [*news(40)["section"].to_pylist(), *["weather"] * 5, "unheard"],
        }
    )
    pq.write_table(held, tmp_path / "test.parquet")
    kept(db, *[({"headline": f"rain wind snow {n}"}, "weather") for n in range(12)])
    found = drawn(news(120).slice(40), db, test=tmp_path / "test.parquet")
    corpus, test = found.corpus, found.split.test
    assert np.bincount(corpus.y[test[:-1]])[corpus.labels.find("weather")] == 5
    assert corpus.y[test[-1]] == -1
    (note,) = {line for line in found.notes if "unknown to train" in line}
    assert note == "1 test row of 1 class unknown to train (unheard): not measured"
    kept(db, ({"headline": "who knows"}, "unheard"))
    all_known = drawn(news(120).slice(40), db, test=tmp_path / "test.parquet")
    assert not any("unknown to train" in line for line in all_known.notes)
    assert (all_known.corpus.y >= 0).all()


def test_corrections_change_what_is_learnt_and_add_no_leak(news: News, db: Path) -> None:
    table = news(120)
    test = [({"headline": table["headline"][n].as_py()}, "tech") for n in range(100, 120)]
    kept(db, *test, ({"headline": "goal cup striker new"}, "sport"))
    options: dict[str, Any] = {"text": ["headline"], "label": "section", "split": "tail:20"}
    run = ladder.train(table, family="prior", feedback=str(db), **options)
    without = ladder.train(table, family="prior", **options)
    assert run.results[0].n_leaked == without.results[0].n_leaked
    assert run.settings["feedback"]["n_held_out"] >= 20
    assert run.metrics.n == without.metrics.n


def test_a_climb_within_a_budget_takes_them_too(news: News, db: Path) -> None:
    kept(db, ({"headline": "storm"}, "sport"))
    run = ladder.train(
        news(90), family=["prior"], budget="60s", feedback=db, text=["headline"], label="section"
    )
    assert run.settings["feedback"]["n_added"] == 1
    assert len(run.corpus) == 91


def test_a_password_is_not_written_down(news: News, postgres: Callable[[], str]) -> None:
    url = postgres().replace("tester@", "tester:s3cret@")
    with open_store(url) as store:
        added = store.add(Correction(fields={"headline": "storm"}, label="sport"))
        store.decide(added.id, "accept")
    run = train(news(90), family="prior", text=["headline"], label="section", feedback=url)
    assert run.settings["feedback"]["n_added"] == 1
    assert "s3cret" not in str(run.settings)
    assert "s3cret" not in str(run.notes)
