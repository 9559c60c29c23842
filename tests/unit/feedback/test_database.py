from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from newsdesk.errors import ConfigError, StorageError
from newsdesk.feedback.database import Database, place_of
from newsdesk.feedback.postgres import PostgresDatabase
from newsdesk.feedback.sqlite import SqliteFile
from newsdesk.feedback.tables import VERSION


def set_version(url: str, number: int) -> None:
    database = Database(place_of(url), create=True)
    with database.transaction(write=True) as connection:
        connection.execute(text("UPDATE newsdesk_feedback SET value = :n"), {"n": number})
    database.close()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("a.db", "a.db"),
        ("/x/a.db", "/x/a.db"),
        ("sqlite:///a.db", "a.db"),
        ("sqlite:////x/a.db", "/x/a.db"),
    ],
)
def test_a_path_is_a_sqlite_file(url: str, path: str) -> None:
    place = place_of(url)
    assert isinstance(place, SqliteFile)
    assert place.path == Path(path).absolute()


def test_a_server_is_named_by_its_url() -> None:
    assert isinstance(place_of("postgresql://h/d"), PostgresDatabase)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        ":memory:",
        "a\0b",
        "mysql://h/d",
        "http://h/d",
        "postgresql+psycopg2://h/d",
        "postgresql://h:port/secret",
    ],
)
def test_other_urls_are_refused_without_repeating_what_they_hold(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        place_of(url)
    assert "sqlite:///PATH" in caught.value.remedy
    assert "secret" not in caught.value.problem


def test_what_fails_within_a_transaction_leaves_nothing(feedback_url: str) -> None:
    database = Database(place_of(feedback_url), create=True)
    insert = text("INSERT INTO newsdesk_feedback VALUES ('extra', 7)")

    def fail() -> None:
        with database.transaction(write=True) as connection:
            connection.execute(insert)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.transaction(write=False) as connection:
        assert connection.execute(text("SELECT count(*) FROM newsdesk_feedback")).scalar_one() == 1
    database.close()


def test_a_store_of_a_later_schema_is_not_opened(feedback_url: str) -> None:
    set_version(feedback_url, VERSION + 1)
    with pytest.raises(StorageError, match=f"schema {VERSION + 1}; this build reads up to") as bad:
        Database(place_of(feedback_url), create=True)
    assert bad.value.remedy == "Update newsdesk."


def test_a_database_without_a_store_is_told_from_one_with(feedback_url: str) -> None:
    path = feedback_url.removeprefix("sqlite:///")
    if path != feedback_url:
        sqlite3.connect(path).close()
    with pytest.raises(StorageError, match="no feedback store"):
        Database(place_of(feedback_url), create=False)
    Database(place_of(feedback_url), create=True).close()
    Database(place_of(feedback_url), create=False).close()


def test_many_may_make_the_tables_at_once(feedback_url: str) -> None:
    failed: list[Exception] = []

    def make() -> None:
        try:
            Database(place_of(feedback_url), create=True).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_closed_database_is_not_opened_again(feedback_url: str) -> None:
    database = Database(place_of(feedback_url), create=True)
    database.close()
    with pytest.raises(StorageError, match="it was closed"), database.transaction(write=False):
        pytest.fail("a transaction began")
