"""The flags of a program that was started as Theano's: `THEANO_FLAGS` and `.theanorc`."""

import configparser
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from lltheano.config import ENVIRONMENT, config, parse_flags
from lltheano.errors import ConfigError

__all__ = ["adopt_theano_flags", "set_in_environment"]

_THEANO = "THEANO_FLAGS"
_FILES = "THEANORC"
_DEFAULT_FILE = "~/.theanorc"


def set_in_environment() -> Mapping[str, str]:
    """The flags that `LLTHEANO_FLAGS` sets."""
    return parse_flags(os.environ.get(ENVIRONMENT, ""))


def adopt_theano_flags() -> None:
    """Set the flags in `.theanorc` and in `THEANO_FLAGS`, except those that `LLTHEANO_FLAGS` sets.

    What cannot be set (another device, a C compiler) is left as it is, and said in one warning: the
    program may well run without.
    """
    ours = set_in_environment()
    flags: dict[str, tuple[str, str]] = {}
    refused: list[str] = []
    for path in _files():
        try:
            flags.update((name, (value, str(path))) for name, value in _of_file(path))
        except (OSError, configparser.Error) as error:
            refused.append(f"{path} cannot be read: {error}")
    try:
        named = parse_flags(os.environ.get(_THEANO, ""), _THEANO)
    except ConfigError as error:
        refused.append(f"{error}; none of its flags are set")
    else:
        flags.update((name, (value, _THEANO)) for name, value in named.items())
    for name, (value, source) in flags.items():
        reason = None if name in ours else _adopt(name, value)
        if reason is not None:
            refused.append(f"{source}: {reason}; it is left as it is")
    if refused:
        warnings.warn("\n".join(refused), stacklevel=3)


def _files() -> list[Path]:
    """The files that `THEANORC` names, or else the one in the user's folder, the last first."""
    named = os.environ.get(_FILES, _DEFAULT_FILE).split(os.pathsep)
    paths = [Path(one).expanduser() for one in reversed(named) if one]
    return [path for path in paths if path.is_file()]


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    """The flags of a file: those of [global] by themselves, others behind their section."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names have capitals
    with path.open(encoding="utf-8") as file:
        parser.read_file(file)
    for section in parser.sections():
        for name, value in parser.items(section):
            yield (name if section == "global" else f"{section}.{name}"), value


def _adopt(name: str, value: str) -> str | None:
    """Set a flag; why that cannot be."""
    try:
        flag = config.flag(name)
        if flag.mutable or flag.converted(value) != config.value(name):
            config.assign(name, value)
    except ConfigError as error:
        return str(error)
    return None
