"""Make an encoder folder of published weights.

What the files are is told from their content, or by --format:

  allennlp-elmo    options.json and weights.hdf5 (pip install "newsdesk[hdf5]")
  fastai-awd-lstm  weights (.pth) and their words (itos.pkl) (pip install "newsdesk[torch]")
  nnlm             tokens.txt and the array of their vectors (.npy), of a TF-Hub NN-LM
  word-vectors     one file of word2vec, GloVe or fastText (.vec)

They are read in a process of their own, and nothing that they bring is executed. The folder holds
JSON and safetensors.

For example:
  newsdesk import-weights options.json weights.hdf5 --out encoders/elmo
  newsdesk import-weights fwd_wt103.h5 itos_wt103.pkl --out encoders/wt103
  newsdesk import-weights bwd_wt103.h5 itos_wt103.pkl --backward --out encoders/wt103-backward
  newsdesk import-weights tokens.txt embeddings.npy --out encoders/nnlm-en-128
  newsdesk import-weights glove.6B.100d.txt --words 200000 --out encoders/glove
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from newsdesk.cli import console, options

__all__ = ["import_weights"]


def import_weights(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="The files of one model, in any order.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The encoder folder to write.")],
    format: Annotated[  # noqa: A002  the word of the command line
        Literal["allennlp-elmo", "fastai-awd-lstm", "nnlm", "word-vectors"] | None,
        typer.Option("--format", help="What the files are.  [default: told from their content]"),
    ] = None,
    backward: Annotated[
        bool, typer.Option("--backward", help="The AWD-LSTM reads texts from their end.")
    ] = False,
    words: Annotated[
        int | None,
        typer.Option("--words", metavar="N", min=1, help="Keep the first N words.  [default: all]"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the encoder folder if it exists.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make an encoder folder of published weights."""
    from newsdesk.training import importing

    found = importing.import_weights(
        files,
        out,
        format=format,
        backward=backward,
        n_words=words,
        overwrite=overwrite,
        note=None if quiet else console.note,
    )
    for line in () if quiet else found.notes:
        console.note(line)
    if as_json:
        console.write_json(_record(found))
        return
    words_ = f", {found.n_words:,} words" if found.n_words else ""
    what = f"kind {found.kind}{words_}, {found.n_numbers:,} numbers"
    console.say(f"Encoder:  {console.printable(str(out))} ({what})", wrap=False)
    command = ["newsdesk", "train", "DATA", "--family", found.families[0]]
    command += ["--set", f"encoder={out}"]
    console.say(f"Use it:   {console.printable(shlex.join(command))}", wrap=False)


def _record(found: Any) -> dict[str, Any]:  # noqa: ANN401  an Imported, whose module is heavy
    return {
        "encoder": str(found.out),
        "format": found.format,
        "kind": found.kind,
        "n_words": found.n_words,
        "n_numbers": found.n_numbers,
        "families": list(found.families),
        "notes": list(found.notes),
    }
