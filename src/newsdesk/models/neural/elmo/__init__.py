"""ELMo: words read by their characters, in their context from both sides."""
