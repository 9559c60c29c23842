"""Dense layers on vectors of documents: trained in PyTorch, asked without it."""
