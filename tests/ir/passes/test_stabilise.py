"""The points at which stabilised forms are better, each against the exact value."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.passes.cancel import cancel
from lltheano_ir.passes.canonicalise import CANONICAL_RULES
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.passes.stabilise import STABLE_RULES
from lltheano_ir.text import parse_program
from tests.ir.passes.test_goldens import FILES

mp: Any = mpmath.mp  # its functions are made at run time, unseen by type checkers

ONE = "%one: f64[1] = constant [1.0]"
SIGMOID = f"{ONE} %n: f64[?] = neg %x %e: f64[?] = exp %n %d: f64[?] = add %one, %e"


def results(body: str, numbers: Any) -> tuple[np.ndarray, np.ndarray]:
    """What a program of one argument gives as it is, and stabilised."""
    program = parse_program(f'program @f(%x: f64[?]) {{ {body} output "y" = %r }}')
    (plain,), _ = interpret(program, [np.array(numbers)])
    (stable,), _ = interpret(optimise(program), [np.array(numbers)])
    return plain, stable


@pytest.mark.parametrize(
    ("rule", "body", "numbers", "exact"),
    [
        ("log(1 + x)", f"{ONE} %0: f64[?] = add %one, %x %r: f64[?] = log %0",
         [1e-20, -1e-18, 1e-10], mp.log1p),
        ("log(1 - x)", f"{ONE} %0: f64[?] = sub %one, %x %r: f64[?] = log %0",
         [1e-20, 1e-17], lambda x: mp.log1p(-x)),
        ("exp(x) - 1", f"{ONE} %0: f64[?] = exp %x %r: f64[?] = sub %0, %one",
         [1e-20, -1e-18, 1e-9], mp.expm1),
        ("log(1 + exp(x))", f"{ONE} %0: f64[?] = exp %x %1: f64[?] = add %one, %0"
         " %r: f64[?] = log %1", [-50.0, -700.0, 800.0, 30.0], lambda x: mp.log1p(mp.exp(x))),
        ("sigmoid", f"{SIGMOID} %r: f64[?] = div %one, %d",
         [-740.0, -710.0], lambda x: 1 / (1 + mp.exp(-x))),
        ("log(sigmoid)", f"{SIGMOID} %s: f64[?] = div %one, %d %r: f64[?] = log %s",
         [-800.0, 40.0, 1.0], lambda x: -mp.log1p(mp.exp(-x))),
        ("log(1 - sigmoid)", f"{SIGMOID} %s: f64[?] = div %one, %d %t: f64[?] = sub %one, %s"
         " %r: f64[?] = log %t", [800.0, 40.0, -40.0], lambda x: -mp.log1p(mp.exp(x))),
        ("1 - sigmoid", f"{ONE} %s: f64[?] = sigmoid %x %r: f64[?] = sub %one, %s",
         [40.0, 700.0], lambda x: 1 / (1 + mp.exp(x))),
        ("1 - erf", f"{ONE} %s: f64[?] = erf %x %r: f64[?] = sub %one, %s", [6.0, 10.0], mp.erfc),
        ("log(exp(x))", "%0: f64[?] = exp %x %r: f64[?] = log %0", [800.0, -800.0, 1e-20],
         lambda x: x),
    ],
)  # fmt: skip
def test_hard_points(rule: str, body: str, numbers: list[float], exact: Any) -> None:
    plain, stable = results(body, numbers)
    with mp.workdps(400):
        wanted = np.array([float(exact(mp.mpf(number))) for number in numbers])
    np.testing.assert_allclose(stable, wanted, rtol=1e-14, atol=0)
    with np.errstate(all="ignore"):
        errors = np.abs(plain - wanted) / np.abs(wanted)
    assert not (errors < 1e-3).all(), f"{rule}: the old form is as good at these points"


NUMBER = "f64[1] = constant [{}]"
SCALED_TANH = {
    "times": "%a: {a} %c: f64[?] = mul %t, %a",
    "over": "%a: {inverse} %c: f64[?] = div %t, %a",
    "minus": "%a: {less} %0: f64[?] = neg %t %c: f64[?] = mul %0, %a",
    "twice": "%a: {half} %2: {two} %0: f64[?] = mul %t, %a %c: f64[?] = mul %0, %2",
}
"""Ways to write a * tanh(x)."""


@pytest.mark.parametrize("offset", [1.0, -0.5, 4.0])
@pytest.mark.parametrize("scale", [1.0, 0.5, -4.0])
@pytest.mark.parametrize("sum_of_them", ["add %c, %b", "sub %b, %c", "sub %c, %b"])
@pytest.mark.parametrize("way", SCALED_TANH)
def test_logistic_functions_written_as_tanh(
    way: str, sum_of_them: str, scale: float, offset: float
) -> None:
    """Where they come near 0 their digits are kept; sums with another offset stay such sums."""
    numbers = {"a": scale, "inverse": 1 / scale, "less": -scale, "half": scale / 2, "two": 2.0}
    curve = SCALED_TANH[way].format(**{key: NUMBER.format(one) for key, one in numbers.items()})
    offsets = f"%b: {NUMBER.format(offset)}"
    points = [-300.0, -20.0, -1.0, 0.5, 20.0, 300.0]
    _, stable = results(
        f"{offsets} %t: f64[?] = tanh %x {curve} %r: f64[?] = {sum_of_them}", points
    )
    op, first, _ = sum_of_them.split()
    signs = (1 if op == "add" or first == "%c," else -1, 1 if first != "%c," or op == "add" else -1)
    with mp.workdps(400):
        exact = [signs[0] * scale * mp.tanh(one) + signs[1] * offset for one in points]
    is_logistic = abs(scale) == abs(offset) and sum_of_them != "sub %c, %b"
    atol = 0.0 if is_logistic else 1e-15 * max(abs(scale), abs(offset))
    np.testing.assert_allclose(stable, np.array(exact, float), rtol=1e-14, atol=atol)


SOFTMAX = """
  %0: f64[?] = reduce %x, kind=max, axes=[1]
  %1: f64[?,1] = dimshuffle %0, order=[0, new]
  %2: f64[?,?] = sub %x, %1
  %3: f64[?,?] = exp %2
  %4: f64[?] = reduce %3, kind=add, axes=[1]
  %5: f64[?,1] = dimshuffle %4, order=[0, new]
  %p: f64[?,?] = div %3, %5
