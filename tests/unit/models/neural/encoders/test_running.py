from __future__ import annotations

from typing import Any

from newsdesk.models.neural.encoders.packing import Precision, pack
from newsdesk.models.neural.encoders.running import open_runner


def test_each_precision_is_run_by_its_library(book: Any) -> None:
    tensors = book.tensors()
    libraries: dict[Precision, str] = {"float32": "runner", "int8": "runner"}
    libraries["bfloat16"] = "torch_runner"
    for precision, library in libraries.items():
        packed = pack(tensors, precision)
        running = open_runner(book.architecture, "mean", packed, normalise=True)
        assert type(running).__module__.rpartition(".")[2] == library
