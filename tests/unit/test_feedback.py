from __future__ import annotations

import sys
from pathlib import Path

import pytest

from newsdesk.errors import ConfigError, MissingExtraError
from newsdesk.feedback import Correction, open_store


def test_a_path_and_a_url_of_it_are_the_same_store(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="needs the extra feedback")
    path = tmp_path / "a.db"
    with open_store(path) as store:
        store.add(Correction(fields={"text": "a"}, label="X"))
    with open_store(f"sqlite:///{path}", create=False) as store:
        assert store.stats().n == 1


def test_a_url_of_another_kind_is_refused() -> None:
    pytest.importorskip("sqlalchemy", reason="needs the extra feedback")
    with pytest.raises(ConfigError, match="mysql"):
        open_store("mysql://host/news")


def test_without_sqlalchemy_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.startswith("newsdesk.feedback.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtraError, match=r"newsdesk\[feedback\]"):
        open_store(tmp_path / "a.db")
