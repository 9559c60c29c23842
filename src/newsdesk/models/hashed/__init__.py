"""Linear machines on hashed n-grams: what family ``linear`` is, and a part of others."""
