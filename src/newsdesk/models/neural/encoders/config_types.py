"""What ``config.json`` of each type of encoder says of its kind and size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.encoders.architecture import Activation, Architecture
from newsdesk.models.neural.encoders.foreign import REMEDY, needed
from newsdesk.models.neural.encoders.kinds import (
    N_BIAS_BUCKETS,
    DebertaV2,
    ModernBert,
    MPNet,
    Theta,
)
from newsdesk.models.neural.encoders.layouts import Layout

__all__ = ["OTHER", "Size", "Typed", "read_type"]

_ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_new": "gelu-tanh",
    "gelu_pytorch_tanh": "gelu-tanh",
    "relu": "relu",
}

Size = Annotated[int, msgspec.Meta(ge=1, le=1 << 24)]
Few = Annotated[int, msgspec.Meta(ge=1, le=1 << 10)]
Length = Annotated[int, msgspec.Meta(ge=1, le=1 << 16)]
Epsilon = Annotated[float, msgspec.Meta(ge=0, lt=1)]


class Typed(NamedTuple):
    """What ``config.json`` says."""

    architecture: Architecture
    """Kind and size."""
    layout: Layout
    """How the tensors are called."""


class _Type(msgspec.Struct):
    """What is asked of ``config.json`` first."""

    model_type: str = ""
    auto_map: Any = None


class _Sizes(msgspec.Struct, kw_only=True):
    """What most types have in common; defaults as in transformers."""

    hidden_size: Size
    num_hidden_layers: Few
    num_attention_heads: Few
    intermediate_size: Size
    vocab_size: Size
    max_position_embeddings: Size
    hidden_act: str = "gelu"
    layer_norm_eps: Epsilon = 1e-12
    position_embedding_type: str = "absolute"
    is_decoder: bool = False

    def first(self) -> int:
        """Row of the first token's position."""
        return 0

    def refusal(self) -> str | None:
        """What is not supported, and by which setting, as a part of a sentence."""
        if self.hidden_act not in _ACTIVATIONS:
            return f"the activation {self.hidden_act!r} (hidden_act)"
        if self.position_embedding_type != "absolute":
            kind = self.position_embedding_type
            return f"positions of the type {kind!r} (position_embedding_type)"
        return "a decoder (is_decoder)" if self.is_decoder else None

    def architecture(self) -> Architecture:
        """Kind and size."""
        return Architecture(
            n_layers=self.num_hidden_layers,
            n_heads=self.num_attention_heads,
            width=self.hidden_size,
            inner_width=self.intermediate_size,
            n_pieces=self.vocab_size,
            n_positions=self.max_position_embeddings - self.first(),
            activation=_ACTIVATIONS[self.hidden_act],
            epsilon=self.layer_norm_eps,
        )


class _Bert(_Sizes, kw_only=True):
    embedding_size: Size | None = None

    def refusal(self) -> str | None:
        if self.embedding_size not in (None, self.hidden_size):
            sizes = f"pieces of {self.embedding_size} numbers under layers of {self.hidden_size}"
            return f"{sizes} (embedding_size)"
        return super().refusal()


class _Roberta(_Bert, kw_only=True):
    """RoBERTa and what descends from it."""

    pad_token_id: Annotated[int, msgspec.Meta(ge=0, le=1 << 20)] | None = None

    def first(self) -> int:
        # Positions count from behind the number of the padding piece (fairseq's rule).
        return 2 if self.pad_token_id is None else self.pad_token_id + 1


class _Electra(_Sizes, kw_only=True):
    embedding_size: Size = 128

    def architecture(self) -> Architecture:
        same = self.embedding_size == self.hidden_size
        return replace(super().architecture(), piece_width=None if same else self.embedding_size)


class _Albert(_Sizes, kw_only=True):
    hidden_act: str = "gelu_new"
    embedding_size: Size = 128
    num_hidden_groups: Few = 1
    inner_group_num: int = 1

    def refusal(self) -> str | None:
        if self.inner_group_num != 1:
            return f"groups of {self.inner_group_num} layers (inner_group_num)"
        if self.num_hidden_groups > self.num_hidden_layers:
            groups = f"{self.num_hidden_groups} groups of {self.num_hidden_layers} layers"
            return f"{groups} (num_hidden_groups)"
        return super().refusal()

    def architecture(self) -> Architecture:
        size, n_groups = self.embedding_size, self.num_hidden_groups
        return replace(super().architecture(), piece_width=size, n_groups=n_groups)


