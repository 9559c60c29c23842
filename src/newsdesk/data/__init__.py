"""The data room: tables, corpora, label maps, splits and the known data sets."""
