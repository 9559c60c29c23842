"""The classifier of family ``static``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from newsdesk.errors import BundleFormatError, ConfigError, NotFittedError
from newsdesk.features.apart import Apart
from newsdesk.features.pairs import Pairs
from newsdesk.features.sequences import OOV, PAD, Sequences
from newsdesk.features.vocab import Vocab
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.neural.family import NetworkFamily, Prepared, Tensors, Training
from newsdesk.models.neural.forward import ScoresNetwork
from newsdesk.models.neural.static.distilling import condensed
from newsdesk.models.neural.static.params import StaticParams
from newsdesk.models.neural.static.reading import Reader
from newsdesk.models.soft_targets import SoftTargets
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Floats, Indices, Progress, Span

if TYPE_CHECKING:
    from torch import Generator, nn

__all__ = ["Static"]

_LEAST = 1e-3
"""Weight of an unknown word: it counts where a text holds nothing else."""


@dataclass(frozen=True)
class _Saved:
    """What stands in ``network.json``."""

    params: StaticParams
    n_classes: int


class Static(NetworkFamily[StaticParams]):
    """Words and pairs of neighbouring words to vectors, their weighted sum, softmax.

    Each word is encoded once, as a text; a frequent pair begins with the mean of its words. Both
    are trained on with the labels. As nothing but a sum stands between words and logits, all that
    is kept of a word is what it adds to each logit: predicting takes neither encoder nor PyTorch.

    Parameters
    ----------
    params : StaticParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = StaticParams
    brief: ClassVar[bool] = True

    def __init__(self, params: StaticParams | None = None) -> None:
        super().__init__(params)
        self.soft_targets: SoftTargets | None = None
        self.tensors: Tensors = {}
        self._reader: Reader | None = None
        self._network: ScoresNetwork | None = None

    def _soft_targets(self) -> SoftTargets | None:
        soft, self.soft_targets = self.soft_targets, None
        return soft

    def _prepare(
        self, training: Training, valid: Valid | None, generator: Generator, progress: Progress
    ) -> Prepared:
        from newsdesk.models.neural.words.examples import WordExamples

        reader, whole = Reader.learn(training.documents, self.params, progress)
        read = reader.seen(whole).sequences
        examples = WordExamples(read, training.y)
        n_pairs = f"{len(reader.pairs):,} {'pair' if len(reader.pairs) == 1 else 'pairs'}"
        notes = [f"Training words: {reader.told(whole)} {n_pairs} of words are read too."]
        held_out = None
        if valid is not None:
            unseen = reader.words(valid[0])
            held_out = WordExamples(reader.seen(unseen).sequences, valid[1])
            notes.append(f"Valid words: {reader.told(unseen)}")
        vectors, what = self._vectors(reader, progress)
        network = self._build(vectors, _weights(read, reader.n_entries), training, generator)
        seen = [examples, *([held_out] if held_out else [])]
        arrays = [array for part in seen for array in (*part.sequences, part.y)]
        words = "\n".join(reader.vocab.words).encode()

        def take(state: Tensors) -> None:
            # In float32 throughout, and once for all: what is measured is what is kept.
            scores = state["embedding.weight"] @ state["output.weight"].T
            self._take(
                reader,
                {
                    "pairs": reader.pairs.words,
                    "apart": reader.apart.ids,
                    "scores": scores,
                    "weight": state["weight"],
                    "bias": state["output.bias"],
                },
            )

        seen_all = (words, reader.pairs.words, reader.apart.ids, *arrays)
        return Prepared(network, examples, held_out, seen_all, (*notes, what), take)

    def _vectors(self, reader: Reader, progress: Progress) -> tuple[Floats, str]:
        """First vectors, zero for the specials, and a sentence on the encoder."""
        params = self.params
        encoder, what = params.encoding.open()
        words = reader.vocab.words[OOV + 1 :]
        encoded = encoder.encode(words, remember=params.remember, progress=progress)
        found = condensed(encoded.vectors, params.dims)
        n_words = len(reader.vocab)
        vectors = np.zeros((reader.n_entries, found.shape[1]), dtype=np.float32)
        vectors[OOV + 1 : n_words] = found
        # To encode pairs as well would take several times as long.
        first, second = reader.pairs.words.T
        n_both = n_words + len(reader.pairs)
        vectors[n_words:n_both] = (vectors[first] + vectors[second]) / 2
        vectors[n_both:] = vectors[reader.apart.ids]
        return vectors, f"First vectors of the words: {what}"

    def _build(
        self, vectors: Floats, weight: Floats, training: Training, generator: Generator
    ) -> nn.Module:
        from newsdesk.models.neural.static.network import StaticNetwork

        dropout = self.params.dropout, self.params.vector_dropout
        return StaticNetwork(vectors, weight, training.n_classes, *dropout, generator)

    def _take(self, reader: Reader, tensors: Tensors) -> None:
        self._reader, self.tensors = reader, tensors
        kept = {name: tensors[name] for name in tensors if name not in ("pairs", "apart")}
        self._network = ScoresNetwork(kept)

    @property
    def reader(self) -> Reader:
        """How documents become what the network reads."""
        return self._fitted()[0]

    def _fitted(self) -> tuple[Reader, ScoresNetwork]:
        if self._reader is None or self._network is None:
            raise NotFittedError(
                "This static model is not fitted.", remedy="Call fit or load first."
            )
        return self._reader, self._network

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        reader, network = self._fitted()
        sight = reader.read(documents)
        return Scores(network.logits(sight.sequences), sight.blank)

    @property
    def exact(self) -> bool:
        """Always; see `Attributing`."""
        return True

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Contribution of every word, exact; see `Attributing`.

        What a pair adds is halved between its words.
        """
        reader, network = self._fitted()
        found = []
        for position, index in enumerate(classes.tolist()):
            document = documents.slice(position, position + 1)
            places = reader.vocab.places(document)
            read = reader.located(document)
            added = network.contributions(read.ids, index).astype(np.float64)
            share = np.zeros(len(places))
            for word in (read.word, read.last):
                np.add.at(share, word, added / 2)
            found.append(
                [
                    Span(
                        places[word].field, places[word].start, places[word].end, float(share[word])
                    )
                    for word in np.unique(read.word).tolist()
                ]
            )
        return found

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        ScoresNetwork.warm_up()

    def plan(self, documents: Documents, n_classes: int) -> int:  # noqa: ARG002
        """Estimated peak memory of `fit`; see `Planned`."""
        params = self.params
        n_characters: int = sum(column.nbytes for column in documents.fields.values())
        n_tokens = n_characters // 5  # a word, its space, and what is left out
        n_entries = min(params.vocab_size, n_tokens) + min(params.pairs, n_tokens)
        # Weights, two moments and the best weights, and a checkpoint of all of them.
        weights = n_entries * params.dims * 4 * 8
        # An encoder, and what it gives (384 to 1,024 numbers a word), with and without the mean.
        vectors = 400_000_000 + min(params.vocab_size, n_tokens) * 768 * 4 * 2
        longest = min(params.max_tokens, n_tokens // max(len(documents), 1) * 8)
        batch = params.batch_size * longest * 2 * 4 * 4 * params.dims
        return n_tokens * 80 + weights + vectors + batch

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        files.write_json(directory / "vocab.json", self.reader.vocab)
        files.write_tensors(directory / "weights.safetensors", self.tensors)
        folder = Path(self.params.encoder)
        # Where a folder stood is of no use on another machine.
        portable = replace(self.params, encoder=folder.name) if folder.is_dir() else self.params
        files.write_json(directory / "network.json", _Saved(portable, self.n_classes))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "network.json", _Saved)
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        vocab = files.read_json(directory / "vocab.json", Vocab)
        expected: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
            "pairs": (np.int32, (None, 2)),
            "apart": (np.int32, (None,)),
            "scores": (np.float32, (None, saved.n_classes)),
            "weight": (np.float32, (None,)),
            "bias": (np.float32, (saved.n_classes,)),
        }
        tensors = files.read_tensors(directory / "weights.safetensors", expected)
        try:
            pairs = Pairs(tensors["pairs"], len(vocab))
            apart = Apart(tensors["apart"], len(vocab) + len(pairs))
        except ConfigError as error:
            raise BundleFormatError(error.problem, remedy=error.remedy) from error
        reader = Reader(vocab, pairs, apart, saved.params)
        if len(tensors["scores"]) != reader.n_entries:
            problem = f"{directory}: words and pairs are not as many as their scores."
            raise BundleFormatError(problem, remedy="Train the bundle again.")
        model._take(reader, tensors)
        return model

    @staticmethod
    def space(suggest: Suggest) -> StaticParams:
        """Draw settings; see `Classifier.space`."""
        return StaticParams(
            dropout=suggest("dropout", (0.2, 0.7)),
            learning_rate=suggest("learning_rate", (5e-4, 5e-3)),
        )


def _weights(sequences: Sequences, n_entries: int) -> Floats:
    """Inverse document frequency of each word and pair; shape ``(n_entries,)``."""
    n = sequences.n
    document = np.arange(n).repeat(sequences.lengths)
    distinct = np.unique(document * n_entries + sequences.ids)
    df = np.bincount(distinct % n_entries, minlength=n_entries)
    weight = np.log((1 + n) / (1 + df)) + 1
    weight[PAD], weight[OOV] = 0.0, _LEAST
    return weight.astype(np.float32)
