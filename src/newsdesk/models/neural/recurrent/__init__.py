"""The recurrent network that ``lstm`` and ``lstm-vectors`` share."""
