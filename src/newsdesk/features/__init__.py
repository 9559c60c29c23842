"""Text to features: cleaning, tokens, hashed n-grams."""
