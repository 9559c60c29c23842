from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import StorageError
from newsdesk.models.neural.elmo_lstm.states import Halves, States
from newsdesk.models.neural.encoders.memory import keys_of

TEXTS = ["first", "second", "third"]


def drawn(n: int, seed: int) -> Halves:
    return np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float16)


def stored() -> tuple[States, list[Halves]]:
    kept = States.of(4, "model")
    own = [drawn(3, 0), drawn(1, 1), drawn(5, 2)]
    kept.add(keys_of(TEXTS[:2]), own[:2])
    kept.add(keys_of(TEXTS[2:]), own[2:])
    return kept, own


def test_what_was_added_is_recalled_in_any_order() -> None:
    kept, own = stored()
    found = kept.recall(keys_of(["third", "new", "first", "second"]))
    assert found.known.tolist() == [True, False, True, True]
    for row, number in ((0, 2), (2, 0), (3, 1)):
        start, length = found.start[row], found.length[row]
        assert np.array_equal(found.states[start : start + length], own[number])


def test_nothing_is_known_before_and_after() -> None:
    kept = States.of(4, "model")
    assert not kept.recall(keys_of(TEXTS)).known.any()
    kept, _ = stored()
    kept.forget()
    assert not kept.recall(keys_of(TEXTS)).known.any()
    kept.forget()


def test_another_model_has_an_entry_of_its_own() -> None:
    stored()
    assert not States.of(4, "other").recall(keys_of(TEXTS)).known.any()


@pytest.mark.parametrize("torn", ["states", "records"])
def test_what_a_crash_left_is_cut_off_by_the_next_writer(torn: str) -> None:
    kept, own = stored()
    with (kept.folder / torn).open("ab") as file:
        file.write(b"\x01\x02\x03")
    kept.add(keys_of(["fourth"]), [drawn(2, 9)])
    found = kept.recall(keys_of([*TEXTS, "fourth"]))
    assert found.known.all()
    start, length = found.start[3], found.length[3]
    assert np.array_equal(found.states[start : start + length], drawn(2, 9))
    assert np.array_equal(found.states[found.start[0] :][:3], own[0])


def test_states_that_were_lost_or_changed_are_not_known() -> None:
    kept, _ = stored()
    path = kept.folder / "states"
    content = bytearray(path.read_bytes())
    content[2] ^= 0xFF
    path.write_bytes(content[:-8])
    assert kept.recall(keys_of(TEXTS)).known.tolist() == [False, True, False]


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="cannot be written"):
        States.of(4, "model").add(keys_of(["a"]), [drawn(1, 0)])
