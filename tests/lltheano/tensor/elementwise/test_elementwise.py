import doctest
import inspect
import pickle
import re
from typing import Any

import numpy as np
import pytest
import scipy.special

import lltheano.tensor as T
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.variables.promotion import DISCRETE_DTYPES
from lltheano_ir.ops.elementwise.complexes import joined
from lltheano_ir.ops.elementwise.special import gammainc_slope, hurwitz_zeta
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate

FLOATS = np.array([-2.5, -1.0, -0.5, -0.0, 0.0, 0.25, 1.0, 1.5, 3.0, np.inf, -np.inf, np.nan])

UNARY = {
    "neg": np.negative,
    "abs_": np.abs,
    "sgn": np.sign,
    "sqr": np.square,
    "inv": np.reciprocal,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "round_half_to_even": np.rint,
    "round_half_away_from_zero": lambda x: np.trunc(x + np.copysign(0.5, x)),
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "deg2rad": np.deg2rad,
    "rad2deg": np.rad2deg,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "arcsinh": np.arcsinh,
    "arccosh": np.arccosh,
    "arctanh": np.arctanh,
    "sigmoid": scipy.special.expit,
    "softplus": lambda x: np.logaddexp(0, x),
    "erf": scipy.special.erf,
    "erfc": scipy.special.erfc,
    "erfcx": scipy.special.erfcx,
    "erfinv": scipy.special.erfinv,
    "erfcinv": scipy.special.erfcinv,
    "gamma": scipy.special.gamma,
    "gammaln": scipy.special.gammaln,
    "psi": scipy.special.psi,
    "tri_gamma": lambda x: np.where(x > -np.inf, scipy.special.polygamma(1, x), np.nan),
    "j0": scipy.special.j0,
    "j1": scipy.special.j1,
    "i0": lambda x: np.where(np.isinf(x), np.inf, scipy.special.i0(x)),
    "i1": lambda x: np.where(np.isinf(x), x, scipy.special.i1(x)),
    "xlogx.xlogx": lambda x: scipy.special.xlogy(x, x),
    "real": np.real,
    "imag": np.imag,
    "conj": np.conj,
    "angle": np.angle,
    "isnan": np.isnan,
    "isinf": np.isinf,
    "tensor_copy": np.array,
}
BINARY = {
    "sub": np.subtract,
    "true_div": np.divide,
    "int_div": np.floor_divide,
    "mod": np.mod,
    "pow": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "arctan2": np.arctan2,
    "hypot": np.hypot,
    "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2,
    "eq": np.equal,
    "neq": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "gammainc": scipy.special.gammainc,
    "gammainc_slope": gammainc_slope,
    "gammaincc": scipy.special.gammaincc,
    "chi2sf": lambda x, k: scipy.special.gammaincc(k / 2, np.maximum(x, 0) / 2),
    "jv": scipy.special.jv,
    "iv": scipy.special.iv,
    "zeta": hurwitz_zeta,
    "xlogx.xlogy0": lambda x, y: np.where(x == 0, 0, x * np.log(y)),
    "complex": joined,
    "add": np.add,
    "mul": np.multiply,
}
BITS = {
    "and_": np.bitwise_and,
    "or_": np.bitwise_or,
    "xor": np.bitwise_xor,
    "left_shift": np.left_shift,
    "right_shift": np.right_shift,
    "invert": np.invert,
}
ELSEWHERE = {"switch", "clip"}


def test_every_elementwise_op_is_tested_and_documented() -> None:
    assert set(ELEMENTWISE_OPS) == {*UNARY, *BINARY, *BITS, *ELSEWHERE}
    for name, op in ELEMENTWISE_OPS.items():
        assert pickle.loads(pickle.dumps(op)) is op, f"pickles look {name} up in lltheano.tensor"
        assert op.__doc__ == f"{op.summary}\n\n{op.example}"
        assert str(op) == name


@pytest.mark.parametrize("name", ELEMENTWISE_OPS)
def test_the_example_of_each_op_gives_what_it_says(name: str) -> None:
    op = ELEMENTWISE_OPS[name]
    assert f"T.{name}(" in op.example
    example = doctest.DocTestParser().get_doctest(op.example, {"T": T, "np": np}, name, None, None)
    report: list[str] = []
    assert doctest.DocTestRunner().run(example, out=report.append).attempted
    assert not report, "".join(report)


@pytest.mark.parametrize("name", ELEMENTWISE_OPS)
def test_operands_may_be_given_by_name(name: str) -> None:
    op = ELEMENTWISE_OPS[name]
    given = {one: T.vector(one, dtype="int8") for one in op.parameters}
    node = op(**given).owner
    assert node is not None
    assert node.inputs == list(given.values())
    with pytest.raises(
        TypeError, match=rf"{re.escape(name)}\(.*unexpected keyword argument 'weight'"
    ):
        op(**given, weight=1)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", UNARY)
