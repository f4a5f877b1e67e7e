"""The functions of `theano.configparser` that look at where flags come from."""

import hashlib
import os
from pathlib import Path
from typing import Any

from lltheano.config import config
from lltheano.config.sources import ENVIRONMENT, FILES, first_values, parse_flags

__all__ = [
    "TheanoConfigWarning",
    "config_files_from_theanorc",
    "fetch_val_for_key",
    "get_config_hash",
    "parse_config_string",
]


class TheanoConfigWarning(Warning):
    """A flag makes no sense here; `install_as_theano` warns of those in `THEANO_FLAGS`."""

    @classmethod
    def warn(cls, message: str, stacklevel: int = 0) -> None:
        """Warn."""
        import warnings  # noqa: PLC0415 - few programs come here

        warnings.warn(message, cls, stacklevel=stacklevel + 3)


def config_files_from_theanorc() -> list[str]:
    """Return the files that flags are read from: those that `LLTHEANORC` names.

    >>> all(isinstance(one, str) for one in config_files_from_theanorc())
    True
    """
    named = os.environ.get(FILES, "~/.lltheanorc").split(os.pathsep)
    return [str(Path(one).expanduser()) for one in named if one]


def fetch_val_for_key(key: str, delete_key: bool = False) -> str:
    """Return the text that a flag is set to in files or the environment; KeyError when it is not.

    `delete_key` is there for Theano's signature: the sources are read once and not changed.

    >>> fetch_val_for_key("no.such.flag")
    Traceback (most recent call last):
    KeyError: 'no.such.flag'
    """
    result = first_values(os.environ).get(key)
    if result is None:
        raise KeyError(key)
    return result[0]


def get_config_hash() -> str:
    """Return what tells one setting of all flags from others.

    >>> with config.change_flags(floatX="float32"):
    ...     changed = get_config_hash()
    >>> changed == get_config_hash()
    False
    """
    values = [(flag.name, str(config.value(flag.name))) for flag in config.flags()]
    return hashlib.sha256(repr(sorted(values)).encode()).hexdigest()


def parse_config_string(config_string: str, issue_warnings: bool = True) -> dict[str, Any]:
    """Return the flags in a text such as "floatX=float32,device=cpu".

    With `issue_warnings` a part without a value is a `TheanoConfigWarning` and left out; without,
    it is left out in silence.

    >>> parse_config_string("floatX=float32, device=cpu")
    {'floatX': 'float32', 'device': 'cpu'}
    """
    parts = [word.strip() for word in config_string.split(",") if word.strip()]
    wrong = [part for part in parts if "=" not in part]
    if wrong and issue_warnings:
        TheanoConfigWarning.warn(f"{wrong[0]!r} has no value", stacklevel=1)
    return dict(parse_flags(",".join(part for part in parts if "=" in part), ENVIRONMENT))
