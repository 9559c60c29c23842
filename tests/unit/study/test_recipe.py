from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data.corpus import read_corpus
from newsdesk.data.export import write
from newsdesk.errors import BundleExistsError, ConfigError, DataError, FitError
from newsdesk.features.clean import Cleaner
from newsdesk.study import StudyResult
from newsdesk.study.journal import JOURNAL

Rows = Callable[..., pa.Table]
Studied = Callable[..., StudyResult]
VARY = ("dropout=0|0.5|0.9", "rate=0.1|0.2|9")


def numbers(found: StudyResult) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k != "seconds"} for line in found.fits]


def test_every_setting_is_trained_with_every_seed_on_the_same_rows(
    studied: Studied, toys: Any
) -> None:
    found = studied(vary=VARY, seeds=3, seed=5, confirm=False)
    assert found.seeds == (5, 6, 7)
    assert toys.n_fits == 5 * 3
    assert [line["seed"] for line in found.fits[:4]] == [5, 6, 7, 5]
    assert (found.n_train, found.n_valid, found.n_test) == (192, 48, 60)


def test_test_rows_are_never_shown_to_a_family(studied: Studied, rows: Rows, toys: Any) -> None:
    found = studied(vary=VARY, split="tail:60")
    hidden = set(rows().slice(240)["text"].to_pylist())
    assert len(toys.texts) == 240 == found.n_train + found.n_valid
    assert not toys.texts & hidden


def test_other_test_rows_change_no_number(studied: Studied, rows: Rows) -> None:
    others = pa.table({"text": [f"alpha x{n}" for n in range(60)], "label": ["alpha"] * 60})
    first = studied(rows(), vary=VARY, split="tail:60")
    second = studied(pa.concat_tables([rows().slice(0, 240), others]), vary=VARY, split="tail:60")
    assert numbers(first) == numbers(second)


def test_a_file_of_test_rows_leaves_all_others_to_train_and_valid(
    studied: Studied, rows: Rows, tmp_path: Path
) -> None:
    write(rows().slice(0, 30), tmp_path / "test.csv")
    found = studied(rows(), vary=VARY, split=None, test=tmp_path / "test.csv")
    assert found.n_test == 30
    assert found.n_train + found.n_valid == 300


def test_levels_that_stand_together_already_are_not_trained_again(
    studied: Studied, toys: Any
) -> None:
    found = studied(vary=["dropout=0|0.9", "rate=0.1|9"])
    assert found.recommended == {"dropout": 0.9, "rate": 0.1}
    assert found.confirming == ()
    assert toys.n_fits == 3 * 2
    assert found.together is not None
    assert found.together.fits == found.findings.factors[0].levels[1].fits


def both(studied: Studied, **options: Any) -> StudyResult:
    """A study whose recommendation differs from the base in two factors."""
    return studied(vary=["dropout=0|0.9", "rate=0.1|0.2"], settings=["rate=0.2"], **options)


def test_recommended_levels_are_trained_together_unless_that_is_not_wanted(
    studied: Studied, monkeypatch: pytest.MonkeyPatch, toys: Any
) -> None:
    chosen = {"dropout": 0.9, "rate": 0.1}
    monkeypatch.setattr("newsdesk.study.findings.Findings.recommended", chosen)
    assert both(studied, confirm=False).together is None
    assert toys.n_fits == 3 * 2
    found = both(studied)
    assert toys.n_fits == 3 * 2 + 4 * 2
    assert [(fit.setting, fit.seed, fit.values) for fit in found.confirming] == [
        (3, 0, chosen),
        (3, 1, chosen),
    ]
    assert [line["setting"] for line in found.fits[-2:]] == [3, 3]
    assert found.together is not None
    assert found.together.difference is not None


def test_rows_per_class_are_drawn(studied: Studied) -> None:
    found = studied(vary=VARY, rows_per_class=50)
    assert found.n_train + found.n_valid + found.n_test == 150


def test_texts_are_cleaned_before_the_family_sees_them(studied: Studied, toys: Any) -> None:
    studied(vary=VARY, cleaner=Cleaner(max_chars=7))
    assert max(map(len, toys.texts)) == 7


@pytest.mark.parametrize("kind", ["stream", "corpus", "path"])
def test_any_source_that_train_takes(kind: str, studied: Studied, rows: Rows, place: Path) -> None:
    source: Any = rows()
    if kind == "stream":
        source = pa.RecordBatchReader.from_batches(source.schema, source.to_batches())
    elif kind == "corpus":
        source = read_corpus(source)
    elif kind == "path":
        source = place.with_name("rows.csv")
        write(rows(), source)
    assert numbers(studied(source, vary=VARY)) == numbers(studied(vary=VARY))


def test_the_folder_holds_journal_tables_page_and_charts(studied: Studied, place: Path) -> None:
    found = studied(vary=VARY, out=place)
    names = {path.name for path in place.iterdir()}
    assert names == {JOURNAL, "study.csv", "factors.csv", "study.html", "charts"}
    last = json.loads((place / JOURNAL).read_text().splitlines()[-1])
    assert last == {"finished": {"recommended": found.recommended}}


def cut(source: Path, target: Path, n_fits: int, *, torn: bool = False) -> None:
    """A folder as a study leaves it that was killed after so many fits."""
    target.mkdir()
    lines = (source / JOURNAL).read_bytes().splitlines(keepends=True)
    content = b"".join(lines[: 1 + n_fits]) + (lines[1 + n_fits][:40] if torn else b"")
    (target / JOURNAL).write_bytes(content)


