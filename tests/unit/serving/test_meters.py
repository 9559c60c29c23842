"""Numbers for Prometheus."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from newsdesk.serving.meters import Meters


def test_requests_texts_and_seconds_are_counted() -> None:
    meters = Meters()
    meters.answered("predict", "POST", 200, 0.02)
    meters.answered("predict", "POST", 200, 0.2)
    meters.classified("news", 3)
    text, kind = meters.page()
    page = text.decode()
    assert kind.startswith(b"text/plain")
    assert 'newsdesk_requests_total{method="POST",route="predict",status="200"} 2.0' in page
    assert 'newsdesk_request_seconds_bucket{le="0.025",route="predict"} 1.0' in page
    assert 'newsdesk_request_seconds_count{route="predict"} 2.0' in page
    assert 'newsdesk_texts_total{model="news"} 3.0' in page


def test_refusals_are_counted_with_the_others() -> None:
    meters = Meters()
    for status in (503, 431, 503):
        meters.shed(status)
    line = 'newsdesk_requests_total{method="other",route="none",status="%d"} %.1f'
    for _ in range(2):  # once, however often somebody looks
        page = meters.page()[0].decode()
        assert line % (503, 2) in page
        assert line % (431, 1) in page
    assert "newsdesk_request_seconds_count" not in page


def test_methods_that_strangers_make_up_are_one() -> None:
    meters = Meters()
    for number in range(100):
        meters.answered("none", f"METHOD{number}", 405, 0.0)
    assert meters.page()[0].decode().count("newsdesk_requests_total{") == 1


SHARED = """
import os, sys
from pathlib import Path
from newsdesk.serving.meters import Meters, share_by
share_by(Path(sys.argv[1]))
meters = Meters(shared=True)
meters.answered("predict", "POST", 200, 0.02)
print(meters.page()[0].decode())
"""


def test_processes_count_together_also_after_one_has_died(tmp_path: Path) -> None:
    pages = [
        subprocess.run(
            [sys.executable, "-c", SHARED, tmp_path / "shared"],
            env=os.environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    line = 'newsdesk_requests_total{method="POST",route="predict",status="200"}'
    assert f"{line} 1.0" in pages[0]
    assert f"{line} 2.0" in pages[1]
