from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.cli.keys import read_keys
from newsdesk.errors import ConfigError


def test_a_key_stands_on_each_line(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("one\n\n  two\n", encoding="ascii")
    assert read_keys(path) == ("one", "two")


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read"), ("schlüssel".encode(), "cannot be read"), (b" \n", "holds no key")],
)
def test_a_file_without_keys_is_refused(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=problem):
        read_keys(path)
