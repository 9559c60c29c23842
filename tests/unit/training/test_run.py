from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.bundle import Bundle, Cleaner
from newsdesk.errors import BundleExistsError, LeakageError
from newsdesk.training import Run, train
from newsdesk.training.rows import Rows, RowSource
from newsdesk.training.run import Common, opened, publish
from newsdesk.types import Silent

News = Callable[..., pa.Table]


def common(**options: Any) -> Common:
    given = {"refit": None, "forbid_leaks": False, "tensorboard": False, **options}
    return Common(Cleaner(), progress=Silent(), **given)


@pytest.fixture
def rows(news: News) -> Rows:
    """The first text stands in test again."""
    table = news(60)
    headlines = table["headline"].to_pylist()
    headlines[50] = headlines[0]
    table = table.set_column(0, "headline", pa.array(headlines))
    source = RowSource(data=table, split="tail:10")
    return source.draw(source.read(Silent()), Silent())


def test_every_setting_is_gathered(rows: Rows) -> None:
    settings = common(refit=True).settings(rows, {"prior": None, "lstm": None})
    assert settings["families"] == ["prior", "lstm"]
    assert settings["refit"] == ["prior", "lstm"]
    assert settings["split"] == "tail:10"
    assert common().settings(rows, {"prior": None, "lstm": None})["refit"] == ["prior"]


def test_leaks_are_told_or_refused(rows: Rows) -> None:
    said: list[str] = []
    with opened(rows, common(), {"prior": None}, said.append, out=None) as fitting:
        assert fitting.leaks.exact.sum() == 1
        assert fitting.checkpoints is None
    assert "every metric is also given without them" in said[0]
    with (
        pytest.raises(LeakageError, match="word for word"),
        opened(rows, common(forbid_leaks=True), {"prior": None}, said.append, out=None),
    ):
        pytest.fail("the leak was let through")


def test_the_state_of_trainings_in_epochs_has_a_home_until_the_end(
    rows: Rows, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with opened(rows, common(), {"prior": None, "lstm": None}, print, out=out) as fitting:
        assert fitting.checkpoints is not None
        assert fitting.checkpoints.is_dir()
    assert not list(tmp_path.iterdir())
    with opened(rows, common(), {"prior": None}, print, out=out) as fitting:
        assert fitting.checkpoints is None


def test_a_run_is_published_with_digests_and_sizes(news: News, tmp_path: Path) -> None:
    run = train(news(60), family=["prior", "linear"])
    assert run.out is None
    assert run.bundle.digest is None
    written = publish(run, tmp_path / "run", overwrite=False)
    assert isinstance(written, Run)
    assert written.out == tmp_path / "run"
    assert written.bundle.digest == Bundle.load(tmp_path / "run/bundle").digest
    assert all(result.costs.bundle_mb for result in written.results)
    with pytest.raises(BundleExistsError, match="run"):
        publish(run, tmp_path / "run", overwrite=False)
    publish(run, tmp_path / "run", overwrite=True)
