"""How often one client may ask: token buckets in a bounded table."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from newsdesk.serving.faults import ServingError

__all__ = ["Rates"]

_MOST_CLIENTS = 65_536
_BURST_S = 2.0


class Rates:
    """A token bucket for each key or address.

    Parameters
    ----------
    rate : float
        Tokens per second; 0 bounds nothing. A bucket holds those of two seconds, one at least.
    clock : Callable[[], float]
        Seconds that never go back.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._most = max(rate * _BURST_S, 1.0)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str) -> None:
        """Take a token.

        Parameters
        ----------
        client : str
            Key or address.

        Raises
        ------
        ServingError
            429 with ``Retry-After`` if there is none.
        """
        if not self.rate:
            return
        now = self._clock()
        tokens, since = self._buckets.pop(client, (self._most, now))
        tokens = min(tokens + (now - since) * self.rate, self._most)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - allowed, now)
        if len(self._buckets) > _MOST_CLIENTS:  # who has not asked for longest is forgotten
            self._buckets.popitem(last=False)
        if not allowed:
            wait = {"Retry-After": str(max(math.ceil((1 - tokens) / self.rate), 1))}
            problem, hint = "Too many requests.", "Try again after Retry-After seconds."
            raise ServingError(429, "rate_limited", problem, hint, wait)
