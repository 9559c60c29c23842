"""Family ``transformer``: a pretrained encoder, all of which is trained on."""

from newsdesk.models.neural.transformer.family import Transformer
from newsdesk.models.neural.transformer.params import TransformerParams

__all__ = ["Transformer", "TransformerParams"]
