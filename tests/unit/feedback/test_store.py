"""What every store does, over SQLite and PostgreSQL alike."""

from __future__ import annotations

import datetime as dt
import uuid
from threading import Barrier, Thread
from typing import Any

import pytest

from newsdesk.errors import InputError
from newsdesk.feedback import Added, Correction, open_store
from newsdesk.feedback.store import MOST_LISTED, Store, opened

NOBODY = str(uuid.UUID(int=0))


def correction(text: str = "Rates rise again", label: str = "BUSINESS", **more: Any) -> Correction:
    return Correction(fields={"text": text}, label=label, **more)


def texts(store: Store, **asked: Any) -> list[str]:
    return [entry.correction.fields["text"] for entry in store.list(**asked).entries]


def test_everything_that_was_given_comes_back(store: Store) -> None:
    given = Correction(
        fields={"headline": "Zürich – 東京 😀\r\n", "description": "", "a'b": "\x1b[31m\u2028"},
        label="BUSINESS & MONEY",
        model="news",
        digest="ab" * 32,
        predicted="SPORTS",
        score=1 / 3,
        comment="-- '); DROP TABLE newsdesk_corrections;",
        source="web",
    )
    added = store.add(given)
    assert str(uuid.UUID(added.id)) == added.id
    entry = store.get(added.id)
    assert entry is not None
    assert entry.correction == given
    assert list(entry.correction.fields) == list(given.fields)
    assert (entry.id, entry.status, entry.decided_at) == (added.id, "waiting", None)
    bare = store.get(store.add(correction()).id)
    assert bare is not None
    assert bare.correction == correction()


def test_a_store_holds_what_it_held_when_it_was_closed(feedback_url: str) -> None:
    with open_store(feedback_url) as store:
        added = store.add(correction())
    with opened(feedback_url, create=False) as again:
        assert again.get(added.id) is not None
        assert not again.add(correction()).is_new


