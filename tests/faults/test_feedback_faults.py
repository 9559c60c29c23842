"""Rows 34 to 36, 39 and 44: corrections outlive kills, full disks, repetitions and bad intent."""

from __future__ import annotations

import ast
import datetime as dt
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

from sqlalchemy import Pool, event

from newsdesk.errors import InputError, StorageError
from newsdesk.feedback import Correction, open_store
from newsdesk.feedback.store import Store

PATIENCE = 2.0
SLACK = 2.5  # a busy machine

WRITER = """
    import sys
    from newsdesk.feedback import Correction, open_store

    store = open_store(sys.argv[1])
    n = 0
    while True:
        added = store.add(Correction(fields={"text": f"{sys.argv[2]} {n}"}, label="X"))
        print(added.id, flush=True)
        n += 1
"""

SUBMITTER = """
    import sys, time
    from threading import Thread
    from newsdesk.errors import StorageError
    from newsdesk.feedback import Correction, open_store

    store = open_store(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()

    def submit():
        for _ in range(50):  # who is told to come again does so, with the same key
            try:
                added = store.add(Correction(fields={"text": "Rates rise"}, label="X"), key="key")
                break
            except StorageError:
                time.sleep(0.1)
        sys.stdout.write(f"{added.id} {added.is_new}\\n")  # at once: lines of threads would mix

    threads = [Thread(target=submit) for _ in range(int(sys.argv[2]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def correction(text: str = "Rates rise", label: str = "X", **more: Any) -> Correction:
    return Correction(fields={"text": text}, label=label, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store in a file, with one correction."""
    with open_store(path) as opened:
        opened.add(correction("the first"))
        yield opened


def refused(store: Store, words: str, *, text: str = "refused") -> None:
    """A correction is not taken, and that is known soon."""
    start = time.monotonic()
    with pytest.raises(StorageError, match=words) as caught:
        store.add(correction(text))
    assert time.monotonic() - start < PATIENCE + SLACK
    assert store.name in caught.value.problem


# ── row 34 ───────────────────────────────────────────────────────────────────────────────────────


