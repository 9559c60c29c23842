"""Arrays of an HDF5 file, read by name and expected shape: the room of the library h5py.

Only what lies in the file itself is read: links into other files, arrays that are put together from
others or kept elsewhere, and filters that would load a plug-in are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newsdesk import optional
from newsdesk.errors import DataError
from newsdesk.models.neural.importing.checked import FETCH, check_shape, floats
from newsdesk.types import Floats

__all__ = ["Arrays", "opened"]

_FILTERS = frozenset({1, 2, 3, 32000})
"""Deflate, shuffle and checksum (H5Zpublic.h), and h5py's own LZF."""


class Arrays:
    """The arrays of an open file.

    Parameters
    ----------
    path : Path
        The file.
    file : Any
        As h5py has opened it.
    """

    def __init__(self, path: Path, file: Any) -> None:  # noqa: ANN401  an h5py.File
        self._path, self._file = path, file
        self._h5py = optional.load("h5py", extra="hdf5")

    def take(self, name: str, shape: tuple[int, ...]) -> Floats:
        """Read an array.

        Parameters
        ----------
        name : str
            Its place in the file: names of groups and its own, separated by ``/``.
        shape : tuple[int, ...]
            The shape that is needed; nothing is read of an array of another.

        Returns
        -------
        Floats
            The array as float32.

        Raises
        ------
        DataError
            If it is missing, damaged, kept elsewhere, of another shape, or not of finite floats.
        """
        where = f"{self._path}: {name}"
        dataset = self._find(name)
        check_shape(dataset.shape, shape, where)
        settings = dataset.id.get_create_plist()
        filters = {settings.get_filter(n)[0] for n in range(settings.get_nfilters())}
        if dataset.is_virtual or dataset.external or not filters <= _FILTERS:
            problem = f"{where} is kept elsewhere, or packed in an unusual way."
            raise DataError(problem, remedy="Fetch the file as it was published.")
        try:
            found = dataset[...]
        except (OSError, RuntimeError) as error:
            raise DataError(f"{where} is damaged: {error}.", remedy=FETCH) from error
        return floats(found, where)

    def _find(self, name: str) -> Any:  # noqa: ANN401  an h5py.Dataset
        place: Any = self._file
        for part in name.split("/"):
            link = place.get(part, getlink=True) if isinstance(place, self._h5py.Group) else None
            if not isinstance(link, self._h5py.HardLink):
                known = ", ".join(sorted(self._file)[:12])
                problem = f"{self._path} has no array {name}; at its top it has: {known or 'none'}."
                raise DataError(problem, remedy="Name the weights that belong to the options.")
            place = place[part]
        if not isinstance(place, self._h5py.Dataset):
            problem = f"{self._path}: {name} is a group, not an array."
            raise DataError(problem, remedy="Name the weights that belong to the options.")
        return place


@contextmanager
def opened(path: Path) -> Iterator[Arrays]:
    """Open an HDF5 file.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    Arrays
        Its arrays.

    Raises
    ------
    DataError
        If it is no HDF5 file, or cut short.
    MissingExtraError
        If h5py is not installed.
    """
    h5py = optional.load("h5py", extra="hdf5")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        problem = f"{path} cannot be read as HDF5: {error}."
        remedy = "Fetch the file again, it may be cut short."
        raise DataError(problem, remedy=remedy) from error
    with file:
        yield Arrays(path, file)
