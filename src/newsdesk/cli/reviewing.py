"""Deciding on corrections one by one at a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from newsdesk.cli import console

if TYPE_CHECKING:
    from newsdesk.feedback import Entry
    from newsdesk.feedback.store import Store

__all__ = ["walk"]

_AT_ONCE = 50
_ASKED = "[a]ccept, [r]eject, [s]kip or [q]uit? "
_ACTS = {word: act for act in ("accept", "reject", "skip", "quit") for word in (act, act[0])}
_DONE = {"accept": "accepted", "reject": "rejected", "skip": "skipped"}


def walk(store: Store) -> None:
    """Show each waiting correction, the oldest first, and do what is answered.

    Parameters
    ----------
    store : Store
        The store. Every decision is kept at once, so that quitting loses none.
    """
    waiting = store.stats().by_status["waiting"]
    if not waiting:
        console.say("No correction is waiting.")
        return
    counts = dict.fromkeys(_DONE, 0)
    number, after = 0, None
    while True:
        page = store.list(status="waiting", limit=_AT_ONCE, after=after)
        for entry in page.entries:
            number += 1
            _show(entry, f"{number:,} of {max(waiting, number):,}")
            act = _asked()
            if act == "quit":
                _say(counts)
                return
            if act != "skip" and not store.decide(entry.id, act):
                console.say("It has been taken back meanwhile.")
                continue
            counts[act] += 1
        after = page.after
        if after is None:
            _say(counts)
            return


def _show(entry: Entry, place: str) -> None:
    said = entry.correction
    score = "" if said.score is None else f"  {console.percent(said.score).strip()}"
    lines = dict(said.fields)
    # A field may be called as one of these: they stand below.
    rows = [
        *lines.items(),
        ("predicted", f"{said.predicted}{score}" if said.predicted else "unknown"),
        ("correction", said.label),
        ("comment", said.comment),
        ("source", said.source),
    ]
    width = max(len(console.printable(name)) for name, _ in rows)
    console.say()
    console.say(f"{place}  {entry.created_at:%Y-%m-%d %H:%M} UTC  {entry.id}")
    for name, text in rows:
        if text:
            console.say(f"  {console.printable(name):<{width}}  {console.printable(text)}")


def _asked() -> str:
    """What is answered; the end of input quits."""
    while True:
        console.stdout().print(_ASKED, end="")
        line = sys.stdin.readline()
        word = line.strip().lower()
        if not line:
            console.say()
            return "quit"
        if word in _ACTS:
            return _ACTS[word]


def _say(counts: dict[str, int]) -> None:
    console.say(", ".join(f"{counts[act]:,} {done}" for act, done in _DONE.items()))
