"""NumPy's elementwise functions, and those on stacks of matrices, of variables."""

from collections.abc import Sequence
from typing import Any

from lltheano.dispatch import call
from lltheano.tensor.variables.numpy_protocol.refusals import refusal, unwanted

__all__ = ["UFUNCS", "apply"]

_SAME_NAME = (
    *("arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "ceil"),
    *("cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "float_power", "floor", "fmax", "fmin"),
    *("fmod", "heaviside", "hypot", "invert", "isfinite", "isinf", "isnan", "left_shift", "log"),
    *("log10", "log1p", "log2", "logaddexp", "logaddexp2", "logical_and", "logical_not"),
    *("logical_or", "logical_xor", "matmul", "matvec", "maximum", "minimum", "rad2deg"),
    *("right_shift", "sin", "sinh", "sqrt", "tan", "tanh", "trunc", "vecdot", "vecmat"),
)

UFUNCS: dict[str, str] = {
    **{name: name for name in _SAME_NAME},
    "absolute": "abs_",
    "add": "add",
    "bitwise_and": "and_",
    "bitwise_or": "or_",
    "bitwise_xor": "xor",
    "conjugate": "conj",
    "degrees": "rad2deg",
    "divide": "true_div",
    "divmod": "numpy_adapters.divmod",
    "equal": "eq",
    "fabs": "abs_",
    "floor_divide": "int_div",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "multiply": "mul",
    "negative": "neg",
    "not_equal": "neq",
    "positive": "numpy_adapters.positive",
    "power": "pow",
    "radians": "deg2rad",
    "reciprocal": "numpy_adapters.reciprocal",
    "remainder": "mod",
    "rint": "round_half_to_even",
    "sign": "sgn",
    "square": "sqr",
    "subtract": "sub",
}
"""The function of the tensor language for each of NumPy's."""

REDUCTIONS: dict[str, dict[str, str]] = {
    "reduce": {
        "add": "sum",
        "multiply": "prod",
        "maximum": "max",
        "minimum": "min",
        "logical_and": "all",
        "logical_or": "any",
    },
    "accumulate": {"add": "cumsum", "multiply": "cumprod"},
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
    return call(target, *inputs, **axis)


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
        listed = ", ".join(REDUCTIONS[method].values())
        raise refusal(f"{name}.{method}", f"it builds no graph; those of T.{listed} do")
    x, *rest = inputs
    named = dict(zip(("axis", "dtype", "out"), rest, strict=False)) | given
    axis = named.pop("axis", 0)
    allowed = {"keepdims"} if method == "reduce" else set()
    if target in ("sum", "prod"):
        allowed.add("dtype")
    named = {key: one for key, one in named.items() if one is not None}
    if unknown := {key: one for key, one in named.items() if key not in allowed}:
        raise unwanted(f"{name}.{method}", unknown)
    return call(target, x, axis=axis, **named)


def _outer(target: str, inputs: Sequence[Any]) -> Any:
    """All pairs of elements: the axes of the second operand behind those of the first."""
    first, second = (call("as_tensor_variable", one) for one in inputs)
    wide = first.dimshuffle([*range(first.ndim), *["x"] * second.ndim])
    return call(target, wide, second)
