from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.language.kinds import KINDS

Run = Callable[..., Any]

TINY = ["embedding_dim=6", "units=8", "layers=1", "epochs=2", "min_updates=0", "batch_size=8"]
TINY += ["window=5", "min_count=1", "n_samples=0"]
SET = [part for pair in TINY for part in ("--set", pair)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSDESK_THREADS", "1")
    rows = [f"story{n % 5} of the bank number{n},{'AB'[n % 2]}" for n in range(80)]
    rows += [f"hidden story of the cup number{n},{'AB'[n % 2]}" for n in range(80, 100)]
    Path("news.csv").write_text("\n".join(["text,label", *rows, ""]), encoding="utf-8")
    return tmp_path


def words() -> set[str]:
    return set(json.loads(Path("enc/vocab.json").read_bytes())["words"])


def test_it_tells_the_epochs_and_how_to_use_the_folder(run: Run) -> None:
    result = run("pretrain", "awd-lstm", "news.csv", "--out", "enc", *SET)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split()[:3] == ["epoch", "held-out", "perplexity"]
    table = [line.split() for line in lines if line[:1].isdigit() or line.strip()[:1].isdigit()]
    assert [row[0] for row in table] == ["1", "2"]
    assert any(line.startswith("A model that knows only how frequent words are") for line in lines)
    assert lines[-2:] == [
        "Encoder:  enc",
        "Use it:   newsdesk train news.csv --family ulmfit --set encoder=enc",
    ]
    assert "text: text, 100 rows" in result.stderr
    assert {"hidden", "bank"} <= words()


def test_the_folder_can_be_used_as_it_is_said(run: Run) -> None:
    run("pretrain", "awd-lstm", "news.csv", "--out", "enc", *SET)
    done = run(
        *("train", "news.csv", "--family", "ulmfit", "--set", "encoder=enc", "--out", "mine"),
        *("--set", "epochs=1", "--set", "min_updates=0", "--set", "pretraining.epochs=1"),
        *("--set", "pretraining.min_updates=0", "--json", "--quiet"),
    )
    assert done.exit_code == 0, done.stderr
    (network,) = Path("mine/bundle").rglob("network.json")
    saved = json.loads(network.read_bytes())["params"]
    assert saved["encoder"] == "enc"
    assert saved["pretraining"]["units"] == 8


def test_json_holds_the_epochs(run: Run) -> None:
    result = run("pretrain", "awd-lstm", "news.csv", "--out", "enc", *SET, "--json", "--quiet")
    found = json.loads(result.stdout)
    assert (found["encoder"], found["kind"], found["n_texts"]) == ("enc", "awd-lstm", 98)
    assert found["n_tokens"] > 98 * 5
    assert [epoch["epoch"] for epoch in found["epochs"]] == [1, 2]
    assert found["perplexities"] == [epoch["held-out perplexity"] for epoch in found["epochs"]]
    assert result.stderr == ""


def test_with_a_split_no_word_of_test_rows_is_learnt(run: Run) -> None:
    arguments = ("pretrain", "awd-lstm", "news.csv", "--out", "enc", *SET)
    result = run(*arguments, "--split", "tail:20", "--json")
    assert result.exit_code == 0, result.stderr
    assert not {"hidden", "cup"} & words()
    assert "bank" in words()
    assert "train rows are read; no text of valid or test" in result.stderr


def test_with_a_file_of_test_rows_no_word_of_them_is_learnt(run: Run) -> None:
    Path("test.csv").write_text("text,label\na secret here,A\nanother one,B\n", encoding="utf-8")
    Path("more.csv").write_text("text\na secret here\nrobot dog\n", encoding="utf-8")
    result = run(
        *("pretrain", "awd-lstm", "news.csv", "more.csv", "--test", "test.csv"),
        *("--out", "enc", *SET),
    )
    assert result.exit_code == 0, result.stderr
    assert "secret" not in words()
    assert {"robot", "bank"} <= words()


def test_what_is_trained_next_is_split_and_cleaned_alike(run: Run) -> None:
    Path("my news.csv").write_bytes(Path("news.csv").read_bytes())
    how = ("--split", "tail:20", "--seed", "3", "--clean", "lower", "--classes", "A,B")
    result = run("pretrain", "awd-lstm", "my news.csv", "--out", "enc", *SET, *how)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == (
        "Use it:   newsdesk train 'my news.csv' --classes A,B --split tail:20 --seed 3 "
        "--clean lower --family ulmfit --set encoder=enc"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--out", "enc"),
        ("news.csv",),
        ("news.csv", "--out", "enc", "--label", "label"),
        ("news.csv", "--out", "enc", "--rows", "5"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_of_usage(arguments: tuple[str, ...], run: Run) -> None:
    result = run("pretrain", "awd-lstm", *arguments)
    assert result.exit_code == 2
    assert not Path("enc").exists()
    assert "Invalid value" in result.stderr


def test_an_unknown_kind_is_a_mistake_of_usage(run: Run) -> None:
    result = run("pretrain", "gpt", "news.csv", "--out", "enc")
    assert result.exit_code == 2
    assert "awd-lstm" in result.stderr


def test_a_folder_that_exists_is_kept_unless_told(run: Run) -> None:
    arguments = ("pretrain", "awd-lstm", "news.csv", "--out", "enc", *SET, "--quiet")
    assert run(*arguments).exit_code == 0
    before = Path("enc/weights.safetensors").read_bytes()
    again = run(*arguments, "--seed", "5")
    assert again.exit_code == 1
    assert "enc" in again.stderr
    assert Path("enc/weights.safetensors").read_bytes() == before
    assert run(*arguments, "--seed", "5", "--overwrite").exit_code == 0
    assert Path("enc/weights.safetensors").read_bytes() != before


def test_no_text_is_told_in_two_lines(run: Run) -> None:
    Path("empty.csv").write_text('text\n""\n" "\n', encoding="utf-8")
    result = run("pretrain", "awd-lstm", "empty.csv", "--out", "enc", "--quiet")
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 2
    assert not Path("enc").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_of_a_kind_are_listed(
    kind: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = json.loads(run("pretrain", kind, "--settings", "--json").stdout)
    assert listed["name"] == kind
    assert {"epochs", "held_out", "n_samples", "vocab_size"} <= set(listed["settings"])
    assert all(setting["meaning"] for setting in listed["settings"].values())
    assert listed["presets"]
    shown = run("pretrain", kind, "--settings").stdout
    for name in (*listed["settings"], *listed["presets"]):
        assert f"\n{name} " in shown
    assert f"newsdesk pretrain {kind} TEXTS --out DIR --set '" in shown
    table = [line for line in shown.splitlines() if "newsdesk pretrain" not in line]
    assert max(map(len, table)) <= 80


def test_the_defaults_that_are_listed_are_those_that_hold(run: Run) -> None:
    listed = json.loads(run("pretrain", "awd-lstm", "--settings", "--json").stdout)["settings"]
    assert listed["units"]["default"] == AwdLstmParams().units
    assert listed["betas"]["default"] == [0.8, 0.99]