def test_times_are_those_of_the_clock_in_utc(store: Store, clock: Any) -> None:
    clock.now = dt.datetime(2026, 3, 29, 3, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    added = store.add(correction())
    store.decide(added.id, "accept")
    entry = store.get(added.id)
    assert entry is not None
    assert entry.decided_at is not None
    assert entry.created_at.isoformat() == "2026-03-29T01:00:01+00:00"
    assert entry.decided_at.isoformat() == "2026-03-29T01:00:02+00:00"


def test_the_same_content_is_the_same_correction(store: Store) -> None:
    first, again = store.add(correction()), store.add(correction())
    assert first.is_new
    assert first.undo
    assert again == Added(first.id, None, is_new=False)
    assert store.add(correction(comment="no")).is_new
    assert store.stats().n == 2


def test_the_same_key_is_the_same_correction_whatever_the_content(store: Store) -> None:
    first = store.add(correction(), key="k")
    assert store.add(correction("other"), key="k").id == first.id
    assert store.add(correction(), key="K").is_new
    assert store.add(correction(), key=f"content:{correction().content}").is_new
    assert store.add(correction()).is_new
    assert store.stats().n == 4


@pytest.mark.parametrize("key", ["", "x" * 201, "a\0b", "\ud800"])
def test_a_key_that_cannot_be_kept_is_refused(store: Store, key: str) -> None:
    with pytest.raises(InputError):
        store.add(correction(), key=key)
    assert store.stats().n == 0


def test_one_row_of_fifty_submits_at_once(store: Store) -> None:
    gate, found = Barrier(50), []

    def submit() -> None:
        gate.wait()
        found.append(store.add(correction()))

    threads = [Thread(target=submit) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 50
    assert len({added.id for added in found}) == 1
    assert [added.is_new for added in found].count(True) == 1
    assert store.stats().n == 1


def test_only_the_token_takes_a_correction_back(store: Store) -> None:
    mine, other = store.add(correction()), store.add(correction("other"))
    assert mine.undo
    assert other.undo
    for wrong in ("", other.undo, mine.undo[:-1], "é\ud800", mine.undo + " "):
        assert not store.undo(mine.id, wrong)
    assert not store.undo(NOBODY, mine.undo)
    assert not store.undo(NOBODY, "")
    assert store.undo(mine.id, mine.undo)
    assert not store.undo(mine.id, mine.undo)
    assert texts(store) == ["other"]
    # What was taken back may be given again.
    assert store.add(correction()).is_new


def test_the_store_does_not_hold_the_token(store: Store) -> None:
    added = store.add(correction())
    from sqlalchemy import select

    from newsdesk.feedback.tables import CORRECTIONS

    with store._database.transaction(write=False) as connection:
        (row,) = connection.execute(select(CORRECTIONS)).all()
    assert added.undo not in tuple(row)


def test_decisions_are_made_and_changed(store: Store) -> None:
    added = store.add(correction())
    states = []
    for decision in ("accept", "reject", "wait"):
        assert store.decide(added.id, decision)
        entry = store.get(added.id)
        assert entry is not None
        states.append((entry.status, entry.decided_at is not None))
    assert states == [("accepted", True), ("rejected", True), ("waiting", False)]
    assert not store.decide(NOBODY, "accept")
    with pytest.raises(InputError, match="no decision 'acept'") as caught:
        store.decide(added.id, "acept")
    assert "accept" in caught.value.remedy


@pytest.mark.parametrize("odd", ["", "1", "a\0b", "\ud800", "' OR 1=1 --", NOBODY.upper() + "x"])
def test_what_is_no_id_is_not_found(store: Store, odd: str) -> None:
    store.add(correction())
    assert store.get(odd) is None
    assert not store.decide(odd, "accept")
    assert not store.undo(odd, "x")
    assert store.delete([odd]) == 0
    assert store.stats().n == 1


def test_lists_are_filtered(store: Store) -> None:
    ids = [store.add(correction(f"t{n}", "AB"[n % 2])).id for n in range(6)]
    for n, decision in enumerate(("accept", "accept", "reject")):
        store.decide(ids[n], decision)
    assert texts(store) == [f"t{n}" for n in range(6)]
    assert texts(store, status="accepted") == ["t0", "t1"]
    assert texts(store, status="waiting", label="B") == ["t3", "t5"]
    assert texts(store, label="b") == []
    assert texts(store, label="' OR '1'='1") == []


@pytest.mark.parametrize("order", ["oldest", "newest", "label"])
def test_pages_hold_every_row_once_whatever_comes_in(store: Store, order: str) -> None:
    given = {f"t{n}": "ABBAC"[n % 5] for n in range(11)}
    for text, label in given.items():
        store.add(correction(text, label))
    found: list[str] = []
    after = None
    for number in range(20):
        page = store.list(order=order, limit=3, after=after)
        found += [entry.correction.fields["text"] for entry in page.entries]
        if number == 1:
            store.add(correction("late", "A"))
        after = page.after
        if after is None:
            break
    assert sorted(set(found) - {"late"}) == sorted(given)
    assert len(found) == len(set(found))
    kept = [text for text in found if text != "late"]
    expected = {"oldest": list(given), "newest": list(given)[::-1]}
    if order in expected:
        assert kept == expected[order]
    else:
        assert [given[text] for text in kept] == sorted(given.values())


def test_labels_are_sorted_by_code_point_in_every_database(store: Store) -> None:
    for n, label in enumerate(["b", "É", "a b", "B", "ab", "A"]):
        store.add(correction(f"t{n}", label))
    labels = [entry.correction.label for entry in store.list(order="label").entries]
    assert labels == sorted(labels)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": MOST_LISTED + 1},
        {"status": "acepted"},
        {"order": "created_at; DROP TABLE newsdesk_corrections"},
        {"after": "x"},
        {"label": "a\0"},
    ],
)
def test_what_cannot_be_listed_is_refused(store: Store, asked: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        store.list(**asked)


def test_accepted_ones_are_exported_page_after_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsdesk.feedback.store._AT_ONCE", 2)
    for n in range(7):
        added = store.add(correction(f"t{n}"))
        if n != 3:
            store.decide(added.id, "accept")
    found = [entry.correction.fields["text"] for entry in store.export()]
    assert found == [f"t{n}" for n in (0, 1, 2, 4, 5, 6)]


def test_counts_by_status_label_digest_and_day(store: Store, clock: Any) -> None:
    assert store.stats().by_status == {"waiting": 0, "accepted": 0, "rejected": 0}
    for n, (label, digest) in enumerate([("B", "d1"), ("A", None), ("B", "d2"), ("C", "d2")]):
        clock.now = dt.datetime(2026, 3, 30 - n, 23, 30, tzinfo=dt.UTC)
        added = store.add(correction(f"t{n}", label, digest=digest))
    store.decide(added.id, "reject")
    stats = store.stats()
    assert stats.n == 4
    assert stats.by_status == {"waiting": 3, "accepted": 0, "rejected": 1}
    assert list(stats.by_label.items()) == [("B", 2), ("A", 1), ("C", 1)]
    assert list(stats.by_digest.items()) == [("d2", 2), ("", 1), ("d1", 1)]
    assert list(stats.by_day) == ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"]


def test_deletion_by_id(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.feedback.store._AT_ONCE", 2)
    ids = [store.add(correction(f"t{n}")).id for n in range(6)]
    assert store.delete([*ids[:5], NOBODY]) == 5
    assert texts(store) == ["t5"]
    assert store.delete() == 0


def test_deletion_and_keeping_by_age(store: Store, clock: Any) -> None:
    for day in (1, 10, 20):
        clock.now = dt.datetime(2026, 3, day, tzinfo=dt.UTC)
        store.add(correction(f"t{day}"))
    assert store.delete(older_than=dt.datetime(2026, 3, 2, tzinfo=dt.UTC)) == 1
    assert store.retain(15) == 0
    assert store.retain(5) == 1
    assert texts(store) == ["t20"]
    with pytest.raises(InputError, match="no zone"):
        store.delete(older_than=dt.datetime(2026, 3, 2))


@pytest.mark.parametrize("days", [-1, float("nan"), float("inf"), 1e9])
def test_a_time_to_keep_that_is_none_deletes_nothing(store: Store, days: float) -> None:
    store.add(correction())
    with pytest.raises(InputError):
        store.retain(days)
    assert store.stats().n == 1


def test_a_name_is_told_for_people(store: Store) -> None:
    assert "feedback" in store.name
    assert "tester" not in store.name
