"""Corrections over HTTP: on the disk before the answer is sent, and judged by a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

import msgspec

from newsdesk.errors import StorageError
from newsdesk.feedback import Correction, Entry, open_store
from newsdesk.serving.act import Act
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded, said
from newsdesk.serving.faults import ServingError

__all__ = ["Correcting", "add_routes"]

T = TypeVar("T")

_MOST_WAITING = 64
_MOST_LISTED = 200


class Predicted(msgspec.Struct):
    """What the model had said."""

    label: str
    score: float


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """A correction."""

    fields: dict[str, str]
    label: str
    """The right class; it need not be one that a model knows."""
    model: str | None = None
    digest: str | None = None
    predicted: Predicted | None = None
    comment: str | None = None


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has become of it."""

    id: str
    undo: str | None = None
    """Takes it back (header ``X-Undo-Token``); not said again where it was stored before."""


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """What a person says of a correction."""

    decision: Literal["accept", "reject", "wait"]


class Decided(msgspec.Struct, frozen=True):
    """A decision that stands."""

    id: str
    decision: str


class Listed(msgspec.Struct, frozen=True):
    """A correction as a person sees it."""

    id: str
    fields: dict[str, str]
    label: str
    model: str | None
    digest: str | None
    predicted: Predicted | None
    comment: str | None
    status: str
    at: str
    decided_at: str | None


class Page(msgspec.Struct, frozen=True):
    """Some of many corrections."""

    corrections: list[Listed]
    next: str | None
    """What to send as ``after`` for more."""
    counts: dict[str, int]


_REQUEST = msgspec.json.Decoder(Request)
_DECISION = msgspec.json.Decoder(Decision)


class Correcting:
    """The store, asked by one thread of its own: a database that is stuck holds nobody else up.

    Parameters
    ----------
    url : str
        Of the store; it is opened at once, and again after a fault.
    """

    def __init__(self, url: str) -> None:
        self.store = open_store(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="corrections")
        self._waiting = 0

    async def do(self, act: Callable[[], T]) -> T:
        """Do something with the store, in turn.

        Parameters
        ----------
        act : Callable[[], T]
            Called in the thread of the store.

        Returns
        -------
        T
            What it gives.

        Raises
        ------
        ServingError
            503 if the store cannot be used, or too many wait for it.
        """
        if self._waiting >= _MOST_WAITING:
            raise _unavailable()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, act)
        except StorageError:
            raise _unavailable() from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Finish what was begun, and close the store."""
        self._thread.shutdown(wait=True)
        self.store.close()


def add_routes(board: Board, correcting: Correcting | None) -> None:
    """Put corrections on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    correcting : Correcting | None
        The store; None where the server keeps no corrections.
    """

    def kept() -> Correcting:
        if correcting is None:
            problem, hint = "The server keeps no corrections.", "Start it with --feedback URL."
            raise ServingError(404, "no_feedback", problem, hint)
        return correcting

    async def add(call: Call) -> Reply:
        own = kept()
        request = decoded(call.body, _REQUEST)
        correction = _correction(request)
        key = call.header(b"idempotency-key") or None
        added = await own.do(lambda: own.store.add(correction, key))
        return said(Stored(added.id, added.undo), 201 if added.is_new else 200)

    async def undo(call: Call) -> Reply:
        own = kept()
        identifier, token = call.path_params["id"], call.header(b"x-undo-token")
        if not await own.do(lambda: own.store.undo(identifier, token)):
            raise _unknown()
        return Reply(b"", 204)

    async def listed(call: Call) -> Reply:
        own, query = kept(), call.query
        limit = query.get("limit", "50")
        if not (
            limit.isascii()
            and limit.isdigit()
            and len(limit) <= 3
            and 1 <= int(limit) <= _MOST_LISTED
        ):
            hint = f"Name 1 to {_MOST_LISTED}."
            raise ServingError(422, "invalid_request", "limit is out of range.", hint)
        page = await own.do(
            lambda: own.store.list(
                status=query.get("status") or None,
                label=query.get("label") or None,
                order="newest",
                after=query.get("after") or None,
                limit=int(limit),
            )
        )
        counts = await own.do(lambda: own.store.stats().by_status)
        return said(Page([_listed(entry) for entry in page.entries], page.after, counts))

    async def decide(call: Call) -> Reply:
        own = kept()
        decision = decoded(call.body, _DECISION).decision
        identifier = call.path_params["id"]
        if not await own.do(lambda: own.store.decide(identifier, decision)):
            raise _unknown()
        return said(Decided(identifier, decision))

    place = "/api/v1/feedback"
    act = Act(
        "Store a correction; it is on the disk when the answer comes.",
        tag="corrections",
        takes=Request,
        gives=Stored,
        statuses=(201, 200),
        headers=("Idempotency-Key",),
        example={"fields": {"text": "Rates rise again"}, "label": "BUSINESS"},
    )
    board.add("POST", place, add, name="correct", act=act)
    act = Act(
        "List corrections.",
        tag="corrections",
        gives=Page,
        query=("status", "label", "after", "limit"),
    )
    board.add("GET", place, listed, name="corrections", act=act, who="management")
    act = Act(
        "Take a correction back.", tag="corrections", statuses=(204,), headers=("X-Undo-Token",)
    )
    board.add("DELETE", f"{place}/{{id}}", undo, name="undo", act=act)
    act = Act(
        "Accept or reject a correction.",
        tag="corrections",
        takes=Decision,
        gives=Decided,
        example={"decision": "accept"},
    )
    board.add("POST", f"{place}/{{id}}/decision", decide, name="decide", act=act, who="management")


def _correction(request: Request) -> Correction:
    predicted = request.predicted
    return Correction(
        fields=request.fields,
        label=request.label,
        model=request.model,
        digest=request.digest,
        predicted=None if predicted is None else predicted.label,
        score=None if predicted is None else predicted.score,
        comment=request.comment,
        source="web",
    )


def _listed(entry: Entry) -> Listed:
    said = entry.correction
    predicted = None
    if said.predicted is not None and said.score is not None:
        predicted = Predicted(said.predicted, said.score)
    return Listed(
        id=entry.id,
        fields=dict(said.fields),
        label=said.label,
        model=said.model,
        digest=said.digest,
        predicted=predicted,
        comment=said.comment,
        status=entry.status,
        at=entry.created_at.isoformat(timespec="seconds"),
        decided_at=None if entry.decided_at is None else entry.decided_at.isoformat("T", "seconds"),
    )


def _unavailable() -> ServingError:
    problem, hint = "Corrections cannot be stored now.", "Try again in some seconds."
    return ServingError(503, "feedback_unavailable", problem, hint, {"Retry-After": "2"})


def _unknown() -> ServingError:
    problem, hint = "There is no such correction.", "It may have been taken back or deleted."
    return ServingError(404, "unknown_correction", problem, hint)
