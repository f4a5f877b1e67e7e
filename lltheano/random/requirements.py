"""What parameters must be: ValueError, with the user's variable, when a function runs, or at once
where it is known.
"""

from typing import Any

import lltheano.tensor as T
from lltheano.errors import NotScalarConstantError
from lltheano.graph.text import escaped
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = ["at_least", "between", "known", "require"]


def require(x: Any, holds: Any, message: str) -> Any:
    """`x`, provided that all elements of `holds` do; ValueError with the message otherwise."""
    condition = T.all(holds)
    value = known(condition)
    if value is None:
        return Requirement("value", escaped(message))(x, condition)
    if not value:
        raise ValueError(message)
    return x


def known(x: Any) -> Any:
    """The number that a scalar is known to be; None where it is not."""
    try:
        return T.get_scalar_constant_value(x)
    except NotScalarConstantError:
        return None


def at_least(what: str, value: Any, least: Any) -> Any:
    """`value`, no element of which may be below `least`, or NaN."""
    x = as_tensor_variable(value)
    number, message = known(x), f"{what} cannot be below {least}: {x.describe()}"
    if number is None:
        return require(x, T.ge(x, least), message)
    if not number >= least:
        raise ValueError(message)
    return x


def between(what: str, value: Any, least: Any, most: Any) -> Any:
    """`value`, all elements of which must lie from `least` to `most`."""
    x = as_tensor_variable(value)
    number, message = known(x), f"{what} must lie from {least} to {most}: {x.describe()}"
    if number is None:
        return require(x, T.ge(x, least) & T.le(x, most), message)
    if not least <= number <= most:
        raise ValueError(message)
    return x
