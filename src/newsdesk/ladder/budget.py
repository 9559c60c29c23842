"""A budget of time: how it is written, and what is left of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from newsdesk.errors import ConfigError

__all__ = ["Clock", "read_budget"]

_NUMBER = r"(\d+(?:\.\d+)?)"
_FORM = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")
_LONGEST = 30 * 24 * 3600.0
_EXAMPLES = "Write, for example, 90s, 10m, 1.5h or 1h30m."


def read_budget(text: str) -> float:
    """Read a budget.

    Parameters
    ----------
    text : str
        Hours, minutes and seconds with their units, in this order; a number without a unit is
        refused, because it could be any of them.

    Returns
    -------
    float
        Seconds, above 0 and up to 30 days.

    Raises
    ------
    ConfigError
        If it is written in another way, or out of range.

    Examples
    --------
    >>> read_budget("90s"), read_budget("10m"), read_budget("1h30m")
    (90.0, 600.0, 5400.0)
    """
    compact = re.sub(r"\s+", "", text).lower()
    found = _FORM.fullmatch(compact)
    if not compact or found is None or not compact.isascii():
        problem = f"Budget {text!r} is no span of time."
        if re.fullmatch(_NUMBER, compact):
            problem = f"Budget {text!r} has no unit."
        raise ConfigError(problem, remedy=_EXAMPLES)
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    total = 3600 * hours + 60 * minutes + seconds
    if not 0 < total <= _LONGEST:
        raise ConfigError(f"Budget {text!r} is out of range.", remedy=_EXAMPLES)
    return total


@dataclass(frozen=True)
class Clock:
    """What is left of a budget; it runs from when it is made.

    Parameters
    ----------
    seconds : float
        The budget.
    """

    seconds: float
    start: float = field(default_factory=time.perf_counter)

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.start

    @property
    def left(self) -> float:
        """Seconds of the budget that are left; below 0 when it is overdrawn."""
        return self.seconds - self.spent