"""


def test_the_logarithm_of_a_softmax_that_underflows() -> None:
    text = f'program @f(%x: f64[?,?]) {{ {SOFTMAX} %r: f64[?,?] = log %p output "y" = %r }}'
    program = parse_program(text)
    x = np.array([[0.0, 1000.0]])
    assert interpret(program, [x])[0][0].tolist() == [[-math.inf, 0.0]]
    assert interpret(optimise(program), [x])[0][0].tolist() == [[-1000.0, 0.0]]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([[1000.0, 1000.0], [-1000.0, -1000.0]], [1000 + math.log(2), -1000 + math.log(2)]),
        ([[-math.inf, -math.inf], [math.inf, 0.0]], [-math.inf, math.inf]),
        ([[math.nan, 0.0], [math.inf, -math.inf]], [math.nan, math.inf]),
        ([[], []], [-math.inf, -math.inf]),
    ],
)
@pytest.mark.parametrize("keep", [False, True])
def test_the_logarithm_of_a_sum_of_exponentials(
    rows: list[list[float]], wanted: list[float], keep: bool
) -> None:
    kept = "%2: f64[?,1] = dimshuffle %1, order=[0, new] %r: f64[?,1] = log %2"
    program = parse_program(
        f"""program @f(%x: f64[?,?]) {{
          %0: f64[?,?] = exp %x
          %1: f64[?] = reduce %0, kind=add, axes=[1]
          {kept if keep else "%r: f64[?] = log %1"}
          output "y" = %r
        }}"""
    )
    (found,), _ = interpret(optimise(program), [np.array(rows)])
    np.testing.assert_allclose(found.reshape(-1), wanted, rtol=1e-15)


def test_picked_elements_of_it() -> None:
    text = f"""program @f(%x: f64[?,?], %y: i64[?]) {{ {SOFTMAX}
      %n: i64[] = dim %y, axis=0
      %i: i64[?] = iota %n
      %q: f64[?] = gather %p, %i, %y, axes=[0, 1]
      %r: f64[?] = log %q
      output "y" = %r
    }}"""
    x, y = np.array([[0.0, 1000.0], [0.0, 0.0]]), np.array([0, 1])
    (found,), _ = interpret(optimise(parse_program(text)), [x, y])
    np.testing.assert_allclose(found, [-1000.0, -math.log(2)], rtol=1e-15)


def test_a_factor_that_may_be_zero_cancels_where_it_is_asked_for() -> None:
    text = """program @f(%p: f64[?,?], %g: f64[?,?]) {
      %0: f64[?,?] = div %g, %p
      %1: f64[?,?] = mul %p, %0
      %2: f64[?] = reduce %1, kind=add, axes=[1]
      %3: f64[?,1] = dimshuffle %2, order=[0, new]
      %4: f64[?,?] = mul %p, %3
      %5: f64[?,?] = sub %1, %4
      output "y" = %5
    }"""
    program = parse_program(text)
    p, g = np.array([[0.0, 1.0]]), np.array([[-1.0, 0.0]])
    assert np.isnan(interpret(optimise(program), [p, g])[0][0]).any()
    assert interpret(optimise(cancel(program)), [p, g])[0][0].tolist() == [[-1.0, 1.0]]


def test_every_rule_says_whether_it_changes_results() -> None:
    exact = [one.name for one in STABLE_RULES if not one.changes_results]
    assert exact == ["neg-neg"]
    assert not [one.name for one in CANONICAL_RULES if one.changes_results]


def test_names_are_unique_and_each_rule_has_a_golden_case() -> None:
    shown = "\n".join(path.read_text() for path in FILES)
    for rules in (CANONICAL_RULES, STABLE_RULES):
        names = [one.name for one in rules]
        assert len(set(names)) == len(names)
        assert [name for name in names if f"; {name}: " not in shown] == []
