"""The manifest of a folder: written last, checked first."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import stat
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec

from newsdesk.errors import BundleFormatError, BundleIntegrityError

__all__ = ["FORMAT", "INTACT", "MANIFEST", "FileFact", "Manifest", "seal", "verify"]

FORMAT = 2
"""Highest manifest format that this build reads. Format 2 has folders within; what has none is
written in format 1, which older builds read too."""
INTACT = "Fetch an intact copy, or train the bundle again."

MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 1 << 20
_FLAT = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.(json|safetensors)"
# Folders have neither dots nor capitals: no name leads out, or is another's on any file system.
_NAMES = {1: re.compile(_FLAT), 2: re.compile(rf"([a-z0-9]{{1,32}}/){{0,2}}{_FLAT}")}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class FileFact:
    """Size and digest of one file.

    Parameters
    ----------
    size_bytes : int
        Length.
    sha256 : str
        Lower-case hexadecimal digest.
    """

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a sealed folder says of itself.

    Parameters
    ----------
    format : int
        Format number of the whole folder; `seal` sets the lowest that does.
    family : str
        Model family.
    versions : dict[str, str]
        newsdesk and the libraries that computed the weights.
    fingerprint : str
        Fingerprint of the training data.
    files : dict[str, FileFact]
        Every other file by name; one in a folder within by its path, ``/`` between the names.
    """

    format: int
    family: str
    versions: dict[str, str]
    fingerprint: str
    files: dict[str, FileFact] = field(default_factory=dict)


def seal(directory: Path, manifest: Manifest) -> str:
    """Write the manifest of all files that stand in a folder, or in folders within.

    Parameters
    ----------
    directory : Path
        The folder.
    manifest : Manifest
        What to say; its ``files`` and ``format`` are filled in here.

    Returns
    -------
    str
        The folder's digest: sha256 of the manifest.
    """
    paths = sorted(path for path in directory.rglob("*") if not path.is_dir())
    files = {
        path.relative_to(directory).as_posix(): FileFact(path.stat().st_size, _sha256(path))
        for path in paths
    }
    number = 2 if any("/" in name for name in files) else 1
    encoded = msgspec.json.encode(dataclasses.replace(manifest, format=number, files=files))
    content = msgspec.json.format(encoded, indent=2) + b"\n"
    (directory / MANIFEST).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def verify(directory: Path, *, expect_digest: str | None = None) -> tuple[Manifest, str]:
    """Check a sealed folder without parsing anything but its manifest.

    Parameters
    ----------
    directory : Path
        The folder.
    expect_digest : str | None
        Digest that it must have; a manifest edited together with its files has another.

    Returns
    -------
    tuple[Manifest, str]
        The manifest and the folder's digest.

    Raises
    ------
    BundleFormatError
        If it is no sealed folder, or one of a newer format.
    BundleIntegrityError
        If a file is missing, extra, no plain file, or differs from the manifest.
    """
    raw = _manifest_bytes(directory)
    digest = hashlib.sha256(raw).hexdigest()
    if expect_digest is not None and digest != expect_digest.lower():
        problem = f"{directory} has digest {digest}, expected is {expect_digest}."
        raise BundleIntegrityError(problem, remedy=INTACT)
    manifest = _decode(directory, raw)
    _check_names(directory, manifest)
    for name, fact in manifest.files.items():
        path = directory / name
        if path.stat().st_size != fact.size_bytes:
            problem = (
                f"{directory}: {name} has {path.stat().st_size:,} bytes, "
                f"the manifest says {fact.size_bytes:,}."
            )
            raise BundleIntegrityError(problem, remedy=INTACT)
        if _sha256(path) != fact.sha256:
            problem = f"{directory}: sha256 mismatch for {name}."
            raise BundleIntegrityError(problem, remedy=INTACT)
    return manifest, digest


def _manifest_bytes(directory: Path) -> bytes:
    path = directory / MANIFEST
    if not directory.is_dir():
        problem = f"There is no bundle folder {directory}."
        raise BundleFormatError(
            problem, remedy="Give the folder that train wrote, runs/NAME/bundle."
        )
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > _MAX_MANIFEST_BYTES:
            problem = f"{path} is no plain file of at most {_MAX_MANIFEST_BYTES:,} bytes."
            raise BundleFormatError(problem, remedy=INTACT)
        return path.read_bytes()
    except FileNotFoundError as error:
        inner = directory / "bundle" / MANIFEST
        remedy = f"Give {inner.parent}." if inner.exists() else "Give the folder that train wrote."
        problem = f"{directory} is no bundle: it has no {MANIFEST}."
        raise BundleFormatError(problem, remedy=remedy) from error


def _decode(directory: Path, raw: bytes) -> Manifest:
    try:
        number = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("format")
        claimed = msgspec.json.decode(number, type=int) if number is not None else None
        if claimed is None or claimed < 1:
            problem = f"{directory}: the manifest has no format number."
            raise BundleFormatError(problem, remedy=INTACT)
        if claimed > FORMAT:
            problem = f"{directory} is of format {claimed}, this build reads up to {FORMAT}."
            raise BundleFormatError(problem, remedy="Upgrade newsdesk.")
        return msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = f"{directory}: {MANIFEST} is broken: {error}."
        raise BundleFormatError(problem, remedy=INTACT) from error


def _check_names(directory: Path, manifest: Manifest) -> None:
    for name in manifest.files:
        if not _NAMES[manifest.format].fullmatch(name) or PurePosixPath(name).name == MANIFEST:
            problem = f"{directory}: the manifest lists {name[:80]!r}, which no bundle holds."
            raise BundleIntegrityError(problem, remedy=INTACT)
    folders = {str(above) for name in manifest.files for above in PurePosixPath(name).parents}
    present = set(_present(directory, folders)) - {MANIFEST}
    for name in sorted(present ^ set(manifest.files)):
        state = "is missing" if name in manifest.files else "is not in the manifest"
        raise BundleIntegrityError(f"{directory}: {name} {state}.", remedy=INTACT)
    for name in manifest.files:
        if not stat.S_ISREG((directory / name).lstat().st_mode):
            problem = f"{directory}: {name} is no plain file."
            raise BundleIntegrityError(problem, remedy=INTACT)


def _present(directory: Path, folders: Set[str], within: str = "") -> Iterator[str]:
    """Names of all entries, of those of listed folders too; a link is never followed."""
    for path in directory.iterdir():
        name = within + path.name
        if name in folders and stat.S_ISDIR(path.lstat().st_mode):
            yield from _present(path, folders, f"{name}/")
        else:
            yield name
