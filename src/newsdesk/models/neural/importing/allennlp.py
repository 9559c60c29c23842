"""ELMo as AllenNLP publishes it: ``options.json`` and ``weights.hdf5``.

The arrays are those of TensorFlow (github.com/allenai/bilm-tf): maps are written ``x @ W``; the
gates of an LSTM stand in the order i, j (the candidate), f, o; and 1 is added to the forget gate
when it runs, which AllenNLP's loader (``allennlp/modules/elmo_lstm.py``) adds to the bias, as here.
A highway layer is ``y = g * relu(x @ W_transform + b_transform) + (1 - g) * x`` with ``g =
sigmoid(x @ W_carry + b_carry)``: AllenNLP's loader turns the sign of the carry arrays since its own
gate says how much of x is kept; ours says how much of the map is let through, so they stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from newsdesk.errors import DataError, StorageError
from newsdesk.models.neural.elmo.architecture import N_CHARACTERS, ElmoArchitecture
from newsdesk.models.neural.importing.formats import Request, parts
from newsdesk.models.neural.importing.found import Found, origin
from newsdesk.models.neural.importing.hdf5 import Arrays, opened
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.types import Floats

__all__ = ["read"]

_MOST_BYTES = 1 << 20
_REMEDY = "Name the options.json that belongs to the weights."

_Size = Annotated[int, msgspec.Meta(gt=0, le=1 << 16)]
_Few = Annotated[int, msgspec.Meta(gt=0, le=64)]
_Clip = Annotated[float, msgspec.Meta(ge=0)]


@dataclass(frozen=True)
class _Characters:
    dim: _Size


@dataclass(frozen=True)
class _Convolutions:
    activation: Literal["relu", "tanh"]
    embedding: _Characters
    filters: Annotated[list[tuple[_Few, _Size]], msgspec.Meta(min_length=1, max_length=64)]
    max_characters_per_token: Annotated[int, msgspec.Meta(ge=3, le=1000)]
    n_characters: Literal[261, 262]  # without or with the one that fills up
    n_highway: Annotated[int, msgspec.Meta(ge=0, le=64)] | None = None


@dataclass(frozen=True)
class _Lstm:
    dim: _Size
    n_layers: _Few
    projection_dim: _Size
    use_skip_connections: Literal[True]
    cell_clip: _Clip | None = None
    proj_clip: _Clip | None = None


@dataclass(frozen=True)
class _Options:
    char_cnn: _Convolutions
    lstm: _Lstm


def read(request: Request) -> Found:
    """Read an ELMo.

    Parameters
    ----------
    request : Request
        Its options and its weights.

    Returns
    -------
    Found
        An encoder of kind ``elmo``.

    Raises
    ------
    DataError
        If the options are not those of an ELMo, or an array is missing, of another shape or not
        finite.
    MissingExtraError
        If h5py is not installed.
    """
    weights, described = parts(request, "hdf5")
    architecture = _architecture(described)
    with opened(weights) as arrays:
        tensors = _characters(arrays, architecture) | _recurrent(arrays, architecture)
    return Found(Encoder("elmo", architecture, tensors, None, origin(request)))


def _architecture(path: Path) -> ElmoArchitecture:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
        options = msgspec.json.decode(content, type=_Options)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror or error}."
        remedy = "Check the file and its permissions."
        raise StorageError(problem, remedy=remedy) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = f"{path} holds no options of an ELMo that can be read: {str(error).rstrip('.')}."
        raise DataError(problem, remedy=_REMEDY) from error
    convolutions, lstm = options.char_cnn, options.lstm
    return ElmoArchitecture(
        character_dim=convolutions.embedding.dim,
        filters=tuple(convolutions.filters),
        highways=convolutions.n_highway or 0,
        projection_dim=lstm.projection_dim,
        units=lstm.dim,
        layers=lstm.n_layers,
        longest_word=convolutions.max_characters_per_token,
        cell_clip=lstm.cell_clip or 0.0,
        projection_clip=lstm.proj_clip or 0.0,
        activation=convolutions.activation,
    )


def _characters(arrays: Arrays, sizes: ElmoArchitecture) -> dict[str, Floats]:
    """From characters to the projected vector of a word."""
    dim, n, width = sizes.character_dim, sizes.n_filters, sizes.projection_dim
    # What fills up is no character of theirs, and has the vector 0.
    table = np.zeros((N_CHARACTERS, dim), dtype=np.float32)
    table[1:] = arrays.take("char_embed", (N_CHARACTERS - 1, dim))
    tensors: dict[str, Floats] = {"characters": table}
    for number, (span, filters) in enumerate(sizes.filters):
        name = f"convolution.{number}"
        kernel = arrays.take(f"CNN/W_cnn_{number}", (1, span, dim, filters))
        tensors[f"{name}.weight"] = kernel[0].transpose(2, 1, 0)
        tensors[f"{name}.bias"] = arrays.take(f"CNN/b_cnn_{number}", (filters,))
    for number in range(sizes.highways):
        group, name = f"CNN_high_{number}", f"highway.{number}"
        maps = [arrays.take(f"{group}/W_{part}", (n, n)).T for part in ("transform", "carry")]
        biases = [arrays.take(f"{group}/b_{part}", (n,)) for part in ("transform", "carry")]
        tensors[f"{name}.weight"] = np.concatenate(maps)
        tensors[f"{name}.bias"] = np.concatenate(biases)
    tensors["projection.weight"] = arrays.take("CNN_proj/W_proj", (n, width)).T
    tensors["projection.bias"] = arrays.take("CNN_proj/b_proj", (width,))
    return tensors


def _recurrent(arrays: Arrays, sizes: ElmoArchitecture) -> dict[str, Floats]:
    """The layers of both directions."""
    units, width = sizes.units, sizes.projection_dim
    tensors: dict[str, Floats] = {}
    for number, direction in enumerate(("forward", "backward")):
        for layer in range(sizes.layers):
            cell = f"RNN_{number}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            name = f"lstm.{layer}.{direction}"
            # The rows of the input stand before those of the state.
            maps = _gates(arrays.take(f"{cell}/W_0", (2 * width, 4 * units)).T, units)
            bias = _gates(arrays.take(f"{cell}/B", (4 * units,)), units)
            bias[units : 2 * units] += 1  # of the forget gate
            tensors[f"{name}.input"] = maps[:, :width]
            tensors[f"{name}.recurrent"] = maps[:, width:]
            tensors[f"{name}.bias"] = bias
            tensors[f"{name}.projection"] = arrays.take(f"{cell}/W_P_0", (units, width)).T
    return tensors


def _gates(rows: Floats, units: int) -> Floats:
    """Rows of the gates i, j, f, o in the order i, f, j, o."""
    i, j, f, o = (rows[at * units : (at + 1) * units] for at in range(4))
    together: np.ndarray[Any, np.dtype[np.float32]] = np.concatenate([i, f, j, o])
    return together