def test_unary_ops_give_numpys_values(name: Any, dtype: Any) -> None:
    x = T.vector("x", dtype=dtype)
    values = FLOATS.astype(dtype)
    with np.errstate(all="ignore"):
        wanted = UNARY[name](values)
    found = evaluate(ELEMENTWISE_OPS[name](x), {x: values})
    np.testing.assert_allclose(found, wanted, rtol=1e-6 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize("name", BINARY)
def test_binary_ops_give_numpys_values(name: Any) -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    left, right = FLOATS[:, None] * np.ones((1, FLOATS.size)), FLOATS
    with np.errstate(all="ignore"):
        wanted = BINARY[name](left, right)
    found = evaluate(ELEMENTWISE_OPS[name](x, y), {x: left, y: right})
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64"])
@pytest.mark.parametrize("name", BITS)
def test_ops_on_bits(name: Any, dtype: Any) -> None:
    x, y = T.vectors("x", "y", dtype=dtype)
    left, right = np.arange(6, dtype=dtype), np.arange(6, dtype=dtype)[::-1].copy()
    given = {x: left} if name == "invert" else {x: left, y: right}
    found = evaluate(getattr(T, name)(*given), given)
    np.testing.assert_array_equal(found, BITS[name](*given.values()))


def test_bool_arithmetic_is_logic() -> None:
    x, y = T.vectors("x", "y", dtype="bool")
    a, b = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    found = evaluate([x + y, x * y, ~x, T.maximum(x, y), abs(x), T.sqr(x)], {x: a, y: b})
    for one, wanted in zip(found, [a | b, a & b, ~a, a | b, a, a], strict=True):
        np.testing.assert_array_equal(one, wanted)


@pytest.mark.parametrize("expression", [lambda x: x - x, lambda x: -x, T.sgn])
def test_bool_has_no_minus(expression: Any) -> None:
    with pytest.raises(TypeError, match=r"is not defined on bool.*flag"):
        expression(T.vector("flag", dtype="bool"))


def test_variadic_ops() -> None:
    x = T.dvector("x")
    values = np.arange(3.0)
    assert evaluate(T.add(x, x, 1), {x: values}).tolist() == [1, 3, 5]
    assert evaluate(T.mul(x, x, x), {x: values}).tolist() == [0, 1, 8]


def test_switch_and_clip() -> None:
    x, c = T.dvector("x"), T.ivector("c")
    given = {x: np.array([-2.0, 0.5, 3.0]), c: np.array([0, 2, -1], "int32")}
    assert evaluate(T.switch(c, x, 0), given).tolist() == [0, 0.5, 3]
    assert evaluate(T.where(c, x, x * 2), given).tolist() == [-4, 0.5, 3]
    assert evaluate(T.clip(x, -1, 1), {x: given[x]}).tolist() == [-1, 0.5, 1]
    assert evaluate(x.clip(1, -1), {x: given[x]}).tolist() == [-1, -1, -1]


def test_ops_broadcast_static_axes_only() -> None:
    x, row, column = T.dmatrix("x"), T.drow("r"), T.dcol("c")
    assert (row + column).broadcastable == (False, False)
    assert (row + row).broadcastable == (True, False)
    assert (x + T.dtensor3("t")).ndim == 3
    assert (x * 2).broadcastable == (False, False)


@pytest.mark.parametrize("mode", [None, "half_to_even", "half_away_from_zero"])
def test_rounding_modes(mode: Any) -> None:
    x = T.dvector("x")
    values = np.array([-2.5, -1.5, 0.49999999999999994, 0.5, 2.5, 1e300])
    even = np.rint(values)
    away = np.array([-3.0, -2, 0, 1, 3, 1e300])
    wanted = away if mode == "half_away_from_zero" else even
    assert evaluate(T.round(x, mode), {x: values}).tolist() == wanted.tolist()
    assert evaluate(x.round(mode), {x: values}).tolist() == wanted.tolist()


def test_rounding_refuses_other_modes_and_keeps_integers() -> None:
    with pytest.raises(ValueError, match="half_to_even, half_away_from_zero, got 'up'"):
        T.round(T.dscalar("x"), "up")
    i = T.ivector("i")
    assert evaluate(T.round(i), {i: np.array([3, 4], "int32")}).tolist() == [3, 4]


@pytest.mark.parametrize("source", ["bool", "int8", "uint64", "float32", "float64"])
@pytest.mark.parametrize("target", ["bool", "int16", "uint8", "float16", "float64", "complex64"])
def test_casts(source: Any, target: Any) -> None:
    x = T.vector("x", dtype=source)
    values = np.array([0, 1, 2, 100], dtype=source)
    np.testing.assert_array_equal(evaluate(x.astype(target), {x: values}), values.astype(target))


def test_a_cast_to_the_same_dtype_is_the_variable_itself() -> None:
    x = T.dvector("x")
    assert T.cast(x, "float64") is x
    assert x.astype("floatX") is x


def test_a_cast_may_not_drop_the_imaginary_part() -> None:
    with pytest.raises(TypeError, match=r"cannot cast z .* drop the imaginary part"):
        T.zvector("z").astype("float64")


def test_refused_operands_are_named() -> None:
    x = T.dvector("weights")
    with pytest.raises(TypeError, match=r"and_: is defined on integers and bool only; got weights"):
        x & 1
    with pytest.raises(TypeError, match="erf: complex numbers are not supported here; got z"):
        T.erf(T.zvector("z"))
    with pytest.raises(TypeError, match="switch takes 3 operands, got 2"):
        T.switch(x, 1)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", sorted(set(BITS) - {"invert"}))
def test_bits_have_the_dtype_that_numpy_gives_or_are_refused(name: str) -> None:
    for left in DISCRETE_DTYPES:
        for right in DISCRETE_DTYPES:
            x, y = T.vector("x", dtype=left), T.vector("y", dtype=right)
            values = [np.array([0, 1], left), np.array([1, 1], right)]
            try:
                wanted = BITS[name](*values)
            except TypeError:
                message = f"{name}: no integer dtype holds .*got x .*, y "
                with pytest.raises(TypeError, match=message):
                    ELEMENTWISE_OPS[name](x, y)
                continue
            found = evaluate(ELEMENTWISE_OPS[name](x, y), dict(zip((x, y), values, strict=True)))
            assert found.dtype == wanted.dtype
            assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize("name", sorted(set(BITS) - {"invert"}))
@pytest.mark.parametrize("dtype", DISCRETE_DTYPES)
def test_bits_and_a_number_that_is_not_negative(name: str, dtype: Any) -> None:
    x, values = T.vector("x", dtype=dtype), np.array([0, 1, 1], dtype)
    op, one = ELEMENTWISE_OPS[name], np.int8(1)
    for found, wanted in ((op(x, 1), (values, one)), (op(1, x), (one, values))):
        exact = [operand.astype("uint64") for operand in wanted]
        assert evaluate(found, {x: values}).tolist() == BITS[name](*exact).tolist()
        assert found.dtype == "uint64" or dtype != "uint64"


def test_a_negative_number_is_no_uint64() -> None:
    with pytest.raises(TypeError, match="cast one of them; got u"):
        T.vector("u", dtype="uint64") & -1


def test_closeness() -> None:
    x, y = T.dvectors("x", "y")
    a = np.array([1.0, 1.0, np.nan, np.inf, np.inf, 0.0])
    b = np.array([1.0 + 1e-9, 1.1, np.nan, np.inf, -np.inf, 1e-9])
    given = {x: a, y: b}
    np.testing.assert_array_equal(evaluate(T.isclose(x, y), given), np.isclose(a, b))
    equal_nan = evaluate(T.isclose(x, y, equal_nan=True), given)
    np.testing.assert_array_equal(equal_nan, np.isclose(a, b, equal_nan=True))
    assert not evaluate(T.allclose(x, y), given)


def test_angles() -> None:
    x = T.fvector("x")
    degrees = np.array([0.0, 90.0, 180.0], "float32")
    np.testing.assert_allclose(evaluate(T.deg2rad(x), {x: degrees}), np.deg2rad(degrees), rtol=1e-6)
    assert T.rad2deg(x).dtype == "float32"


def test_quotient_rounded_up() -> None:
    a, b = T.ivectors("a", "b")
    given = {a: np.array([7, -7, 6], "int32"), b: np.array([2, 2, 3], "int32")}
    assert evaluate(T.ceil_intdiv(a, b), given).tolist() == [4, -3, 2]
    assert T.ceil_intdiv(7.5, 2.0).eval() == 4
    x = T.dvector("x")
    assert evaluate(T.ceil_intdiv(x, 2), {x: [7.5, -7.5, 4.0]}).tolist() == [4.0, -3.0, 2.0]
    u = T.vector("u", dtype="uint8")
    assert evaluate(T.ceil_intdiv(u, 4), {u: [7, 8, 255]}).tolist() == [2, 2, 64]


def test_further_names() -> None:
    x, y = T.dvectors("x", "y")
    given = {x: np.array([1.0, 4.0]), y: np.array([2.0, 3.0])}
    assert evaluate(T.power(x, y), given).tolist() == [1, 64]
    assert evaluate(T.smallest(x, y), given).tolist() == [1, 3]
    assert evaluate(T.largest(x, y, 2.5), given).tolist() == [2.5, 4]
    assert T.square is T.sqr
    assert T.bitwise_xor is T.xor


def test_known_sizes_that_do_not_agree_are_found_when_the_graph_is_built() -> None:
    with pytest.raises(ValueError, match=r"add: sizes on axis 0 differ: 3 of .*, 4 of"):
        T.constant(np.zeros(3)) + np.zeros(4)
    with pytest.raises(ValueError, match="mul: sizes on axis 1 differ"):
        T.zeros((T.lscalar("n"), 4)) * np.zeros(3)
    assert (T.constant(np.zeros((3, 1))) + np.zeros(4)).ndim == 2
    assert (T.dvector("v") + np.zeros(4)).ndim == 1


def test_signatures_of_ops_name_operands_and_that_of_their_class_is_the_constructors() -> None:
    assert str(inspect.signature(T.clip)) == "(x, min, max)"
    assert str(inspect.signature(T.add)) == "(a, *other_terms)"
    assert "emit" in inspect.signature(Elementwise).parameters
