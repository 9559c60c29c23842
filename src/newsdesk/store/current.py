"""Which version a home serves.

A home is a folder of versions: ``bundles/DIGEST/`` are sealed bundles that never change,
``CURRENT`` holds the digest of the one that is served, ``history.jsonl`` every step. Whoever reads
a home reads the served bundle; see `newsdesk.store.home` for how one is changed.
"""

from __future__ import annotations

import re
from pathlib import Path

from newsdesk.errors import BundleFormatError
from newsdesk.store.sealing import MANIFEST

__all__ = ["BUNDLES", "CURRENT", "DIGEST", "is_home", "resolve", "served_digest"]

BUNDLES = "bundles"
CURRENT = "CURRENT"
DIGEST = re.compile(r"[0-9a-f]{64}")


def is_home(directory: Path) -> bool:
    """Tell a home from a bundle folder.

    Parameters
    ----------
    directory : Path
        Any path.

    Returns
    -------
    bool
        Whether versions stand there; false for a bundle, and for what does not exist.
    """
    marked = (directory / CURRENT).exists() or (directory / BUNDLES).is_dir()
    return marked and not (directory / MANIFEST).exists()


def served_digest(home: Path) -> str | None:
    """Read which version a home serves.

    Parameters
    ----------
    home : Path
        A home.

    Returns
    -------
    str | None
        Its digest; None before the first promotion.

    Raises
    ------
    BundleFormatError
        If ``CURRENT`` holds no digest.
    """
    try:
        with (home / CURRENT).open("rb") as file:
            raw = file.read(128)
    except FileNotFoundError:
        return None
    digest = raw.decode("ascii", "replace").removesuffix("\n")
    # What is no digest could be a path that leads out of the home.
    if not DIGEST.fullmatch(digest):
        problem = f"{home / CURRENT} holds no digest of a bundle."
        remedy = f"Name the version to serve: newsdesk rollback {home} --to DIGEST."
        raise BundleFormatError(problem, remedy=remedy)
    return digest


def resolve(directory: Path) -> tuple[Path, str | None]:
    """Find the bundle folder that a path stands for.

    Parameters
    ----------
    directory : Path
        A bundle folder or a home.

    Returns
    -------
    tuple[Path, str | None]
        The folder itself, and None; or the folder of the version that the home serves, and the
        digest that it must have.

    Raises
    ------
    BundleFormatError
        If a home serves nothing yet, or does not say what.
    """
    if not is_home(directory):
        return directory, None
    digest = served_digest(directory)
    if digest is None:
        problem = f"{directory} serves no version yet."
        remedy = f"Promote a bundle into it: newsdesk promote BUNDLE {directory}."
        raise BundleFormatError(problem, remedy=remedy)
    return directory / BUNDLES / digest, digest
