"""The type of a tensor value: element type and broadcast pattern.

Sizes are not part of a type. An axis is either static size 1 (it broadcasts, written `1`) or of a
size known at run time only (written `?`). One compiled program therefore serves all sizes.

>>> from lltheano_ir.dtypes import f32
>>> ValueType(f32, (False, True))
f32[?,1]
"""

import re

from lltheano_ir.dtypes import DType, bool_, i64, parse_dtype
from lltheano_ir.records import record

__all__ = ["BOOL", "INDEX", "ValueType", "parse_type"]


@record(frozen=True, slots=True)
class ValueType:
    """`dtype` and, for each axis, whether its size is the static 1 that broadcasts."""

    dtype: DType
    broadcast: tuple[bool, ...]

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.broadcast)

    def with_dtype(self, dtype: DType) -> "ValueType":
        """The same pattern with another element type."""
        return ValueType(dtype, self.broadcast)

    def __repr__(self) -> str:
        return f"{self.dtype}[{','.join('1' if one else '?' for one in self.broadcast)}]"


INDEX = ValueType(i64, ())
"""The type of sizes, offsets and single indices."""

BOOL = ValueType(bool_, ())
"""The type of a single condition."""

_TYPE = re.compile(r"([a-z]+\d*)\[((?:[1?](?:,[1?])*)?)\]")


def parse_type(text: str) -> ValueType:
    """Read a type as `repr` writes it; ValueError when the text is not one.

    >>> parse_type("f64[?,1]").broadcast
    (False, True)
    """
    match = _TYPE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError(f"{text!r} is not a tensor type; one looks like f64[?,1] or i64[]")
    axes = match[2].split(",") if match[2] else []
    return ValueType(parse_dtype(match[1]), tuple(axis == "1" for axis in axes))
