from __future__ import annotations

import json

import pytest

from newsdesk.errors import (
    BundleError,
    DocumentTooLargeError,
    InputError,
    NewsdeskError,
    NotFittedError,
    StorageError,
)

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.faults import ServingError, body_of, translated


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (DocumentTooLargeError, 413, "document_too_large"),
        (InputError, 422, "invalid_input"),
        (NotFittedError, 422, "cannot_explain"),
        (StorageError, 503, "storage_unavailable"),
        (BundleError, 500, "internal_error"),
    ],
)
def test_errors_below_become_refusals(kind: type[NewsdeskError], status: int, code: str) -> None:
    found = translated(kind("Secret place /a/b.", remedy="Mend it."))
    assert (found.status, found.code) == (status, code)
    # What is no fault of the request tells nothing of the inside.
    assert ("Secret" in found.problem) is (status < 500)
    assert ("Retry-After" in found.headers) is (status == 503)


def test_a_body_says_what_why_and_what_to_do() -> None:
    error = ServingError(404, "unknown_model", "There is none.", "Known: ä.")
    said = {"error": "There is none.", "code": "unknown_model", "hint": "Known: ä."}
    assert json.loads(body_of(error)) == said
    error.aliases = ("error_type",)
    assert json.loads(body_of(error)) == said | {"error_type": "unknown_model"}
