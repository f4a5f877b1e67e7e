"""What `lltheano run` lets a program take: the sizes that `--memory` reads."""

import re
from typing import Final

import click

__all__ = ["read_size"]


def read_size(ctx: click.Context | None, parameter: click.Parameter | None, text: str) -> int:
    """A number of bytes, such as 4096, 512M or 1.5GiB; a K is 1024. BadParameter for what is none.

    >>> read_size(None, None, "64K")
    65536
    """
    found = _PATTERN.fullmatch(text.strip())
    if found is None:
        message = f"{text!r} is no size; give bytes, or K, M, G or T of them, as in 512M"
        raise click.BadParameter(message, ctx, parameter)
    number, unit = found[1], found[2].upper() or " "
    factor = 1024 ** " KMGT".index(unit)
    return int(float(number) * factor) if "." in number else int(number) * factor


_PATTERN: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
