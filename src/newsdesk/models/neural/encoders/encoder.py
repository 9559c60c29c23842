"""An encoder as families use it: texts in, vectors out, saved and loaded without PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from newsdesk.errors import BundleFormatError, DataError
from newsdesk.features.sequences import Sequences
from newsdesk.models import files
from newsdesk.models.neural.encoders import packing
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.memory import Memory, keys_of
from newsdesk.models.neural.encoders.packing import Packed, Precision
from newsdesk.models.neural.encoders.pretrained import Pretrained
from newsdesk.models.neural.encoders.running import Running, open_runner
from newsdesk.models.neural.encoders.tokenizer import Tokenizer
from newsdesk.types import Bools, Floats, Indices, Progress, Silent

__all__ = ["Encoded", "Encoder", "Facts"]

_TOGETHER = 8192
"""Texts between two writings to the memory: half a minute's work at the most is lost."""


@dataclass(frozen=True)
class Facts:
    """What stands in ``encoder.json``.

    Parameters
    ----------
    name : str
        What the encoder is called.
    digest : str
        Of the files that it was read from.
    architecture : Architecture
        Its shape.
    pooling : Pooling
        How states become a vector.
    normalise : bool
        Whether vectors get L2 norm 1.
    max_tokens : int
        Longer texts are cut, special tokens included.
    precision : Precision
        How its numbers are kept and its products computed.
    """

    name: str
    digest: str
    architecture: Architecture
    pooling: Pooling
    normalise: bool
    max_tokens: int
    precision: Precision


class Encoded(NamedTuple):
    """Texts as vectors."""

    vectors: Floats
    """Shape ``(n, width)``."""
    n_pieces: Indices
    """Word pieces of each text, special tokens left out, before it is cut; shape ``(n,)``."""

    @property
    def blank(self) -> Bools:
        """Texts without a word piece, shape ``(n,)``."""
        empty: Bools = self.n_pieces == 0
        return empty


