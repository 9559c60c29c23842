"""AWD-LSTM language models as fastai saves them: ``.pth`` and a pickled list of words.

Names are those of fastai 0.7 (ULMFiT's own, ``fwd_wt103.h5``) and of fastai 1 and 2. What a
recurrent weight is before weights are dropped stands under a name that ends with ``_raw``; the copy
beside it is what the last step of training had dropped, and is passed over. PyTorch's gates stand
in the order i, f, g, o and it keeps two biases (``torch.nn.LSTM``), which are added.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import numpy as np

from newsdesk.errors import DataError
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.reading import SEPARATOR
from newsdesk.models.neural.importing.checked import FETCH, check_shape
from newsdesk.models.neural.importing.formats import Request, parts
from newsdesk.models.neural.importing.found import Found, origin
from newsdesk.models.neural.importing.states import State, read_state
from newsdesk.models.neural.importing.vocabulary import choose
from newsdesk.models.neural.importing.word_lists import read_words
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.types import Floats, Indices

__all__ = ["read"]

_ROLES = {
    SPECIALS[0]: ("xxpad", "_pad_", "<pad>"),
    SPECIALS[1]: ("xxunk", "_unk_", "<unk>"),
    SEPARATOR: ("xxbos", "xbos", "_bos_", "<bos>"),
}
"""What fastai calls the words that have a part of their own; the first that is there counts."""
_MARKS = frozenset(
    {"xxmaj", "xxup", "xxrep", "xxwrep", "xxfld", "xxeos", "xxfake"}
    | {"t_up", "tk_rep", "tk_wrep", "tk_maj", "xfld"}
)
"""What fastai writes into texts besides their words (``fastai/text/transform.py``)."""
_MOST = 1 << 16
_OTHER = "Name the weights and the words of one model."


class _Table(NamedTuple):
    """The vocabulary in the order that is written."""

    words: tuple[str, ...]
    rows: Indices
    """Row of the file for each word; -1 where it has none."""
    notes: tuple[str, ...]


def read(request: Request) -> Found:
    """Read an AWD-LSTM language model.

    Parameters
    ----------
    request : Request
        Its weights and its words.

    Returns
    -------
    Found
        An encoder of kind ``awd-lstm``.

    Raises
    ------
    DataError
        If a file holds anything but what it should, a tensor is missing, of another shape or not
        finite, the decoder is another than the word vectors, or there are more or fewer words than
        vectors.
    MissingExtraError
        If PyTorch is not installed.
    """
    weights, listed = parts(request, "torch")
    words = read_words(listed)
    state = read_state(weights)
    encoder, decoder = ("0.", "1.") if "0.encoder.weight" in state else ("", "1.")
    architecture = _architecture(state, encoder, "backward" if request.backward else "forward")
    vectors = state.take(f"{encoder}encoder.weight")
    if len(words) != len(vectors):
        problem = f"{listed} has {len(words):,} words, {weights} has {len(vectors):,} vectors."
        raise DataError(problem, remedy=_OTHER)
    _check_tied(state, encoder, decoder, vectors)
    bias = np.zeros(len(vectors), dtype=np.float32)
    if f"{decoder}decoder.bias" in state:
        bias = _taken(state, f"{decoder}decoder.bias", (len(vectors),))
    table = _table(words, request.n_words, str(listed))
    tensors = {
        "embedding": _rows(vectors, table.rows),
        "decoder.bias": _rows(bias, table.rows),
    } | _recurrent(state, encoder, architecture)
    if table.rows[0] < 0:
        tensors["embedding"][0] = 0  # what fills up
    name = weights.name.lower()
    notes = table.notes
    if not request.backward and ("bwd" in name or "backward" in name):
        notes += (f"{weights.name} is named like a model that reads backward: --backward says so",)
    vocab = Vocab(table.words)
    return Found(Encoder("awd-lstm", architecture, tensors, vocab, origin(request)), notes)


def _architecture(
    state: State, prefix: str, direction: Literal["forward", "backward"]
) -> AwdLstmArchitecture:
    pattern = re.compile(rf"{re.escape(prefix)}rnns\.(\d{{1,2}})\.")
    numbers = [int(found[1]) for name in state.names if (found := pattern.match(name))]
    layers = max(numbers, default=0) + 1
    shape = state.shape(f"{prefix}encoder.weight")
    recurrent = state.shape(_recurrent_name(state, prefix, 0))
    if len(shape) != 2 or len(recurrent) != 2 or max(shape[1], recurrent[1]) > _MOST:
        problem = f"{state.path} has word vectors of shape {shape}, a first layer of {recurrent}."
        raise DataError(problem, remedy=FETCH)
    return AwdLstmArchitecture(shape[1], recurrent[1], layers, direction)


def _recurrent_name(state: State, prefix: str, layer: int) -> str:
    name = f"{prefix}rnns.{layer}"
    raw = f"{name}.weight_hh_l0_raw"
    places = (raw, f"{name}.module.weight_hh_l0_raw", f"{name}.module.weight_hh_l0")
    return next((place for place in places if place in state), raw)


def _recurrent(state: State, prefix: str, architecture: AwdLstmArchitecture) -> dict[str, Floats]:
    tensors: dict[str, Floats] = {}
    for layer in range(architecture.layers):
        n_in, units = architecture.widths[layer : layer + 2]
        module, name = f"{prefix}rnns.{layer}.module", f"lstm.{layer}.forward"
        biases = [_taken(state, f"{module}.bias_{part}_l0", (4 * units,)) for part in ("ih", "hh")]
        recurrent = _recurrent_name(state, prefix, layer)
        tensors[f"{name}.input"] = _taken(state, f"{module}.weight_ih_l0", (4 * units, n_in))
        tensors[f"{name}.recurrent"] = _taken(state, recurrent, (4 * units, units))
        tensors[f"{name}.bias"] = biases[0] + biases[1]
    return tensors


def _taken(state: State, name: str, shape: tuple[int, ...]) -> Floats:
    check_shape(state.shape(name), shape, f"{state.path}: {name}")
    return state.take(name)


def _check_tied(state: State, encoder: str, decoder: str, vectors: Floats) -> None:
    """Refuse a model whose copies of the word vectors differ."""
    for name in (
        f"{decoder}decoder.weight",
        f"{encoder}encoder_dp.emb.weight",
        f"{encoder}encoder_with_dropout.embed.weight",
    ):
        if name in state and not np.array_equal(_taken(state, name, vectors.shape), vectors):
            problem = f"{state.path}: {name} is not the same as {encoder}encoder.weight."
            remedy = "Only models whose decoder is tied to their word vectors can be imported."
            raise DataError(problem, remedy=remedy)


def _table(words: list[str], limit: int | None, name: str) -> _Table:
    place = {word: at for at, word in reversed(list(enumerate(words)))}
    roles, notes = [], []
    for own, spelt in _ROLES.items():
        at = next((place[word] for word in spelt if word in place), -1)
        roles.append(at)
        if at < 0:
            vector = "zeros" if own == SPECIALS[0] else "the mean of all vectors"
            notes.append(f"no word among {', '.join(spelt)}: {own} is given {vector}")
    spoken = {word for spelt in _ROLES.values() for word in spelt} | _MARKS
    without = [at for at, word in enumerate(words) if word in spoken]
    n_marks = len({words[at] for at in without} & _MARKS)
    if n_marks:
        notes.append(f"{n_marks:,} of fastai's own marks left out: texts are read without them")
    chosen = choose(words, without=without, limit=limit, name=name)
    rows = np.concatenate([np.array(roles, dtype=np.int64), chosen.rows])
    return _Table((*_ROLES, *chosen.words), rows, (*notes, *chosen.notes))


def _rows(values: Floats, rows: Indices) -> Floats:
    """Values of the rows; the mean of all where there is none."""
    taken: Floats = values[rows]
    taken[rows < 0] = values.mean(axis=0, dtype=np.float64)
    return taken
