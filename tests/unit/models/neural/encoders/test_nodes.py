from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

from newsdesk.models.neural.encoders.architecture import Activation
from newsdesk.models.neural.encoders.nodes import FLOOR, INPUT, OUTPUT, Nodes
from newsdesk.models.neural.encoders.packing import quantise


def run(nodes: Nodes, x: str, arrays: dict[str, Any], width: int) -> Any:
    """Run a graph on two texts of three tokens; what it gives must have two axes."""
    options = onnxruntime.SessionOptions()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    options.add_external_initializers(list(arrays), values)
    session = onnxruntime.InferenceSession(nodes.finished(x, width), options)
    (found,) = session.run([OUTPUT], {INPUT: np.arange(6).reshape(2, 3)})
    return found


def tokens(nodes: Nodes, width: int = 4) -> str:
    return str(nodes.node("Reshape", nodes.node("Gather", "table", INPUT), nodes.whole(-1, width)))


def drawn(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_a_map_in_floats_is_a_product_and_a_bias_where_there_is_one() -> None:
    arrays = {"table": drawn(6, 4), "outer.weight": drawn(4, 5, seed=1)}
    bias = {"outer.bias": drawn(5, seed=2)}
    expected = arrays["table"] @ arrays["outer.weight"]
    nodes = Nodes(arrays)
    assert run(nodes, nodes.map(tokens(nodes), "outer"), arrays, 5) == pytest.approx(
        expected, abs=1e-5
    )
    nodes = Nodes(arrays | bias)
    found = run(nodes, nodes.map(tokens(nodes), "outer"), arrays | bias, 5)
    assert found == pytest.approx(expected + bias["outer.bias"], abs=1e-5)


@pytest.mark.parametrize(("floor", "n_steps"), [(None, 127), (0.5, 255)])
def test_each_token_is_rounded_by_its_own_step(floor: float | None, n_steps: int) -> None:
    table = drawn(6, 4) * 10.0 ** np.arange(-3, 3)[:, None].astype(np.float32)
    if floor is not None:
        table = np.maximum(table, -floor)
    weight, scale = quantise(np.eye(4, dtype=np.float32))
    arrays = {"table": table, "outer.weight": weight, "outer.scale": scale}
    nodes = Nodes(arrays)
    found = run(nodes, nodes.map(tokens(nodes), "outer", floor), arrays, 4)
    # Without a bias that takes it back, the floor stands in what comes out.
    exact = table + (floor or 0.0)
    step = np.abs(exact).max(axis=1, keepdims=True) / n_steps
    assert (np.abs(found - exact) <= step * 0.501).all()
    assert np.abs(found - exact).max() > 0


def test_a_token_of_zeros_stays_zero() -> None:
    weight, scale = quantise(drawn(4, 4))
    table = np.zeros((6, 4), np.float32)
    arrays = {"table": table, "outer.weight": weight, "outer.scale": scale}
    nodes = Nodes(arrays)
    assert not run(nodes, nodes.map(tokens(nodes), "outer"), arrays, 4).any()


@pytest.mark.parametrize("activation", ["gelu", "gelu-tanh", "relu"])
def test_no_activation_falls_below_its_floor(activation: Activation) -> None:
    arrays = {"table": np.linspace(-3, 0.1, 24, dtype=np.float32).reshape(6, 4)}
    nodes = Nodes(arrays)
    found = run(nodes, nodes.activated(tokens(nodes), activation), arrays, 4)
    assert -FLOOR[activation] <= found.min() <= 0.005 - FLOOR[activation]


def test_a_norm_may_lack_a_bias() -> None:
    arrays = {"table": drawn(6, 4), "norm.weight": drawn(4, seed=1)}
    nodes = Nodes(arrays)
    found = run(nodes, nodes.normalised(tokens(nodes), "norm", 1e-3), arrays, 4)
    centred = arrays["table"] - arrays["table"].mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-3)
    assert found == pytest.approx(centred / spread * arrays["norm.weight"], abs=1e-5)
