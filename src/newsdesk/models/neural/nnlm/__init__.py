"""The feed-forward neural language model, whose word vectors two families read."""
