"""Running a server; how it ends is tested with the faults."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from newsdesk.errors import StorageError
from newsdesk.serving import Settings
from newsdesk.serving.workers import run

GOLDEN = Path(__file__).parents[2] / "faults" / "golden" / "bundle"

SCRIPT = """
import sys
from pathlib import Path
from newsdesk.serving import Settings
from newsdesk.serving.workers import run

settings = Settings({"golden": Path(sys.argv[1])}, port=0, workers=int(sys.argv[2]))
code = run(settings, listening=lambda url: print(url, flush=True))
sys.exit(code)
"""


def test_an_address_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StorageError, match=f"127.0.0.1:{port} cannot be listened on"):
            run(Settings({"golden": GOLDEN}, port=port))


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(StorageError, match="cannot be listened on"):
        run(Settings({"golden": GOLDEN}, host="192.0.2.1", public=True))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_address_is_told_once_it_answers(workers: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, GOLDEN, str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert not url.endswith(":0")
        with urllib.request.urlopen(f"{url}/healthz") as answer:
            assert json.load(answer) == {"status": "alive"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
