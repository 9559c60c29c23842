from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from newsdesk.feedback.sqlite import SqliteFile


def test_commits_are_on_the_disk_and_nobody_else_reads_the_file(tmp_path: Path) -> None:
    place = SqliteFile(tmp_path / "a.db")
    engine = place.open(create=True)
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
        assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
        assert place.inspect(connection) is None
    assert stat.S_IMODE((tmp_path / "a.db").stat().st_mode) == 0o600
    engine.dispose()
    place.close(for_good=True)


def test_a_file_is_not_made_unless_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SqliteFile(tmp_path / "a.db").open(create=False)
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_deleted_is_not_made_again(tmp_path: Path) -> None:
    place = SqliteFile(tmp_path / "a.db")
    engine = place.open(create=True)
    (tmp_path / "a.db").unlink()
    with pytest.raises(Exception, match="unable to open"):
        engine.connect()
    assert "gone" in str(place.trouble())
    engine.dispose()
    place.close(for_good=True)
    assert place.trouble() is None


def test_signs_of_a_url_may_stand_in_a_path(tmp_path: Path) -> None:
    place = SqliteFile(tmp_path / "a b?#%41é.db")
    engine = place.open(create=True)
    engine.connect().close()
    engine.dispose()
    place.close(for_good=True)
    assert (tmp_path / "a b?#%41é.db").read_bytes().startswith(b"SQLite")
