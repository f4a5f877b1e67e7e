"""The application that holds the commands, and what all of them keep to.

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 the thing
asked for failed or is wrong, 2 the command line is wrong, 3 a program asked for more than it was
let have, 130 interrupted, 141 nobody reads the output any more. Errors are one line,
`lltheano: error: ...`, with a hint where there is one.
"""

import difflib
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final

import click

from lltheano import __version__
from lltheano.cli.errors import INTERRUPTED, PIPE_CLOSED, USAGE, CommandError
from lltheano.cli.terminal import COLOUR_CHOICES, has_colour

__all__ = ["application", "main"]

COMMANDS: Final[Mapping[str, str]] = {
    "dump": "Print a compiler stage of the functions in a script.",
    "opt": "Transform a file of IR text by named passes.",
    "run": "Execute a file of IR text on given or random inputs.",
    "profile": "Run a script, and show where the time of its functions goes.",
    "theano": "Run a program that was written for Theano, or say what it lacks.",
    "doctor": "Show versions, processor, BLAS, cache, and what is broken.",
    "demo": "Learn to read handwritten digits, and show what was learned.",
}
"""Each is a module of this package whose `command` does it."""


class Application(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of a way of working."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"lltheano.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; a usage error when there is none."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            also = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(COMMANDS)}"
            ctx.fail(f"no such command {args[0]!r}{also}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; stop in silence when nobody reads its output any more."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
            raise click.exceptions.Exit(PIPE_CLOSED) from None
        return result

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command line and exit with its code."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.UsageError as error:
            code = _tell_usage(error)
        except click.ClickException as error:
            code = _tell(error.format_message(), "", error.exit_code)
        except CommandError as error:
            code = _tell(str(error), error.hint, error.code)
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        sys.exit(code)


def _tell(message: str, hint: str, code: int) -> int:
    first, _, rest = message.partition("\n")
    label = "lltheano: error:"
    coloured = has_colour(sys.stderr)
    click.echo(f"{click.style(label, 'red', bold=True) if coloured else label} {first}", err=True)
    if rest:
        click.echo(rest, err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    return code


def _tell_usage(error: click.UsageError) -> int:
    message = error.format_message().rstrip(".")
    where = error.ctx.command_path if error.ctx is not None else "lltheano"
    return _tell(message[:1].lower() + message[1:], f"{where} --help", USAGE)


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that closing the stream at exit does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"lltheano {__version__}")
        ctx.exit()


@click.group(
    cls=Application,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="See also: lltheano COMMAND --help",
)
@click.option(
    "--color",
    type=click.Choice(COLOUR_CHOICES),
    default="auto",
    show_default=True,
    help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def application(ctx: click.Context, color: str) -> None:
    """Symbolic array programs in Theano's model, compiled to machine code through LLVM.

    These commands show what the compiler makes of a program, at every stage.
    """
    ctx.obj = color
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(USAGE)


def main() -> None:
    """Run the command line of this process and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Pictures are drawn in characters that not every terminal's encoding has.
            stream.reconfigure(errors="replace")
    application(prog_name="lltheano")
