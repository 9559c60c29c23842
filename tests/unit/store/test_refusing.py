from __future__ import annotations

import errno
from pathlib import Path

import pytest

from newsdesk.errors import BundleExistsError, StorageError
from newsdesk.store.refusing import writing


def test_a_refusal_of_the_disk_says_what_why_and_what_to_do() -> None:
    with (
        pytest.raises(StorageError) as caught,
        writing(Path("journal"), remedy="Free some space."),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.problem == "journal cannot be written: No space left on device."
    assert caught.value.remedy == "Free some space."


@pytest.mark.parametrize("kind", [StorageError, BundleExistsError])
def test_what_has_its_words_already_passes_as_it_is(kind: type[StorageError]) -> None:
    error = kind("It is locked.", remedy="Wait.")
    with pytest.raises(kind) as caught, writing(Path("journal"), remedy="Free some space."):
        raise error
    assert caught.value is error
