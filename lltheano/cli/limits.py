"""What `lltheano run` lets a program take: `--steps` and `--memory`."""

import re
from typing import Final

import click

__all__ = ["SIZE"]


class _Size(click.ParamType[int]):
    """A number of bytes, such as 4096, 512M or 1.5GiB; a K is 1024."""

    name = "size"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The number of bytes; a usage error for what is none."""
        if isinstance(value, int):
            return value
        found = _PATTERN.fullmatch(value.strip())
        if found is None:
            self.fail(f"{value!r} is no size; give bytes, or K, M, G or T of them, as in 512M")
        power = " KMGT".index(found[2].upper() or " ")
        return (
            int(float(found[1]) * 1024**power) if "." in found[1] else int(found[1]) << 10 * power
        )


_PATTERN: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)

SIZE: Final = _Size()
"""The type of an option that is a number of bytes."""
