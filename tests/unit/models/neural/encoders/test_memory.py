from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import StorageError
from newsdesk.models.neural.encoders.memory import Memory, keys_of
from newsdesk.types import Floats, Indices

TEXTS = ["Rates rise", "", "Cup final", "Straße", "大阪"]


def numbers(n: int, width: int = 3, seed: int = 0) -> tuple[Floats, Indices]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, width)).astype(np.float32), rng.integers(0, 50, n)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "entry", 3)


def test_what_was_added_is_recalled_and_nothing_else(memory: Memory) -> None:
    vectors, n_pieces = numbers(3)
    memory.add(keys_of(TEXTS[:3]), vectors, n_pieces)
    found = memory.recall(keys_of([*TEXTS[3:], *reversed(TEXTS[:3]), TEXTS[0]]))
    assert found.known.tolist() == [False, False, True, True, True, True]
    assert np.array_equal(found.vectors[2:], vectors[[2, 1, 0, 0]])
    assert found.n_pieces[2:].tolist() == n_pieces[[2, 1, 0, 0]].tolist()


def test_nothing_is_known_at_first(memory: Memory) -> None:
    assert not memory.recall(keys_of(TEXTS)).known.any()
    assert memory.recall(keys_of([])).vectors.shape == (0, 3)


def test_entries_grow(memory: Memory) -> None:
    vectors, n_pieces = numbers(5)
    for at in range(5):
        memory.add(keys_of(TEXTS[at : at + 1]), vectors[at : at + 1], n_pieces[at : at + 1])
    assert np.array_equal(memory.recall(keys_of(TEXTS)).vectors, vectors)


@pytest.mark.parametrize(("file", "n_bytes"), [("vectors", 5), ("records", 7), ("vectors", 12)])
def test_what_a_crash_left_half_is_forgotten_and_written_over(
    memory: Memory, file: str, n_bytes: int
) -> None:
    vectors, n_pieces = numbers(2)
    memory.add(keys_of(TEXTS[:1]), vectors[:1], n_pieces[:1])
    with (memory.folder / file).open("ab") as torn:
        torn.write(b"\x01" * n_bytes)
    assert memory.recall(keys_of(TEXTS)).known.tolist() == [True, False, False, False, False]
    memory.add(keys_of(TEXTS[1:2]), vectors[1:], n_pieces[1:])
    found = memory.recall(keys_of(TEXTS))
    assert found.known.tolist() == [True, True, False, False, False]
    assert np.array_equal(found.vectors[:2], vectors)


def test_a_vector_whose_bytes_have_changed_is_unknown_until_it_comes_again(memory: Memory) -> None:
    vectors, n_pieces = numbers(2)
    memory.add(keys_of(TEXTS[:2]), vectors, n_pieces)
    path = memory.folder / "vectors"
    content = bytearray(path.read_bytes())
    content[14] ^= 1
    path.write_bytes(content)
    assert memory.recall(keys_of(TEXTS[:2])).known.tolist() == [True, False]
    memory.add(keys_of(TEXTS[1:2]), vectors[1:], n_pieces[1:])
    assert np.array_equal(memory.recall(keys_of(TEXTS[:2])).vectors, vectors)


def test_each_way_of_encoding_has_its_own_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path))
    entry = Memory.of(3, "int8", 256)
    assert entry.folder.parent == tmp_path / "encodings"
    same = Memory.of(3, "int8", 256)
    ways = [(3, "int8", 128), (3, "float32", 256), (4, "int8", 256)]
    others = [Memory.of(*way) for way in ways]
    assert same.folder == entry.folder
    assert len({entry.folder, *(other.folder for other in others)}) == 4


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    memory = Memory(tmp_path / "file" / "entry", 3)
    with pytest.raises(StorageError, match="Set NEWSDESK_CACHE"):
        memory.add(keys_of(TEXTS[:1]), *numbers(1))


def test_equal_texts_have_equal_keys() -> None:
    one, other, again = keys_of(["cafe\u0301", "caf\u00e9", "cafe\u0301"])
    assert one == again
    assert one != other
