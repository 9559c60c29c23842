"""What the JSON files beside an encoder's weights say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.encoders.architecture import Activation, Architecture, Pooling
from newsdesk.models.neural.encoders.foreign import REMEDY, decoded, is_plain, needed
from newsdesk.models.neural.encoders.weights import Layout

__all__ = ["Configs", "read_configs"]

_ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_new": "gelu-tanh",
    "gelu_pytorch_tanh": "gelu-tanh",
    "relu": "relu",
}
# Their positions count from behind the number of the padding piece (fairseq's rule).
_LATE = ("roberta", "xlm-roberta", "camembert")
_BERTS = ("bert", "electra", *_LATE)
_TYPES = (*_BERTS, "distilbert")
_OTHER = f"Name an encoder of one of these types: {', '.join(_TYPES)}."

Size = Annotated[int, msgspec.Meta(ge=1, le=1 << 24)]
Few = Annotated[int, msgspec.Meta(ge=1, le=1 << 10)]
Epsilon = Annotated[float, msgspec.Meta(ge=0, lt=1)]


class Configs(NamedTuple):
    """What the files say of an encoder."""

    architecture: Architecture
    """Its size."""
    layout: Layout
    """How its tensors are called."""
    pooling: Pooling
    """How tokens become one vector."""
    normalise: bool
    """Whether that vector is brought to length 1."""
    max_tokens: int
    """Tokens that a text is cut to, special ones included."""
    folder: Path
    """Where weights and tokenizer stand: the given folder or one in it."""


class _Kind(msgspec.Struct):
    """What is asked of ``config.json`` first."""

    model_type: str = ""
    auto_map: Any = None


class _Bert(msgspec.Struct):
    """``config.json`` of BERT and what descends from it; defaults as in transformers."""

    hidden_size: Size
    num_hidden_layers: Few
    num_attention_heads: Few
    intermediate_size: Size
    vocab_size: Size
    max_position_embeddings: Size
    hidden_act: str = "gelu"
    layer_norm_eps: Epsilon = 1e-12
    position_embedding_type: str = "absolute"
    pad_token_id: Annotated[int, msgspec.Meta(ge=0, le=1 << 20)] | None = None
    embedding_size: Size | None = None
    is_decoder: bool = False


class _DistilBert(msgspec.Struct):
    """``config.json`` of DistilBERT."""

    dim: Size
    n_layers: Few
    n_heads: Few
    hidden_dim: Size
    vocab_size: Size
    max_position_embeddings: Size
    activation: str = "gelu"

    def as_bert(self) -> _Bert:
        """The same in BERT's words."""
        sizes = (self.dim, self.n_layers, self.n_heads, self.hidden_dim, self.vocab_size)
        return _Bert(*sizes, self.max_position_embeddings, self.activation)


class _Module(msgspec.Struct):
    """One entry of ``modules.json``."""

    type: str
    path: str = ""


class _Pooling(msgspec.Struct):
    """``config.json`` of the pooling."""

    pooling_mode: str | list[str] | None = None
    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False

    @property
    def modes(self) -> list[str]:
        """How tokens are pooled; several are put side by side."""
        if self.pooling_mode is not None:
            mode = self.pooling_mode
            return [mode] if isinstance(mode, str) else mode
        named = [field for field in self.__struct_fields__ if getattr(self, field)]
        found = [field.removeprefix("pooling_mode_").removesuffix("_tokens") for field in named]
        return [mode.removesuffix("_token") for mode in found] or ["mean"]


class _Reading(msgspec.Struct):
    """``sentence_bert_config.json``."""

    max_seq_length: Size | None = None
    do_lower_case: bool = False


class _Prompts(msgspec.Struct):
    """``config_sentence_transformers.json``."""

    prompts: dict[str, str] = {}
    default_prompt_name: str | None = None


class _TokenizerConfig(msgspec.Struct):
    """``tokenizer_config.json``; where no length is set it holds 10^30."""

    model_max_length: Annotated[float, msgspec.Meta(ge=1)] | None = None
    auto_map: Any = None


class _Modules(NamedTuple):
    folder: Path
    pooling: Pooling
    normalise: bool


