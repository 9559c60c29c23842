"""Serve an earlier version of a home again, to the byte.

Without --to it is the one before the last promotion; once more goes back one further. Promote
brings a version forward again.

For example:
  newsdesk rollback homes/news
  newsdesk rollback homes/news --to 3f2a91c07be4 --why "wrong labels in the last corrections"
"""

from __future__ import annotations

from typing import Annotated

import typer

from newsdesk.cli import console, options

__all__ = ["rollback"]


def rollback(
    home: options.Home,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DIGEST", help="The version; six characters or more.  [one back]"
        ),
    ] = None,
    why: Annotated[
        str, typer.Option("--why", metavar="REASON", help="The reason, for the history.")
    ] = "",
    by: options.By = None,
    reload: options.Reload = None,
    management_key_file: options.ManagementKeyFile = None,
    model: options.Model = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Serve an earlier version of a home again."""
    from newsdesk import promotion
    from newsdesk.cli.servers import server, told, whoever

    running = server(reload, management_key_file, model)
    step = promotion.rollback(home, to=to, by=whoever(by), why=why)
    assert step.after is not None, "a version was named"
    if as_json:
        console.write_json({"home": str(home), "before": step.before, "digest": step.after})
    else:
        old = (step.before or "nothing")[:12]
        console.say(f"{home} serves {step.after[:12]} again, in place of {old}.", wrap=False)
    told(running, step.after, quiet=quiet)
