"""The words that a family reads, with the vectors of a feed-forward neural language model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast

import numpy as np

from newsdesk.features.sequences import Sequences
from newsdesk.features.stop_words import stop_words
from newsdesk.features.vocab import Vocab
from newsdesk.models.history import History, Stage
from newsdesk.models.neural.family import Training
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.models.neural.nnlm.vectors import WordVectors, read
from newsdesk.models.neural.words.family import Plan, WordNetwork
from newsdesk.models.neural.words.params import WordParams
from newsdesk.models.neural.words.reading import Reader
from newsdesk.types import Documents, Floats, Progress

if TYPE_CHECKING:
    from torch import Generator

    from newsdesk.models.neural.layers import RowEmbedding

__all__ = ["Found", "LanguageWords", "Settings", "find", "planned"]

P = TypeVar("P", bound=WordParams)


class Settings(Protocol):
    """The settings of a family that say where its first vectors come from."""

    @property
    def encoder(self) -> str:
        """Folder of a language model; empty for none."""
        ...

    @property
    def pretrained(self) -> bool:
        """Whether vectors of a language model are taken at all."""
        ...

    @property
    def fine_tune(self) -> bool:
        """Whether vectors are trained on."""
        ...

    @property
    def pretraining(self) -> NnlmParams:
        """How one is trained where there is no folder."""
        ...


class Found(NamedTuple):
    """What a family begins with."""

    vocab: Vocab
    """The words."""
    matrix: Floats | None
    """Their first vectors, shape ``(n_ids, width)``; None where they are to be drawn."""
    note: str
    """A sentence on them."""
    stages: tuple[Stage, ...] = ()
    """The training of a language model, if there was one."""


class LanguageWords(WordNetwork[P]):
    """A network whose words, and their first vectors, are those of a language model.

    The language model reads the training texts and no others, and never a label. A bundle carries
    the words: the folder of a language model is needed for training alone.

    Parameters
    ----------
    params : P | None
        Settings, `Settings` among them; None means the defaults.
    """

    def __init__(self, params: P | None = None) -> None:
        super().__init__(params)
        self._found: Found | None = None

    @property
    def _settings(self) -> Settings:
        return cast("Settings", self.params)

    def _begin_anew(self) -> None:
        self._found = None

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        super().release()
        self._found = None

    def _learn_reader(self, training: Training, progress: Progress) -> tuple[Reader, Sequences]:
        params = self.params
        if self._found is None:  # when it is refitted, the language model stays that of the fit
            left_out = () if params.stop_words == "none" else stop_words(params.stop_words)
            self._found = find(
                self._settings,
                training,
                size=params.vocab_size,
                left_out=tuple(sorted(left_out)),
                checkpoints=self.checkpoints,
                progress=progress,
            )
        vocab = self._found.vocab
        return self._reader_of(vocab), vocab.encode(training.documents, progress=progress)

    def _first_vectors(
        self, plan: Plan, generator: Generator, size: float | None = None
    ) -> RowEmbedding:
        """Make the vectors of the words; centred, with that root mean square, if asked for."""
        from newsdesk.models.neural.layers import RowEmbedding

        assert self._found is not None, "the words were learnt before"
        start, frozen = self._found.matrix, not self._settings.fine_tune
        self.notes = (*self.notes, self._found.note)
        if start is not None and size is not None:
            start = start - start.mean(axis=0)
            start *= size / max(float(np.sqrt(np.square(start).mean())), 1e-12)
        width = self._settings.pretraining.embedding_dim if start is None else start.shape[1]
        return RowEmbedding(plan.vocab.n_ids, width, generator, start, frozen=frozen)

    def _stages(self, history: History) -> tuple[Stage, ...]:  # noqa: ARG002
        return () if self._found is None else self._found.stages

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        return super().plan(documents, n_classes) + planned(self._settings, documents)

    def _portable(self) -> P:
        without_place: dict[str, Any] = {"encoder": Path(self._settings.encoder).name}
        return replace(self.params, **without_place)


def find(
    settings: Settings,
    training: Training,
    *,
    size: int,
    left_out: tuple[str, ...],
    checkpoints: Path | None,
    progress: Progress,
) -> Found:
    """Take words and vectors from a folder, or train a language model on the documents.

    Parameters
    ----------
    settings : Settings
        Where vectors come from.
    training : Training
        The documents.
    size : int
        Words at most, the specials among them.
    left_out : tuple[str, ...]
        Words and phrases that are left out of texts.
    checkpoints : Path | None
        Folder for the state of the training of a language model.
    progress : Progress
        Told of documents and words.

    Returns
    -------
    Found
        Words and vectors.
    """
    drawn = "First vectors: drawn, without a language model."
    if settings.encoder:
        vectors, note = read(settings.encoder)
        vectors = vectors.limited(size, left_out)
        if settings.pretrained:
            return Found(vectors.vocab, vectors.matrix, note)
        return Found(vectors.vocab, None, drawn)

    from newsdesk.models.neural.nnlm.pretraining import from_texts, words_of

    params, documents = settings.pretraining, training.documents
    if not settings.pretrained:
        vocab, _ = words_of(documents, params, progress)
        return Found(replace(vocab, words=vocab.words[:size], stop_words=left_out), None, drawn)
    trained = from_texts(
        documents, params, seed=training.seed, progress=progress, checkpoints=checkpoints
    )
    vectors = WordVectors.of(trained.encoder).limited(size, left_out)
    note = f"First vectors: a language model of {trained.encoder.origin.n_texts:,} training texts."
    return Found(vectors.vocab, vectors.matrix, note, (trained.stage,))


def planned(settings: Settings, documents: Documents) -> int:
    """Estimate the memory that reading or training a language model takes.

    Parameters
    ----------
    settings : Settings
        Where vectors come from.
    documents : Documents
        n documents to train on.

    Returns
    -------
    int
        Bytes at the peak.
    """
    if settings.encoder:
        weights = Path(settings.encoder, "weights.safetensors")
        # The vectors as they are read, as they are trained, two moments, the best, a checkpoint.
        return weights.stat().st_size * 8 if weights.is_file() else 0
    params = settings.pretraining
    n_tokens: int = sum(column.nbytes for column in documents.fields.values()) // 5
    n_words = min(params.vocab_size, n_tokens)
    n_weights = (n_words + params.n_buckets) * params.embedding_dim + n_words * params.units
    n_others = params.n_samples or n_words
    # Logits, their gradients and what is between, of the words of a batch.
    batch = params.batch_size * 16 * (n_others * 3 + params.window * params.embedding_dim * 4)
    return n_weights * 4 * 8 + batch * 4 + n_tokens * 16
