from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import make_url, text

from newsdesk.errors import MissingExtraError
from newsdesk.feedback.postgres import PostgresDatabase


def test_a_name_holds_no_password() -> None:
    place = PostgresDatabase(make_url("postgresql://ann:secret@db.example/news?password=secret"))
    assert place.name == "postgresql://db.example/news"


def test_a_missing_driver_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"newsdesk\[postgres\]"):
        PostgresDatabase(make_url("postgresql://db.example/news"))


def test_statements_are_bounded_and_commits_are_on_the_disk(postgres: Callable[[], str]) -> None:
    place = PostgresDatabase(make_url(postgres()))
    engine = place.open(create=True)
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "synchronous_commit")
        }
        assert found == {
            "statement_timeout": "2500ms",
            "lock_timeout": "2s",
            "synchronous_commit": "on",
        }
        assert place.inspect(connection) is None
        assert place.trouble() is None
    engine.dispose()
