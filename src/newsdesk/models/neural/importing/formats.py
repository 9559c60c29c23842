"""The formats of foreign weights, and how files are told apart by their first bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from newsdesk.errors import ConfigError, DataError, StorageError
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.language.folder import Kind
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture

__all__ = ["FORMATS", "Format", "FormatName", "Request", "Sign", "parts", "recognise", "sign"]

FormatName = Literal["allennlp-elmo", "fastai-awd-lstm", "nnlm", "word-vectors"]
Sign = Literal["hdf5", "torch", "npy", "pickled", "json", "zip", "other"]
"""What a file is by its first bytes."""

_SIGNS: tuple[tuple[bytes, Sign], ...] = (
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    # The magic number of PyTorch's old format: a pickle of one whole number (torch/serialization).
    (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "torch"),
    (b"\x93NUMPY", "npy"),
    (b"PK\x03\x04", "zip"),
    (b"\x80", "pickled"),
)
_HEAD_BYTES = 64


@dataclass(frozen=True)
class Format:
    """A format of foreign weights.

    Parameters
    ----------
    kind : Kind
        The kind of encoder folder that it becomes.
    architecture : type[Any]
        Of that kind.
    extra : tuple[str, str] | None
        The library that reads it, and the pip extra that installs it.
    files : str
        Which files belong to it, in words.
    """

    kind: Kind
    architecture: type[Any]
    extra: tuple[str, str] | None
    files: str


FORMATS: dict[FormatName, Format] = {
    "allennlp-elmo": Format(
        "elmo",
        ElmoArchitecture,
        ("h5py", "hdf5"),
        "options.json and weights.hdf5",
    ),
    "fastai-awd-lstm": Format(
        "awd-lstm",
        AwdLstmArchitecture,
        ("torch", "torch"),
        "the weights (.pth) and their words (itos.pkl)",
    ),
    "nnlm": Format(
        "nnlm",
        NnlmArchitecture,
        None,
        "tokens.txt and an array of their vectors (.npy)",
    ),
    "word-vectors": Format(
        "nnlm",
        NnlmArchitecture,
        None,
        "one file of word vectors: word2vec, GloVe or fastText (.vec)",
    ),
}
"""All of them by name."""


@dataclass(frozen=True)
class Request:
    """What is to be read.

    Parameters
    ----------
    format : FormatName
        Of the files.
    files : tuple[str, ...]
        Their paths.
    backward : bool
        Whether the model reads texts from their end.
    n_words : int | None
        Words to keep at most, the first of the file; None keeps all.
    """

    format: FormatName
    files: tuple[str, ...]
    backward: bool = False
    n_words: int | None = None


def sign(path: Path) -> Sign:
    """Tell what a file is by its first bytes.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Sign
        ``json`` is an object of JSON; a file named ``.pth`` or ``.pt`` is PyTorch's whatever it
        holds, and its reader refuses it if it is not.

    Raises
    ------
    DataError
        If there is no such file.
    StorageError
        If it cannot be read.
    """
    if not path.is_file():
        problem = f"{path} is a folder." if path.is_dir() else f"There is no file {path}."
        raise DataError(problem, remedy="Name the files that hold the weights.")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror or error}."
        remedy = "Check the file and its permissions."
        raise StorageError(problem, remedy=remedy) from error
    found: Sign = "other"
    for magic, name in reversed(_SIGNS):
        if head.startswith(magic):
            found = name
    if path.suffix.lower() in (".pth", ".pt") and found in ("zip", "pickled", "other"):
        return "torch"
    return "json" if found == "other" and head.lstrip().startswith(b"{") else found


def recognise(files: Sequence[Path]) -> FormatName:
    """Tell the format of files from their content.

    Parameters
    ----------
    files : Sequence[Path]
        One or more.

    Returns
    -------
    FormatName
        The format.

    Raises
    ------
    ConfigError
        If they are of none.
    DataError
        If one of them does not exist.
    """
    signs = {sign(path) for path in files}
    if "hdf5" in signs:
        return "allennlp-elmo"
    if "torch" in signs:
        return "fastai-awd-lstm"
    if "npy" in signs:
        return "nnlm"
    if len(files) == 1 and signs <= {"other", "zip"}:
        return "word-vectors"
    named = ", ".join(path.name for path in files)
    known = "; ".join(f"{name}: {format_.files}" for name, format_ in FORMATS.items())
    raise ConfigError(f"{named}: no known format of weights.", remedy=f"Known: {known}.")


def parts(request: Request, *wanted: Sign) -> tuple[Path, Path]:
    """Tell the file of the weights from the one that goes with it.

    Parameters
    ----------
    request : Request
        What is to be read.
    *wanted : Sign
        What the weights may be.

    Returns
    -------
    tuple[Path, Path]
        The file of the weights, and the other one.

    Raises
    ------
    DataError
        If there are not one of each.
    """
    files = [Path(name) for name in request.files]
    weights = [path for path in files if sign(path) in wanted]
    others = [path for path in files if path not in weights]
    if len(weights) != 1 or len(others) != 1:
        named = ", ".join(path.name for path in files)
        problem = f"{request.format} needs one file of weights and one beside it, not {named}."
        raise DataError(problem, remedy=f"Name {FORMATS[request.format].files}.")
    return weights[0], others[0]
