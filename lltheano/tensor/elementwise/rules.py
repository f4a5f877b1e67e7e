"""The operand rules of elementwise ops: which dtypes an op takes, computes in and gives.

A rule gets the op's name and its operands; it returns the dtype to which each operand is converted
and the dtype of the result, or raises TypeError in the user's terms. What the dtypes are is said
in `promotion`.
"""

from collections.abc import Callable, Sequence

from lltheano.errors import ComplexError
from lltheano.tensor.variables import promotion
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "Rule",
    "analytic",
    "angle",
    "arithmetic",
    "bits",
    "comparison",
    "continuous",
    "division",
    "integral",
    "modulus",
    "parts",
    "power",
    "predicate",
    "real_numbers",
    "selection",
    "shift",
    "signed",
    "whole",
]

Operands = Sequence[TensorVariable]
Rule = Callable[[str, Operands], tuple[list[str], str]]


def _upcast(operands: Operands) -> str:
    return promotion.upcast(*(operand.dtype for operand in operands))


def _same(operands: Operands, dtype: str) -> tuple[list[str], str]:
    return [dtype] * len(operands), dtype


def _refuse(name: str, operands: Operands, reason: str) -> TypeError:
    return TypeError(
        f"{name}: {reason}; got {', '.join(operand.describe() for operand in operands)}"
    )


def _refuse_complex(name: str, operands: Operands, dtype: str) -> None:
    if promotion.is_complex(dtype):
        raise ComplexError(str(_refuse(name, operands, "complex numbers are not supported here")))


def arithmetic(name: str, operands: Operands) -> tuple[list[str], str]:
    """Any numbers; the result has the dtype that holds them all."""
    return _same(operands, _upcast(operands))


def signed(name: str, operands: Operands) -> tuple[list[str], str]:
    """Any numbers, but not bool alone; the result has the dtype that holds them all."""
    dtype = _upcast(operands)
    if dtype == "bool":
        raise _refuse(
            name, operands, "is not defined on bool, use T.xor or T.invert, or cast first"
        )
    return _same(operands, dtype)


def real_numbers(name: str, operands: Operands) -> tuple[list[str], str]:
    """Real numbers; the result has the dtype that holds them all."""
    dtype = _upcast(operands)
    _refuse_complex(name, operands, dtype)
    return _same(operands, dtype)


def integral(name: str, operands: Operands) -> tuple[list[str], str]:
    """Real numbers, of which bool counts as int8; the result has the dtype that holds them all."""
    dtype = _upcast(operands)
    _refuse_complex(name, operands, dtype)
    return _same(operands, "int8" if dtype == "bool" else dtype)


def power(name: str, operands: Operands) -> tuple[list[str], str]:
    """Any numbers, of which bool counts as int8; the result has the dtype that holds them all."""
    dtype = _upcast(operands)
    return _same(operands, "int8" if dtype == "bool" else dtype)


def modulus(name: str, operands: Operands) -> tuple[list[str], str]:
    """Any numbers; the result has their dtype, or that of the parts of complex numbers."""
    dtype = _upcast(operands)
    return [dtype] * len(operands), promotion.real_dtype(dtype)


def angle(name: str, operands: Operands) -> tuple[list[str], str]:
    """Any numbers; the result has their dtype, that of the parts of complex numbers, or, for
    integers, a float that suits their width.
    """
    dtype = promotion.upgrade_to_float(*(operand.dtype for operand in operands))
    return [dtype] * len(operands), promotion.real_dtype(dtype)


def parts(name: str, operands: Operands) -> tuple[list[str], str]:
    """Real numbers, converted to a float of at least float32; the result is complex."""
    dtype = promotion.upgrade_to_float("float32", *(operand.dtype for operand in operands))
    _refuse_complex(name, operands, dtype)
    return _same(operands, dtype)[0], {"float32": "complex64", "float64": "complex128"}[dtype]


def division(name: str, operands: Operands) -> tuple[list[str], str]:
    """Integers are divided as floatX."""
    return _same(operands, promotion.division_dtype(*(operand.dtype for operand in operands)))


def analytic(name: str, operands: Operands) -> tuple[list[str], str]:
    """A function of real and complex numbers: integers are converted to a float that suits
    their width.
    """
    return _same(operands, promotion.upgrade_to_float(*(operand.dtype for operand in operands)))


def continuous(name: str, operands: Operands) -> tuple[list[str], str]:
    """A function of the reals: integers are converted to a float that suits their width."""
    dtype = promotion.upgrade_to_float(*(operand.dtype for operand in operands))
    _refuse_complex(name, operands, dtype)
    return _same(operands, dtype)


def whole(name: str, operands: Operands) -> tuple[list[str], str]:
    """A rounding: floats keep their dtype, and integers theirs."""
    dtype = _upcast(operands)
    _refuse_complex(name, operands, dtype)
    return _same(operands, dtype)


def comparison(name: str, operands: Operands) -> tuple[list[str], str]:
    """Compared in the dtype that holds both; the result is bool. No integer holds uint64 and signed
    ones: such are compared as they are.
    """
    return promotion.comparison_dtypes(*(operand.dtype for operand in operands)), "bool"


def predicate(name: str, operands: Operands) -> tuple[list[str], str]:
    """A property of real and complex numbers; the result is bool."""
    return [analytic(name, operands)[1]], "bool"


def bits(name: str, operands: Operands) -> tuple[list[str], str]:
    """Integers and bool that one integer dtype holds: none holds uint64 and signed ones."""
    for operand in operands:
        if not promotion.is_discrete(operand.dtype):
            raise _refuse(name, [operand], "is defined on integers and bool only")
    dtype = _upcast(operands)
    if not promotion.is_discrete(dtype):
        raise _refuse(
            name, operands, "no integer dtype holds uint64 and signed integers, cast one of them"
        )
    return _same(operands, dtype)


def shift(name: str, operands: Operands) -> tuple[list[str], str]:
    """Integers; bool counts as int8."""
    dtypes, dtype = bits(name, operands)
    return _same(operands, "int8") if dtype == "bool" else (dtypes, dtype)


def selection(name: str, operands: Operands) -> tuple[list[str], str]:
    """A condition of any real dtype, true where it is not zero, and two values."""
    if promotion.is_complex(operands[0].dtype):
        raise _refuse(name, operands[:1], "the condition must be real, compare it with T.neq")
    dtype = _upcast(operands[1:])
    return ["bool", dtype, dtype], dtype
