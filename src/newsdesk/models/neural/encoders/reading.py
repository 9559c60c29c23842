"""How families on the vectors of a frozen encoder read documents."""

from __future__ import annotations

from typing import ClassVar, Generic, Protocol, TypeVar

from newsdesk.errors import NotFittedError
from newsdesk.models.neural.encoders.encoder import Encoded, Encoder
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.types import Documents, Progress

__all__ = ["EncoderParams", "EncoderReading"]

T = TypeVar("T")


class EncoderParams(Protocol):
    """What the settings of such a family have."""

    family: ClassVar[str]

    @property
    def remember(self) -> bool:
        """Whether vectors of training texts are kept on the disk."""
        ...

    @property
    def encoding(self) -> Encoding:
        """Which encoder, and how it is run."""
        ...


class EncoderReading(Generic[T]):
    """Reads documents by an encoder, and remembers those of training; see `Remembering`.

    Parameters
    ----------
    reads_by : EncoderParams
        Settings of the family.
    """

    def __init__(self, reads_by: EncoderParams) -> None:
        self._reads_by = reads_by
        self._encoder: Encoder | None = None
        self._training: T | None = None

    @property
    def encoder(self) -> Encoder:
        """What makes texts vectors."""
        if self._encoder is None:
            problem = f"This {self._reads_by.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._encoder

    def unread(self, documents: Documents) -> int:
        """Texts that are yet to be encoded; see `Remembering`.

        Parameters
        ----------
        documents : Documents
            n clean documents.

        Returns
        -------
        int
            How many of them.
        """
        if not self._reads_by.remember:
            return 0
        self._open()
        return self.encoder.unread(documents.texts.to_pylist())

    def read(self, documents: Documents, progress: Progress) -> None:
        """Encode texts, and keep their vectors; see `Remembering`.

        Parameters
        ----------
        documents : Documents
            n clean documents.
        progress : Progress
            Told of texts.
        """
        if self._reads_by.remember:
            self._open()
            self._encode(documents, progress)

    def _open(self) -> None:
        if self._encoder is None:
            self._encoder, _ = self._reads_by.encoding.open()

    def _encode(self, documents: Documents, progress: Progress | None = None) -> Encoded:
        # Only while training: what is predicted is not kept.
        training = progress is not None or self._training is not None
        remember = self._reads_by.remember and training
        texts = documents.texts.to_pylist()
        return self.encoder.encode(texts, remember=remember, progress=progress)

    def release(self) -> None:
        """Forget what only a refit needs; see `Refittable`."""
        self._training = None
