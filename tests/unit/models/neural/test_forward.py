from __future__ import annotations

import subprocess
import sys

import pytest

NETWORKS = {
    "ConvolutionalNetwork": (
        {"embedding": (9, 8), "convolution.3.weight": (5, 8, 3), "convolution.3.bias": (5,)},
        5,
        [{}],
    ),
    "MeanNetwork": ({"embedding": (9, 8), "weight": (9,)}, 8, [{}]),
    "RecurrentNetwork": (
        {
            "embedding": (9, 8),
            "lstm.0.forward.input": (8, 8),
            "lstm.0.forward.recurrent": (8, 2),
            "lstm.0.forward.bias": (8,),
            "lstm.0.backward.input": (8, 8),
            "lstm.0.backward.recurrent": (8, 2),
            "lstm.0.backward.bias": (8,),
        },
        4,
        [{"pooling": pooling} for pooling in ("last", "max", "mean", "attention")],
    ),
}
ATTENTION = {
    "attention.projection": (3, 4),
    "attention.bias": (3,),
    "attention.query": (3,),
}

WARM = """
import numpy as np
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural import forward
from newsdesk.models.neural.forward import kernels
network, shapes, n_in, choices, attention = {arguments!r}
network = getattr(forward, network)
def compiled():
    return {{name: str(getattr(kernels, name).signatures) for name in kernels.__all__}}
network.warm_up()
before = compiled()
for choice in choices:
    own = shapes | {{"hidden.0.weight": (6, n_in), "hidden.0.bias": (6,)}}
    own |= {{"output.weight": (4, 6), "output.bias": (4,)}}
    own |= attention if choice == {{"pooling": "attention"}} else {{}}
    tensors = {{name: np.ones(shape, dtype=np.float32) for name, shape in own.items()}}
    for tensor in tensors.values():
        tensor.flags.writeable = False
    ids = np.array([2, 3, 4, 3, 8], dtype=np.int32)
    network(tensors, **choice).logits(Sequences(np.array([0, 4, 5]), ids))
assert compiled() == before, (before, compiled())
"""


def test_predicting_loads_no_torch() -> None:
    code = (
        "import sys; from newsdesk.models.neural import forward;"
        "assert forward.RecurrentNetwork; sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("network", NETWORKS)
def test_nothing_is_left_to_compile_after_the_warm_up(network: str) -> None:
    code = WARM.format(arguments=(network, *NETWORKS[network], ATTENTION))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
