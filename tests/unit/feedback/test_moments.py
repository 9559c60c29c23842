from __future__ import annotations

import datetime as dt

import pytest

from newsdesk.errors import InputError
from newsdesk.feedback import moments


def test_now_is_in_utc() -> None:
    assert moments.now().utcoffset() == dt.timedelta(0)


def test_what_is_written_is_read_again_in_utc() -> None:
    zone = dt.timezone(dt.timedelta(hours=-3, minutes=-30))
    moment = dt.datetime(2026, 12, 31, 23, 0, 0, 5, tzinfo=zone)
    found = moments.read(moments.written(moment))
    assert found == moment
    assert found.utcoffset() == dt.timedelta(0)


def test_text_sorts_as_time_does_whatever_the_zone() -> None:
    start = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    zones = [dt.timezone(dt.timedelta(hours=hours)) for hours in (-11, 0, 14)]
    times = [
        (start + dt.timedelta(hours=7 * n, microseconds=n)).astimezone(zones[n % 3])
        for n in range(9)
    ]
    written = [moments.written(time) for time in times]
    assert written == sorted(written)
    assert len({len(text) for text in written}) == 1


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="has no zone"):
        moments.written(dt.datetime(2026, 1, 1))
