"""Which encoder a family uses, and how it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from newsdesk.models.neural.encoders.encoder import Encoded, Encoder
from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.pretrained import Pretrained, find

__all__ = ["Encoding", "cut_note"]

_OPEN: WeakValueDictionary[tuple[object, ...], Encoder] = WeakValueDictionary()
"""Encoders that somebody uses: folds and trials read and round the same one over and over."""


@dataclass(frozen=True)
class Encoding:
    """A way of encoding.

    Parameters
    ----------
    encoder : str
        A name of the Hugging Face hub, or a folder.
    precision : Precision
        How its numbers are kept.
    max_tokens : int | None
        Longer texts are cut; None means as the encoder was trained.
    """

    encoder: str
    precision: Precision
    max_tokens: int | None

    def find(self) -> Pretrained:
        """Find the encoder without reading its weights.

        Returns
        -------
        Pretrained
            The encoder.
        """
        return find(self.encoder)

    def open(self) -> tuple[Encoder, str]:
        """Find the encoder and read it.

        Returns
        -------
        tuple[Encoder, str]
            The encoder, and a sentence on what it is.
        """
        found = self.find()
        key = found.name, found.digest, self.precision, self.max_tokens
        encoder = _OPEN.get(key)
        if encoder is None:
            encoder = _OPEN[key] = Encoder.of(found, self.precision, self.max_tokens)
        facts = encoder.facts
        sentence = (
            f"Encoder {found.name} from {found.origin}: {facts.architecture.n_layers} layers of "
            f"{encoder.width}, {facts.precision}, up to {facts.max_tokens} word pieces."
        )
        return encoder, sentence


def cut_note(name: str, encoded: Sequence[Encoded], encoder: Encoder) -> str:
    """Say how much of some texts is not read.

    Parameters
    ----------
    name : str
        What the texts are called.
    encoded : Sequence[Encoded]
        The texts, in parts.
    encoder : Encoder
        What encoded them.

    Returns
    -------
    str
        A sentence.
    """
    n_cut = n_lost = n_pieces = n = 0
    for part in encoded:
        lost = (part.n_pieces - encoder.room).clip(min=0)
        n, n_cut = n + len(lost), n_cut + int((lost > 0).sum())
        n_lost, n_pieces = n_lost + int(lost.sum()), n_pieces + int(part.n_pieces.sum())
    share = n_lost / max(n_pieces, 1)
    return (
        f"{name}: {share:.1%} of {n_pieces:,} word pieces are not read; {n_cut:,} of {n:,} texts "
        f"are longer than {encoder.room:,}."
    )
