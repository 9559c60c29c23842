from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from newsdesk import errors
from newsdesk.models.neural.importing import child
from newsdesk.models.neural.importing.child import ERRORS, Order, main
from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """The bounds that the process would set itself; this one must go on."""
    found: dict[int, int] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (-1, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, both: found.update({kind: both[1]}))
    return found


def order(path: Path) -> bytes:
    return msgspec.json.encode(Order(Request("word-vectors", (str(path),)), 1 << 33, 60))


def test_it_writes_an_encoder_folder_and_what_there_is_to_say(
    tmp_path: Path, bounds: dict[int, int]
) -> None:
    (tmp_path / "v.txt").write_bytes(b"the 1 2\n, 3 4\n")
    place = tmp_path / "place"
    place.mkdir()
    told = main(order(tmp_path / "v.txt"), place)
    encoder = folder.read(place / "encoder", "nnlm", NnlmArchitecture)
    assert encoder.vocab is not None
    assert encoder.vocab.words[2:] == ("the",)
    assert told.error is None
    assert len(told.notes) == 2
    assert bounds == {
        resource.RLIMIT_DATA: 1 << 33,
        resource.RLIMIT_CPU: 60,
        resource.RLIMIT_CORE: 0,
    }


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_ours_is_told_by_its_name(
    name: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_request: Request) -> None:
        raise getattr(errors, name)("A problem.", remedy="A remedy.")

    monkeypatch.setattr(child, "read", fail)
    told = main(order(tmp_path / "v.txt"), tmp_path)
    assert (told.error, told.problem, told.remedy) == (name, "A problem.", "A remedy.")
    assert ERRORS[told.error] is getattr(errors, name)


def test_too_little_memory_is_an_error_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_request: Request) -> None:
        raise MemoryError

    monkeypatch.setattr(child, "read", fail)
    told = main(order(tmp_path / "v.txt"), tmp_path)
    assert told.problem == "Reading took more than 8,192 MiB of memory."


def test_a_system_without_bounds_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounds: dict[int, int]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    child._limit(msgspec.json.decode(order(tmp_path), type=Order))
    assert not bounds
    assert "resource" in sys.modules


def test_a_disk_that_refuses_is_no_fault_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"the 1 2\n")
    (tmp_path / "encoder").write_bytes(b"in the way")
    told = main(order(tmp_path / "v.txt"), tmp_path)
    assert told.error == "StorageError"
    assert told.problem == "Writing the encoder folder failed: File exists."