class _DistilBert(msgspec.Struct):
    dim: Size
    n_layers: Few
    n_heads: Few
    hidden_dim: Size
    vocab_size: Size
    max_position_embeddings: Size
    activation: str = "gelu"

    def as_bert(self) -> _Bert:
        """The same in BERT's words."""
        return _Bert(
            hidden_size=self.dim,
            num_hidden_layers=self.n_layers,
            num_attention_heads=self.n_heads,
            intermediate_size=self.hidden_dim,
            vocab_size=self.vocab_size,
            max_position_embeddings=self.max_position_embeddings,
            hidden_act=self.activation,
        )


class _MPNet(_Sizes, kw_only=True):
    relative_attention_num_buckets: int = N_BIAS_BUCKETS

    def first(self) -> int:
        return 2  # whatever the number of the padding piece is

    def refusal(self) -> str | None:
        n = self.relative_attention_num_buckets
        if n != N_BIAS_BUCKETS:
            return f"{n} buckets of distances (relative_attention_num_buckets)"
        return super().refusal()

    def architecture(self) -> Architecture:
        return replace(super().architecture(), kind=MPNet())


class _DebertaV2(_Sizes, kw_only=True):
    max_position_embeddings: Length
    layer_norm_eps: Epsilon = 1e-7
    relative_attention: bool = False
    position_buckets: Annotated[int, msgspec.Meta(le=1 << 13)] = -1
    max_relative_positions: Annotated[int, msgspec.Meta(le=1 << 16)] = -1
    pos_att_type: str | list[str] | None = None
    norm_rel_ebd: str = "none"
    share_att_key: bool = False
    position_biased_input: bool = True
    type_vocab_size: int = 0
    conv_kernel_size: int = 0
    embedding_size: Size | None = None
    attention_head_size: Size | None = None

    def refusal(self) -> str | None:
        asked = self.pos_att_type or []
        asked = asked.lower().split("|") if isinstance(asked, str) else asked
        own = self.hidden_size // self.num_attention_heads
        wanted = {
            "relative_attention": self.relative_attention,
            "pos_att_type": sorted(part.strip() for part in asked) == ["c2p", "p2c"],
            "share_att_key": self.share_att_key,
            "norm_rel_ebd": self.norm_rel_ebd.strip().lower() == "layer_norm",
            "position_buckets": self.position_buckets >= 4,
            "max_relative_positions": self.farthest > self.position_buckets // 2 + 1,
            "position_biased_input": not self.position_biased_input,
            "type_vocab_size": self.type_vocab_size == 0,
            "conv_kernel_size": self.conv_kernel_size == 0,
            "embedding_size": self.embedding_size in (None, self.hidden_size),
            "attention_head_size": self.attention_head_size in (None, own),
        }
        for name, fits in wanted.items():
            if not fits:
                return f"{name} {getattr(self, name)!r}, unlike DeBERTa-v3"
        return super().refusal()

    @property
    def farthest(self) -> int:
        """Distance from which on all are alike."""
        given = self.max_relative_positions
        return given if given >= 1 else self.max_position_embeddings

    def architecture(self) -> Architecture:
        kind = DebertaV2(self.position_buckets, self.farthest)
        return replace(super().architecture(), kind=kind)


class _Rope(msgspec.Struct):
    """How one sort of layers rotates."""

    rope_theta: Theta | None = None
    rope_type: str = "default"


class _Ropes(msgspec.Struct):
    full_attention: _Rope | None = None
    sliding_attention: _Rope | None = None


