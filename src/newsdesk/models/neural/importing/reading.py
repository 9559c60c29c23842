"""The reader of each format: what is not in this table is not read."""

from __future__ import annotations

from importlib import import_module

from newsdesk.models.neural.importing.formats import FormatName, Request
from newsdesk.models.neural.importing.found import Found

__all__ = ["read"]

_ROOM = "newsdesk.models.neural.importing"
_READERS: dict[FormatName, str] = {
    "allennlp-elmo": "allennlp",
    "fastai-awd-lstm": "fastai",
    "nnlm": "arrays",
    "word-vectors": "vectors",
}


def read(request: Request) -> Found:
    """Read foreign weights, in this process.

    Parameters
    ----------
    request : Request
        Format and files.

    Returns
    -------
    Found
        The language model.

    Raises
    ------
    DataError
        If a file is not what the format wants.
    MissingExtraError
        If the library of the format is not installed.
    """
    # Each by its name, so that only the library of the format is loaded.
    found: Found = import_module(f"{_ROOM}.{_READERS[request.format]}").read(request)
    return found
