"""Predicting together what came in together: no request waits for another, and none is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from newsdesk.bundle.fields import in_order
from newsdesk.predictions import Predictions
from newsdesk.serving.catalogue import Served
from newsdesk.types import Documents

__all__ = ["Batcher"]

_MOST_DOCUMENTS = 64
_MOST_BYTES = 1 << 17
"""More characters than this no longer wait for the interpreter, but for memory."""


class _Asked(NamedTuple):
    documents: Documents
    future: asyncio.Future[Predictions]


class Batcher:
    """Collects what the event loop finds in one turn.

    For a fast model most of the time of a text goes into calls, whose number does not depend on how
    many texts there are. Since no row of an answer depends on another, together means the same
    bits.
    """

    def __init__(self) -> None:
        self._asked: dict[Served, list[_Asked]] = {}

    async def predict(self, served: Served, documents: Documents) -> Predictions:
        """Classify documents, together with those of other requests that wait for the same model.

        Parameters
        ----------
        served : Served
            The version of the model.
        documents : Documents
            n documents.

        Returns
        -------
        Predictions
            n rows.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Predictions] = loop.create_future()
        waiting = self._asked.get(served)
        if waiting is None:
            waiting = self._asked[served] = []
            # Behind all requests that are there already, and before the next look at the sockets.
            loop.call_soon(self._flush, served)
        waiting.append(_Asked(documents, future))
        return await future

    def _flush(self, served: Served) -> None:
        for part in _parts(self._asked.pop(served)):
            if len(part) > 1:
                try:
                    _answer_together(served, part)
                    continue
                except Exception:  # noqa: S110  whoever is at fault is found one by one
                    pass
            for asked in part:
                _answer(served, asked)


def _parts(asked: Sequence[_Asked]) -> Iterator[list[_Asked]]:
    part: list[_Asked] = []
    n, n_bytes = 0, 0
    for one in asked:
        own = sum(column.nbytes for column in one.documents.fields.values())
        if part and (n + len(one.documents) > _MOST_DOCUMENTS or n_bytes + own > _MOST_BYTES):
            yield part
            part, n, n_bytes = [], 0, 0
        part.append(one)
        n, n_bytes = n + len(one.documents), n_bytes + own
    yield part


def _answer_together(served: Served, part: Sequence[_Asked]) -> None:
    own = [in_order(one.documents, served.bundle.fields) for one in part]
    together = Documents(
        pa.concat_arrays([documents.ids for documents in own]),
        {
            name: pa.concat_arrays([documents.fields[name] for documents in own])
            for name in served.bundle.fields
        },
    )
    found = served.bundle.predict(together)
    at = 0
    for one, documents in zip(part, own, strict=True):
        rows = slice(at, at + len(documents))
        at += len(documents)
        if not one.future.done():
            proba, unknown = found.proba[rows], found.low_evidence[rows]
            one.future.set_result(Predictions(proba, found.label_set, documents.ids, unknown))


def _answer(served: Served, asked: _Asked) -> None:
    if asked.future.done():
        return
    try:
        asked.future.set_result(served.bundle.predict(asked.documents))
    except Exception as error:
        asked.future.set_exception(error)
