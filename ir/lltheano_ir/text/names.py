"""How names of values, buffers and functions are written: bare, or quoted where they need it."""

import json
import re

__all__ = ["quoted"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def quoted(mark: str, name: str) -> str:
    """The name behind its mark, in quotes unless it is plain.

    >>> quoted("%", "x.0"), quoted("@", "two words")
    ('%x.0', '@"two words"')
    """
    return mark + (name if _PLAIN.fullmatch(name) else json.dumps(name))