def read_configs(folder: Path) -> Configs:
    """Read what the JSON files of an encoder say.

    Without ``modules.json``, which sentence-transformers writes, the vector of a text is the plain
    mean of its tokens, which is what sentence-transformers makes of such an encoder.

    Parameters
    ----------
    folder : Path
        The encoder's files.

    Returns
    -------
    Configs
        Sizes, names and pooling.

    Raises
    ------
    ConfigError
        If it is an encoder of a kind that is not supported, or needs code of its own.
    DataError
        If a file is missing or damaged, or holds sizes that cannot be.
    """
    modules = _read_modules(folder)
    path = modules.folder / "config.json"
    kind = needed(path, _Kind)
    cut = decoded(modules.folder / "tokenizer_config.json", _TokenizerConfig) or _TokenizerConfig()
    if kind.auto_map or cut.auto_map:
        problem = f"{folder} needs Python code of its own (auto_map), and foreign code is not run."
        raise ConfigError(problem, remedy=_OTHER)
    if kind.model_type not in _TYPES:
        problem = f"{path}: encoders of the type {kind.model_type!r} are not supported."
        raise ConfigError(problem, remedy=_OTHER)
    config = (
        needed(path, _Bert) if kind.model_type in _BERTS else needed(path, _DistilBert).as_bert()
    )
    _check(path, config)
    first = 0
    if kind.model_type in _LATE:
        first = 2 if config.pad_token_id is None else config.pad_token_id + 1
    n_positions = config.max_position_embeddings - first
    if n_positions < 1:
        problem = f"{path}: of {config.max_position_embeddings} positions the first {first} are "
        raise DataError(f"{problem}unused, which leaves none.", remedy=REMEDY)
    architecture = Architecture(
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        width=config.hidden_size,
        inner_width=config.intermediate_size,
        n_pieces=config.vocab_size,
        n_positions=n_positions,
        activation=_ACTIVATIONS[config.hidden_act],
        epsilon=config.layer_norm_eps,
    )
    layout = Layout("distilbert" if kind.model_type == "distilbert" else "bert", first)
    longest = _read_longest(modules.folder) or cut.model_max_length or n_positions
    max_tokens = int(min(longest, n_positions))
    return Configs(
        architecture, layout, modules.pooling, modules.normalise, max_tokens, modules.folder
    )


def _check(path: Path, config: _Bert) -> None:
    """Refuse what the architecture cannot say."""
    width, n_heads = config.hidden_size, config.num_attention_heads
    if width % n_heads:
        problem = f"{path}: {n_heads} heads do not divide a width of {width}."
        raise DataError(problem, remedy=REMEDY)
    refused = None
    if config.hidden_act not in _ACTIVATIONS:
        refused = f"the activation {config.hidden_act!r}"
    elif config.position_embedding_type != "absolute":
        refused = f"positions of the type {config.position_embedding_type!r}"
    elif config.embedding_size not in (None, width):
        refused = f"pieces of {config.embedding_size} numbers under layers of {width}"
    elif config.is_decoder:
        refused = "a decoder"
    if refused is not None:
        raise ConfigError(f"{path} asks for what is not supported: {refused}.", remedy=_OTHER)


def _read_modules(folder: Path) -> _Modules:
    path = folder / "modules.json"
    modules = decoded(path, list[_Module])
    if modules is None:
        return _Modules(folder, "mean", normalise=False)
    kinds = []
    for module in modules:
        package, _, kind = module.type.rpartition(".")
        if package.partition(".")[0] != "sentence_transformers" or kind not in _KNOWN:
            problem = f"{path}: modules of the type {module.type!r} are not supported."
            remedy = "Name an encoder of transformer, pooling and, where wanted, normalisation."
            raise ConfigError(problem, remedy=remedy)
        if module.path and not is_plain(module.path):
            raise DataError(f"{path} names {module.path!r}, no plain name.", remedy=REMEDY)
        kinds.append(kind)
    if kinds not in (list(_KNOWN[:2]), list(_KNOWN)):
        problem = f"{path} lists {', '.join(kinds) or 'nothing'}, which is no encoder of sentences."
        raise ConfigError(problem, remedy=f"Supported is {', '.join(_KNOWN)}, in this order.")
    _check_prompts(folder / "config_sentence_transformers.json")
    pooling = _read_pooling(folder / modules[1].path / "config.json")
    return _Modules(folder / modules[0].path, pooling, normalise=len(modules) == len(_KNOWN))


_KNOWN = ("Transformer", "Pooling", "Normalize")


def _read_pooling(path: Path) -> Pooling:
    modes = needed(path, _Pooling).modes
    if modes == ["mean"]:
        return "mean"
    if modes == ["cls"]:
        return "cls"
    problem = f"{path}: pooling by {' and '.join(modes) or 'nothing'} is not supported."
    raise ConfigError(problem, remedy="Name an encoder that pools by mean or by cls.")


def _check_prompts(path: Path) -> None:
    """Refuse a text that is put before every document; what is on offer by name is no matter."""
    found = decoded(path, _Prompts)
    if found is not None and found.prompts.get(found.default_prompt_name or ""):
        problem = f"{path}: the prompt {found.default_prompt_name!r} before all texts is not added."
        raise ConfigError(problem, remedy="Name an encoder without default_prompt_name.")


def _read_longest(folder: Path) -> int | None:
    path = folder / "sentence_bert_config.json"
    reading = decoded(path, _Reading) or _Reading()
    if reading.do_lower_case:
        problem = f"{path}: do_lower_case beside the tokenizer's own is not supported."
        raise ConfigError(problem, remedy="Let the tokenizer lower the case, or name another.")
    return reading.max_seq_length
