from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk import config
from newsdesk.bundle import Bundle, Cleaner, teacher
from newsdesk.errors import ConfigError, LabelError, LeakageError
from newsdesk.training import train
from newsdesk.training.fitting import Fitting
from newsdesk.training.leaks import find_leaks
from newsdesk.training.rows import RowSource
from newsdesk.training.taught import teach
from newsdesk.training.teacher import Teacher
from newsdesk.types import Silent

News = Callable[..., pa.Table]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def static(make_encoder: Callable[..., Path]) -> dict[str, Any]:
    """Options of a quick student, taught by a quick family."""
    settings = ["teacher.bits=12", f"encoder={make_encoder()}", "epochs=3", "batch_size=16"]
    return {"family": "static", "teacher": "linear", "settings": [*settings, "learning_rate=0.03"]}


def fitting(table: pa.Table, checkpoints: Path | None = None) -> Fitting:
    source = RowSource(data=table, split="tail:20", near_duplicates=False)
    rows = source.draw(source.read(Silent()), Silent())
    leaks = find_leaks(rows.corpus, rows.split, near=False, forbid=False, progress=Silent())
    return Fitting(rows, leaks, Cleaner(), None, checkpoints, Silent(), lambda _line: None)


def asked(name: str = "linear", *settings: str, **change: Any) -> Teacher:
    values: dict[str, Any] = {"share": 0.6, "unlabelled": None, "students": ["static"]}
    found = Teacher.of(name, settings, **(values | change))
    assert found is not None
    return found


def test_a_family_answers_for_train_and_valid_rows_and_for_texts_without_label(news: News) -> None:
    own = fitting(news(150))
    more = news(30, seed=3).select(["headline"])
    found = teach(asked("linear", "bits=12", unlabelled=more), own)
    teaching = found.teaching
    assert teaching.share == 0.6
    for proba, rows in ((teaching.train, own.rows.train), (teaching.valid, own.rows.valid)):
        assert proba is not None
        assert proba.shape == (len(rows[1]), 3)
        assert (proba.argmax(axis=1) == rows[1]).mean() > 0.6
    assert teaching.unlabelled is not None
    assert teaching.unlabelled.texts.to_pylist() == more["headline"].to_pylist()
    assert teaching.unlabelled_proba is not None
    assert teaching.unlabelled_proba.shape == (30, 3)
    assert found.record["by"] == "linear"
    assert (found.record["n_unlabelled"], found.record["share"]) == (30, 0.6)
    assert found.record["settings"]["bits"] == 12
    assert "Teacher: linear, trained out of fold; it is right on" in found.notes[-1]
    assert "its answers count 60%" in found.notes[-1]


def test_words_of_the_train_rows_are_learnt_as_texts_of_their_own(news: News) -> None:
    own = fitting(news(150))
    more = news(30, seed=3).select(["headline"])
    found = teach(asked("linear", "bits=12", unlabelled=more, words=True), own)
    assert found.teaching.unlabelled is not None
    texts = found.teaching.unlabelled.texts.to_pylist()
    assert texts[:30] == more["headline"].to_pylist()
    assert {"bank", "goal", "phone"} <= set(texts[30:])
    assert all(len(text.split()) == 1 for text in texts[30:])
    assert found.teaching.unlabelled_proba is not None
    assert len(found.teaching.unlabelled_proba) == len(texts)
    goal = found.teaching.unlabelled_proba[texts.index("goal")]
    assert own.rows.corpus.labels[int(goal.argmax())] == "sport"
    assert (found.record["n_unlabelled"], found.record["n_words"]) == (30, len(texts) - 30)
    assert f"{len(texts) - 30} words of the train rows" in found.notes[-2]
    alone = teach(asked("linear", "bits=12", words=True), own)
    assert (alone.record["n_unlabelled"], alone.record["unlabelled"]) == (0, None)


def test_rows_without_a_word_that_comes_twice_have_no_words_to_ask_about() -> None:
    names = ["a", "b"] * 40
    table = pa.table({"headline": [f"no{row}" for row in range(80)], "section": names})
    found = teach(asked("linear", "bits=12", words=True), fitting(table))
    assert (found.teaching.unlabelled, found.record["n_words"]) == (None, 0)


def test_near_copies_of_a_row_are_not_learnt_by_the_model_that_answers_for_it(news: News) -> None:
    table = news(150)
    own = fitting(table)
    seen: list[Any] = []
    deal = teacher.deal

    def noted(y: Any, groups: Any, **options: Any) -> Any:
        seen.append(groups)
        return deal(y, groups, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "deal", noted)
        teach(asked("linear", "bits=12"), own)
    assert np.array_equal(seen[0], own.leaks.clusters[own.rows.split.train])


