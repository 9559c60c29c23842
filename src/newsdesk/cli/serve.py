"""Serve bundles by an API and a page.

Existing clients speak the API: Hugging Face, Triton, KServe, text-embeddings-inference.
The page is at /, the documentation of the API at /docs. Only this machine can reach the server
unless --host says otherwise, and then a key is needed (--keys), or --public.

SIGTERM and Ctrl-C end it in order: no more connections are taken, what has begun is answered within
30 seconds, and the exit code is 0, or 130 after Ctrl-C. A second one ends it at once.

For example:
  newsdesk serve runs/demo
  newsdesk serve news=runs/huffpost fast=runs/linear --workers 2
  newsdesk serve runs/huffpost/bundle --samples texts.csv --feedback corrections.db
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from newsdesk.cli import console
from newsdesk.cli.keys import read_keys

__all__ = ["serve"]

_KEYS, _MANAGEMENT_KEYS = "NEWSDESK_KEYS", "NEWSDESK_MANAGEMENT_KEYS"


def serve(
    bundles: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]BUNDLE", help="Bundle or run folders; the first is the default model."
        ),
    ],
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8080,
    workers: Annotated[int, typer.Option("--workers", metavar="N", min=1, help="Processes.")] = 1,
    samples: Annotated[
        Path | None,
        typer.Option(
            "--samples",
            metavar="FILE",
            help="A table of texts with labels that the page offers.  [default: that of the run]",
        ),
    ] = None,
    feedback: Annotated[
        str | None,
        typer.Option(
            "--feedback",
            metavar="DB",
            help="Keep corrections: a SQLite file, sqlite:///PATH or postgresql://….",
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", metavar="FILE", help=f"Keys of clients, one per line.  [or: {_KEYS}]"
        ),
    ] = None,
    management_keys: Annotated[
        Path | None,
        typer.Option(
            "--management-keys",
            metavar="FILE",
            help=f"Keys for loading models and judging corrections.  [or: {_MANAGEMENT_KEYS}]",
        ),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Let everybody ask who can reach the address.")
    ] = False,
    abstain_below: Annotated[
        float,
        typer.Option(
            "--abstain-below", metavar="P", min=0, max=1, help='Less likely answers are "not sure".'
        ),
    ] = 0.0,
    rate: Annotated[
        float,
        typer.Option(
            "--rate", metavar="N", min=0, help="Requests per second of one key or address; 0: any."
        ),
    ] = 0.0,
    max_body: Annotated[
        int, typer.Option("--max-body", metavar="BYTES", min=1024, help="Longest request.")
    ] = 2 << 20,
    max_texts: Annotated[
        int, typer.Option("--max-texts", metavar="N", min=1, help="Texts of one request.")
    ] = 512,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy", metavar="NETWORK", help="Believe X-Forwarded-For of it; may be repeated."
        ),
    ] = None,
    log_requests: Annotated[
        bool,
        typer.Option("--log-requests/--log-errors", help="A line of JSON on stderr for each."),
    ] = True,
) -> None:
    """Serve bundles until interrupted."""
    from newsdesk import optional
    from newsdesk.serving import Keys, Limits, Settings
    from newsdesk.serving.settings import names_of, samples_beside

    models = names_of(bundles)
    settings = Settings(
        models=models,
        host=host,
        port=port,
        workers=workers,
        public=public,
        samples=samples or samples_beside(next(iter(models.values()))),
        feedback=feedback,
        abstain_below=abstain_below,
        proxies=tuple(proxy or ()),
        log_requests=log_requests,
        keys=Keys(_keys(keys, _KEYS), _keys(management_keys, _MANAGEMENT_KEYS)),
        limits=Limits(body_bytes=max_body, texts=max_texts, rate=rate),
    )

    def listening(url: str) -> None:
        for name, path in settings.models.items():
            console.note(f"{name}: {path}")
        console.note(f"serving at {url}, the API is described at {url}/docs; Ctrl-C ends it")

    run = optional.load("newsdesk.serving.workers:run", extra="serve")
    code = run(settings, listening=listening)
    if code:
        raise typer.Exit(code)


def _keys(path: Path | None, variable: str) -> tuple[str, ...]:
    """Keys of a file, or of the environment where there is no file."""
    return tuple(os.environ.get(variable, "").split()) if path is None else read_keys(path)
