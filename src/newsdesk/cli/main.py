"""The command ``newsdesk``: its verbs, and what becomes of errors."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from newsdesk._version import __version__
from newsdesk.cli import (
    console,
    demo,
    doctor,
    evaluate,
    explain,
    families,
    feedback,
    history,
    import_weights,
    inspect,
    predict,
    prepare,
    pretrain,
    promote,
    rollback,
    search,
    serve,
    study,
    train,
)
from newsdesk.errors import NewsdeskError

__all__ = ["app", "main"]

_FAILED, _INTERRUPTED = 1, 130
_BROKEN_PIPE = 141
"""128 + SIGPIPE: what a shell reports of other programs whose reader went away."""

_HELP = """Train, compare, explain and serve text classifiers.

\b
A first model in three commands:
  newsdesk demo
  newsdesk train articles.csv
  newsdesk predict runs/articles/bundle "Striker signs for city rivals"

Results go to stdout, notes and progress to stderr. Exit code 0: done, 1: an error that is
explained, 2: wrong usage, 130: interrupted.
"""


def guarded(verb: Callable[..., None], *, debug: bool) -> Callable[..., None]:
    """Turn what a verb raises into words and an exit code.

    Parameters
    ----------
    verb : Callable[..., None]
        A verb.
    debug : bool
        Whether errors are let through, so that the traceback is seen.

    Returns
    -------
    Callable[..., None]
        The same verb: our errors give two lines and exit code 1.
    """

    @functools.wraps(verb)
    def run(*arguments: object, **options: object) -> None:
        try:
            verb(*arguments, **options)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt as stop:
            console.stderr().print(f"interrupted: {stop}" if str(stop) else "interrupted")
            raise typer.Exit(_INTERRUPTED) from None
        except BrokenPipeError:
            # Python flushes stdout once more when it ends, which must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(_BROKEN_PIPE) from None
        except NewsdeskError as error:
            if debug:
                raise
            console.error(error.problem, error.remedy)
            raise typer.Exit(_FAILED) from None
        except Exception as error:
            if debug:
                raise
            what = f"unexpected error: {type(error).__name__}: {error}"
            console.error(what, "Please report it, with what the same command says with --debug.")
            raise typer.Exit(_FAILED) from None

    return run


def app(*, debug: bool = False) -> typer.Typer:
    """Put the verbs together.

    Parameters
    ----------
    debug : bool
        Whether errors are shown with their traceback.

    Returns
    -------
    typer.Typer
        To be called without arguments.
    """
    # Plain help: drawing boxes with rich would cost more than the rest of --help together.
    together = typer.Typer(
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    together.callback()(_options)
    for verb, text in (
        (demo.demo, demo.__doc__),
        (inspect.inspect, inspect.__doc__),
        (prepare.prepare, prepare.__doc__),
        (train.train, train.__doc__),
        (pretrain.pretrain, pretrain.__doc__),
        (search.search, search.__doc__),
        (study.study, study.__doc__),
        (evaluate.evaluate, evaluate.__doc__),
        (predict.predict, predict.__doc__),
        (explain.explain, explain.__doc__),
        (serve.serve, serve.__doc__),
        (promote.promote, promote.__doc__),
        (rollback.rollback, rollback.__doc__),
        (history.history, history.__doc__),
        (import_weights.import_weights, import_weights.__doc__),
        (families.families, families.__doc__),
        (doctor.doctor, doctor.__doc__),
    ):
        together.command(verb.__name__.replace("_", "-"), help=_help(text))(
            guarded(verb, debug=debug)
        )
    # Its own verbs stand under one name.
    under = typer.Typer(
        help=_help(feedback.__doc__),
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, verb in feedback.VERBS.items():
        under.command(name)(guarded(verb, debug=debug))
    together.add_typer(under, name="feedback")
    return together


def _help(text: str | None) -> str:
    """A module's docstring as help; a backspace keeps the lines of a paragraph apart."""
    return re.sub(r"\n\n(?=For example|  )", "\n\n\b\n", text or "")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsdesk {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show the traceback of an error; may stand anywhere."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal lacks is no reason to fail.
            stream.reconfigure(errors="replace")
    arguments = sys.argv[1:]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    debug = "--debug" in arguments[:end]
    rest = [word for word in arguments[:end] if word != "--debug"] + arguments[end:]
    app(debug=debug)(args=rest, prog_name="newsdesk")
