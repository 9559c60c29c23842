"""How the files of pretrained encoders call their tensors."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Layout", "Names", "names_of", "sources_of"]

Style = Literal["bert", "distilbert", "mpnet", "modernbert", "albert", "deberta-v2"]


class Layout(NamedTuple):
    """How the tensors of an encoder are called and cut."""

    names: Style
    """Whose names they have."""
    first_position: int
    """Row of the first token's position; those before it are not used."""


class Names(NamedTuple):
    """What transformers calls our tensors, without ``.weight`` and ``.bias``."""

    above: dict[str, str]
    """Those beside the layers."""
    layer: str
    """What stands before the name of a layer's tensor; ``{}`` is the layer's number."""
    within: dict[str, tuple[str, ...]]
    """Those of a layer; the rows of several stand one below the other in ours."""
    types: bool
    """Whether there are token types, of which the first is added to all positions."""


_PIECES = {"pieces": "embeddings.word_embeddings"}
_ABOVE = _PIECES | {"positions": "embeddings.position_embeddings", "norm": "embeddings.LayerNorm"}
_BERT = {
    "qkv": tuple(f"attention.self.{part}" for part in ("query", "key", "value")),
    "attended": ("attention.output.dense",),
    "attended_norm": ("attention.output.LayerNorm",),
    "inner": ("intermediate.dense",),
    "outer": ("output.dense",),
    "outer_norm": ("output.LayerNorm",),
}
_NAMES: dict[Style, Names] = {
    "bert": Names(_ABOVE | {"projection": "embeddings_project"}, "encoder.layer.{}.", _BERT, True),
    "distilbert": Names(
        _ABOVE,
        "transformer.layer.{}.",
        {
            "qkv": tuple(f"attention.{part}_lin" for part in "qkv"),
            "attended": ("attention.out_lin",),
            "attended_norm": ("sa_layer_norm",),
            "inner": ("ffn.lin1",),
            "outer": ("ffn.lin2",),
            "outer_norm": ("output_layer_norm",),
        },
        False,
    ),
    "mpnet": Names(
        _ABOVE | {"places.distances": "encoder.relative_attention_bias"},
        "encoder.layer.{}.",
        _BERT
        | {
            "qkv": tuple(f"attention.attn.{part}" for part in "qkv"),
            "attended": ("attention.attn.o",),
            "attended_norm": ("attention.LayerNorm",),
        },
        False,
    ),
    "modernbert": Names(
        {
            "pieces": "embeddings.tok_embeddings",
            "norm": "embeddings.norm",
            "final_norm": "final_norm",
        },
        "layers.{}.",
        {
            "qkv_norm": ("attn_norm",),
            "qkv": ("attn.Wqkv",),
            "attended": ("attn.Wo",),
            "inner_norm": ("mlp_norm",),
            "inner": ("mlp.Wi",),
            "outer": ("mlp.Wo",),
        },
        False,
    ),
    "albert": Names(
        _ABOVE | {"projection": "encoder.embedding_hidden_mapping_in"},
        "encoder.albert_layer_groups.{}.albert_layers.0.",
        {
            "qkv": tuple(f"attention.{part}" for part in ("query", "key", "value")),
            "attended": ("attention.dense",),
            "attended_norm": ("attention.LayerNorm",),
            "inner": ("ffn",),
            "outer": ("ffn_output",),
            "outer_norm": ("full_layer_layer_norm",),
        },
        True,
    ),
    "deberta-v2": Names(
        {
            **_PIECES,
            "norm": "embeddings.LayerNorm",
            "places.distances": "encoder.rel_embeddings",
            "distances_norm": "encoder.LayerNorm",
        },
        "encoder.layer.{}.",
        _BERT | {"qkv": tuple(f"attention.self.{part}_proj" for part in ("query", "key", "value"))},
        False,
    ),
}
_TABLES = ("pieces", "positions", "places.distances")
"""Tensors of ours without ``.weight`` in their names."""


def names_of(layout: Layout) -> Names:
    """Look up whose names the tensors of an encoder have.

    Parameters
    ----------
    layout : Layout
        What its configuration says.

    Returns
    -------
    Names
        The names.
    """
    return _NAMES[layout.names]


def sources_of(name: str, layout: Layout) -> list[str]:
    """Say whose tensors make one of ours.

    Parameters
    ----------
    name : str
        One of ours.
    layout : Layout
        What the encoder's configuration says.

    Returns
    -------
    list[str]
        The names, without what a file puts before all of them.

    Examples
    --------
    >>> sources_of("layer.3.qkv.bias", Layout("distilbert", 0))[0]
    'transformer.layer.3.attention.q_lin.bias'
    >>> sources_of("pieces", Layout("modernbert", 0))
    ['embeddings.tok_embeddings.weight']
    """
    names = names_of(layout)
    if name in _TABLES:
        return [f"{names.above[name]}.weight"]
    *place, part, kind = name.split(".")
    if part in names.above:
        return [f"{names.above[part]}.{kind}"]
    return [f"{names.layer.format(place[1])}{source}.{kind}" for source in names.within[part]]
