from __future__ import annotations

import importlib.util
from pathlib import Path
from threading import Thread
from typing import Any

import numba
import numpy as np
import pytest

from newsdesk.features.compiled import compiled

# In a file of its own each time: machine code of an earlier run would prove nothing.
KERNELS = """
from newsdesk.features.compiled import compiled, inlined

@compiled()
def strict(x, far):
    return (x + far) - far

@compiled(fastmath={"reassoc", "nsz"})
def free(x, far):
    return (x + far) - far

@inlined
def square(x):
    return x * x

@compiled()
def total(values):
    found = 0
    for value in values:
        found += square(value)
    return found

@compiled()
def wait(began, told, patience):
    for _ in range(patience):
        began[0] += 1
        if told[0]:
            told[0] = 2
            return
"""


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "kernels.py"
    path.write_text(KERNELS)
    return path


@pytest.fixture
def kernels(place: Path) -> Any:
    return loaded(place)


def test_arithmetic_is_strict_unless_liberties_are_named(kernels: Any) -> None:
    assert kernels.strict(1.0, 1e300) == 0.0
    assert kernels.free(1.0, 1e300) == 1.0


def test_inlined_parts_are_called_by_kernels(kernels: Any) -> None:
    assert kernels.total(np.arange(5)) == 30


def test_other_threads_run_while_a_kernel_does(kernels: Any) -> None:
    began, told = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    kernels.wait(began, told, 0)  # compiles
    thread = Thread(target=kernels.wait, args=(began, told, 1 << 34))
    thread.start()
    while not began[0]:
        pass
    told[0] = 1
    thread.join()
    assert told[0] == 2


def test_machine_code_is_kept_until_the_file_changes(place: Path) -> None:
    first, again = loaded(place).total, loaded(place).total
    assert first(np.arange(5)) == again(np.arange(5)) == 30
    assert not first.stats.cache_hits
    assert sum(again.stats.cache_hits.values()) == 1
    place.write_text(KERNELS.replace("x * x", "x * x * x"))
    changed = loaded(place).total
    assert changed(np.arange(5)) == 100
    assert not changed.stats.cache_hits


def test_where_machine_code_cannot_be_kept_it_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(x: float) -> float:
        return x / 2

    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    (tmp_path / "file").touch()
    half.__code__ = half.__code__.replace(co_filename=str(tmp_path / "file" / "kernels.py"))
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(half)
    assert compiled()(half)(5.0) == 2.5