def without_seconds(folder: Path) -> list[dict[str, str]]:
    with (folder / "study.csv").open(newline="", encoding="utf-8") as file:
        return [{k: v for k, v in line.items() if k != "seconds"} for line in csv.DictReader(file)]


@pytest.mark.parametrize(("n_fits", "torn"), [(0, True), (3, False), (7, True), (8, False)])
def test_a_study_that_was_cut_off_ends_as_one_that_was_not(
    n_fits: int,
    torn: bool,
    studied: Studied,
    place: Path,
    toys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = {"dropout": 0.9, "rate": 0.1}
    monkeypatch.setattr("newsdesk.study.findings.Findings.recommended", chosen)
    whole = place.with_name("whole")
    found = both(studied, out=whole)
    assert toys.n_fits == 8
    cut(whole, place, n_fits, torn=torn)
    said: list[str] = []
    resumed = both(studied, out=place, notes=said.append)
    assert toys.n_fits == 8 + 8 - n_fits
    assert numbers(resumed) == numbers(found)
    assert without_seconds(place) == without_seconds(whole)
    assert (place / "factors.csv").read_bytes() == (whole / "factors.csv").read_bytes()
    assert (f"done already: {n_fits} fits" in said) == (n_fits > 0)
    assert any("was cut off (40 bytes)" in line for line in said) == torn


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"seed": 1}, "rows, seeds, seed"),
        ({"vary": ["dropout=0|0.5"]}, "factors, settings"),
        ({"design": "grid"}, "design, settings"),
        ({"seeds": 3}, "seeds"),
        ({"rows_per_class": 50}, "data, rows, n_valid"),
        ({"confirm": False}, "confirm"),
    ],
)
def test_another_question_does_not_go_on_with_an_unfinished_study(
    change: dict[str, Any], name: str, studied: Studied, place: Path
) -> None:
    whole = place.with_name("whole")
    studied(vary=VARY, out=whole)
    cut(whole, place, 2)
    with pytest.raises(BundleExistsError) as caught:
        studied(**({"vary": VARY, "out": place} | change))
    assert f"a study that asks another question (other {name})" in caught.value.problem


def test_a_finished_study_is_replaced_only_when_asked(studied: Studied, place: Path) -> None:
    studied(vary=VARY, out=place)
    with pytest.raises(BundleExistsError, match="finished study"):
        studied(vary=VARY, out=place)
    studied(vary=["kind=a|b"], out=place, overwrite=True)
    assert "kind" in (place / "factors.csv").read_text()


def test_charts_of_a_study_that_was_replaced_are_gone(studied: Studied, place: Path) -> None:
    studied(vary=["dropout=0|0.5"], out=place)
    studied(vary=["kind=a|b"], out=place, overwrite=True)
    assert {path.stem for path in (place / "charts").iterdir()} == {"kind"}


def test_the_best_so_far_is_told_after_every_fit(studied: Studied) -> None:
    told: list[tuple[str, float]] = []
    studied(
        vary=["dropout=0|0.9"], seeds=1, best_so_far=lambda name, value: told.append((name, value))
    )
    assert [name for name, _ in told] == ["base", "dropout=0.9"]
    assert told[1][1] > told[0][1]


def test_a_study_in_which_everything_fails_can_be_looked_up(studied: Studied, place: Path) -> None:
    with pytest.raises(FitError, match=r"All 4 fits failed; the base: rate is 9\.0\."):
        studied(vary=["rate=8|9"], settings=["rate=9"], out=place)
    assert (place / JOURNAL).read_text().count('"failed":"rate is') == 4


@pytest.mark.slow
@pytest.mark.parametrize("family", ["linear", "tfidf-nb", "tfidf-mlp"])
def test_every_family_can_be_studied(family: str, studied: Studied) -> None:
    settings = ["tokens=words"] if family.startswith("tfidf") else ["bits=12"]
    found = studied(family=family, vary=["min_df=1|2"], settings=settings, seeds=1)
    outcome = found.base.outcome
    assert outcome is not None
    assert outcome.valid.mean > 0.5


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no seed": ({"seeds": 0}, ConfigError, "0 seeds are asked for"),
    "no rows": ({"rows_per_class": 0}, ConfigError, "0 rows per class are asked for"),
    "no share": ({"most_gap": 8}, ConfigError, "The bound on the gap is 800 points"),
    "few rows": ({"rows_per_class": 101}, DataError, "101 rows of each class are asked for"),
    "split and test": ({"test": "test.csv"}, ConfigError, "Both a split"),
    "unknown key": ({"vary": ["x=1|2"]}, ConfigError, "unknown setting 'x'"),
    "no test file": ({"split": None, "test": "nowhere.csv"}, DataError, "nowhere.csv"),
    "no split": ({"split": "halves"}, ConfigError, "There is no split"),
}


@pytest.mark.parametrize(("options", "kind", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_known_before_the_first_fit_and_leaves_nothing(
    options: dict[str, Any],
    kind: type[Exception],
    problem: str,
    studied: Studied,
    place: Path,
    toys: Any,
) -> None:
    with pytest.raises(kind, match=problem):
        studied(**({"vary": VARY, "out": place} | options))
    assert not place.exists() or not list(place.iterdir())
    assert toys.n_fits == 0


def test_a_folder_of_something_else_is_left_alone(studied: Studied, place: Path) -> None:
    place.mkdir()
    (place / "mine.txt").write_text("mine")
    with pytest.raises(BundleExistsError):
        studied(vary=VARY, out=place, overwrite=True)
    assert [path.name for path in place.iterdir()] == ["mine.txt"]
    shutil.rmtree(place)
