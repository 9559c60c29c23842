from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch

import newsdesk
from newsdesk.errors import StorageError
from newsdesk.models.neural.checkpoints import Checkpoint, State, digest, versions

FACTS = {"step": 12, "best_value": -0.1, "done": False, "history": {"epochs": [{"loss": 1e-300}]}}


def state(fill: float = 0.5) -> State:
    tensors = {
        "network/weight": np.full((2, 3), fill, dtype=np.float32),
        "optimizer/n_steps": np.array(7),
        "random/cpu": np.arange(5, dtype=np.uint8),
    }
    return State(tensors, dict(FACTS))


def same(found: State | None, expected: State) -> bool:
    return (
        found is not None
        and found.facts == expected.facts
        and found.tensors.keys() == expected.tensors.keys()
        and all(
            array.dtype == expected.tensors[name].dtype
            and array.shape == expected.tensors[name].shape
            and np.array_equal(array, expected.tensors[name])
            for name, array in found.tensors.items()
        )
    )


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "fit" / "state.safetensors", "a key")


def test_what_is_written_is_read_and_the_folder_is_made(checkpoint: Checkpoint) -> None:
    assert checkpoint.read() is None
    checkpoint.write(state())
    assert same(checkpoint.read(), state())
    assert list(checkpoint.path.parent.iterdir()) == [checkpoint.path]


def test_the_order_of_tensors_and_their_layout_in_memory_say_nothing(
    checkpoint: Checkpoint,
) -> None:
    square = np.arange(6.0).reshape(2, 3)
    checkpoint.write(State({"b": square.T, "a": square[:, ::2]}, {}))
    first = checkpoint.path.read_bytes()
    checkpoint.write(State({"a": square[:, ::2].copy(), "b": square.T.copy()}, {}))
    assert checkpoint.path.read_bytes() == first
    found = checkpoint.read()
    assert found is not None
    assert np.array_equal(found.tensors["b"], square.T)


def test_the_second_state_takes_the_place_of_the_first(checkpoint: Checkpoint) -> None:
    checkpoint.write(state())
    checkpoint.write(state(0.25))
    assert same(checkpoint.read(), state(0.25))


def test_a_state_of_another_key_is_not_taken_up_and_stays(checkpoint: Checkpoint) -> None:
    checkpoint.write(state())
    assert Checkpoint(checkpoint.path, "another key").read() is None
    assert same(checkpoint.read(), state())


def test_a_state_that_is_cut_anywhere_is_not_taken_up(checkpoint: Checkpoint) -> None:
    checkpoint.write(state())
    content = checkpoint.path.read_bytes()
    for length in range(len(content)):
        checkpoint.path.write_bytes(content[:length])
        assert checkpoint.read() is None, length
    checkpoint.path.write_bytes(content + b"\0")
    assert checkpoint.read() is None


def test_a_state_with_one_flipped_bit_anywhere_is_not_taken_up(checkpoint: Checkpoint) -> None:
    small = State({"a/b": np.arange(2, dtype=np.int16)}, {"step": 12, "done": False})
    checkpoint.write(small)
    content = checkpoint.path.read_bytes()
    taken = []
    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            checkpoint.path.write_bytes(damaged)
            found = checkpoint.read()
            # A flip of what fills the header up changes nothing.
            if found is not None and not same(found, small):
                taken.append((place, bit))
    assert not taken


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\x02" + b"\0" * 7 + b"{}"])
def test_another_file_in_its_place_is_not_taken_up(checkpoint: Checkpoint, content: bytes) -> None:
    checkpoint.path.parent.mkdir()
    checkpoint.path.write_bytes(content)
    assert checkpoint.read() is None
    checkpoint.write(state())
    assert same(checkpoint.read(), state())


def test_what_a_killed_writer_left_is_removed(checkpoint: Checkpoint) -> None:
    checkpoint.write(state())
    left = checkpoint.path.with_name("state.safetensors.tmp")
    left.write_bytes(checkpoint.path.read_bytes()[:50])
    assert same(checkpoint.read(), state())
    assert not left.exists()


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_state_before_and_is_named(
    checkpoint: Checkpoint, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint.write(state())

    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if failing == "fsync" else (Path, "replace")), refuse)
        with pytest.raises(StorageError) as caught:
            checkpoint.write(state(0.25))
    said = caught.value
    assert str(checkpoint.path) in said.problem
    assert "No space left on device" in said.problem
    assert f"{checkpoint.path.stat().st_size:,} bytes" in said.problem
    assert "run the same command again" in said.remedy
    assert same(checkpoint.read(), state())
    assert list(checkpoint.path.parent.iterdir()) == [checkpoint.path]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "fit").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="could not be written"):
        Checkpoint(tmp_path / "fit" / "state.safetensors", "key").write(state())


def test_a_digest_depends_on_values_kinds_shapes_and_where_a_part_ends() -> None:
    one = np.arange(4, dtype=np.int64)
    others = [
        digest(one),
        digest(one.astype(np.int32)),
        digest(one.reshape(2, 2)),
        digest(one[::-1]),
        digest(one, one),
        digest("a", "b"),
        digest("ab"),
        digest(b"ab"),
        digest(1),
        digest(1.0),
        digest(None),
    ]
    assert len(set(others)) == len(others)
    assert digest(one) == digest(np.arange(8)[:4]) == digest(np.arange(0, 4))
    assert digest(one[::-1]) == digest(one[::-1].copy())


def test_the_versions_are_those_that_are_at_work() -> None:
    assert versions() == (newsdesk.__version__, torch.__version__, np.__version__)