def test_row_34_every_acknowledged_row_outlives_a_kill(feedback_url: str) -> None:
    open_store(feedback_url).close()
    acknowledged: list[str] = []
    for turn in range(3):
        writers = [started(WRITER, feedback_url, f"{turn} {n}") for n in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            acknowledged += [writer.stdout.readline().strip() for _ in range(20)]
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            assert writer.stdout is not None
            rest = writer.stdout.read()  # what was read ahead too
            writer.communicate()
            # A last line may have been cut.
            acknowledged += [line for line in rest.split("\n")[:-1] if line]
    with open_store(feedback_url, create=False) as store:
        lost = [one for one in acknowledged if store.get(one) is None]
        assert not lost
        assert len(acknowledged) >= 120
        assert store.stats().n >= len(set(acknowledged)) == len(acknowledged)
        assert store.add(correction()).is_new


# ── row 35 ───────────────────────────────────────────────────────────────────────────────────────


def test_row_35_another_writer_is_waited_for_but_not_for_long(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    refused(store, "another process is writing")
    assert store.stats().n == 1  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert store.add(correction()).is_new


def test_row_35_who_waits_gets_his_turn_when_the_lock_is_gone(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")

    def end() -> None:
        time.sleep(0.5)
        other.execute("ROLLBACK")

    thread = Thread(target=end)
    thread.start()
    assert store.add(correction()).is_new
    thread.join()
    other.close()


def test_row_35_many_who_wait_are_all_told_in_time(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    told: list[float] = []

    def submit(n: int) -> None:
        start = time.monotonic()
        try:
            store.add(correction(f"many {n}"))
        except StorageError:
            told.append(time.monotonic() - start)

    threads = [Thread(target=submit, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 20
    assert max(told) < PATIENCE + SLACK
    other.close()
    assert store.stats().n == 1
    assert store.add(correction()).is_new


def test_row_35_many_who_read_a_file_that_is_kept_from_all_are_told_in_time(
    store: Store, path: Path
) -> None:
    store._database._give_up()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    told: list[float] = []

    def read() -> None:
        start = time.monotonic()
        try:
            store.stats()
        except StorageError:
            told.append(time.monotonic() - start)

    threads = [Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 20
    assert max(told) < PATIENCE + SLACK
    other.close()
    assert store.stats().n == 1


def test_row_35_a_locked_file_cannot_be_opened_and_that_is_known_soon(path: Path) -> None:
    open_store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    start = time.monotonic()
    with pytest.raises(StorageError, match="another process is writing"):
        open_store(path)
    assert time.monotonic() - start < PATIENCE + SLACK
    other.close()
    open_store(path).close()


@contextmanager
def every_connection(statement: str) -> Iterator[None]:
    """Each connection that is made within the block begins with a statement."""

    def act(connection: Any, _record: object) -> None:
        connection.execute(statement).fetchall()

    event.listen(Pool, "connect", act)
    try:
        yield
    finally:
        event.remove(Pool, "connect", act)


@pytest.mark.parametrize(
    ("statement", "words"),
    [("PRAGMA max_page_count=1", "is full"), ("PRAGMA query_only=ON", "may not be written")],
    ids=["full", "read-only"],
)
def test_row_35_what_cannot_grow_or_be_written_refuses_and_works_again(
    path: Path, statement: str, words: str
) -> None:
    with open_store(path) as made:
        made.add(correction("the first"))
    with every_connection(statement):
        store = open_store(path)
        refused(store, words, text="x" * 100_000)
        refused(store, words, text="x" * 100_000)
    assert store.stats().n == 1
    assert store.add(correction("x" * 100_000)).is_new
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="rights do not bind root")
def test_row_35_a_file_without_the_right_to_write_refuses(path: Path) -> None:
    open_store(path).close()
    path.chmod(0o400)
    with pytest.raises(StorageError):
        open_store(path).add(correction())
    path.chmod(0o600)
    with open_store(path) as again:
        assert again.add(correction()).is_new


def test_row_35_a_deleted_file_refuses_and_is_not_made_again(store: Store, path: Path) -> None:
    away = path.with_suffix(".away")
    path.rename(away)
    for _ in range(2):
        refused(store, "the file is gone")
    with pytest.raises(StorageError, match="gone"):
        store.stats()
    assert not path.exists()
    away.rename(path)
    assert store.stats().n == 1
    assert store.add(correction()).is_new


def test_row_35_a_file_deleted_while_it_is_written_acknowledges_nothing(
    store: Store, path: Path
) -> None:
    def delete(_connection: Any) -> None:
        path.rename(path.with_suffix(".away"))

    assert store._database._engine is not None
    event.listen(store._database._engine, "commit", delete)
    with pytest.raises(StorageError, match="gone"):
        store.add(correction())


def test_row_35_the_file_that_takes_the_place_is_opened_without_the_log_of_the_old_one(
    store: Store, path: Path, tmp_path: Path
) -> None:
    for n in range(30):
        store.add(correction(f"old {n}"))
    assert path.with_name("feedback.db-wal").stat().st_size > 0
    with open_store(tmp_path / "other.db") as other:
        for n in range(30):
            other.add(correction(f"other {n}"))
    (tmp_path / "other.db").replace(path)
    added = store.add(correction("new"))
    assert added.is_new
    with open_store(path, create=False) as again:
        found = {entry.correction.fields["text"] for entry in again.list().entries}
    assert found == {*(f"other {n}" for n in range(30)), "new"}


def test_row_35_a_backup_takes_the_place_of_a_lost_file(store: Store, path: Path) -> None:
    backup = path.with_suffix(".backup")
    with sqlite3.connect(path) as source:
        target = sqlite3.connect(backup)
        source.backup(target)
        target.close()
    source.close()
    store.add(correction("after the backup"))
    path.unlink()
    refused(store, "gone")
    shutil.copy(backup, path)
    assert store.stats().n == 1
    assert store.add(correction("after the backup")).is_new


@pytest.mark.parametrize("garbage", [bytes(100), b"not a database at all" * 5], ids=["0", "words"])
def test_row_35_an_overwritten_header_refuses_until_it_is_mended(
    path: Path, garbage: bytes
) -> None:
    open_store(path).close()
    store = open_store(path)  # nothing of it is in the log any more
    descriptor = os.open(path, os.O_RDWR)  # kept open: closing it would drop locks of this process
    whole = os.pread(descriptor, len(garbage), 0)
    os.pwrite(descriptor, garbage, 0)
    for _ in range(2):
        refused(store, "damaged")
    with pytest.raises(StorageError, match="damaged"):
        open_store(path)
    os.pwrite(descriptor, whole, 0)
    assert store.add(correction()).is_new
    store.close()
    os.close(descriptor)


def test_row_35_an_overwritten_header_loses_nothing_that_is_in_the_log(
    store: Store, path: Path
) -> None:
    descriptor = os.open(path, os.O_RDWR)
    os.pwrite(descriptor, bytes(100), 0)
    # The file is opened anew, and on closing SQLite has written the first page from its log.
    assert not store.add(correction("the first")).is_new
    assert store.stats().n == 1
    store.close()
    os.close(descriptor)


def test_row_35_damage_in_the_middle_is_found_on_opening(path: Path) -> None:
    with open_store(path) as store:
        for n in range(200):
            store.add(correction(f"{n} " + "x" * 500))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StorageError, match="damaged"):
        open_store(path)


@pytest.mark.parametrize("content", [b"headline,label\nRates rise,BUSINESS\n" * 50, b"x"])
def test_row_35_what_is_no_store_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for create in (True, False):
        with pytest.raises(StorageError):
            open_store(path, create=create)
    assert path.read_bytes() == content


def test_row_35_a_missing_folder_and_a_folder_are_refused(tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "feedback.db", tmp_path):
        with pytest.raises(StorageError):
            open_store(place)


def test_row_35_a_locked_table_of_a_server_is_not_waited_for_long(
    postgres: Callable[[], str],
) -> None:
    import psycopg

    url = postgres()
    with open_store(url) as store:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE newsdesk_corrections IN ACCESS EXCLUSIVE MODE")
            refused(store, "lock timeout")
        assert store.add(correction()).is_new


def test_row_35_lost_connections_to_a_server_are_made_anew(postgres: Callable[[], str]) -> None:
    import psycopg

    url = postgres()
    with open_store(url) as store:
        store.add(correction())
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert not store.add(correction()).is_new


def test_row_35_a_server_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path,
) -> None:
    pytest.importorskip("psycopg", reason="needs the extra postgres")
    start = time.monotonic()
    with pytest.raises(StorageError) as caught:
        open_store(f"postgresql://ann:s3cret@/news?host={tmp_path}")
    assert time.monotonic() - start < PATIENCE + SLACK
    assert "s3cret" not in str(caught.value)


# ── row 36 ───────────────────────────────────────────────────────────────────────────────────────


def test_row_36_fifty_submits_of_several_processes_are_one_row(feedback_url: str) -> None:
    open_store(feedback_url).close()
    submitters = [started(SUBMITTER, feedback_url, n) for n in ("17", "17", "16")]
    for submitter in submitters:
        assert submitter.stdout is not None
        assert submitter.stdout.readline() == "ready\n"
    for submitter in submitters:
        assert submitter.stdin is not None
        submitter.stdin.write("go\n")
        submitter.stdin.flush()
    answers = [line for one in submitters for line in one.communicate()[0].splitlines()]
    assert len(answers) == 50
    assert len({answer.split()[0] for answer in answers}) == 1
    assert sum(answer.endswith("True") for answer in answers) == 1
    with open_store(feedback_url) as store:
        assert store.stats().n == 1


# ── row 39 ───────────────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "'); DROP TABLE newsdesk_corrections; --",
    "' OR '1'='1",
    '" OR ""="',
    "1; DELETE FROM newsdesk_corrections",
    "x' UNION SELECT undo_hash FROM newsdesk_corrections --",
    "%' AND 1=(SELECT count(*) FROM newsdesk_corrections) --",
    "\\'; SELECT pg_sleep(5); --",
    "$$; DROP TABLE newsdesk_corrections; $$",
    ":label",
    "%(label)s",
    "?",
    "{0}",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_row_39_hostile_texts_are_texts(feedback_url: str, hostile: str) -> None:
    with open_store(feedback_url) as store:
        store.add(correction("bystander"))
        given = Correction(
            fields={hostile: hostile},
            label=hostile,
            model=hostile,
            digest=hostile,
            predicted=hostile,
            comment=hostile,
            source=hostile,
        )
        added = store.add(given, key=hostile)
        assert store.add(given, key=hostile).id == added.id
        (entry,) = store.list(label=hostile).entries
        assert entry.correction == given
        assert not store.undo(added.id, hostile)
        assert not store.undo(hostile, hostile)
        assert not store.decide(hostile, "accept")
        assert store.get(hostile) is None
        assert store.delete([hostile]) == 0
        asks: tuple[dict[str, Any], ...] = (
            {"status": hostile},
            {"order": hostile},
            {"after": hostile},
        )
        for asked in asks:
            with pytest.raises(InputError):
                store.list(**asked)
        assert store.stats().n == 2


_SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|ALTER|PRAGMA|BEGIN|WHERE|LOCK TABLE)\b"
)


def built_sql(source: str) -> list[int]:
    """Lines on which SQL is put together from pieces."""
    found = []
    for node in ast.walk(ast.parse(source)):
        pieces: list[ast.AST] = []
        if isinstance(node, ast.JoinedStr):
            pieces = list(node.values)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
            pieces = [node.left, node.right]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("format", "join", "replace", "format_map")
        ):
            pieces = [node.func.value, *node.args]
        found += [
            piece.lineno
            for piece in pieces
            if isinstance(piece, ast.Constant) and _SQL.search(str(piece.value))
        ]
    return found


@pytest.mark.parametrize(
    "source",
    [
        "f'SELECT * FROM t WHERE a = {a}'",
        "'DELETE FROM t WHERE a = %s' % a",
        "'PRAGMA busy_timeout={}'.format(n)",
        "'SELECT a FROM t ORDER BY ' + column",
        "' '.join(['x', 'y']).join('SELECT 1')",
        "text('SELECT a FROM t WHERE x').replace('WHERE x', y)",
    ],
)
def test_row_39_sql_from_pieces_is_seen(source: str) -> None:
    assert built_sql(source)


def test_row_39_the_store_puts_no_sql_together() -> None:
    import newsdesk.feedback

    modules = list(Path(newsdesk.feedback.__file__).parent.glob("*.py"))
    assert len(modules) > 5
    for module in modules:
        source = module.read_text(encoding="utf-8")
        assert not built_sql(source), module.name
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name == "text" or name.endswith("exec_driver_sql"):
                used = {part.id for part in ast.walk(node.args[0]) if isinstance(part, ast.Name)}
                assert used <= {"write"}, f"{module.name}: {name}"


# ── row 44 ───────────────────────────────────────────────────────────────────────────────────────


def test_row_44_a_clock_that_jumps_back_loses_nothing(feedback_url: str) -> None:
    times = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2026, 1999, 2031, 2026)]
    clock = iter(times)
    with open_store(feedback_url, clock=lambda: next(clock)) as store:
        ids = [store.add(correction(f"t{n}")).id for n in range(4)]
        found = [entry.created_at for entry in store.list().entries]
        assert found == sorted(times)
        pages, after = [], None
        while True:
            page = store.list(limit=1, after=after)
            pages += [entry.id for entry in page.entries]
            after = page.after
            if after is None:
                break
        assert sorted(pages) == sorted(ids)


def test_row_44_times_are_utc_wherever_the_machine_stands(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        monkeypatch.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        with open_store(path) as store:
            before = dt.datetime.now(dt.UTC)
            added = store.add(correction())
            monkeypatch.setenv("TZ", "America/St_Johns")
            time.tzset()
            entry = store.get(added.id)
            assert entry is not None
            assert entry.created_at.utcoffset() == dt.timedelta(0)
            assert before <= entry.created_at <= dt.datetime.now(dt.UTC)
            assert list(store.stats().by_day) == [f"{entry.created_at:%Y-%m-%d}"]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_row_44_waiting_is_not_timed_by_the_clock(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    hours = iter(range(10**6))
    monkeypatch.setattr("time.time", lambda: 3600.0 * next(hours))
    start = time.monotonic()
    with pytest.raises(StorageError):
        store.add(correction())
    assert 0.9 * PATIENCE < time.monotonic() - start < PATIENCE + SLACK
    other.close()
