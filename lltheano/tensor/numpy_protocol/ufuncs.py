"""NumPy's elementwise functions, and those on stacks of matrices, of variables."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import lltheano.tensor as T
from lltheano.lazy import LazyModule
from lltheano.tensor.numpy_protocol.refusals import refusal, unwanted

if TYPE_CHECKING:
    from lltheano.tensor.numpy_protocol import adapters
else:
    adapters = LazyModule("lltheano.tensor.numpy_protocol.adapters")

__all__ = ["UFUNCS", "apply"]

Found = Callable[[], Callable[..., Any]]
"""How to find a function, when it is called: its module need not be imported before."""

UFUNCS: dict[str, Found] = {
    "absolute": lambda: T.abs_,
    "add": lambda: T.add,
    "arccos": lambda: T.arccos,
    "arccosh": lambda: T.arccosh,
    "arcsin": lambda: T.arcsin,
    "arcsinh": lambda: T.arcsinh,
    "arctan": lambda: T.arctan,
    "arctan2": lambda: T.arctan2,
    "arctanh": lambda: T.arctanh,
    "bitwise_and": lambda: T.and_,
    "bitwise_or": lambda: T.or_,
    "bitwise_xor": lambda: T.xor,
    "cbrt": lambda: T.cbrt,
    "ceil": lambda: T.ceil,
    "conjugate": lambda: T.conj,
    "copysign": lambda: T.copysign,
    "cos": lambda: T.cos,
    "cosh": lambda: T.cosh,
    "deg2rad": lambda: T.deg2rad,
    "degrees": lambda: T.rad2deg,
    "divide": lambda: T.true_div,
    "divmod": lambda: adapters.divmod,
    "equal": lambda: T.eq,
    "exp": lambda: T.exp,
    "exp2": lambda: T.exp2,
    "expm1": lambda: T.expm1,
    "fabs": lambda: T.abs_,
    "float_power": lambda: T.float_power,
    "floor": lambda: T.floor,
    "floor_divide": lambda: T.int_div,
    "fmax": lambda: T.fmax,
    "fmin": lambda: T.fmin,
    "fmod": lambda: T.fmod,
    "greater": lambda: T.gt,
    "greater_equal": lambda: T.ge,
    "heaviside": lambda: T.heaviside,
    "hypot": lambda: T.hypot,
    "invert": lambda: T.invert,
    "isfinite": lambda: T.isfinite,
    "isinf": lambda: T.isinf,
    "isnan": lambda: T.isnan,
    "left_shift": lambda: T.left_shift,
    "less": lambda: T.lt,
    "less_equal": lambda: T.le,
    "log": lambda: T.log,
    "log10": lambda: T.log10,
    "log1p": lambda: T.log1p,
    "log2": lambda: T.log2,
    "logaddexp": lambda: T.logaddexp,
    "logaddexp2": lambda: T.logaddexp2,
    "logical_and": lambda: T.logical_and,
    "logical_not": lambda: T.logical_not,
    "logical_or": lambda: T.logical_or,
    "logical_xor": lambda: T.logical_xor,
    "matmul": lambda: T.matmul,
    "matvec": lambda: T.matvec,
    "maximum": lambda: T.maximum,
    "minimum": lambda: T.minimum,
    "modf": lambda: T.modf,
    "multiply": lambda: T.mul,
    "negative": lambda: T.neg,
    "not_equal": lambda: T.neq,
    "positive": lambda: adapters.positive,
    "power": lambda: T.pow,
    "rad2deg": lambda: T.rad2deg,
    "radians": lambda: T.deg2rad,
    "reciprocal": lambda: adapters.reciprocal,
    "remainder": lambda: T.mod,
    "right_shift": lambda: T.right_shift,
    "rint": lambda: T.round_half_to_even,
    "sign": lambda: T.sgn,
    "sin": lambda: T.sin,
    "sinh": lambda: T.sinh,
    "sqrt": lambda: T.sqrt,
    "square": lambda: T.sqr,
    "subtract": lambda: T.sub,
    "tan": lambda: T.tan,
    "tanh": lambda: T.tanh,
    "trunc": lambda: T.trunc,
    "vecdot": lambda: T.vecdot,
    "vecmat": lambda: T.vecmat,
}
"""The function of the tensor language for each of NumPy's."""

REDUCTIONS: dict[str, dict[str, Found]] = {
    "reduce": {
        "add": lambda: T.sum,
        "modf": lambda: T.modf,
        "multiply": lambda: T.prod,
        "maximum": lambda: T.max,
        "minimum": lambda: T.min,
        "logical_and": lambda: T.all,
        "logical_or": lambda: T.any,
    },
    "accumulate": {"add": lambda: T.cumsum, "multiply": lambda: T.cumprod},
}
"""Methods of ufuncs that combine elements along an axis, the first one unless it is named."""

_HARMLESS: dict[str, object] = {"where": True, "casting": "same_kind", "order": "K", "subok": True}
"""Arguments that change nothing when they have these values."""


def apply(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Build the graph of a call of a ufunc, or of one of its methods; TypeError where none can."""
    name = str(ufunc.__name__)
    given = {key: one for key, one in options.items() if not _is_harmless(key, one)}
    if method == "__call__" and given.get("out", (None,))[0] is inputs[0]:
        del given["out"]  # array += x makes `array` stand for the sum; the array is not written
    if method in REDUCTIONS:
        return _combined(name, method, inputs, given)
    target = UFUNCS.get(name)
    if method == "outer" and target is not None and ufunc.signature is None and not given:
        return _outer(target, inputs)
    if method != "__call__":
        raise refusal(f"{name}.{method}", _METHODS.get(method, "it builds no graph"))
    if target is None:
        raise refusal(name)
    axis = {"axis": given.pop("axis")} if name == "vecdot" and "axis" in given else {}
    if given:
        raise unwanted(name, given)
    return target()(*inputs, **axis)


_METHODS = {
    "at": "a variable cannot be written to; T.inc_subtensor(x[i], v) returns the tensor with v"
    " added at i, and adds twice where i names a place twice",
    "reduceat": "it builds no graph; take the sums of slices",
    "outer": "give the operands axes to be repeated along, as in x[:, None]",
}


def _is_harmless(key: str, value: Any) -> bool:
    if value is None or type(value).__name__ == "_NoValueType":
        return key not in ("axis", "axes")
    return isinstance(value, bool | str) and value == _HARMLESS.get(key)


def _combined(name: str, method: str, inputs: Sequence[Any], given: dict[str, Any]) -> Any:
    target = REDUCTIONS[method].get(name)
    if target is None:
        listed = ", ".join(find().__name__ for find in REDUCTIONS[method].values())
        raise refusal(f"{name}.{method}", f"it builds no graph; those of T.{listed} do")
    x, *rest = inputs
    named = dict(zip(("axis", "dtype", "out"), rest, strict=False)) | given
    axis = named.pop("axis", 0)
    allowed = {"keepdims"} if method == "reduce" else set()
    if name in ("add", "multiply") and method == "reduce":
        allowed.add("dtype")
    named = {key: one for key, one in named.items() if one is not None}
    if unknown := {key: one for key, one in named.items() if key not in allowed}:
        raise unwanted(f"{name}.{method}", unknown)
    return target()(x, axis=axis, **named)


def _outer(target: Found, inputs: Sequence[Any]) -> Any:
    """All pairs of elements: the axes of the second operand behind those of the first."""
    first, second = (T.as_tensor_variable(operand) for operand in inputs)
    wide = first.dimshuffle([*range(first.ndim), *["x"] * second.ndim])
    return target()(wide, second)