class _ModernBert(msgspec.Struct):
    hidden_size: Size
    num_hidden_layers: Few
    num_attention_heads: Few
    intermediate_size: Size
    vocab_size: Size
    max_position_embeddings: Length
    hidden_activation: str = "gelu"
    norm_eps: Epsilon = 1e-5
    norm_bias: bool = False
    attention_bias: bool = False
    mlp_bias: bool = False
    local_attention: Size = 128
    layer_types: list[str] | None = None
    global_attn_every_n_layers: Few = 3
    # Newer files have rope_parameters, older ones the other three.
    rope_parameters: _Ropes | None = None
    global_rope_theta: Theta = 160_000.0
    local_rope_theta: Theta | None = 10_000.0
    rope_scaling: Any = None

    def first(self) -> int:
        return 0

    @property
    def types(self) -> list[str]:
        """Sort of attention of each layer."""
        if self.layer_types is not None:
            return self.layer_types
        every, n_layers = self.global_attn_every_n_layers, self.num_hidden_layers
        return [_NEAR if number % every else _WHOLE for number in range(n_layers)]

    @property
    def ropes(self) -> tuple[_Rope, _Rope]:
        """How layers rotate that see the whole text, and how the others do."""
        given = self.rope_parameters or _Ropes()
        return given.full_attention or _Rope(), given.sliding_attention or _Rope()

    def refusal(self) -> str | None:
        if self.hidden_activation not in _ACTIVATIONS:
            return f"the activation {self.hidden_activation!r} (hidden_activation)"
        for name in ("norm_bias", "attention_bias", "mlp_bias", "rope_scaling"):
            if getattr(self, name):
                return f"{name} {getattr(self, name)!r}"
        for rope in self.ropes:
            if rope.rope_type != "default":
                return f"rotations of the type {rope.rope_type!r} (rope_parameters)"
        if len(self.types) != self.num_hidden_layers or set(self.types) - {_WHOLE, _NEAR}:
            return f"layers of the types {', '.join(self.types)} (layer_types)"
        size = self.hidden_size // self.num_attention_heads
        return f"rotations of {size} numbers, an odd number" if size % 2 else None

    def architecture(self) -> Architecture:
        whole, near = self.ropes
        types = self.types
        theta = whole.rope_theta or self.global_rope_theta
        kind = ModernBert(
            global_theta=theta,
            local_theta=near.rope_theta or self.local_rope_theta or theta,
            reach=self.local_attention // 2,
            global_layers=tuple(n for n in range(len(types)) if types[n] == _WHOLE),
        )
        return Architecture(
            n_layers=self.num_hidden_layers,
            n_heads=self.num_attention_heads,
            width=self.hidden_size,
            inner_width=self.intermediate_size,
            n_pieces=self.vocab_size,
            n_positions=self.max_position_embeddings,
            activation=_ACTIVATIONS[self.hidden_activation],
            epsilon=self.norm_eps,
            kind=kind,
        )


_WHOLE, _NEAR = "full_attention", "sliding_attention"
_CONFIGS: dict[str, tuple[type[_Sizes | _DistilBert | _ModernBert], Any]] = {
    "bert": (_Bert, "bert"),
    "electra": (_Electra, "bert"),
    "roberta": (_Roberta, "bert"),
    "xlm-roberta": (_Roberta, "bert"),
    "camembert": (_Roberta, "bert"),
    "distilbert": (_DistilBert, "distilbert"),
    "albert": (_Albert, "albert"),
    "mpnet": (_MPNet, "mpnet"),
    "modernbert": (_ModernBert, "modernbert"),
    "deberta-v2": (_DebertaV2, "deberta-v2"),
}
"""Each type's settings, and whose names its tensors have."""
OTHER = f"Name an encoder of one of these types: {', '.join(_CONFIGS)}."


def read_type(path: Path) -> Typed:
    """Read what ``config.json`` says.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Typed
        Kind, size and names.

    Raises
    ------
    ConfigError
        If it is of a kind that is not supported, or needs code of its own.
    DataError
        If the file is missing or damaged, or holds sizes that cannot be.
    """
    found = needed(path, _Type)
    if found.auto_map:
        problem = f"{path} needs Python code of its own (auto_map), and foreign code is not run."
        raise ConfigError(problem, remedy=OTHER)
    if found.model_type not in _CONFIGS:
        problem = f"{path}: encoders of the type {found.model_type!r} are not supported."
        raise ConfigError(problem, remedy=OTHER)
    cls, names = _CONFIGS[found.model_type]
    config = needed(path, cls)
    if isinstance(config, _DistilBert):
        config = config.as_bert()
    width, n_heads = config.hidden_size, config.num_attention_heads
    if width % n_heads:
        problem = f"{path}: {n_heads} heads do not divide a width of {width}."
        raise DataError(problem, remedy=REMEDY)
    refused = config.refusal()
    if refused is not None:
        raise ConfigError(f"{path} asks for what is not supported: {refused}.", remedy=OTHER)
    first = config.first()
    if config.max_position_embeddings <= first:
        problem = f"{path}: of {config.max_position_embeddings} positions the first {first} are "
        raise DataError(f"{problem}unused, which leaves none.", remedy=REMEDY)
    return Typed(config.architecture(), Layout(names, first))
