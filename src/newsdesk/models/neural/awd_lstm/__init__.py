"""The language model of ULMFiT: long short-term memory under many kinds of dropout."""
