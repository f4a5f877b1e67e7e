"""The flags of a program that was started as Theano's: `THEANO_FLAGS`."""

import os
import warnings

from lltheano.config import ENVIRONMENT, config, parse_flags
from lltheano.errors import ConfigError

__all__ = ["adopt_theano_flags"]

_THEANO = "THEANO_FLAGS"


def adopt_theano_flags() -> None:
    """Set the flags in `THEANO_FLAGS`, except those that `LLTHEANO_FLAGS` sets.

    What cannot be set is a warning: the program may well run without.
    """
    ours = parse_flags(os.environ.get(ENVIRONMENT, ""))
    try:
        flags = parse_flags(os.environ.get(_THEANO, ""), _THEANO)
    except ConfigError as error:
        warnings.warn(f"{error}; none of its flags are set", stacklevel=3)
        return
    for name, value in flags.items():
        if name not in ours:
            _adopt(name, value)


def _adopt(name: str, value: str) -> None:
    try:
        flag = config.flag(name)
        if flag.mutable or flag.converted(value) != config.value(name):
            config.assign(name, value)
    except ConfigError as error:
        warnings.warn(f"{_THEANO}: {error}; it is left as it is", stacklevel=4)
