"""The command line: `lltheano dump`, `opt`, `run`, `doctor` and `demo`.

Each command is a module of its own, imported when it is used, so that `lltheano --help` does not
wait for a compiler. What all of them keep to is in `lltheano.cli.application`.
"""

from lltheano.cli.application import main

__all__ = ["main"]
