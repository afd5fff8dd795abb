"""argv → one call. Prints, and turns errors into one paragraph and an exit code."""

import os
import sys
from typing import NoReturn

import click

import optisearch
from optisearch.cli.asking import check, compare, confirm, new, run, work
from optisearch.cli.models import export, replay
from optisearch.cli.serving import dashboard
from optisearch.cli.telling import report, status
from optisearch.errors import OptisearchError

_USAGE = 2
_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(optisearch.__version__, prog_name="optisearch")
def commands() -> None:
    """Find the optimizer, learning rate, batch size, activation, regularization and number of
    epochs that suit a Keras model, with evidence.

    Begin with:  optisearch run studies/digits.py
    """


_COMMANDS = (
    *(new, check, run, compare, confirm, work),
    *(status, report, replay, export, dashboard),
)
for command in _COMMANDS:
    commands.add_command(command)


def main() -> NoReturn:
    """The `optisearch` script."""
    try:
        code = commands.main(prog_name="optisearch", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = _USAGE
    except click.ClickException as error:
        _say(_usage(error))
        code = _USAGE
    except OptisearchError as error:
        _say(str(error))
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except BrokenPipeError:  # `optisearch report … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "optisearch"
    message = " ".join(error.format_message().split())
    message += "" if message.endswith((".", "?", "!")) else "."
    return f"{path}: {message} See `{path} --help`."


def _say(message: str) -> None:
    click.echo(f"error: {message}", err=True)
