"""Folders on disk: published at once or not at all, and checked to the byte before they are read.

A sealed folder holds ``manifest.json``, which names every other file with its size and sha256.
Readers verify all of it before any file is parsed. Nothing here knows what a bundle is. A home
keeps sealed folders as versions, says which one is served, and can go back. A journal keeps what
long work has finished, so that it can be interrupted at any moment.
"""

from newsdesk.store.current import is_home, resolve, served_digest
from newsdesk.store.home import Home
from newsdesk.store.journal import Journal
from newsdesk.store.journal import Kind as JournalKind
from newsdesk.store.locking import refuse_shared
from newsdesk.store.publishing import probe, staged
from newsdesk.store.question import Asked, versions
from newsdesk.store.reading import read
from newsdesk.store.sealing import FORMAT, Manifest, seal, verify
from newsdesk.store.steps import Step, taken

__all__ = [
    "FORMAT",
    "Asked",
    "Home",
    "Journal",
    "JournalKind",
    "Manifest",
    "Step",
    "is_home",
    "probe",
    "read",
    "refuse_shared",
    "resolve",
    "seal",
    "served_digest",
    "staged",
    "taken",
    "verify",
    "versions",
]
