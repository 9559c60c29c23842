"""Doing together what came in together: no request waits for another, and none is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from newsdesk.bundle import Bundle, Explanation
from newsdesk.bundle.fields import in_order
from newsdesk.predictions import Predictions
from newsdesk.serving.catalogue import Served
from newsdesk.types import Documents, Indices

__all__ = ["Batcher"]

_MOST_DOCUMENTS = 64
_MOST_BYTES = 1 << 17
"""More characters than this no longer wait for the interpreter, but for memory."""


class _Asked(NamedTuple):
    documents: Documents
    classes: Indices | None
    """Of what is to be explained; None where documents are to be classified."""
    future: asyncio.Future[Any]


class Batcher:
    """Collects what the event loop finds in two turns, without waiting for anything.

    For a fast model most of the time of a text goes into calls, whose number does not depend on how
    many texts there are. Since no row of an answer depends on another, together means the same
    bits.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[Served, int], list[_Asked]] = {}

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
        found: Predictions = await self._answer(served, documents, None)
        return found

    async def explain(
        self, served: Served, documents: Documents, classes: Indices
    ) -> list[list[Explanation]]:
        """Explain classes of documents, likewise.

        Parameters
        ----------
        served : Served
            The version of the model; its explanations are exact.
        documents : Documents
            n documents.
        classes : Indices
            The k classes to explain in each, shape ``(n, k)``.

        Returns
        -------
        list[list[Explanation]]
            For each document k explanations.
        """
        found: list[list[Explanation]] = await self._answer(served, documents, classes)
        return found

    async def _answer(self, served: Served, documents: Documents, classes: Indices | None) -> Any:  # noqa: ANN401
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        key = served, 0 if classes is None else classes.shape[1]
        waiting = self._asked.get(key)
        if waiting is None:
            waiting = self._asked[key] = []
            # Behind all requests that are there already, and those that the next look at the
            # sockets finds: their clients were told something in this turn, and ask again.
            loop.call_soon(loop.call_soon, self._flush, key)
        waiting.append(_Asked(documents, classes, future))
        return await future

    def _flush(self, key: tuple[Served, int]) -> None:
        for part in _parts(self._asked.pop(key)):
            _settle(key[0].bundle, part)


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


def _settle(bundle: Bundle, part: Sequence[_Asked]) -> None:
    try:
        found = _answers(bundle, part)
    except Exception as error:
        if len(part) > 1:  # whoever is at fault is found one by one
            for one in part:
                _settle(bundle, [one])
        elif not part[0].future.done():
            part[0].future.set_exception(error)
        return
    for one, answer in zip(part, found, strict=True):
        if not one.future.done():  # else the client has gone
            one.future.set_result(answer)


def _answers(bundle: Bundle, part: Sequence[_Asked]) -> Sequence[Any]:
    """What each of some that ask for the same is told."""
    own = [one.documents for one in part]
    together = own[0] if len(own) == 1 else _joined(own, bundle.fields)
    ends = list(accumulate(map(len, own)))
    rows = [slice(end - len(documents), end) for end, documents in zip(ends, own, strict=True)]
    classes = [one.classes for one in part if one.classes is not None]
    if classes:
        explained = bundle.explain_classes(together, np.concatenate(classes))
        return [explained[some] for some in rows]
    found = bundle.predict(together).ranked()
    return [found.part(some, documents.ids) for some, documents in zip(rows, own, strict=True)]


def _joined(parts: Sequence[Documents], fields: Sequence[str]) -> Documents:
    if any(documents.fields.keys() != parts[0].fields.keys() for documents in parts):
        parts = [in_order(documents, fields) for documents in parts]
    columns = {
        name: pa.concat_arrays([documents.fields[name] for documents in parts])
        for name in parts[0].fields
    }
    return Documents(pa.concat_arrays([documents.ids for documents in parts]), columns)