class Encoder:
    """Texts to vectors.

    Parameters
    ----------
    facts : Facts
        What is said of it.
    tokenizer : Tokenizer
        Texts to word pieces.
    packed : Packed
        Its tensors.
    """

    def __init__(self, facts: Facts, tokenizer: Tokenizer, packed: Packed) -> None:
        self.facts = facts
        self.tokenizer = tokenizer
        self.packed = packed

    @classmethod
    def of(
        cls, pretrained: Pretrained, precision: Precision, max_tokens: int | None = None
    ) -> Self:
        """Take a pretrained encoder.

        Parameters
        ----------
        pretrained : Pretrained
            What was found.
        precision : Precision
            How its numbers are kept.
        max_tokens : int | None
            Longer texts are cut, special tokens included; None means as it was trained. More than
            it has positions for counts as so many.

        Returns
        -------
        Self
            The encoder.
        """
        architecture = pretrained.architecture
        folder = Path(pretrained.name)
        facts = Facts(
            # Where a folder stood is of no use on another machine.
            name=folder.name if folder.is_dir() else pretrained.name,
            digest=pretrained.digest,
            architecture=architecture,
            pooling=pretrained.pooling,
            normalise=pretrained.normalise,
            max_tokens=min(max_tokens or pretrained.max_tokens, architecture.n_positions),
            precision=precision,
        )
        packed = packing.pack(pretrained.tensors(), precision)
        return cls(facts, Tokenizer(pretrained.tokenizer), packed)

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return self.facts.architecture.width

    @cached_property
    def _runner(self) -> Running:
        facts = self.facts
        return open_runner(
            facts.architecture, facts.pooling, self.packed, normalise=facts.normalise
        )

    @cached_property
    def _memory(self) -> Memory:
        # A copy of an encoder, wherever it stands, gives the same vectors.
        return Memory.of(self.width, replace(self.facts, name=""))

    def encode(
        self,
        texts: Sequence[str],
        *,
        remember: bool = False,
        progress: Progress | None = None,
    ) -> Encoded:
        """Encode texts.

        Parameters
        ----------
        texts : Sequence[str]
            n clean texts.
        remember : bool
            Whether vectors are looked up on the disk first, and kept there.
        progress : Progress | None
            Told of texts.

        Returns
        -------
        Encoded
            n vectors; none depends on another text.

        Raises
        ------
        MissingExtraError
            If what encoders need is not installed.
        StorageError
            If vectors are to be kept and the disk refuses.
        """
        progress = progress or Silent()
        if not remember:
            with progress.task("encoding", len(texts), "texts") as done:
                return self._encode(texts, done)
        keys = keys_of(texts)
        known, vectors, n_pieces = self._memory.recall(keys)
        # A text that stands there twice is encoded once.
        _, firsts, twins = np.unique(keys, return_index=True, return_inverse=True)
        missing = firsts[~known[firsts]]
        with progress.task("encoding", len(missing), "texts") as done:
            for at in range(0, len(missing), _TOGETHER):
                rows = missing[at : at + _TOGETHER]
                found = self._encode([texts[row] for row in rows], done)
                self._memory.add(keys[rows], *found)
                vectors[rows], n_pieces[rows] = found
        copies = np.flatnonzero(~known)
        vectors[copies] = vectors[firsts[twins[copies]]]
        n_pieces[copies] = n_pieces[firsts[twins[copies]]]
        return Encoded(vectors, n_pieces)

    def unread(self, texts: Sequence[str]) -> int:
        """Count what `encode` would have to encode, were it to remember.

        Parameters
        ----------
        texts : Sequence[str]
            n clean texts.

        Returns
        -------
        int
            Distinct texts whose vectors are not on the disk.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        known = self._memory.recall(np.unique(keys_of(texts))).known
        return int((~known).sum())

    def _encode(self, texts: Sequence[str], done: Callable[[int], None]) -> Encoded:
        sequences = self.tokenizer.read(texts)
        return Encoded(self._runner.vectors(self.framed(sequences), done), sequences.lengths)

    @property
    def room(self) -> int:
        """Word pieces of a text that are read at the most."""
        n_special = len(self.tokenizer.prefix) + len(self.tokenizer.suffix)
        return max(self.facts.max_tokens - n_special, 1)

    def framed(self, pieces: Sequences) -> Sequences:
        """Cut texts to length and set the special tokens around them.

        Parameters
        ----------
        pieces : Sequences
            Word pieces of n texts, as the tokenizer reads them.

        Returns
        -------
        Sequences
            What the encoder reads, at least one token of each text.
        """
        prefix, suffix = self.tokenizer.prefix, self.tokenizer.suffix
        return pieces.cut(self.room, "post").framed(prefix, suffix).nonempty()

    def save(self, directory: Path) -> None:
        """Write the encoder's files.

        Parameters
        ----------
        directory : Path
            An existing folder.
        """
        files.write_json(directory / "encoder.json", self.facts)
        files.write_tensors(directory / "encoder.safetensors", self.packed)
        (directory / "tokenizer.json").write_bytes(self.tokenizer.content)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote.

        Parameters
        ----------
        directory : Path
            The folder.

        Returns
        -------
        Self
            Gives the same vectors as the one that was saved.

        Raises
        ------
        BundleFormatError
            If the files do not fit together.
        """
        facts = files.read_json(directory / "encoder.json", Facts)
        shapes = packing.expected(facts.architecture, facts.precision)
        packed = files.read_tensors(directory / "encoder.safetensors", shapes)
        try:
            tokenizer = Tokenizer((directory / "tokenizer.json").read_bytes())
        except DataError as error:
            raise BundleFormatError(error.problem, remedy="Train the bundle again.") from error
        if tokenizer.n_pieces > facts.architecture.n_pieces:
            problem = (
                f"{directory}: the tokenizer has {tokenizer.n_pieces:,} word pieces, the encoder "
                f"{facts.architecture.n_pieces:,}."
            )
            raise BundleFormatError(problem, remedy="Train the bundle again.")
        return cls(facts, tokenizer, packed)
