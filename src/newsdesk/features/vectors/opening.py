"""Opening a vector file: convert it the first time, map what was converted afterwards."""

from __future__ import annotations

import os
from pathlib import Path

from newsdesk.errors import DataError
from newsdesk.features.caching import alone, cache_folder, published
from newsdesk.features.vectors.entry import read_facts
from newsdesk.features.vectors.lookup import WordVectors
from newsdesk.features.vectors.naming import entry_name
from newsdesk.types import Progress, Silent

__all__ = ["open_vectors"]


def open_vectors(
    path: str | os.PathLike[str],
    *,
    cache: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> WordVectors:
    """Open a file of word vectors: GloVe, word2vec (text or binary) or fastText, also gzipped.

    The file is read once; what it was converted to is found again as long as the file's place,
    size, time of change, beginning and end are the same. Several processes may do so at once.

    Parameters
    ----------
    path : str | os.PathLike[str]
        The file.
    cache : str | os.PathLike[str] | None
        Folder of converted files; by default that of `cache_folder`.
    progress : Progress | None
        Told of the bytes read.

    Returns
    -------
    WordVectors
        Its words and vectors.

    Raises
    ------
    DataError
        If it is no file of word vectors, is damaged, or changes while it is read.
    StorageError
        If it cannot be read, or the cache not be written.
    """
    path = Path(path)
    entry = (cache_folder("vectors") if cache is None else Path(cache)) / entry_name(path)
    facts = read_facts(entry)
    if facts is None:
        from newsdesk.features.vectors.conversion import convert  # loads numba

        with alone(entry):
            facts = read_facts(entry)  # of another process, which was waited for
            if facts is None:
                with published(entry) as folder:
                    convert(path, folder, progress=progress or Silent())
                    if entry_name(path) != entry.name:
                        problem = f"{path} has changed while it was read."
                        raise DataError(problem, remedy="Open it again when it is complete.")
                    facts = read_facts(folder)
    assert facts is not None, "what was converted is whole"
    return WordVectors(str(path), entry, facts)
