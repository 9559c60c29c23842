from __future__ import annotations

import itertools
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from newsdesk.bundle import Cleaner
from newsdesk.errors import BundleExistsError, ConfigError, DataError
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.network import AwdLstmModel
from newsdesk.models.neural.language import folder
from newsdesk.training.pretraining import Made, pretrain
from newsdesk.training.rows import RowSource
from newsdesk.types import Silent

News = Callable[..., pa.Table]

TINY = ["embedding_dim=6", "units=8", "layers=1", "epochs=1", "min_updates=0", "batch_size=8"]
TINY += ["window=5", "min_count=1", "n_samples=0"]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


def made(sources: list[Any], out: Path, **values: Any) -> tuple[Made, list[str]]:
    lines: list[str] = []
    found = pretrain(
        "awd-lstm",
        sources,
        out=out,
        settings=[*TINY, *values.pop("settings", [])],
        notes=lines.append,
        **values,
    )
    return found, lines


def words(out: Path) -> set[str]:
    return set(json.loads((out / "vocab.json").read_bytes())["words"])


def texts(*lines: str) -> pa.Table:
    return pa.table({"headline": list(lines)})


def test_an_encoder_folder_is_published_and_nothing_is_left_beside_it(
    news: News, tmp_path: Path
) -> None:
    pa_csv.write_csv(news(60), tmp_path / "news.csv")
    home = tmp_path / "encoders"
    found, lines = made([str(tmp_path / "news.csv")], home / "news", text=["headline"])
    assert found.path == home / "news"
    assert [path.name for path in home.iterdir()] == ["news"]
    encoder = folder.read(home / "news", "awd-lstm", AwdLstmArchitecture)
    assert encoder.architecture == found.encoder.architecture == AwdLstmArchitecture(6, 8, 1)
    assert msgspec.json.encode(encoder.origin) == msgspec.json.encode(found.encoder.origin)
    assert encoder.origin.source == "news.csv"
    assert encoder.origin.n_texts == 59
    assert "text: headline, 60 rows" in lines
    assert len(found.stage.rows) == 1
    assert {"bank", "goal"} <= words(home / "news")
    assert "business" not in words(home / "news")  # a label


def test_texts_of_several_sources_are_read_one_behind_the_other(news: News, tmp_path: Path) -> None:
    found, lines = made([news(30), texts("robot dog", "", "robot cat")], tmp_path / "out")
    assert found.encoder.origin.n_texts == 31
    assert {"bank", "robot", "cat"} <= words(tmp_path / "out")
    assert "1 empty texts are left out" in lines


