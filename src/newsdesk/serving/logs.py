"""One line of JSON for each request; no key and no text is ever in it."""

from __future__ import annotations

import datetime as dt
import sys
import traceback
from typing import IO

import msgspec

__all__ = ["Log"]


class Log:
    """Writes lines of JSON; `flush` is called a few times a second.

    Parameters
    ----------
    stream : IO[bytes] | None
        Where to; None means stderr.
    requests : bool
        Whether requests that went well have a line.
    """

    def __init__(self, stream: IO[bytes] | None = None, *, requests: bool = True) -> None:
        self._stream = stream or sys.stderr.buffer
        self._requests = requests
        self._lines: list[bytes] = []

    def request(
        self, *, identifier: str, route: str, method: str, status: int, seconds: float, client: str
    ) -> None:
        """Tell of a request.

        Parameters
        ----------
        identifier : str
            Of the request.
        route : str
            Name of the route.
        method : str
            Its method.
        status : int
            Of the answer.
        seconds : float
            It took so long.
        client : str
            Address of who asked.
        """
        if self._requests or status >= 500:
            self._add(
                {
                    "time": _now(),
                    "event": "request",
                    "id": identifier,
                    "route": route,
                    "method": method[:16],
                    "status": status,
                    "ms": round(1000 * seconds, 3),
                    "client": client,
                }
            )

    def event(self, event: str, **facts: object) -> None:
        """Tell of something that is no request, at once.

        Parameters
        ----------
        event : str
            What happened.
        **facts : object
            More of it, as JSON can say it.
        """
        self._add({"time": _now(), "event": event, **facts})
        self.flush()

    def failure(self, identifier: str, error: BaseException) -> None:
        """Tell of an error that nobody foresaw, with its traceback.

        Parameters
        ----------
        identifier : str
            Of the request.
        error : BaseException
            What was raised.
        """
        lines = traceback.format_exception(error)
        self.event(
            "error", id=identifier, error=repr(error)[:500], traceback="".join(lines)[-8000:]
        )

    def flush(self) -> None:
        """Write what there is."""
        if self._lines:
            lines, self._lines = self._lines, []
            try:
                self._stream.write(b"".join(lines))
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads any more, and requests go on
                return

    def _add(self, facts: dict[str, object]) -> None:
        self._lines.append(msgspec.json.encode(facts) + b"\n")


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
