"""Python numbers as arguments: for each kind of element, native code that stores one.

A routine is generated for each `NumberRule`: a dtype, and whether it takes plain ints, floats, or
both. It takes a number only where nothing is lost, but for a float that its dtype rounds. The call
plan names the routine of each input.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lltheano_ir.records import record

__all__ = ["ROUTINES", "NumberRule", "routine_text", "rule_for"]


@record(frozen=True, slots=True)
class NumberRule:
    """What becomes of a Python number.

    Attributes
    ----------
    dtype
        NumPy's name of the element's dtype: an integer one, float32 or float64.
    ints, floats
        Which numbers are taken. Integers take no floats.

    >>> NumberRule("uint8", ints=True, floats=False).symbol
    'take_uint8_int'
    >>> NumberRule("float32", ints=True, floats=True).exact_integers
    (-16777216, 16777216)
    """

    dtype: str
    ints: bool
    floats: bool

    @property
    def symbol(self) -> str:
        """The routine's name, without its prefix `lltheano_`."""
        kinds = ["int"] * self.ints + ["float"] * self.floats
        return "_".join(["take", self.dtype, *kinds])

    @property
    def element(self) -> str:
        """The LLVM type of the element."""
        if self.dtype.startswith("float"):
            return {"float32": "float", "float64": "double"}[self.dtype]
        return f"i{8 * np.dtype(self.dtype).itemsize}"

    @property
    def exact_integers(self) -> tuple[int, int]:
        """The least and the greatest integer that are taken; none is beyond those of an i64."""
        dtype = np.dtype(self.dtype)
        if dtype.kind == "f":
            most = 1 << (np.finfo(dtype).nmant + 1)
            return -most, most
        limits = np.iinfo(dtype)
        return int(limits.min), min(int(limits.max), (1 << 63) - 1)


_INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
_FLOATS = ("float32", "float64")

ROUTINES: tuple[NumberRule, ...] = (
    *(NumberRule(dtype, ints=True, floats=False) for dtype in _INTEGERS),
    *(
        NumberRule(dtype, ints, floats)
        for dtype in _FLOATS
        for ints, floats in ((True, False), (False, True), (True, True))
    ),
)
"""Every rule that has a routine."""

_BY_RULE: Mapping[NumberRule, NumberRule] = {rule: rule for rule in ROUTINES}


def rule_for(dtype: np.dtype[Any], *, ints: bool, floats: bool) -> NumberRule | None:
    """The rule for an input without dimensions; None where it takes no Python number.

    >>> rule_for(np.dtype("int32"), ints=True, floats=True)
    NumberRule(dtype='int32', ints=True, floats=False)
    >>> rule_for(np.dtype("bool"), ints=True, floats=True) is None
    True
    """
    return _BY_RULE.get(NumberRule(dtype.name, ints, floats and dtype.kind == "f"))


def routine_text(rule: NumberRule) -> str:
    """LLVM IR of the routine: `i1 (ptr object, ptr type, ptr slot)`, false where it takes nothing.

    >>> text = routine_text(NumberRule("int16", ints=True, floats=False))
    >>> [line.strip() for line in text.splitlines() if " -32768" in line or "trunc" in line]
    ['%enough = icmp sge i64 %value, -32768', '%element = trunc i64 %value to i16']
    """
    after = "fraction" if rule.floats else "no"
    first = _int_blocks(rule, after) if rule.ints else f"  br label %{after}"
    parts = [
        f"define i1 @lltheano_{rule.symbol}(ptr %object, ptr %type, ptr %slot) nounwind {{",
        "start:",
        "  %overflow = alloca i32",
        first,
        *([_float_blocks(rule)] if rule.floats else []),
        "no:",
        "  ret i1 false",
        "}",
    ]
    return "\n".join(parts)


def _int_blocks(rule: NumberRule, after: str) -> str:
    least, most = rule.exact_integers
    return f"""\
  %int = load ptr, ptr @python.long_type
  %is.int = icmp eq ptr %type, %int
  br i1 %is.int, label %whole, label %{after}
whole:
  %value = call i64 @PyLong_AsLongLongAndOverflow(ptr %object, ptr %overflow)
  %excess = load i32, ptr %overflow
  %known = icmp eq i32 %excess, 0
  %enough = icmp sge i64 %value, {least}
  %not.over = icmp sle i64 %value, {most}
  %within = and i1 %enough, %not.over
  %exact = and i1 %known, %within
  br i1 %exact, label %store, label %no
store:
{_converted(rule)}
  ret i1 true"""


def _converted(rule: NumberRule) -> str:
    if rule.element == "i64":
        return "  store i64 %value, ptr %slot"
    operation = "trunc" if rule.element.startswith("i") else "sitofp"
    return (
        f"  %element = {operation} i64 %value to {rule.element}\n"
        f"  store {rule.element} %element, ptr %slot"
    )


def _float_blocks(rule: NumberRule) -> str:
    narrow = "  %rounded = fptrunc double %double to float\n  store float %rounded, ptr %slot"
    store = narrow if rule.element == "float" else "  store double %double, ptr %slot"
    return f"""\
fraction:
  %float = load ptr, ptr @python.float_type
  %is.float = icmp eq ptr %type, %float
  br i1 %is.float, label %round, label %no
round:
  %double = call double @PyFloat_AsDouble(ptr %object)
{store}
  ret i1 true"""
