from __future__ import annotations

from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.importing.found import origin


def test_the_origin_names_files_without_their_folders() -> None:
    found = origin(Request("nnlm", ("/home/somebody/tokens.txt", "vectors.npy")))
    assert found.how == "imported"
    assert found.source == "tokens.txt, vectors.npy"
    assert found.settings == {"format": "nnlm"}
