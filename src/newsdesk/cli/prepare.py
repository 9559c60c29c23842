"""Write a curated corpus with a log of every step.

Nothing is changed unless asked for. The steps go in this order: bad rows, label map, classes, rows;
rare classes; balance; clusters; split; then rows dropped from train alone: empty ones, duplicates.
A Feather or Parquet file carries the roles of its columns, its split and its log, so that 'newsdesk
train FILE' needs no options.

For example:
  newsdesk prepare articles.csv --out articles.feather
  newsdesk prepare huffpost --labels huffpost-34 --balance 1004 --out balanced.feather
  newsdesk prepare articles.csv --min-count 20 --other OTHER --out articles.feather
  newsdesk prepare articles.csv --split stratified:0.1 --drop-duplicates near --out clean.feather
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from newsdesk.cli import console, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdesk.data.corpus import Corpus
    from newsdesk.data.curate import Stage

__all__ = ["prepare"]

_SMALLEST: Literal["smallest"] = "smallest"
_SHOWN = 50
"""Classes in the table; JSON has all."""


def _balance(value: str | None) -> str | None:
    if value is None or value == _SMALLEST or (value.isdecimal() and int(value) > 0):
        return value
    raise typer.BadParameter(f"{value!r} is neither a number from 1 on nor {_SMALLEST!r}.")


def prepare(
    data: options.Data,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The file to write: .feather or .parquet carry the log; .csv, .tsv and .jsonl "
            "hold the rows alone.",
        ),
    ],
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    classes: options.Classes = None,
    rows: options.Rows = None,
    seed: options.Seed = 0,
    min_count: Annotated[
        int,
        typer.Option(
            "--min-count", metavar="N", min=1, help="Drop classes of fewer rows; see --other."
        ),
    ] = 1,
    other: Annotated[
        str | None,
        typer.Option("--other", metavar="NAME", help="Merge those classes into this one instead."),
    ] = None,
    balance: Annotated[
        str | None,
        typer.Option(
            "--balance",
            metavar="N|smallest",
            callback=_balance,
            help="Draw N rows of each class, or as many as the smallest has.  [default: all]",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="SPEC",
            help="Draw the split now and record it in the column 'split': published, random:0.1, "
            "stratified:0.1, grouped:COL:0.1, after:2018-01-01, tail:445 or column:NAME.",
        ),
    ] = None,
    drop_empty: Annotated[
        bool, typer.Option("--drop-empty", help="Drop train rows without any text.")
    ] = False,
    drop_duplicates: Annotated[
        Literal["exact", "near"] | None,
        typer.Option(
            "--drop-duplicates",
            help="Drop train rows that are copies of another row, or nearly so.",
        ),
    ] = None,
    clusters: Annotated[
        bool,
        typer.Option("--clusters", help="Number near-duplicate clusters in the column 'cluster'."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a curated corpus with a log of every step."""
    if other is not None and min_count == 1:
        raise typer.BadParameter("--other needs --min-count: the classes of fewer rows.")
    from newsdesk.cli.progress import progress
    from newsdesk.data import prepared
    from newsdesk.data.corpus import read_corpus
    from newsdesk.data.curate import Curation, stages

    curation = Curation(
        min_count=min_count,
        other=other,
        balance=int(balance) if balance not in (None, _SMALLEST) else balance,
        split=split,
        drop_empty=drop_empty,
        drop_duplicates=drop_duplicates,
        clusters=clusters,
        seed=seed,
    )
    prepared.check_place(out, overwrite=overwrite)
    corpus = read_corpus(
        data,
        text=options.names(text),
        label=label,
        labels=labels,
        classes=classes,
        rows=rows,
        seed=seed,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        progress=progress(quiet=quiet),
    )
    passed = []
    for stage in stages(corpus, curation):
        passed.append(stage)
        for line in () if quiet else stage.lines:
            console.note(line)
    prepared.write(passed[-1].corpus, out)
    if as_json:
        console.write_json(_record(passed, out))
    else:
        _show(passed)
        _show_next(passed[-1].corpus, out)


def _record(passed: Sequence[Stage], out: Path) -> dict[str, Any]:
    before, after = passed[0].corpus, passed[-1].corpus
    return {
        "out": str(out),
        "n_rows_in": len(before),
        "n_rows_out": len(after),
        "stages": [{"name": stage.name} | _sizes(stage.corpus) for stage in passed],
        "classes": [
            {"label": name, "before": n_before, "after": n_after} | parts
            for name, n_before, n_after, parts in _classes(before, after)
        ],
        "split_column": after.split_column,
        "cluster_column": after.cluster_column,
        "fingerprint": after.fingerprint,
        "steps": after.steps,
    }


def _sizes(corpus: Corpus) -> dict[str, int]:
    from newsdesk.data.recorded_split import PARTS, part

    sizes = {"n_rows": len(corpus), "n_classes": int((corpus.class_counts > 0).sum())}
    if corpus.split_column is not None:
        sizes |= {f"n_{name}": int(part(corpus, name).sum()) for name in PARTS}
    return sizes


def _classes(before: Corpus, after: Corpus) -> list[tuple[str, int, int, dict[str, int]]]:
    """Name, rows before and after, and rows of each part after, the largest class first."""
    import numpy as np

    from newsdesk.data.recorded_split import PARTS, part

    n_before = dict(zip(before.labels, before.class_counts.tolist(), strict=True))
    n_after = dict(zip(after.labels, after.class_counts.tolist(), strict=True))
    in_parts: dict[str, list[int]] = {}
    if after.split_column is not None:
        n = len(after.labels)
        in_parts = {
            name: np.bincount(after.y[part(after, name)], minlength=n).tolist() for name in PARTS
        }
    names = sorted(
        {*n_before, *n_after},
        key=lambda name: (-n_after.get(name, 0), -n_before.get(name, 0), name),
    )
    rows = []
    for name in names:
        place = after.labels.find(name)
        parts = {
            f"n_{kind}": counts[place] if place >= 0 else 0 for kind, counts in in_parts.items()
        }
        rows.append((name, n_before.get(name, 0), n_after.get(name, 0), parts))
    return rows


def _show(passed: Sequence[Stage]) -> None:
    sizes = [_sizes(stage.corpus) for stage in passed]
    keys = list(sizes[-1])
    cells = [
        [stage.name, *(f"{found[key]:,}" if key in found else "" for key in keys)]
        for stage, found in zip(passed, sizes, strict=True)
    ]
    headings = [key.removeprefix("n_") for key in keys]
    console.say(console.table(["step", *headings], cells))
    console.say()
    classes = _classes(passed[0].corpus, passed[-1].corpus)
    cells = [
        [console.printable(name), *(f"{n:,}" for n in (n_before, n_after, *parts.values()))]
        for name, n_before, n_after, parts in classes[:_SHOWN]
    ]
    console.say(console.table(["label", "rows\nread", "rows\nwritten", *headings[2:]], cells))
    if len(classes) > _SHOWN:
        console.say(f"and {len(classes) - _SHOWN:,} more labels (--json has all)")


def _show_next(corpus: Corpus, out: Path) -> None:
    from newsdesk.data.prepared import CARRYING

    words = ["newsdesk", "train", str(out)]
    if out.suffix.lower() not in CARRYING:
        # Such a file says nothing of its columns.
        words += ["--text", ",".join(corpus.documents.fields), "--label", corpus.label_column]
        if corpus.split_column is not None:
            words += ["--split", f"column:{corpus.split_column}"]
    console.say()
    console.say(f"Written:   {console.printable(str(out))}", wrap=False)
    console.say(f"Train it:  {console.printable(shlex.join(words))}", wrap=False)
