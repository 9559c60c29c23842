"""The settings of hashed n-grams and of the machines that learn from them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from newsdesk.errors import ConfigError
from newsdesk.features.ngrams import NgramHasher
from newsdesk.types import Floats, Indices

__all__ = ["HashedParams"]

_MAX_SLOTS = 1 << 28  # four bytes each


@dataclass(frozen=True)
class HashedParams:
    """Settings of hashed n-grams and of the machines that learn from them.

    Parameters
    ----------
    word_ngrams : tuple[int, int]
        Shortest and longest word n-gram, 1 ≤ shortest ≤ longest ≤ 5.
    char_ngrams : tuple[int, int] | None
        Shortest and longest character n-gram inside words, 3 ≤ shortest ≤ longest ≤ 8; none
        leaves them out. They add about half a point of accuracy and triple the time.
    fields : Literal["together", "first", "apart"]
        ``together``: a document is its fields in a row. ``first``: besides, the first field (the
        headline) has weights of its own. ``apart``: besides, every field has.
    field_weight : float
        Norm of the block of a field hashed apart, relative to the whole document's.
    char_weight : float
        Norm of a block of character n-grams, relative to the words'.
    bits : int
        ``2**bits`` hash slots per block, 10 ≤ bits ≤ 24.
    min_df : int
        N-grams in fewer training documents are left out.
    loss : Literal["squared_hinge", "logistic"]
        Loss of each one-vs-rest problem.
    C : float
        Cost of errors against the squared norm of the weights, as in LIBLINEAR; 1e-6 to 1e6.
    class_weight : Literal["none", "balanced"]
        ``balanced``: errors on documents of class c cost ``n / (n_classes * n_c)`` times as much
        (King & Zeng 2001), for the sake of rare classes.
    tol : float
        Training stops when an epoch moves the dual variables by less than this share of what the
        first epoch did.
    max_epochs : int
        Training stops here at the latest.
    """

    family: ClassVar[str]

    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] | None = None
    fields: Literal["together", "first", "apart"] = "first"
    field_weight: float = 0.7
    char_weight: float = 0.7
    bits: int = 22
    min_df: int = 2
    loss: Literal["squared_hinge", "logistic"] = "squared_hinge"
    C: float = 0.45
    class_weight: Literal["none", "balanced"] = "none"
    tol: float = 0.12
    max_epochs: int = 30

    def __init_subclass__(cls) -> None:
        # The help of a family lists all its settings, the inherited ones last.
        head = "Parameters\n----------\n"
        title, _, own = inspect.cleandoc(cls.__doc__ or "").partition(head)
        shared = inspect.cleandoc(HashedParams.__doc__ or "").partition(head)[2]
        cls.__doc__ = f"{title.rstrip()}\n\n{head}{own.rstrip()}\n{shared}"

    def __post_init__(self) -> None:
        shortest, longest = self.word_ngrams
        self._require(1 <= shortest <= longest <= 5, "word_ngrams", "1 to 5, rising")
        if self.char_ngrams is not None:
            shortest, longest = self.char_ngrams
            self._require(3 <= shortest <= longest <= 8, "char_ngrams", "3 to 8, rising")
        self._require(0 < self.field_weight <= 10, "field_weight", "above 0, up to 10")
        self._require(0 < self.char_weight <= 10, "char_weight", "above 0, up to 10")
        self._require(10 <= self.bits <= 24, "bits", "10 to 24")
        self._require(self.min_df >= 1, "min_df", "at least 1")
        self._require(1e-6 <= self.C <= 1e6, "C", "1e-6 to 1e6")
        self._require(0 < self.tol <= 1, "tol", "above 0, up to 1")
        self._require(self.max_epochs >= 1, "max_epochs", "at least 1")

    def hasher(self, n_fields: int) -> NgramHasher:
        """The hasher for documents of so many fields.

        Parameters
        ----------
        n_fields : int
            Fields per document.

        Returns
        -------
        NgramHasher
            A document with one field has nothing to hash apart.

        Raises
        ------
        ConfigError
            If the table of all slots would take more than 1 GiB.
        """
        apart = {"together": 0, "first": 1, "apart": n_fields}[self.fields]
        hasher = NgramHasher(
            word_ngrams=self.word_ngrams,
            char_ngrams=self.char_ngrams,
            n_apart=apart if n_fields > 1 else 0,
            bits=self.bits,
        )
        fits = hasher.n_blocks << self.bits <= _MAX_SLOTS
        self._require(fits, "bits", f"2**bits * {hasher.n_blocks} blocks <= {_MAX_SLOTS:,}")
        return hasher

    def block_weights(self, hasher: NgramHasher) -> tuple[float, ...]:
        """Norm of each of the hasher's blocks.

        Parameters
        ----------
        hasher : NgramHasher
            From `hasher`.

        Returns
        -------
        tuple[float, ...]
            One per block.
        """
        words = (1.0, *[self.field_weight] * hasher.n_apart)
        if hasher.char_ngrams is None:
            return words
        return words + tuple(self.char_weight * weight for weight in words)

    def costs(self, y: Indices, n_classes: int) -> Floats:
        """Factors on C.

        Parameters
        ----------
        y : Indices
            Class indices of the training documents, shape ``(n,)``.
        n_classes : int
            Number of classes.

        Returns
        -------
        Floats
            For errors on documents of the class (row 0) and of the rest (row 1); shape
            ``(2, n_classes)``, with two classes ``(2, 1)``: their margins mirror each other.
        """
        n_columns = n_classes if n_classes > 2 else 1
        costs = np.ones((2, n_columns), dtype=np.float32)
        if self.class_weight == "balanced":
            counts = np.maximum(np.bincount(y, minlength=n_classes), 1)
            balanced = len(y) / (n_classes * counts)
            if n_columns == 1:
                costs[:, 0] = balanced[1], balanced[0]
            else:
                costs[0] = balanced
        return costs

    def _require(self, holds: bool, name: str, allowed: str) -> None:
        if not holds:
            value = getattr(self, name)
            problem = f"Family {self.family}: {name} is {value}, allowed is: {allowed}."
            raise ConfigError(problem, remedy=f"Set {name} within that range.")
