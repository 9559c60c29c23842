"""What the families of networks on words share: all but the network."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.features.sequences import Sequences
from newsdesk.features.vocab import Vocab
from newsdesk.models import files
from newsdesk.models.classifier import Valid
from newsdesk.models.neural.family import NetworkFamily, Prepared, Tensors, Training
from newsdesk.models.neural.words.params import WordParams
from newsdesk.models.neural.words.reading import Reader
from newsdesk.models.neural.words.shapes import Shapes
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Floats, Progress

if TYPE_CHECKING:
    from torch import Generator, nn

__all__ = ["Plan", "Predictor", "Tensors", "WordNetwork", "saved_name"]

P = TypeVar("P", bound=WordParams)


class Predictor(Protocol):
    """A network that answers without torch."""

    def logits(self, sequences: Sequences) -> Floats:
        """Answer, shape ``(n, n_classes)``."""
        ...


class Plan(NamedTuple):
    """What a network is built from."""

    vocab: Vocab
    """The words."""
    sequences: Sequences
    """The training documents, whole."""
    n_classes: int
    """Number of outputs."""
    progress: Progress
    """Told of long work."""


@dataclass(frozen=True)
class _Saved(Generic[P]):
    """What stands in ``network.json``."""

    params: P
    n_classes: int


class WordNetwork(NetworkFamily[P]):
    """Words to sequences of ids to a network to logits; a family says which network.

    Training takes torch. Predicting does not: the weights are read by networks of our own, whose
    answers depend on no other document.

    Parameters
    ----------
    params : P | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = WordParams

    def __init__(self, params: P | None = None) -> None:
        super().__init__(params)
        self.tensors: Tensors = {}
        self._reader: Reader | None = None

    @abstractmethod
    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        """Make the network that is trained."""

    @abstractmethod
    def _predictor(self, tensors: Tensors) -> Predictor:
        """Make the network that answers; checks that the tensors fit together."""

    @staticmethod
    @abstractmethod
    def _shapes(params: P, n_words: int, n_classes: int) -> Shapes:
        """Shape of each tensor that is saved; None means any length."""

    def _learn_reader(self, training: Training, progress: Progress) -> tuple[Reader, Sequences]:
        """Learn how documents are read; and the whole sequences of those that are trained on."""
        return Reader.learn(training.documents, self.params, progress)

    def _reader_of(self, vocab: Vocab) -> Reader:
        """How documents are read by a vocabulary that was learnt before."""
        return Reader(vocab, self.params)

    def _prepare(
        self, training: Training, valid: Valid | None, generator: Generator, progress: Progress
    ) -> Prepared:
        from newsdesk.models.neural.words.examples import WordExamples

        reader, whole = self._learn_reader(training, progress)
        examples = WordExamples(reader.seen(whole).sequences, training.y)
        notes = [f"Training words: {reader.told(whole)}"]
        held_out = None
        if valid is not None:
            unseen = reader.vocab.encode(valid[0])
            held_out = WordExamples(reader.seen(unseen).sequences, valid[1])
            notes.append(f"Valid words: {reader.told(unseen)}")
        self.notes = ()
        network = self._build(Plan(reader.vocab, whole, training.n_classes, progress), generator)
        seen = [examples, *([held_out] if held_out else [])]
        arrays = [array for part in seen for array in (*part.sequences, part.y)]
        words = "\n".join(reader.vocab.words).encode()

        def take(state: Tensors) -> None:
            self._reader = reader
            self._take(self._saved_tensors(state))

        notes += self.notes
        return Prepared(network, examples, held_out, (words, *arrays), tuple(notes), take)

    def _saved_tensors(self, state: Tensors) -> Tensors:
        """What is saved of the state of a trained network."""
        return {saved_name(name): array for name, array in state.items()}

    def _take(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.__dict__.pop("_network", None)

    @cached_property
    def _network(self) -> Predictor:
        return self._predictor(self.tensors)

    @property
    def reader(self) -> Reader:
        """How documents become what the network reads."""
        if self._reader is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._reader

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        sight = self.reader.read(documents)
        return Scores(self._network.logits(sight.sequences), sight.blank)

    @abstractmethod
    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        params = self.params
        n_characters: int = sum(column.nbytes for column in documents.fields.values())
        n_tokens = n_characters // 5  # a word, its space, and what is left out
        shapes = self._shapes(params, min(params.vocab_size, n_tokens), n_classes)
        n_weights = sum(int(np.prod([size or 300 for size in shape])) for shape in shapes.values())
        # Weights, two moments and the best weights, and a checkpoint of all of them.
        weights = n_weights * 4 * 8
        longest = min(params.max_tokens, n_tokens // max(len(documents), 1) * 8)
        batch = params.batch_size * longest * self._bytes_per_token(params)
        return n_tokens * 40 + weights + batch

    @staticmethod
    @abstractmethod
    def _bytes_per_token(params: P) -> int:
        """What a token takes in the forward and backward passes of a batch."""

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        files.write_json(directory / "vocab.json", self.reader.vocab)
        files.write_tensors(directory / "weights.safetensors", self.tensors)
        saved = _Saved(self._portable(), self.n_classes)
        files.write_json(directory / "network.json", saved)

    def _portable(self) -> P:
        """The settings without what belongs to one machine."""
        return self.params

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "network.json", _Saved[cls.Params])  # type: ignore[name-defined]
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        vocab = files.read_json(directory / "vocab.json", Vocab)
        model._reader = model._reader_of(vocab)
        shapes = cls._shapes(saved.params, vocab.n_ids, saved.n_classes)
        expected = {name: (np.float32, shape) for name, shape in shapes.items()}
        model._take(files.read_tensors(directory / "weights.safetensors", expected))
        model._network  # noqa: B018  refuses tensors that do not fit together
        return model


def saved_name(name: str) -> str:
    """Name of a saved tensor.

    Parameters
    ----------
    name : str
        What torch calls it in the network's state.

    Returns
    -------
    str
        What predictors call it.

    Examples
    --------
    >>> saved_name("lstm.0.ahead.input"), saved_name("head.output.bias")
    ('lstm.0.forward.input', 'output.bias')
    """
    # A module cannot be called "forward": that is the name of what a module does.
    for old, new in (("ahead.", "forward."), ("back.", "backward."), ("head.", "")):
        name = name.replace(old, new)
    return name.replace("embedding.weight", "embedding")
