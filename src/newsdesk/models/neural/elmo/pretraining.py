"""From texts to an ELMo language model; torch is needed here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from newsdesk.features.surface import LEADING, Surface, read_surface
from newsdesk.models.history import History
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.elmo.characters import spell, square
from newsdesk.models.neural.elmo.network import ElmoNetwork
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.elmo.text import Targets, Windows
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.language.kinds import Pretrained
from newsdesk.models.neural.language.pretraining import fit, hold_out
from newsdesk.models.neural.language.sampled import unigram_perplexity
from newsdesk.models.neural.language.stage import perplexities_of, stage_of
from newsdesk.models.neural.words.family import saved_name
from newsdesk.types import Documents, Progress

__all__ = ["from_texts", "untrained"]

_N_CENTRED = 2000
"""Words that say what words have in common."""


def from_texts(
    documents: Documents,
    params: ElmoParams,
    *,
    seed: int,
    progress: Progress,
    source: str = "",
    checkpoints: Path | None = None,
) -> Pretrained:
    """Train a language model on texts; see `newsdesk.models.neural.language.kinds.Pretrain`.

    Where no text has a word, it keeps its first values.
    """
    surface = read_surface(documents, progress)
    rows, watched = hold_out(len(documents), params.held_out, seed)
    read, held = (Surface(surface.words, surface.sequences.take(own)) for own in (rows, watched))
    targets = Targets.of(read, size=params.vocab_size, min_count=params.min_count)
    generator = torch.Generator().manual_seed(seed)
    network = ElmoNetwork(
        params.architecture, targets.counts, params.n_samples, params.dropout, generator
    )
    _centre(network, surface)
    text, held_out = (
        Windows(
            own,
            targets,
            params.architecture,
            window=params.window,
            batch_size=params.batch_size,
            seed=seed,
        )
        for own in (read, held)
    )
    history, unigram = History(), None
    if len(text.lengths):
        history = fit(
            network,
            text,
            held_out if len(held_out.lengths) else None,
            params,
            seed=seed,
            progress=progress,
            checkpoints=checkpoints,
            seen=("\n".join(surface.words), *surface.sequences),
        )
    if len(held_out.lengths):
        unigram = unigram_perplexity(targets.counts, targets.of_word[held.sequences.ids])
    n_tokens = len(read.sequences.ids)
    origin = Origin(
        "pretrained",
        source,
        n_texts=len(rows),
        n_tokens=n_tokens,
        perplexities=perplexities_of(history),
        settings=asdict(params),
    )
    encoder: Encoder[Any] = Encoder("elmo", params.architecture, _tensors(network), None, origin)
    title = "Language model, from first values"
    return Pretrained(encoder, stage_of(history, title, n_tokens, unigram))


def untrained(
    architecture: ElmoArchitecture, documents: Documents, seed: int
) -> Encoder[ElmoArchitecture]:
    """Make a language model that keeps its first values: what training brings is seen beside it.

    Parameters
    ----------
    architecture : ElmoArchitecture
        Its sizes.
    documents : Documents
        Texts that its words begin with mean 0 and variance 1 on.
    seed : int
        Of the draw, 0 to 2**63 - 1.

    Returns
    -------
    Encoder[ElmoArchitecture]
        The model.
    """
    generator = torch.Generator().manual_seed(seed)
    network = ElmoNetwork(architecture, np.ones(1, dtype=np.int64), 0, 0.0, generator)
    _centre(network, read_surface(documents))
    return Encoder("elmo", architecture, _tensors(network), None, Origin("pretrained"))


def _centre(network: ElmoNetwork, surface: Surface) -> None:
    words = surface.words[len(LEADING) :][:_N_CENTRED]
    if words:
        longest, filters = network.architecture.longest_word, network.architecture.filters
        widest = max(width for width, _ in filters)
        spelt = square(spell(words, longest), longest, widest)
        network.centre(torch.from_numpy(spelt.astype(np.int64)))


def _tensors(network: ElmoNetwork) -> dict[str, NDArray[Any]]:
    state = {saved_name(name): value for name, value in network.state_dict().items()}
    return {name: state[name].numpy().copy() for name in network.architecture.shapes(0)}
