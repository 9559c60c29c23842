"""Show which words moved an answer, and how much.

Green words spoke for the label, red ones against it. Where the score of a family is a sum over
words, the weights are its parts, exact; any other family is asked again without each word in turn
(occlusion). Which it was stands below the weights. Texts are arguments or lines of stdin.

--check takes a table instead and measures whether the weights tell what moves the bundle: the words
that weigh most are left out of its texts, and as many random ones.

For example:
  newsdesk explain runs/demo/bundle "Striker signs for city rivals"
  newsdesk explain runs/demo/bundle "Striker signs for city rivals" --label Business
  newsdesk explain runs/demo/bundle "Striker signs for city rivals" --html why.html
  newsdesk explain runs/demo/bundle --check news.csv --rows 200
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from newsdesk.cli import answers, console, options

if TYPE_CHECKING:
    from newsdesk.bundle import Explanation

__all__ = ["explain"]

_WORDS = 8
_ROWS = 200


def explain(
    bundle: options.Bundle,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Texts; - or nothing reads them from stdin."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", metavar="NAME", help="The label to explain.  [default: the likeliest]"
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write a page to open in a browser."),
    ] = None,
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="TABLE", help="Measure the explanations of its texts."),
    ] = None,
    text: options.Text = None,
    rows: Annotated[
        int | None,
        typer.Option(
            "--rows", metavar="N", min=2, help="How many rows --check draws.  [default: 200]"
        ),
    ] = None,
    seed: options.Seed = 0,
    expect_digest: options.Digest = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Explain the answers to texts, or check explanations."""
    if check is not None:
        if texts or html is not None:
            raise typer.BadParameter("--check takes the place of texts and of --html.")
        from newsdesk.bundle import Bundle
        from newsdesk.cli import checked

        door = Bundle.load(bundle, expect_digest=expect_digest)
        columns = options.names(text)
        n_rows = rows or _ROWS
        checked.show(door, check, columns, label, n_rows, seed, as_json=as_json, quiet=quiet)
        return
    if text is not None or rows is not None:
        raise typer.BadParameter("--text and --rows belong to --check.")
    from newsdesk.cli import texts as source

    given = source.given(texts)
    from newsdesk.bundle import Bundle
    from newsdesk.explain import page, record
    from newsdesk.types import Documents

    door = Bundle.load(bundle, expect_digest=expect_digest)
    if given is None:
        given = list(chain.from_iterable(source.chunks(sys.stdin.buffer)))
    if not given:
        return
    explanations = door.explain(Documents.from_texts(given), label)
    # Bare texts are taken as the first field of the bundle.
    documents = [{door.fields[0]: text} for text in given]
    items = list(zip(documents, explanations, strict=True))
    if html is not None:
        _write(html, page.page(items))
        console.note(f"written: {html}")
    if as_json:
        console.write_lines(msgspec.json.encode(record.record(*item)) for item in items)
        return
    for position, (text, explanation) in enumerate(zip(given, explanations, strict=True)):
        if position:
            console.say()
        _show(text, explanation)


def _show(text: str, explanation: Explanation) -> None:
    from rich.text import Text

    from newsdesk.explain import methods, pieces, terminal

    shown = console.printable(text)
    head = f"{console.printable(explanation.label)} {100 * explanation.proba:.1f} %"
    console.say(Text.assemble((head, "bold"), "  ", terminal.highlight(shown, explanation.spans)))
    if explanation.low_evidence:
        console.say(answers.LOW_EVIDENCE)
        return
    words = pieces.shares(shown, explanation.spans)
    console.say()
    console.say(terminal.contributions(words[:_WORDS]))
    if len(words) > _WORDS:
        rest = sum(word.weight for word in words[_WORDS:])
        console.say(f"{rest:+.3f}  {len(words) - _WORDS} further words together")
    console.say()
    console.say(methods.told(explanation))


def _write(path: Path, content: str) -> None:
    from newsdesk.data.atomic import replacing

    with replacing(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
