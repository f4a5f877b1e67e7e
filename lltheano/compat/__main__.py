"""`python -m lltheano.compat PROGRAM [ARGUMENT ...]`: run a program that was written for Theano.

The program runs as `python PROGRAM` would run it, with `theano` meaning this package.
"""

import runpy
import sys
from pathlib import Path

from lltheano.compat import install_as_theano

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Run the program that the first argument names with the others."""
    if not arguments:
        sys.exit("usage: python -m lltheano.compat PROGRAM [ARGUMENT ...]")
    install_as_theano()
    sys.argv = arguments
    sys.path[0] = str(Path(arguments[0]).resolve().parent)
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
