from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from newsdesk.cli.servers import server, told, whoever
from newsdesk.errors import ConfigError

URL = "http://127.0.0.1:1"


def test_the_first_key_of_the_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("first-key\nsecond-key\n")
    found = server(URL, path, "news")
    assert found is not None
    assert (found.url, found.key, found.model) == (URL, "first-key", "news")


def test_no_server_is_told_where_none_is_named() -> None:
    assert server(None, None, None) is None
    told(None, "ab" * 32, quiet=False)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff"])
def test_a_file_without_a_key_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="key"):
        server(URL, path, None)


def test_a_key_and_an_address_go_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="takes a management key"):
        server(URL, None, None)
    with pytest.raises(ConfigError, match="no server"):
        server(None, tmp_path, None)
    with pytest.raises(ConfigError, match="no server"):
        server(None, None, "news")


def test_who_does_it_is_the_user_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    assert whoever(None) == "ann"
    assert whoever("bob") == "bob"

    def nobody() -> str:
        raise KeyError("uid 10001")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert whoever(None) == ""
