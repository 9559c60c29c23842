"""Small files of each foreign format, made by the libraries that make the published ones."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DIM, FILTERS, WIDTH, UNITS, LAYERS = 4, [[1, 3], [2, 5]], 3, 2, 2
OPTIONS: dict[str, Any] = {
    "lstm": {
        "use_skip_connections": True,
        "projection_dim": WIDTH,
        "cell_clip": 3,
        "proj_clip": 3,
        "dim": UNITS,
        "n_layers": LAYERS,
    },
    "char_cnn": {
        "activation": "relu",
        "filters": FILTERS,
        "n_highway": 1,
        "embedding": {"dim": DIM},
        "n_characters": 262,
        "max_characters_per_token": 50,
    },
}
WORDS = ["xxunk", "xxpad", "xxbos", "xxmaj", "the", ",", "of", "Paris", "PARIS"]


@pytest.fixture
def elmo_arrays() -> dict[str, np.ndarray]:
    """Arrays of an ELMo by their names, as bilm-tf writes them."""
    rng = np.random.default_rng(0)
    n = sum(number for _, number in FILTERS)
    shapes: dict[str, tuple[int, ...]] = {"char_embed": (261, DIM)}
    for at, (span, number) in enumerate(FILTERS):
        shapes |= {f"CNN/W_cnn_{at}": (1, span, DIM, number), f"CNN/b_cnn_{at}": (number,)}
    shapes |= {f"CNN_high_0/W_{part}": (n, n) for part in ("transform", "carry")}
    shapes |= {f"CNN_high_0/b_{part}": (n,) for part in ("transform", "carry")}
    shapes |= {"CNN_proj/W_proj": (n, WIDTH), "CNN_proj/b_proj": (WIDTH,)}
    for direction in range(2):
        for layer in range(LAYERS):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            shapes |= {
                f"{cell}/W_0": (2 * WIDTH, 4 * UNITS),
                f"{cell}/B": (4 * UNITS,),
                f"{cell}/W_P_0": (UNITS, WIDTH),
            }
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def write_elmo(tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Write ``options.json`` and ``weights.hdf5``; gives their paths."""
    h5py = pytest.importorskip("h5py")

    def write(
        arrays: dict[str, np.ndarray], options: dict[str, Any] | str = OPTIONS
    ) -> tuple[str, str]:
        said = options if isinstance(options, str) else json.dumps(options)
        (tmp_path / "options.json").write_text(said, encoding="utf-8")
        with h5py.File(tmp_path / "weights.hdf5", "w") as file:
            for name, array in arrays.items():
                file[name] = array
        return str(tmp_path / "options.json"), str(tmp_path / "weights.hdf5")

    return write


@pytest.fixture
def awd_state() -> dict[str, Any]:
    """Tensors of an AWD-LSTM of two layers, named as fastai 1 names them."""
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Any:
        return torch.randn(*shape, generator=generator)

    table = draw(len(WORDS), 3)
    state = {"0.encoder.weight": table, "0.encoder_dp.emb.weight": table.clone()}
    for layer, (n_in, units) in enumerate([(3, 2), (2, 3)]):
        raw = draw(4 * units, units)
        module = f"0.rnns.{layer}.module"
        state |= {
            f"0.rnns.{layer}.weight_hh_l0_raw": raw,
            f"{module}.weight_ih_l0": draw(4 * units, n_in),
            f"{module}.weight_hh_l0": raw * (draw(4 * units, units) > 0),
            f"{module}.bias_ih_l0": draw(4 * units),
            f"{module}.bias_hh_l0": draw(4 * units),
        }
    return state | {"1.decoder.weight": table.clone(), "1.decoder.bias": draw(len(WORDS))}


@pytest.fixture
def write_awd(tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Write the weights by PyTorch and the words by pickle; gives their paths."""
    torch = pytest.importorskip("torch")

    def write(
        state: Any, words: Any = tuple(WORDS), *, name: str = "lm.pth", **options: Any
    ) -> tuple[str, str]:
        torch.save(state, tmp_path / name, **options)
        listed = list(words) if isinstance(words, tuple) else words
        (tmp_path / "itos.pkl").write_bytes(pickle.dumps(listed))
        return str(tmp_path / name), str(tmp_path / "itos.pkl")

    return write
