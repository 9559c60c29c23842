"""Folders on disk: published at once or not at all, and checked to the byte before they are read.

A sealed folder holds ``manifest.json``, which names every other file with its size and sha256.
Readers verify all of it before any file is parsed. Nothing here knows what a bundle is.
"""

from newsdesk.store.publishing import probe, staged
from newsdesk.store.reading import read
from newsdesk.store.sealing import FORMAT, Manifest, seal, verify

__all__ = ["FORMAT", "Manifest", "probe", "read", "seal", "staged", "verify"]
