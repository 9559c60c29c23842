from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import StorageError

pytest.importorskip("starlette", reason="needs the extra serve")
pytest.importorskip("sqlalchemy", reason="needs the extra feedback")
from newsdesk.serving.corrections import Correcting
from newsdesk.serving.faults import ServingError
from newsdesk.serving.settings import Keys

PLACE = "/api/v1/feedback"
KEY = "0123456789abcdef"
MANAGER = {"Authorization": f"Bearer {KEY}"}
SAID = {
    "fields": {"text": "Goal"},
    "label": "Chess",
    "model": "news",
    "predicted": {"label": "Sport", "score": 0.5},
    "comment": "no ball",
}


@pytest.fixture
def send(ask: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Ask a server that keeps corrections in one database."""
    settings = {"feedback": f"sqlite:///{tmp_path}/c.db", "keys": Keys(management=(KEY,))}

    def send(method: str, path: str, **said: Any) -> Any:
        return ask(method, path, settings=settings, **said)

    return send


def test_a_correction_is_stored_and_listed_as_it_was_said(send: Callable[..., Any]) -> None:
    added = send("POST", PLACE, json=SAID)
    assert added.status_code == 201
    page = send("GET", PLACE, headers=MANAGER).json()
    (one,) = page["corrections"]
    assert {key: one[key] for key in SAID} == SAID
    assert (one["id"], one["status"]) == (added.json()["id"], "waiting")
    assert (page["next"], page["counts"]["waiting"]) == (None, 1)


def test_a_repetition_is_stored_once(send: Callable[..., Any]) -> None:
    first, again = (
        send("POST", PLACE, json=SAID, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert len(send("GET", PLACE, headers=MANAGER).json()["corrections"]) == 1


def test_a_correction_is_taken_back_by_its_token_alone(send: Callable[..., Any]) -> None:
    added = send("POST", PLACE, json=SAID).json()
    place = f"{PLACE}/{added['id']}"
    assert send("DELETE", place, headers={"X-Undo-Token": "other"}).status_code == 404
    assert send("DELETE", place).status_code == 404
    assert send("DELETE", place, headers={"X-Undo-Token": added["undo"]}).status_code == 204
    assert send("GET", PLACE, headers=MANAGER).json()["corrections"] == []


def test_pages_follow_each_other(send: Callable[..., Any]) -> None:
    for label in "abc":
        send("POST", PLACE, json=SAID | {"label": label})
    first = send("GET", f"{PLACE}?limit=2", headers=MANAGER).json()
    more = {"limit": "2", "after": first["next"]}
    second = send("GET", PLACE, params=more, headers=MANAGER).json()
    found = [one["label"] for one in (*first["corrections"], *second["corrections"])]
    assert (sorted(found), second["next"]) == (["a", "b", "c"], None)


def test_a_decision_stands(send: Callable[..., Any]) -> None:
    added = send("POST", PLACE, json=SAID).json()
    place = f"{PLACE}/{added['id']}/decision"
    said = {"decision": "accept"}
    assert send("POST", place, json=said, headers=MANAGER).json()["decision"] == "accept"
    found = send("GET", f"{PLACE}?status=accepted", headers=MANAGER).json()["corrections"]
    assert [one["id"] for one in found] == [added["id"]]
    unknown = f"{PLACE}/none/decision"
    assert send("POST", unknown, json=said, headers=MANAGER).status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=0001509"])
def test_a_number_out_of_range_is_refused(send: Callable[..., Any], query: str) -> None:
    assert send("GET", f"{PLACE}?{query}", headers=MANAGER).status_code == 422


@pytest.mark.parametrize("query", ["status=open", "after=nothing"])
def test_a_filter_that_means_nothing_is_no_fault_of_the_server(
    send: Callable[..., Any], query: str
) -> None:
    assert send("GET", f"{PLACE}?{query}", headers=MANAGER).status_code < 500


def test_judging_needs_the_management_key(send: Callable[..., Any]) -> None:
    assert send("GET", PLACE).status_code == 401
    assert send("POST", f"{PLACE}/x/decision", json={"decision": "accept"}).status_code == 401


def test_a_server_without_a_database_says_so(ask: Callable[..., Any]) -> None:
    assert ask("POST", PLACE, json=SAID).json()["code"] == "no_feedback"


def test_a_database_that_cannot_be_written_is_said_to_come_back(tmp_path: Path) -> None:
    correcting = Correcting(f"sqlite:///{tmp_path}/c.db")

    def fail() -> None:
        raise StorageError("The disk is full.", remedy="Make room.")

    with pytest.raises(ServingError) as caught:
        asyncio.run(correcting.do(fail))
    assert (caught.value.status, caught.value.code) == (503, "feedback_unavailable")
    assert caught.value.headers["Retry-After"] == "2"
    assert asyncio.run(correcting.do(lambda: 1)) == 1
    correcting.close()
