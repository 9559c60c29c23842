from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from newsdesk.models.neural.importing import reading
from newsdesk.models.neural.importing.formats import FORMATS, FormatName, Request


def test_every_format_has_a_reader() -> None:
    assert set(reading._READERS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_is_a_module_of_this_room(name: FormatName) -> None:
    module = import_module(f"{reading.__package__}.{reading._READERS[name]}")
    assert callable(module.read)


def test_a_request_goes_to_the_reader_of_its_format(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"the 1 2\n")
    found = reading.read(Request("word-vectors", (str(tmp_path / "v.txt"),)))
    assert found.encoder.kind == "nnlm"
