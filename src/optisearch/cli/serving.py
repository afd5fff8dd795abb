"""The command that serves: dashboard. It imports no framework, and runs no study file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optisearch.cli import options

if TYPE_CHECKING:
    from optisearch.address import Address

_FILE = click.Path(path_type=Path)


@click.command(short_help="The studies in the browser, live.")
@options.storage
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The name or address to serve on; 0.0.0.0 for all of this machine.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option("--read-only", is_flag=True, help="Nobody may change studies.")
@click.option(
    "--allow-changes",
    is_flag=True,
    help="Whoever is let in may.  [default: on this machine alone]",
)
@click.option(
    "--token-file", type=_FILE, help="A file that holds the token.  [default: $OPTISEARCH_TOKEN]"
)
@click.option("--tls-cert", "certificate", type=_FILE, help="The certificate for TLS, a PEM file.")
@click.option("--tls-key", "key", type=_FILE, help="Its key, where that is in a file of its own.")
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="Another name under which it may be asked for.",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy before it, which is believed who asks and whether by TLS.",
)
def dashboard(place: "Address", read_only: bool, allow_changes: bool, **wanted: Any) -> None:
    """The studies in the browser, live: their tables, and optuna-dashboard.

    Served to this machine alone, without a token. On any other --host a token is asked for, of at
    least 16 characters, from OPTISEARCH_TOKEN or --token-file; without one, one is made and shown.
    """
    if read_only and allow_changes:
        context = click.get_current_context()
        raise click.UsageError("--read-only and --allow-changes are opposites.", context)
    from optisearch.dashboard.serving import serve
    from optisearch.dashboard.wanted import Wanted

    may_change = False if read_only else True if allow_changes else None
    serve(place, Wanted(may_change=may_change, **wanted), click.echo, _warn)


def _warn(text: str) -> None:
    click.echo(f"warning: {text}", err=True)
