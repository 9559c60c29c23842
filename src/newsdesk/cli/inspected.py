"""What an inspection is to people at a terminal, and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdesk.cli import console

if TYPE_CHECKING:
    from newsdesk.inspection import Inspection
    from newsdesk.inspection.duplicates import Cluster, Duplicates

__all__ = ["record", "show"]

_MOST_CLASSES = 50
_MOST_SYSTEMS = 6
_MOST_GIVEAWAYS = 12
_MOST_CLUSTERS = 3
_BAR = 20
_WORDS = 6
_TEXT = 60
_LABEL = 40


def record(found: Inspection) -> dict[str, Any]:
    """What an inspection is to programs.

    Parameters
    ----------
    found : Inspection
        An inspection.

    Returns
    -------
    dict[str, Any]
        All its findings, with ``counts`` of each kind and the ``notes`` of the page.
    """
    import msgspec

    from newsdesk.inspection.summary import notable

    values: dict[str, Any] = msgspec.to_builtins(found)
    return {**values, "counts": found.counts, "notes": notable(found)}


def show(found: Inspection) -> None:
    """Print an inspection as tables.

    Parameters
    ----------
    found : Inspection
        An inspection.
    """
    from newsdesk.inspection.summary import notable, summarise

    console.say(_plain(summarise(found)))
    for part in (
        _classes,
        _lengths,
        _systems,
        _duplicates,
        _suspicions,
        _giveaways,
        _pairs,
        _words,
    ):
        part(found)
    notes = notable(found)
    if notes:
        _head("What needs attention")
    for sentence in notes:
        console.say(f"- {_plain(sentence)}")


def _plain(sentence: str) -> str:
    # Isolates are for pages; a terminal that does not know them would show two boxes.
    return console.printable(sentence.translate({0x2068: None, 0x2069: None}))


def _label(label: str) -> str:
    return console.clip(console.printable(label), _LABEL)


def _head(title: str) -> None:
    from rich.text import Text

    console.say()
    console.say(Text(title, style="bold"))


def _classes(found: Inspection) -> None:
    _head("Classes")
    widest = found.classes[0].share
    shown = found.classes[:_MOST_CLASSES]
    rows = [
        [
            _label(item.label),
            f"{item.n_rows:,}",
            console.percent(item.share),
            f"{item.words.median:,}",
            _share(item.n_named / item.n_rows),
            console.bar(item.share / widest, _BAR),
        ]
        for item in shown
    ]
    headings = ["class", "rows", "share", "median\nwords", "names\nitself", ""]
    console.say(console.table(headings, rows, left=(0, 5)))
    _more(len(found.classes) - _MOST_CLASSES)


def _words(found: Inspection) -> None:
    rows = [
        [_label(item.label), console.printable(", ".join(item.characteristic[:_WORDS]))]
        for item in found.classes[:_MOST_CLASSES]
        if item.characteristic
    ]
    if rows:
        _head("Words of each class")
        console.say(console.table(["class", "used much more than elsewhere"], rows, left=(0, 1)))


def _lengths(found: Inspection) -> None:
    _head("Lengths")
    rows = []
    for item in found.lengths:
        for unit, row in (("words", item.words), ("characters", item.characters)):
            numbers = (row.q1, row.median, row.q3, row.p95, row.p99, row.maximum)
            name = console.printable(item.field) if unit == "words" else ""
            n_empty = f"{item.n_empty:,}" if unit == "words" else ""
            rows.append([name, unit, *(f"{number:,}" for number in numbers), n_empty])
    headings = ["field", "", "25 %", "median", "75 %", "95 %", "99 %", "most", "empty"]
    console.say(console.table(headings, rows, left=(0, 1)))


def _systems(found: Inspection) -> None:
    _head("Writing systems")
    rows = [
        [item.name, f"{item.n_characters:,}", _share(item.share), f"{item.n_rows:,}"]
        for item in found.writing_systems[:_MOST_SYSTEMS]
    ]
    if not rows:
        console.say("No text holds a letter.")
        return
    headings = ["system", "characters", "share", "texts mainly in it"]
    console.say(console.table(headings, rows))
    _more(len(found.writing_systems) - _MOST_SYSTEMS)


def _duplicates(found: Inspection) -> None:
    _head("Duplicates")
    leaks = found.leaks

    def cells(name: str, item: Duplicates, n_leaked: int | None) -> list[str]:
        numbers = [
            *(item.n_clusters, item.n_surplus, item.n_conflicts, item.n_conflicting_rows),
            *(() if n_leaked is None else (n_leaked,)),
        ]
        return [name, *(f"{number:,}" for number in numbers)]

    headings = ["", "clusters", "rows\ntoo many", "clusters with\nseveral labels", "their\nrows"]
    headings += [] if leaks is None else ["test rows\nin train"]
    rows = [
        cells("exact", found.exact, None if leaks is None else leaks.n_exact),
        cells("exact and near", found.near, None if leaks is None else leaks.n_near),
    ]
    console.say(console.table(headings, rows))
    for cluster in found.near.largest[:_MOST_CLUSTERS]:
        console.say(_cluster(cluster), wrap=False)


def _cluster(cluster: Cluster) -> str:
    labels = ", ".join(f"{_label(label)} {n:,}" for label, n in cluster.labels[:3])
    more = ", …" if len(cluster.labels) > 3 else ""
    text = console.clip(cluster.examples[0].text, _TEXT)
    return console.printable(f"{cluster.n_rows:,} × {text} ({labels}{more})")


def _suspicions(found: Inspection) -> None:
    _head("Suspicious rows")
    rows = [
        [
            item.title,
            f"{item.n_rows:,}",
            _share(item.share),
            console.printable(", ".join(example.id for example in item.examples)),
        ]
        for item in found.suspicions
        if item.n_rows
    ]
    if not rows:
        console.say("None.")
        return
    console.say(console.table(["kind", "rows", "share", "such as id"], rows, left=(0, 3)))


def _giveaways(found: Inspection) -> None:
    _head("Words that give a class away")
    rows = [
        [
            _label(item.word),
            _label(item.label),
            f"{item.n_rows:,}",
            console.percent(item.share),
            _share(item.covered),
        ]
        for item in found.giveaways[:_MOST_GIVEAWAYS]
    ]
    if not rows:
        console.say("None.")
        return
    headings = ["word", "class", "texts\nwith it", "of the\nclass", "share of\nthe class"]
    console.say(console.table(headings, rows, left=(0, 1)))
    _more(found.n_giveaways - _MOST_GIVEAWAYS)


def _pairs(found: Inspection) -> None:
    if not found.pairs:
        return
    _head("Classes that share their vocabulary")
    rows = [
        [
            f"{_label(pair.first)} / {_label(pair.second)}",
            f"{pair.similarity:.2f}",
            console.printable(", ".join(pair.words)),
        ]
        for pair in found.pairs
    ]
    console.say(console.table(["classes", "similarity", "words of both"], rows, left=(0, 2)))


def _share(share: float) -> str:
    """Shares that are small but not 0 do not read as 0."""
    return console.percent(share) if share >= 0.001 or not share else "< 0.1 %"


def _more(n: int) -> None:
    if n > 0:
        console.say(f"and {n:,} more")
