"""Train a language model on texts without labels.

Families start from the folder that it writes.

KIND is nnlm (word vectors; for nnlm-linear and nnlm-lstm), elmo (words by their characters, in
context; for elmo-lstm) or awd-lstm (for ulmfit). TEXTS are tables, folders or known sets as
'newsdesk train' reads them; labels are not looked at. With --split or --test the first of them is
read as 'newsdesk train' with the same options reads it: only its train rows are used, and no text
that stands in its valid or test rows. A training that was interrupted goes on when the same command
is given again.

For example:
  newsdesk pretrain awd-lstm articles.csv more.parquet --out encoders/news
  newsdesk pretrain awd-lstm huffpost --labels huffpost-34 --split published --out encoders/huffpost
  newsdesk train huffpost --labels huffpost-34 --family ulmfit --set encoder=encoders/huffpost
  newsdesk pretrain elmo articles.csv --set preset=base --set epochs=4 --out encoders/elmo
  newsdesk pretrain nnlm --settings
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from newsdesk.cli import console, options

__all__ = ["pretrain"]


def pretrain(
    kind: Annotated[
        Literal["nnlm", "elmo", "awd-lstm"],
        typer.Argument(metavar="KIND", help="nnlm, elmo or awd-lstm."),
    ],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXTS", help="Where the texts are.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The encoder folder to write.")
    ] = None,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    classes: options.Classes = None,
    rows: options.Rows = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="SPEC",
            help="Read only the train rows of the split that 'newsdesk train --split SPEC' draws.",
        ),
    ] = None,
    test: options.Test = None,
    seed: options.Seed = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A setting of the language model, see --settings; may be repeated.",
        ),
    ] = None,
    show_settings: Annotated[
        bool, typer.Option("--settings", help="Only list the settings of the kind.")
    ] = False,
    clean: options.Clean = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the encoder folder if it exists.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a language model on texts without labels."""
    if show_settings:
        _show(kind, as_json=as_json)
        return
    if not texts or out is None:
        raise typer.BadParameter("TEXTS and --out are needed: what to read, and where to write.")
    parted = split is not None or test is not None
    if not parted and any(one is not None for one in (label, labels, classes, rows)):
        raise typer.BadParameter("--label, --labels, --classes and --rows need --split or --test.")
    from newsdesk.bundle import Cleaner
    from newsdesk.cli.progress import progress
    from newsdesk.models.neural.language.folder import FAMILIES
    from newsdesk.training.pretraining import pretrain as train_model
    from newsdesk.training.rows import RowSource
    from newsdesk.training.stages import table

    source = None
    if parted:
        source = RowSource(
            data=texts[0],
            split=split,
            test=test,
            text=options.names(text),
            label=label,
            labels=labels,
            classes=classes,
            rows=rows,
            seed=seed,
        )
    made = train_model(
        kind,
        texts[1:] if parted else texts,
        out=out,
        source=source,
        text=options.names(text),
        settings=settings or (),
        seed=seed,
        cleaner=Cleaner.of(options.names(clean) or ()),
        overwrite=overwrite,
        progress=progress(quiet=quiet),
        notes=None if quiet else console.note,
    )
    origin, columns = made.encoder.origin, made.stage.columns
    if as_json:
        console.write_json(
            {
                "encoder": str(made.path),
                "kind": kind,
                "n_texts": origin.n_texts,
                "n_tokens": origin.n_tokens,
                "perplexities": origin.perplexities,
                "epochs": [dict(zip(columns, row, strict=True)) for row in made.stage.rows],
            }
        )
        return
    told = table(made.stage)
    console.say(console.table(list(told.columns), [list(row) for row in told.rows], left=()))
    for line in told.notes:
        console.say(line)
    console.say()
    console.say(f"Encoder:  {made.path}", wrap=False)
    family = FAMILIES[kind][0]
    # Other rows would be tested on than those that the language model has not read.
    same = {"text": text, "label": label, "labels": labels, "classes": classes, "rows": rows}
    same |= {"split": split, "test": test, "seed": seed or None, "clean": clean}
    given = [f"--{name} {shlex.quote(str(value))}" for name, value in same.items() if value]
    words = [shlex.quote(texts[0]), *given, "--family", family]
    use = " ".join([*words, "--set", shlex.quote(f"encoder={made.path}")])
    console.say(f"Use it:   newsdesk train {use}", wrap=False)


def _show(kind: str, *, as_json: bool) -> None:
    from newsdesk.cli.families import show_settings
    from newsdesk.models.neural.language.kinds import default_params

    params = type(default_params(kind))
    summary = (params.__doc__ or "").splitlines()[0]
    show_settings(
        kind,
        summary,
        params,
        as_json=as_json,
        use=f"newsdesk pretrain {kind} TEXTS --out DIR",
    )
