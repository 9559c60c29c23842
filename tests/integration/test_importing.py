"""Foreign weights, from their files to a classifier that starts from them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import newsdesk
from newsdesk.types import Documents

torch: Any = pytest.importorskip("torch")

WORDS = ["xxunk", "xxpad", "xxbos", "the", ",", "of", "Shares", "rates", "cup", "final", "xxmaj"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A small AWD-LSTM as fastai publishes one."""
    place = tmp_path_factory.mktemp("published")
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Any:
        return torch.randn(*shape, generator=generator) / 4

    state = {"0.encoder.weight": draw(len(WORDS), 8), "1.decoder.bias": draw(len(WORDS))}
    for layer, (n_in, units) in enumerate([(8, 12), (12, 8)]):
        state[f"0.rnns.{layer}.weight_hh_l0_raw"] = draw(4 * units, units)
        state[f"0.rnns.{layer}.module.weight_ih_l0"] = draw(4 * units, n_in)
        for part in ("ih", "hh"):
            state[f"0.rnns.{layer}.module.bias_{part}_l0"] = draw(4 * units)
    torch.save({"model": state, "opt": None}, place / "lm.pth")
    (place / "itos.pkl").write_bytes(pickle.dumps(WORDS))
    return [str(place / "lm.pth"), str(place / "itos.pkl")]


@pytest.mark.parametrize("direction", [(), ("--backward",)])
def test_a_published_language_model_becomes_a_classifier(
    published: list[str], tmp_path: Path, direction: tuple[str, ...]
) -> None:
    command = [sys.executable, "-m", "newsdesk", "import-weights", *published, *direction]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "encoder")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--family ulmfit --set encoder=" in done.stdout
    assert {path.suffix for path in (tmp_path / "encoder").iterdir()} == {".json", ".safetensors"}
    settings = [f"encoder={tmp_path / 'encoder'}", "epochs=1", "min_updates=1", "max_tokens=12"]
    settings += ["pretraining.epochs=1", "pretraining.min_updates=1", "vocab_size=300"]
    newsdesk.train("sample", family="ulmfit", settings=settings, rows=200, out=tmp_path / "run")
    bundle = newsdesk.Bundle.load(tmp_path / "run/bundle")
    (tmp_path / "encoder").rename(tmp_path / "elsewhere")  # the bundle carries all that it needs
    answers = bundle.predict(Documents.from_texts(["Shares fall as rates rise", "Cup final"]))
    assert set(answers.labels) <= set(bundle.labels)
