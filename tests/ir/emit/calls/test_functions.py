"""Calls of functions of the module in native code: memory, failures at any depth, and sites."""

import numpy as np
import pytest

from lltheano_ir.abi import Status
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.verify import verify_loops
from tests.ir.emit.harness import Array, Compiled, EntryError, compiled

CHAIN = """loops @f(%x: f64[%n, %m] strides [%s, %t] input) {
  site 0 sizes "too many"
  let %few: bool = lt %n, 1000
  check %few, site=0
  alloc %y: f64[%n, %m]
  alloc %sums: f64[%n]
  call @rows(%y, %sums) from (%x)
  output "y" = %y
  output "sums" = %sums
}
loops @rows(%a: f64[%k, %l] inout, %b: f64[%k] inout, %c: f64[%k, %l] strides [%s, %t] input) {
  site 0 value "nothing {0} {1}"
  let %some: bool = gt %l, 0
  check %some, site=0, values=[%k, %l]
  for %i in %k, sequential {
    let %from: i64 = mul %i, %s
    let %to: i64 = mul %i, %l
    view %row: f64[%l] strides [%t] = %c, offset=%from
    view %out: f64[%l] = %a, offset=%to
    view %sum: f64[] = %b, offset=%i
    call @row(%out, %sum) from (%row)
  }
}
loops @row(%out: f64[%l] inout, %sum: f64[] inout, %in: f64[%l] strides [%t] input) {
  site 0 value "unused"
  site 1 value "element {0} of {1}"
  alloc %work: f64[%l]
  for %i in %l, vector=4 {
    load %e: f64 = %in[%i]
    let %fits: bool = ge %e, f64 0.0
    check %fits, site=1, values=[%i, %l]
    let %r: f64 = sqrt %e
    store %work[%i] = %r
  }
  reduce %total: f64 = add %v over %h in %l, blocked, vector=4 {
    load %v: f64 = %work[%h]
  }
  store %sum[] = %total
  for %j in %l {
    load %w: f64 = %work[%j]
    let %d: f64 = div %w, %total
    store %out[%j] = %d
  }
}
"""


def chain() -> tuple[LoopModule, Compiled]:
    module = parse_module(CHAIN)
    verify_loops(module)
    return module, compiled(module)


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (3, 7), (2, 33)])
def test_functions_that_call_functions(shape: tuple[int, int], rng: np.random.Generator) -> None:
    module, run = chain()
    x: Array = rng.uniform(1, 2, shape)
    for one in (x, np.asfortranarray(x), x[::-1, ::-1], np.repeat(x, 2, 1)[:, ::2]):
        wanted, _ = interpret_loops(module, [one])
        for found, expected in zip(run(one), wanted, strict=True):
            np.testing.assert_array_equal(found, expected)
    assert not run.pool.live


def test_a_failure_reaches_the_caller_with_its_site_in_the_module() -> None:
    module, run = chain()
    x = np.ones((4, 5))
    x[2, 3] = -1.0
    for given, site, values in (
        (np.ones((1000, 1)), 0, []),
        (np.ones((4, 0)), 1, [4, 0]),
        (x, 3, [3, 5]),
    ):
        with pytest.raises(EntryError) as failure:
            run(given)
        assert failure.value.status == Status.CHECK_FAILED
        assert failure.value.report[: 1 + len(values)] == [site, *values]
        assert not run.pool.live
    assert module.sites[3].message == "element {0} of {1}"


def test_memory_that_a_callee_is_refused_is_what_the_caller_lacks() -> None:
    _, run = chain()
    run(np.ones((3, 5)))
    # The two results, then the work space of each row.
    assert run.pool.drawn == [120, 24, 40, 40, 40]
    for number, size in enumerate(list(run.pool.drawn)):
        run.pool.drawn.clear()
        run.pool.fail_at = number
        with pytest.raises(EntryError) as failure:
            run(np.ones((3, 5)))
        assert (failure.value.status, failure.value.report[0]) == (Status.NO_MEMORY, size)
        assert not run.pool.live


def test_a_callee_can_be_told_to_stop() -> None:
    _, run = chain()
    x = np.ones((3, 40000))
    run(x)
    count = run.pool.polls
    assert count >= 9
    for stop_at in range(count):
        run.pool.polls, run.pool.stop_at = 0, stop_at
        with pytest.raises(EntryError) as failure:
            run(x)
        assert failure.value.status == Status.INTERRUPTED
        assert not run.pool.live


def test_short_calls_in_a_long_loop_can_be_told_to_stop() -> None:
    """A function that is too short to ask is paid for by its caller."""
    text = """loops @f(%n: i64[] input) {
      load %k: i64 = %n[]
      alloc %y: i64[]
      for %i in %k, sequential { call @one(%y) from () }
      output "y" = %y
    }
    loops @one(%y: i64[] inout) { store %y[] = 1 }"""
    run = compiled(parse_module(text))
    run(np.asarray(1000))
    assert run.pool.polls > 50


def test_a_name_is_no_symbol_of_ours() -> None:
    text = """loops @f(%x: i64[] input) {
      alloc %y: i64[]
      call @"lltheano_entry"(%y) from (%x)
      call @"a \\\\ \\" b"(%y) from (%x)
      output "y" = %y
    }
    loops @lltheano_entry(%y: i64[] inout, %x: i64[] input) { store %y[] = 1 }
    loops @"a \\\\ \\" b"(%y: i64[] inout, %x: i64[] input) {
      load %a: i64 = %y[]
      load %b: i64 = %x[]
      let %c: i64 = add %a, %b
      store %y[] = %c
    }"""
    assert int(compiled(parse_module(text))(np.asarray(4))[0]) == 5


def test_a_long_function_is_called_in_parts() -> None:
    """A callee of hundreds of statements is cut like an entry (see `parts`)."""
    lines = ["load %v0: i64 = %x[]"]
    lines += [f"let %v{n}: i64 = add %v{n - 1}, {n}" for n in range(1, 400)]
    text = f"""loops @f(%x: i64[] input) {{
      alloc %y: i64[]
      call @long(%y) from (%x)
      output "y" = %y
    }}
    loops @long(%y: i64[] inout, %x: i64[] input) {{ {" ".join(lines)} store %y[] = %v399 }}"""
    run = compiled(parse_module(text))
    assert run.text.count("lltheano.part") > 2
    assert int(run(np.asarray(5))[0]) == 5 + sum(range(400))
