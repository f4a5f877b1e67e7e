"""Functions that may over- or underflow, as a mantissa times an exponential."""

import numpy as np

from lltheano_ir.nodes import Value, make
from lltheano_ir.passes.rules.exponentials.bounds import bounds, may_fall, may_grow
from lltheano_ir.passes.rules.exponentials.form import Scaled, form
from lltheano_ir.rewrite.patterns import constant_like

__all__ = ["FUNCTIONS"]


@form("exp")
def _of_exp(value: Value) -> Scaled:
    (x,) = value.operands
    return Scaled(None, x, may_grow(x), may_fall(x))


@form("exp2")
def _of_exp2(value: Value) -> Scaled:
    (x,) = value.operands
    exponent = make("mul", (x, constant_like(np.log(2.0), x.type)))
    return Scaled(None, exponent, may_grow(x), may_fall(x))


@form("sigmoid")
def _of_sigmoid(value: Value) -> Scaled:
    """exp(min(x, 0)) / (1 + exp(-abs(x)))."""
    (x,) = value.operands
    exponent = make("minimum", (x, constant_like(0.0, x.type)))
    return Scaled(make("sigmoid", (make("abs", (x,)),)), exponent, False, may_fall(x))


@form("softplus")
def _of_softplus(value: Value) -> Scaled:
    """It is exp(x), to the last digit, from -40 downwards."""
    (x,) = value.operands
    exponent = make("minimum", (x, constant_like(0.0, x.type)))
    least = constant_like(-40.0, x.type)
    growth = make("exp", (make("neg", (make("maximum", (exponent, least)),)),))
    near = make("mul", (make("softplus", (make("maximum", (x, least)),)), growth))
    mantissa = make("select", (make("lt", (x, least)), constant_like(1.0, x.type), near))
    return Scaled(mantissa, exponent, False, may_fall(x))


@form("expm1")
def _of_expm1(value: Value) -> Scaled:
    """exp(x) (1 - exp(-x)) for positive numbers."""
    (x,) = value.operands
    zero = constant_like(0.0, x.type)
    falls = make("expm1", (make("neg", (make("abs", (x,)),)),))
    mantissa = make("select", (make("gt", (x, zero)), make("neg", (falls,)), falls))
    return Scaled(mantissa, make("maximum", (x, zero)), may_grow(x), False)


@form("cosh")
def _of_cosh(value: Value) -> Scaled:
    """exp(abs(x)) (1 + exp(-2 abs(x))) / 2."""
    (x,) = value.operands
    half = constant_like(0.5, x.type)
    size = make("abs", (x,))
    falls = make("exp", (make("mul", (size, constant_like(-2.0, x.type))),))
    mantissa = make("add", (make("mul", (falls, half)), half))
    return Scaled(mantissa, size, may_grow(x) or may_fall(x), False)


@form("sinh")
def _of_sinh(value: Value) -> Scaled:
    """exp(abs(x)) (1 - exp(-2 abs(x))) / 2, with the sign of x."""
    (x,) = value.operands
    size = make("abs", (x,))
    falls = make("expm1", (make("mul", (size, constant_like(-2.0, x.type))),))
    halved = make("mul", (falls, constant_like(-0.5, x.type)))
    return Scaled(
        make("mul", (halved, make("sign", (x,)))), size, may_grow(x) or may_fall(x), False
    )


@form("erfc")
def _of_erfc(value: Value) -> Scaled:
    """exp(-x * x) erfcx(x) for positive numbers."""
    (x,) = value.operands
    zero = constant_like(0.0, x.type)
    above = make("maximum", (x, zero))
    tail, whole = make("erfcx", (above,)), make("erfc", (make("minimum", (x, zero)),))
    mantissa = make("select", (make("gt", (x, zero)), tail, whole))
    exponent = make("neg", (make("mul", (above, above)),))
    return Scaled(mantissa, exponent, False, bounds(x)[1] > 5)


FUNCTIONS = (_of_exp, _of_exp2, _of_sigmoid, _of_softplus, _of_expm1, _of_cosh, _of_sinh, _of_erfc)
