"""What goes wrong on the command line, as a shell user reads it."""

__all__ = [
    "EXHAUSTED",
    "FAILED",
    "INTERRUPTED",
    "PIPE_CLOSED",
    "USAGE",
    "CommandError",
    "file_error",
]

FAILED = 1
"""Exit code: what was asked for could not be done, or is wrong."""

USAGE = 2
"""Exit code: the command line itself is wrong."""

EXHAUSTED = 3
"""Exit code: the program asked for more than `--steps` or `--memory` lets it have."""

INTERRUPTED = 130
"""Exit code: 128 + SIGINT, as a shell gives it."""

PIPE_CLOSED = 141
"""Exit code: 128 + SIGPIPE; nobody reads what is printed."""


class CommandError(Exception):
    """Ends a command with a message and, perhaps, a hint; no traceback.

    >>> error = CommandError("no such pass: 'flod'", hint="did you mean 'fold'?")
    >>> error.code, error.hint
    (1, "did you mean 'fold'?")
    """

    def __init__(self, message: str, *, hint: str = "", code: int = FAILED) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def file_error(verb: str, path: str, error: OSError) -> CommandError:
    """The error for a file that the system refuses: `verb` says what was to be done to it.

    >>> str(file_error("read", "a.ir", FileNotFoundError(2, "No such file or directory")))
    'cannot read a.ir: No such file or directory'
    """
    return CommandError(f"cannot {verb} {path}: {error.strerror or error}")
