"""Family ``nnlm-lstm``: long short-term memory over a language model's word vectors."""

from newsdesk.models.neural.nnlm_lstm.family import NnlmLstm
from newsdesk.models.neural.nnlm_lstm.params import NnlmLstmParams

__all__ = ["NnlmLstm", "NnlmLstmParams"]
