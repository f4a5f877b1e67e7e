"""The type of a tensor value: element type and broadcast pattern.

Sizes are not part of a type. An axis is either static size 1 (it broadcasts, written `1`) or of a
size known at run time only (written `?`). One compiled program therefore serves all sizes.

>>> from lltheano_ir.dtypes import f32
>>> TensorType(f32, (False, True))
f32[?,1]
"""

import re

from lltheano_ir.dtypes import DType, bool_, i64, parse_dtype
from lltheano_ir.records import record

__all__ = ["BOOL", "INDEX", "TensorType", "parse_type"]


@record(frozen=True, slots=True)
class TensorType:
    """`dtype` and, for each axis, whether its size is the static 1 that broadcasts."""

    dtype: DType
    broadcast: tuple[bool, ...]

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.broadcast)

    def with_dtype(self, dtype: DType) -> "TensorType":
        """The same pattern with another element type."""
        return TensorType(dtype, self.broadcast)

    def __repr__(self) -> str:
        return f"{self.dtype}[{','.join('1' if one else '?' for one in self.broadcast)}]"


INDEX = TensorType(i64, ())
"""The type of sizes, offsets and single indices."""

BOOL = TensorType(bool_, ())
"""The type of a single condition."""

_TYPE = re.compile(r"([a-z]+\d*)\[((?:[1?](?:,[1?])*)?)\]")


def parse_type(text: str) -> TensorType:
    """Read a type as `repr` writes it; ValueError when the text is not one.

    >>> parse_type("f64[?,1]").broadcast
    (False, True)
    """
    match = _TYPE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError(f"{text!r} is not a tensor type; one looks like f64[?,1] or i64[]")
    axes = match[2].split(",") if match[2] else []
    return TensorType(parse_dtype(match[1]), tuple(axis == "1" for axis in axes))
