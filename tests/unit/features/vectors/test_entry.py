from __future__ import annotations

from pathlib import Path

import msgspec

from newsdesk.features.vectors import entry
from newsdesk.features.vectors.conversion import convert
from newsdesk.features.vectors.entry import read_facts, rows_of_block
from newsdesk.types import Silent


def test_a_folder_that_is_not_whole_has_no_facts(tmp_path: Path) -> None:
    path, folder = tmp_path / "vectors.txt", tmp_path / "entry"
    path.write_text("the 0.5 1\n", encoding="utf-8")
    folder.mkdir()
    convert(path, folder, progress=Silent())
    assert read_facts(tmp_path / "missing") is None
    facts = folder / entry.FACTS
    told = facts.read_bytes()
    other = msgspec.json.decode(told) | {"format": entry.FORMAT + 1}
    for spoilt in (b"", told[:-5], b"[]", b"\xff", msgspec.json.encode(other)):
        facts.write_bytes(spoilt)
        assert read_facts(folder) is None
    facts.write_bytes(told)
    assert read_facts(folder) is not None
    with (folder / entry.MATRIX).open("ab") as file:
        file.write(b"\0")
    assert read_facts(folder) is None
    (folder / entry.MATRIX).unlink()
    assert read_facts(folder) is None


def test_blocks_hold_some_megabytes_and_one_vector_at_least() -> None:
    assert rows_of_block(300) == (8 << 20) // 1200
    assert rows_of_block(10**9) == 1
