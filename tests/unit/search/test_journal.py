from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from newsdesk.errors import BundleExistsError, DataError
from newsdesk.features.clean import Cleaner
from newsdesk.search.grid import Grid
from newsdesk.search.journal import JOURNAL, Finished, FoldScore, is_taken, opened
from newsdesk.search.question import Question


def question(grid: Grid, seed: int = 0) -> Question:
    fold = np.array([0, 1, -1])
    return Question.of(
        grid, data="d", split="tail:1", fold=fold, n_folds=2, seed=seed, cleaner=Cleaner()
    )


def fits(grid: Grid) -> list[FoldScore]:
    """All eight, one of them failed."""
    return [
        FoldScore(s.number, fold, s.values, None, None, 0.25, "It diverged.")
        if (s.number, fold) == (2, 1)
        else FoldScore(s.number, fold, s.values, 0.5 + s.number / 10, 0.25, 0.125)
        for s in grid.settings
        for fold in range(2)
    ]


@pytest.fixture
def whole(grid: Grid, place: Path) -> Path:
    """A journal of all fits, without its end."""
    with opened(place, question(grid)) as journal:
        for fit in fits(grid):
            journal.add(fit)
    return place / JOURNAL


def test_what_was_added_is_found_when_opened_again(grid: Grid, whole: Path) -> None:
    with opened(whole.parent, question(grid)) as journal:
        assert journal.fits == fits(grid)
        assert journal.n_torn == 0


def test_a_finished_search_is_not_touched(grid: Grid, whole: Path) -> None:
    with opened(whole.parent, question(grid)) as journal:
        journal.finish(Finished(3, "digest"))
    content = whole.read_bytes()
    with pytest.raises(BundleExistsError, match="finished"), opened(whole.parent, question(grid)):
        pass
    assert whole.read_bytes() == content
    assert is_taken(whole.parent)


def damaged(line: bytes) -> dict[str, bytes]:
    fit = msgspec.json.decode(line)
    assert fit["fit"]["setting"] == 1

    def with_(**changes: object) -> bytes:
        return msgspec.json.encode({"fit": fit["fit"] | changes})

    return {
        "no JSON": b"{" + line[5:],
        "bytes that are no text": b"\xff" * len(line),
        "zeros": b"\0" * len(line),
        "empty": b"",
        "another record": b'{"fits": 3}',
        "a list": b"[1]",
        "unknown setting": with_(setting=4),
        "unknown fold": with_(fold=2),
        "negative fold": with_(fold=-1),
        "done twice": with_(setting=0),
        "score above one": with_(macro_f1=1.5),
        "no score and no reason": with_(macro_f1=None),
        "score and reason": with_(failed="why"),
        "the end, then more": b'{"finished":{"best":0,"bundle_digest":null}}',
    }


@pytest.mark.parametrize("kind", list(damaged(b'{"fit":{"setting":1}}')))
def test_a_damaged_inner_line_is_named(kind: str, grid: Grid, whole: Path) -> None:
    lines = whole.read_bytes().split(b"\n")
    lines[3] = damaged(lines[3])[kind]
    whole.write_bytes(b"\n".join(lines))
    number = 5 if kind == "the end, then more" else 4
    with (
        pytest.raises(DataError, match=f"line {number} is damaged"),
        opened(whole.parent, question(grid)),
    ):
        pass
    assert whole.read_bytes() == b"\n".join(lines)


def test_lines_have_the_form_of_earlier_versions(whole: Path) -> None:
    header, first, *_ = whole.read_bytes().splitlines()
    assert header.startswith(b'{"newsdesk_search":1,"digest":"')
    assert first == (
        b'{"fit":{"setting":0,"fold":0,"values":{"word_ngrams":[1,1],"C":0.1},"macro_f1":0.5,'
        b'"accuracy":0.25,"seconds":0.125,"failed":null}}'
    )