def test_the_same_seed_gives_the_same_bytes(news: News, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        made([news(40)], tmp_path / name, seed=seed)
    first, again, other = (
        (tmp_path / name / "weights.safetensors").read_bytes() for name in ("a", "b", "c")
    )
    assert first == again != other


@pytest.mark.parametrize("how", ["tail", "test"])
def test_of_a_split_only_train_rows_are_read(how: str, news: News, tmp_path: Path) -> None:
    table = news(120)
    held = [f"secret{row} {text}" for row, text in enumerate(table["headline"].to_pylist())]
    if how == "tail":
        headlines = table["headline"].to_pylist()[:100] + held[100:]
        labelled = table.set_column(0, "headline", pa.array(headlines))
        source = RowSource(data=labelled, split="tail:20", text=["headline"])
    else:
        pa_csv.write_csv(table.set_column(0, "headline", pa.array(held)), tmp_path / "test.csv")
        source = RowSource(data=news(100, seed=2), test=tmp_path / "test.csv", text=["headline"])
    split = source.draw(source.read(Silent()), Silent())
    found, lines = made([], tmp_path / "out", source=source)
    assert not {word for word in words(tmp_path / "out") if word.startswith("secret")}
    n_train = len(split.split.train)
    assert f"{n_train:,} train rows are read; no text of valid or test" in lines
    valid = split.corpus.documents.take(split.split.valid).texts.to_pylist()
    own = {word for text in valid for word in text.split() if word.startswith("no")}
    assert own
    assert not own & words(tmp_path / "out")  # each row has a word that no other row has
    held_out = max(round(0.02 * n_train), 1)
    assert found.encoder.origin.n_texts == n_train - held_out


def test_further_texts_that_stand_in_valid_or_test_are_left_out(news: News, tmp_path: Path) -> None:
    table = news(120)
    source = RowSource(data=table, split="tail:20", text=["headline"])
    test = table["headline"].to_pylist()[-3:]
    _, lines = made([texts("robot dog runs", *test)], tmp_path / "out", source=source)
    assert "robot" in words(tmp_path / "out")
    assert not {text.split()[-1] for text in test} & words(tmp_path / "out")
    assert any("left out: 3 that stand in valid or test" in line for line in lines)


def test_all_fields_of_a_row_are_one_text(news: News, tmp_path: Path) -> None:
    table = news(60)
    table = table.append_column("description", pa.array([f"robot{n % 3}" for n in range(60)]))
    columns = ["headline", "description"]
    made([table], tmp_path / "plain", text=columns)
    source = RowSource(data=table, split="tail:10", text=columns)
    made([], tmp_path / "split", source=source)
    for name in ("plain", "split"):
        assert {"bank", "robot0", "robot1", "robot2"} <= words(tmp_path / name)


def test_texts_are_cleaned_first(tmp_path: Path) -> None:
    lines = [f"see https://example.com/{n} bank" for n in range(8)]
    made([texts(*lines)], tmp_path / "raw")
    made([texts(*lines)], tmp_path / "clean", cleaner=Cleaner.of(("urls",)))
    assert "example" in words(tmp_path / "raw")
    assert "example" not in words(tmp_path / "clean")


# ── what is refused ──────────────────────────────────────────────────────────────────────────────


def test_a_folder_that_exists_is_kept_unless_told(news: News, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made([news(30)], out)
    before = (out / "weights.safetensors").read_bytes()
    with pytest.raises(BundleExistsError):
        made([news(30, seed=5)], out)
    assert (out / "weights.safetensors").read_bytes() == before
    made([news(30, seed=5)], out, overwrite=True)
    assert (out / "weights.safetensors").read_bytes() != before


def test_a_folder_of_something_else_is_never_replaced(news: News, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(BundleExistsError):
        made([news(30)], out, overwrite=True)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("sources", [[], [texts("", " ")]])
def test_nothing_to_read_is_an_error(sources: list[Any], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no text"):
        made(sources, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_an_unknown_kind_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        pretrain("awdlstm", [texts("a b")], out=tmp_path / "out")
    assert "'awdlstm'" in caught.value.problem
    assert caught.value.remedy == "Did you mean 'awd-lstm'?"


@pytest.mark.parametrize("pair", ["unit=3", "units=0", "epochs=many", "monitor=loss"])
def test_a_wrong_setting_is_refused_before_anything_is_read(pair: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        made(["no/such/file.csv"], tmp_path / "out", settings=[pair])


# ── interruption ─────────────────────────────────────────────────────────────────────────────────


def test_a_training_that_is_interrupted_is_gone_on_with(
    news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = ["epochs=3"]
    made([news(60)], tmp_path / "whole", settings=more)
    steps, own = itertools.count(1), AwdLstmModel.forward

    def interrupting(self: AwdLstmModel, *batch: Any) -> Any:
        if next(steps) == 4:
            signal.raise_signal(signal.SIGINT)
        return own(self, *batch)

    monkeypatch.setattr(AwdLstmModel, "forward", interrupting)
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt, match="after step 4 is kept"):
        made([news(60)], out, settings=more)
    assert not out.exists()
    found, _ = made([news(60)], out, settings=more)
    n_steps = next(steps) - 1
    for name in ("weights.safetensors", "vocab.json"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not list(tmp_path.glob(".out*"))
    made([news(60)], tmp_path / "again", settings=more)
    assert next(steps) - 1 - n_steps - 1 == n_steps  # as many steps in two parts as in one
    assert len(found.stage.rows) == 3
