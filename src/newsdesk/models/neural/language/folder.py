"""An encoder folder: a pretrained language model on the disk, as families take it.

It holds ``encoder.json`` (the kind, the architecture and where it comes from),
``weights.safetensors``, ``vocab.json`` unless the model reads characters, and ``manifest.json``
with the sha256 of each of these. Nothing in it is ever executed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import BundleError, BundleFormatError, BundleIntegrityError
from newsdesk.features.vocab import Vocab
from newsdesk.models import files
from newsdesk.models.neural.words.shapes import Shapes

__all__ = ["FAMILIES", "MARKER", "Architecture", "Encoder", "Kind", "Origin", "read", "write"]

Kind = Literal["nnlm", "elmo", "awd-lstm"]
FAMILIES: dict[Kind, tuple[str, ...]] = {
    "nnlm": ("nnlm-lstm", "nnlm-linear"),
    "elmo": ("elmo-lstm",),
    "awd-lstm": ("ulmfit",),
}
"""Names of the families that take each kind."""
MARKER = "encoder.json"
"""The file by which an encoder folder is known."""

_FORMAT = 1
_WEIGHTS, _VOCAB, _MANIFEST = "weights.safetensors", "vocab.json", "manifest.json"
_REMEDY = "Name a folder that newsdesk pretrain or newsdesk import-weights wrote."
_DAMAGED = "Fetch an intact copy, or make the folder again."


class Architecture(Protocol):
    """The sizes of a language model: a frozen dataclass of numbers, strings and tuples of them."""

    def shapes(self, n_words: int) -> Shapes:
        """Shape of each tensor by name.

        Parameters
        ----------
        n_words : int
            Words of the vocabulary; 0 where there is none.

        Returns
        -------
        Shapes
            Exactly the tensors of the folder.
        """
        ...


A = TypeVar("A", bound=Architecture)


@dataclass(frozen=True)
class Origin:
    """Where a language model comes from, for people and reports.

    Parameters
    ----------
    how : Literal["pretrained", "imported"]
        Whether it was trained here or its weights were read from files of another program.
    source : str
        Names of the texts or files.
    n_texts : int
        Texts that it was trained on, as far as it is known.
    n_tokens : int
        Tokens of them.
    perplexities : tuple[float, ...]
        On held-out text, after each epoch.
    settings : dict[str, Any]
        Of the training.
    """

    how: Literal["pretrained", "imported"]
    source: str = ""
    n_texts: int = 0
    n_tokens: int = 0
    perplexities: tuple[float, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Encoder(Generic[A]):
    """A pretrained language model.

    Parameters
    ----------
    kind : Kind
        What reads it.
    architecture : A
        Its sizes.
    tensors : Mapping[str, NDArray[Any]]
        Float32 arrays by name.
    vocab : Vocab | None
        The words that have vectors; None where words are read by their characters.
    origin : Origin
        Where it comes from.
    """

    kind: Kind
    architecture: A
    tensors: Mapping[str, NDArray[Any]]
    vocab: Vocab | None
    origin: Origin


@dataclass(frozen=True)
class _Header:
    """What ``encoder.json`` says first."""

    format: int
    kind: str


@dataclass(frozen=True)
class _Card(Generic[A]):
    """All of ``encoder.json``."""

    format: int
    kind: Kind
    architecture: A
    origin: Origin


def write(encoder: Encoder[Any], directory: Path) -> None:
    """Write the files of an encoder folder.

    Parameters
    ----------
    encoder : Encoder[Any]
        The model.
    directory : Path
        An empty folder; to be published as a whole afterwards.
    """
    card = _Card(_FORMAT, encoder.kind, encoder.architecture, encoder.origin)
    files.write_json(directory / MARKER, card)
    files.write_tensors(directory / _WEIGHTS, encoder.tensors)
    if encoder.vocab is not None:
        files.write_json(directory / _VOCAB, encoder.vocab)
    names = sorted(path.name for path in directory.iterdir())
    files.write_json(directory / _MANIFEST, {name: _sha256(directory / name) for name in names})


def read(directory: str | Path, kind: Kind, architecture: type[A]) -> Encoder[A]:
    """Read an encoder folder, and refuse what is not as it was written.

    Parameters
    ----------
    directory : str | Path
        The folder.
    kind : Kind
        The kind that is needed.
    architecture : type[A]
        Of that kind.

    Returns
    -------
    Encoder[A]
        The model.

    Raises
    ------
    BundleFormatError
        If it is no encoder folder, one of another kind or of another format, or if its arrays do
        not fit its sizes and its vocabulary.
    BundleIntegrityError
        If a file is missing, truncated or changed.
    """
    directory = Path(directory)
    if not (directory / MARKER).is_file():
        problem = f"{directory} is no encoder folder: it has no {MARKER}."
        raise BundleFormatError(problem, remedy=_REMEDY)
    try:
        header = files.read_json(directory / MARKER, _Header)
    except BundleError as error:
        raise _of_encoder(error, directory) from error
    if header.format != _FORMAT:
        problem = f"{directory} is an encoder folder of format {header.format}, not {_FORMAT}."
        raise BundleFormatError(problem, remedy="Use the newsdesk that wrote it, or make it again.")
    if header.kind != kind:
        problem = f"{directory} holds a language model of kind {header.kind}, needed is {kind}."
        raise BundleFormatError(problem, remedy=f"Make one with newsdesk pretrain {kind}.")
    try:
        _check(directory)
        card: _Card[A] = files.read_json(directory / MARKER, _Card[architecture])  # type: ignore[valid-type]
        vocab = None
        if (directory / _VOCAB).is_file():
            vocab = files.read_json(directory / _VOCAB, Vocab)
        shapes = card.architecture.shapes(0 if vocab is None else len(vocab.words))
        expected = {name: (np.float32, shape) for name, shape in shapes.items()}
        tensors = files.read_tensors(directory / _WEIGHTS, expected)
    except BundleError as error:
        raise _of_encoder(error, directory) from error
    return Encoder(kind, card.architecture, tensors, vocab, card.origin)


def _of_encoder(error: BundleError, directory: Path) -> BundleError:
    """Tell of an encoder: its files are read by what reads bundles, with other remedies."""
    return type(error)(f"{directory}: {error.problem}", remedy=_DAMAGED)


def _check(directory: Path) -> None:
    """Compare the files with the manifest."""
    try:
        content = (directory / _MANIFEST).read_bytes()
        known = msgspec.json.decode(content, type=dict[str, str])
    except FileNotFoundError as error:
        raise BundleIntegrityError(f"{_MANIFEST} is missing.", remedy=_DAMAGED) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleIntegrityError(f"{_MANIFEST} is broken: {error}.", remedy=_DAMAGED) from error
    for name in (MARKER, _WEIGHTS):
        if name not in known:
            raise BundleIntegrityError(f"{_MANIFEST} does not know {name}.", remedy=_DAMAGED)
    if (directory / _VOCAB).exists() and _VOCAB not in known:
        raise BundleIntegrityError(f"{_MANIFEST} does not know {_VOCAB}.", remedy=_DAMAGED)
    for name, digest in known.items():
        path = directory / name
        if Path(name).name != name or not path.is_file():
            raise BundleIntegrityError(f"{name} is missing.", remedy=_DAMAGED)
        if _sha256(path) != digest:
            problem = f"{name} is not as it was written (its sha256 differs from {_MANIFEST})."
            raise BundleIntegrityError(problem, remedy=_DAMAGED)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
