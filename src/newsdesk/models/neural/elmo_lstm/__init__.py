"""Family ``elmo-lstm``: long short-term memory over words as ELMo reads them in their context."""

from newsdesk.models.neural.elmo_lstm.family import ElmoLstm
from newsdesk.models.neural.elmo_lstm.params import ElmoLstmParams

__all__ = ["ElmoLstm", "ElmoLstmParams"]