def test_a_student_is_an_ordinary_bundle_and_the_run_names_its_teacher(
    news: News, static: dict[str, Any], tmp_path: Path
) -> None:
    more = news(40, seed=3).select(["headline"])
    out = tmp_path / "run"
    run = train(news(150), **static, unlabelled=more, teacher_share=0.5, out=out)
    bundle = Bundle.load(out / "bundle")
    assert (bundle.family, bundle.digest) == ("static", run.bundle.digest)
    taught = tomllib.loads((out / "run.toml").read_text(encoding="utf-8"))["teacher"]
    assert (taught["by"], taught["share"], taught["n_unlabelled"]) == ("linear", 0.5, 40)
    assert taught["unlabelled"] == "a table in memory"
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "Teacher: linear, trained out of fold" in report
    assert any(note.startswith("Teacher: linear") for note in run.notes)
    assert run.results[0].valid.n == len(run.split.valid)
    assert not (tmp_path / ".run.unfinished").exists()


def test_a_run_that_is_interrupted_does_not_train_its_teacher_again(
    news: News, static: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(news(150), **static, out=tmp_path / "whole")
    fit = Bundle.fit
    families: list[str] = []

    def watched(*rows: Any, family: str = "linear", **options: Any) -> Any:
        families.append(family)
        if len(families) in (4, 7):  # within the teacher, and at the student
            raise KeyboardInterrupt
        return fit(*rows, family=family, **options)

    monkeypatch.setattr(Bundle, "fit", watched)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(news(150), **static, out=tmp_path / "cut")
    again = train(news(150), **static, out=tmp_path / "cut")
    assert families == ["linear"] * 6 + ["static"] * 2
    assert again.bundle.digest == whole.bundle.digest


@pytest.fixture
def given(news: News, tmp_path: Path) -> str:
    train(news(150), settings=["bits=12"], out=tmp_path / "teacher", near_duplicates=False)
    return str(tmp_path / "teacher" / "bundle")


def test_a_bundle_that_has_learnt_rows_of_this_run_does_not_teach(given: str, news: News) -> None:
    more = news(30, seed=3)
    table = news(150)
    for split, said in (("stratified:0.2", "has learnt the valid rows"), ("tail:20", "otherwise")):
        source = RowSource(data=table, split=split, near_duplicates=False)
        rows = source.draw(source.read(Silent()), Silent())
        own = fitting(table)
        other = Fitting(rows, own.leaks, Cleaner(), None, None, Silent(), lambda _line: None)
        with pytest.raises(LeakageError, match=said):
            teach(asked(given, "trust=true", unlabelled=more), other)


def test_a_bundle_of_which_nothing_is_known_teaches_on_trust(given: str, news: News) -> None:
    own = fitting(news(100, seed=7))
    more = news(30, seed=3)
    with pytest.raises(ConfigError, match="is not known") as caught:
        teach(asked(given, unlabelled=more), own)
    assert "--set teacher.trust=true" in caught.value.remedy
    found = teach(asked(given, "trust=true", unlabelled=more), own)
    assert (found.teaching.train, found.teaching.valid) == (None, None)
    assert found.teaching.unlabelled_proba is not None
    assert "was taken on trust" in found.notes[0]
    assert f"Teacher: {given}, for texts without label alone" in found.notes[-1]


def test_a_bundle_of_other_classes_does_not_teach(given: str, news: News) -> None:
    own = fitting(news(100, seed=7, sections=2))
    with pytest.raises(LabelError, match="it has tech besides"):
        teach(asked(given, "trust=true", unlabelled=news(30, seed=3)), own)


def test_texts_without_label_count_in_the_memory_of_a_fit(news: News) -> None:
    own = fitting(news(150))
    n_train = len(own.learnt)
    found = teach(asked("linear", "bits=12", unlabelled=news(30, seed=3)), own)
    taught = Fitting(
        own.rows, own.leaks, Cleaner(), None, None, Silent(), lambda _line: None, found.teaching
    )
    assert len(taught.learnt) == n_train + 30


def test_a_teacher_that_would_not_fit_into_memory_is_refused(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "available_memory", lambda: 10_000_000)
    with pytest.raises(ConfigError, match=r"Fitting linear on .* takes about"):
        teach(asked(), fitting(news(150)))


def test_the_seconds_of_the_teacher_are_not_those_of_the_student(
    news: News, static: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = teacher.train_out_of_fold

    def slow(*arguments: Any, **options: Any) -> Any:
        return trained(*arguments, **options)._replace(seconds=1000.0)

    monkeypatch.setattr("newsdesk.training.taught.train_out_of_fold", slow)
    run = train(news(150), **static)
    assert run.settings["teacher"]["seconds"] == 1000.0
    assert any("It took 1,000.0 s, beside those of the families." in note for note in run.notes)
    assert run.results[0].costs.fit_seconds < 1000.0
