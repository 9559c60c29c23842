from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.identity import split_digest
from newsdesk.data.split import Split
from newsdesk.errors import BundleFormatError, ConfigError, LeakageError
from newsdesk.training import train
from newsdesk.training.members import check_member
from newsdesk.training.rows import Rows, RowSource
from newsdesk.types import Silent

News = Callable[..., pa.Table]
QUICK = {"family": ["linear", "prior"], "settings": ["bits=12"], "near_duplicates": False}


def rows(table: pa.Table, **settings: Any) -> Rows:
    source = RowSource(data=table, near_duplicates=False, **settings)
    return source.draw(source.read(Silent()), Silent())


@pytest.fixture(scope="module")
def table(news: News) -> pa.Table:
    return news(2600)


@pytest.fixture(scope="module")
def home(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose families have not learnt the valid rows."""
    out = tmp_path_factory.mktemp("runs") / "plain"
    train(table, **QUICK, refit=False, split="random:0.1", out=out)
    return out


def test_a_division_is_told_from_others() -> None:
    def digest(*parts: list[int]) -> str:
        train, valid, test = (np.array(part, np.int64) for part in parts)
        return split_digest(Split(train, valid, test, how="", spec=""))

    assert digest([0, 1], [2], [3]) == digest([0, 1], [2], [3])
    others = [digest([0], [1, 2], [3]), digest([0, 1], [3], [2]), digest([0, 1], [2, 3], [])]
    assert len({digest([0, 1], [2], [3]), *others}) == 4


@pytest.mark.parametrize("place", ["bundle", "families/prior/bundle"])
def test_a_bundle_of_the_same_division_that_was_not_refitted_is_taken(
    home: Path, table: pa.Table, place: str
) -> None:
    own = rows(table, split="random:0.1")
    assert check_member(str(home / place), own, trust=False) is None


def test_a_bundle_of_another_division_of_the_same_rows_is_refused(
    home: Path, table: pa.Table
) -> None:
    for other in ({"split": "random:0.2"}, {"split": "random:0.1", "seed": 1}):
        with pytest.raises(LeakageError, match="the same rows divided otherwise") as caught:
            check_member(str(home / "bundle"), rows(table, **other), trust=True)
        assert caught.value.remedy == "Divide them as then: --split random:0.1 --seed 0."


@pytest.mark.parametrize(("n", "refit"), [(2600, True), (300, False)], ids=["refit", "few rows"])
def test_a_bundle_that_has_learnt_the_valid_rows_is_refused(
    news: News, tmp_path: Path, n: int, refit: bool
) -> None:
    table = news(n)
    train(table, **QUICK, refit=refit, split="random:0.1", out=tmp_path / "run")
    own = rows(table, split="random:0.1")
    with pytest.raises(LeakageError, match="has learnt the valid rows") as caught:
        check_member(str(tmp_path / "run" / "bundle"), own, trust=True)
    assert "--no-refit" in caught.value.remedy


@pytest.mark.parametrize(
    "change", ["alone", "other rows", "other bundle", "older run", "broken run", "no metrics"]
)
def test_what_is_not_known_takes_trust_and_is_said(
    home: Path, table: pa.Table, news: News, tmp_path: Path, change: str
) -> None:
    run = Path(shutil.copytree(home, tmp_path / "run"))
    folder, own = run / "bundle", rows(table, split="random:0.1")
    if change == "alone":
        folder = folder.rename(tmp_path / "elsewhere")
    elif change == "other rows":
        own = rows(news(300, seed=5), split="random:0.1")
    elif change == "other bundle":
        shutil.rmtree(folder)
        (run / "families" / "prior" / "bundle").rename(folder)
    elif change == "no metrics":
        (run / "metrics.json").unlink()
    else:
        lines = (run / "run.toml").read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("split_digest")]
        broken = change == "broken run"
        (run / "run.toml").write_text("= no TOML" if broken else "".join(kept))
    with pytest.raises(ConfigError, match="is not known") as caught:
        check_member(str(folder), own, trust=False)
    assert "--set trust=true" in caught.value.remedy
    note = check_member(str(folder), own, trust=True)
    assert note is not None
    assert "was taken on trust" in note


def test_what_is_no_bundle_is_refused_before_anything_is_trained(
    table: pa.Table, tmp_path: Path
) -> None:
    with pytest.raises(BundleFormatError, match="There is no bundle folder"):
        check_member(str(tmp_path / "none"), rows(table, split="random:0.1"), trust=True)


def test_bundles_of_one_run_are_mixed_on_its_own_valid_rows(home: Path, table: pa.Table) -> None:
    given = f"bundles={home}/bundle,{home}/families/prior/bundle"
    found = train(
        table,
        family="ensemble",
        settings=[given],
        split="random:0.1",
        near_duplicates=False,
    )
    assert found.results[0].valid.n == len(found.split.valid)
    assert not any("trust" in note for note in found.notes)
    assert found.settings["params"]["ensemble"].trust is False
