"""Requests made up from the description of the API: none of them breaks the server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
KEY = "0123456789abcdef"


def test_no_made_up_request_breaks_the_server(serve: Callable[..., Any], tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="needs the extra test")
    golden = Path(__file__).parents[1] / "faults/golden/bundle"
    server = serve(
        f"news={golden}",
        *("--feedback", tmp_path / "corrections.db", "--log-errors"),
        NEWSDESK_MANAGEMENT_KEYS=KEY,
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"),
            *("--checks", CHECKS, "--max-examples", "30", "--seed", "1", "--no-color"),
            *("--header", f"Authorization: Bearer {KEY}"),
            *("--phases", "examples,coverage,fuzzing", "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert not [line for line in server.lines if '"event":"error"' in line]
