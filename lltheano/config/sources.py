"""Where the flags have their first values from: files, then the environment.

A later source overrides an earlier one: the files that `LLTHEANORC` names (by default
`~/.lltheanorc`), in their order, then `LLTHEANO_FLAGS`. Files have Theano's syntax:

    [global]
    floatX = float32

    [NanGuardMode]
    big_is_error = False
"""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from lltheano.errors import ConfigError

__all__ = ["ENVIRONMENT", "FILES", "first_values", "parse_flags", "read_file"]

ENVIRONMENT = "LLTHEANO_FLAGS"
FILES = "LLTHEANORC"

_DEFAULT_FILE = "~/.lltheanorc"


def first_values(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the text that each flag is set to, with the source that sets it."""
    results: dict[str, tuple[str, str]] = {}
    for path in environment.get(FILES, _DEFAULT_FILE).split(os.pathsep):
        if path:
            results |= {name: (one, path) for name, one in read_file(path).items()}
    flags = parse_flags(environment.get(ENVIRONMENT, ""))
    return results | {name: (one, ENVIRONMENT) for name, one in flags.items()}


def parse_flags(text: str, source: str = ENVIRONMENT) -> dict[str, str]:
    """Read Theano's syntax: `name=value` pairs with commas between them.

    >>> parse_flags("floatX=float32, device=cpu")
    {'floatX': 'float32', 'device': 'cpu'}
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise ConfigError(
                f"{source} has {part!r}; it takes name=value pairs with commas between them"
            )
        pairs[name.strip()] = value.strip()
    return pairs


def read_file(path: str) -> dict[str, str]:
    """Read a file of flags; none when there is no such file, ConfigError when it has no sense."""
    try:
        file = Path(path).expanduser()
        if not file.is_file():
            return {}
    except (RuntimeError, OSError):  # the user has no home; the name is too long to be one
        return {}
    parsing = import_module("configparser")  # takes milliseconds, and few programs have a file
    # No section gives its flags to the others: [DEFAULT] is a name like any, and unknown.
    parser = parsing.RawConfigParser(default_section="")
    parser.optionxform = str  # the names of flags differ in case
    try:
        parser.read_string(file.read_text(encoding="utf-8"), source=str(file))
    except (OSError, UnicodeDecodeError, parsing.Error) as error:
        raise ConfigError(f"the file of flags {file} cannot be read: {error}") from None
    return {
        name if section == "global" else f"{section}.{name}": value
        for section in parser.sections()
        for name, value in parser.items(section)
    }
