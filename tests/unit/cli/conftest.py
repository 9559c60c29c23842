"""One small trained bundle, and the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from newsdesk.bundle import Bundle
from newsdesk.cli import console
from newsdesk.cli.main import app
from newsdesk.types import Documents, LabelSet

SPORT = ["keeper saves penalty in cup final", "striker scores twice as club wins match"]
BUSINESS = ["bank raises interest rates again", "shares fall as profit warning hits market"]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a bundle with the fields headline and description, and two labels."""
    texts = [f"{text} {n % 3}" for n in range(10) for text in SPORT + BUSINESS]
    y = np.array([0, 0, 1, 1] * 10)
    bare = Documents.from_texts(texts)
    documents = Documents(bare.ids, {"headline": bare.texts, "description": bare.texts})
    fitted = Bundle.fit(documents, y, labels=LabelSet(["SPORT", "BUSINESS"]), family="linear")
    folder = tmp_path_factory.mktemp("cli") / "bundle"
    fitted.bundle.save(folder)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Run a command as a shell would; gives exit code, stdout and stderr."""
    monkeypatch.delenv("COLUMNS", raising=False)
    console.stdout.cache_clear()
    console.stderr.cache_clear()

    def invoke(*arguments: object, stdin: bytes | str | None = None) -> object:
        return CliRunner().invoke(app(), [str(item) for item in arguments], input=stdin)

    return invoke
