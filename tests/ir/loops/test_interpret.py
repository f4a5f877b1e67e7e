"""The interpreter of the loop IR catches what native code must never do."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.host import HostFunction
from lltheano_ir.loops.interpret import LoopMemoryError, interpret_loops
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.ops.definition import ExecutionError


def run(text: str, *inputs: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return interpret_loops(parse_loops(text), [np.asarray(one) for one in inputs])


def test_results_are_outputs_then_updates() -> None:
    text = """loops @f(%w: i64[%n] shared, %x: i64[%m] strides [%s] input) {
      alloc %y: i64[]
      reduce %r: i64 = add %v over %i in %m, blocked {
        load %v: i64 = %x[%i]
      }
      store %y[] = %r
      commit
      for %j in %n {
        store %w[%j] = %r
      }
      output "y" = %y
      update %w = %w
    }"""
    w = np.zeros(2, np.int64)
    outputs, updates = run(text, w, np.array([[1, 2, 3], [4, 5, 6]])[:, 1])
    assert outputs[0] == 7
    assert updates[0].tolist() == [7, 7]
    assert w.tolist() == [0, 0], "inputs are not written to"


def test_sizes_of_what_a_host_function_gives_are_measured() -> None:
    """And those that are known are demanded."""
    text = """loops @f(%x: i64[%n] shared) {
      callback 0 "spread" measures [%m] gives (%y: i64[%n, %m]) from (%x)
      alloc %z: i64[%m]
      for %i in %m {
        load %v: i64 = %y[0, %i]
        store %z[%i] = %v
      }
      output "y" = %y
      output "z" = %z
    }"""
    x = np.array([3, 1], np.int64)
    for columns in (0, 1, 4):
        wide = np.outer(x, np.arange(columns))
        spread = HostFunction(lambda _, wide=wide: [wide], "spread")  # type: ignore[misc]
        (y, z), _ = interpret_loops(parse_loops(text), [x], [spread])
        assert y.tolist() == wide.tolist()
        assert z.tolist() == wide[0].tolist()
    longer = HostFunction(lambda _: [np.ones((3, 4), np.int64)], "longer")
    with pytest.raises(ValueError, match="must have size 2 on axis 0"):
        interpret_loops(parse_loops(text), [x], [longer])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("load %a: f64 = %x[3]", "index 3 on axis 0 of %x, of size 3"),
        ("load %a: f64 = %x[-1]", "index -1 on axis 0 of %x, of size 3"),
        ("alloc %b: f64[2] store %b[2] = f64 1.0", "index 2 on axis 0 of %b, of size 2"),
        (
            "view %b: f64[4] = %x, offset=0 load %a: f64 = %b[3]",
            "element 3 of the memory of %b",
        ),
        (
            "view %b: f64[2] strides [-1] = %x, offset=0 load %a: f64 = %b[1]",
            "element -1 of the memory of %b",
        ),
        ("alloc %b: f64[2] load %a: f64 = %b[0]", "%b[0] is read before it is written"),
        ("alloc %b: f64[4, -2]", "size -2 of %b on axis 1"),
        ("view %b: f64[-1] = %x, offset=0", "size -1 of %b on axis 0"),
        (
            "alloc %b: f64[2] store %b[0] = f64 1.0 store %b[1] = f64 1.0 alloc %c: f64[]"
            " call dot(%c) from (%x, %b)",
            "the routine dot cannot make () of (3,), (2,)",
        ),
        (
            "view %v: f64[1, 3] = %x, offset=0 alloc %c: f64[2] call gemv(%c) from (%v, %x)",
            "the routine gemv writes (1,) to %c, of shape (2,)",
        ),
        ("commit check bool true, site=0", "a check after the commit point"),
        ("commit alloc %b: f64[]", "an allocation after the commit point"),
        ("commit contiguous %b: f64[%n] = %x", "an allocation after the commit point"),
        ("alloc %b: f64[] commit call dot(%b) from (%x, %x)", "the routine dot after the commit"),
        ('alloc %b: f64[1] output "y" = %b', "%b[0] is read before it is written"),
    ],
)
def test_wild_accesses_are_caught(body: str, message: str) -> None:
    text = f'loops @f(%x: f64[%n] strides [%s] input) {{ site 0 value "no" {body} }}'
    with pytest.raises(LoopMemoryError) as caught:
        run(text, np.zeros(3))
    assert message in str(caught.value)


def test_a_failing_check_reports_its_values() -> None:
    text = """loops @f(%n: i64[] input) {
      site 0 index "{0} is not below {1}"
      load %a: i64 = %n[]
      let %c: bool = lt %a, 5
      check %c, site=0, values=[%a, 5]
    }"""
    assert run(text, np.int64(4)) == ((), ())
    with pytest.raises(ExecutionError, match="7 is not below 5") as caught:
        run(text, np.int64(7))
    assert (caught.value.kind, caught.value.values) == ("index", (7, 5))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros(3, np.float32), "%x is f64[?, 1], got float32 of shape (3,)"),
        (np.zeros(3), "%x is f64[?, 1], got float64 of shape (3,)"),
        (np.zeros((3, 2)), "%x is f64[?, 1], got float64 of shape (3, 2)"),
    ],
)
def test_arguments_must_fit(given: Any, message: str) -> None:
    with pytest.raises(ExecutionError) as caught:
        run("loops @f(%x: f64[%n, 1] strides [%s, %t] input) { }", given)
    assert str(caught.value) == message


def test_too_few_arguments() -> None:
    with pytest.raises(ExecutionError, match="f takes 1 arguments, got 0"):
        run("loops @f(%x: f64[] input) { }")


def test_too_much_memory_is_an_error_of_the_program() -> None:
    with pytest.raises(ExecutionError) as caught:
        run("loops @f() { alloc %b: f64[281474976710656, 281474976710656] }")
    assert caught.value.kind == "memory"


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("add", 0), ("mul", 1), ("max", -(2**63)), ("min", 2**63 - 1), ("and", -1), ("or", 0)],
)
def test_reductions_of_nothing_are_neutral(kind: str, wanted: int) -> None:
    text = f"""loops @f() {{
      alloc %y: i64[]
      reduce %r: i64 = {kind} %i over %i in 0, blocked {{
      }}
      store %y[] = %r
      output "y" = %y
    }}"""
    assert run(text)[0][0] == wanted
