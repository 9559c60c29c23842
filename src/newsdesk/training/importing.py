"""Foreign weights → encoder folder, published at once or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from newsdesk.config import suggest
from newsdesk.errors import ConfigError
from newsdesk.models.neural.importing.apart import read_apart
from newsdesk.models.neural.importing.formats import (
    FORMATS,
    FormatName,
    Request,
    recognise,
    sign,
)
from newsdesk.models.neural.language import folder
from newsdesk.store import probe, staged
from newsdesk.training.notes import Note

__all__ = ["Imported", "import_weights"]


@dataclass(frozen=True)
class Imported:
    """What was imported.

    Parameters
    ----------
    out : Path
        The encoder folder.
    format : FormatName
        Of the files.
    kind : folder.Kind
        Of the encoder folder.
    n_words : int
        Words of its vocabulary; 0 where words are read by their characters.
    n_numbers : int
        Numbers of all its arrays.
    families : tuple[str, ...]
        Families that take it.
    notes : tuple[str, ...]
        What was left out or guessed.
    """

    out: Path
    format: FormatName
    kind: folder.Kind
    n_words: int
    n_numbers: int
    families: tuple[str, ...]
    notes: tuple[str, ...]


def import_weights(
    files: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002  the word of the command line
    backward: bool = False,
    n_words: int | None = None,
    overwrite: bool = False,
    note: Note | None = None,
) -> Imported:
    """Make an encoder folder of the weights of another program.

    Parameters
    ----------
    files : Sequence[str | os.PathLike[str]]
        The files of one model.
    out : str | os.PathLike[str]
        The folder.
    format : str | None
        A name of `newsdesk.models.neural.importing.formats.FORMATS`; None tells it from the files.
    backward : bool
        Whether the model reads texts from their end; of ``fastai-awd-lstm`` alone.
    n_words : int | None
        Words to keep at most, from 1 on, the first of the file; None keeps all.
    overwrite : bool
        Whether an encoder folder that stands there is replaced.
    note : Note | None
        Told what is read, before it is.

    Returns
    -------
    Imported
        What stands there now.

    Raises
    ------
    BundleExistsError
        If something stands there already.
    ConfigError
        If the format is not known or an option is not one of it.
    DataError
        If a file is not what the format wants.
    MissingExtraError
        If the library of the format is not installed.
    StorageError
        If the disk refuses.
    """
    out, paths = Path(out), [Path(name) for name in files]
    name = _format(format, paths)
    if backward and name != "fastai-awd-lstm":
        problem = f"Weights of {name} are not read backward."
        raise ConfigError(problem, remedy="Leave --backward out.")
    if n_words is not None and name == "allennlp-elmo":
        problem = "An ELMo has no words to choose from: it reads characters."
        raise ConfigError(problem, remedy="Leave --words out.")
    probe(out, replace=overwrite, marker=folder.MARKER)
    if note is not None:
        note(f"reading {', '.join(path.name for path in paths)} as {name}")
    request = Request(name, tuple(map(str, paths)), backward, n_words)
    with staged(out, replace=overwrite, marker=folder.MARKER) as place:
        work = place / "work"
        work.mkdir()
        found = read_apart(request, work)
        # Written anew from what was checked: nothing else that lies there is published.
        shutil.rmtree(work)
        folder.write(found.encoder, place)
    encoder = found.encoder
    return Imported(
        out,
        name,
        encoder.kind,
        0 if encoder.vocab is None else len(encoder.vocab),
        sum(array.size for array in encoder.tensors.values()),
        folder.FAMILIES[encoder.kind],
        found.notes,
    )


def _format(named: str | None, paths: Sequence[Path]) -> FormatName:
    if named is None:
        return recognise(paths)
    for path in paths:
        sign(path)  # it is there
    for known in get_args(FormatName):
        if known == named:
            return known  # type: ignore[no-any-return]
    problem = f"There is no format {named!r} of weights."
    raise ConfigError(problem, remedy=suggest(named, FORMATS))
