"""Buffers that change places after an iteration: what is refused, and what it means."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.loops.interpret import LoopMemoryError, interpret_loops
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from tests.ir.emit.harness import EntryError, compiled

HEAD = "%x: f64[%n] strides [%s] input, %w: f64[%m] shared"
TWO = "alloc %a: f64[%n] alloc %b: f64[%n]"
LAST = "rebind stands last in the body of a sequential loop"
SWAP = "rebind %a = %b, %b = %a"
OWN = "is no allocation of its own from outside the loop"
MALFORMED = [
    (TWO, SWAP, LAST),
    (TWO, f"for %i in %n {{ {SWAP} }}", LAST),
    (TWO, f"for %i in %n, sequential {{ {SWAP} let %j: i64 = neg %i }}", LAST),
    (TWO, f"for %i in %n, sequential {{ if bool true {{ {SWAP} }} else {{ }} }}", LAST),
    ("alloc %a: f64[%n]", f"@loop {{ alloc %b: f64[%n] {SWAP} }}", f"%b {OWN}"),
    ("alloc %a: f64[%n], slot=0 alloc %b: f64[%n]", f"@loop {{ {SWAP} }}", f"%a {OWN}"),
    ("alloc %a: f64[%m]", "@loop { rebind %a = %w, %w = %a }", f"%w {OWN}"),
    (TWO, f"for %j in 2 {{ @loop {{ {SWAP} }} }}", "%a is rebound in a loop that may run in any"),
    (
        "alloc %a: f64[%n]",
        f"@outer {{ alloc %b: f64[%n] @loop {{ {SWAP} }} }}",
        "%b does not live as long as %a",
    ),
    (
        "alloc %a: f64[%n]",
        "@outer { alloc %b: f64[%n, %n] @loop { let %o: i64 = mul %i, %n"
        " view %v: f64[%n] = %b, offset=%o rebind %a = %v } }",
        "%b does not live as long as %a",
    ),
    ("alloc %a: f64[%n] alloc %b: f32[%n]", f"@loop {{ {SWAP} }}", "%a is f64, %b is f32"),
    ("alloc %a: f64[%n] alloc %b: f64[]", f"@loop {{ {SWAP} }}", "%b does not lie in memory as"),
    (
        "alloc %a: f64[%n]",
        "@loop { view %v: f64[%n] strides [2] = %x, offset=0 rebind %a = %v }",
        "%v does not lie in memory as %a does",
    ),
    (
        "alloc %a: f64[%n] alloc %b: f64[%n] align 8",
        f"@loop {{ {SWAP} }}",
        "%b is not aligned as %a is",
    ),
    (
        "alloc %a: f64[%n] align 32 alloc %b: f64[%n, %n]",
        "@loop { let %o: i64 = mul %i, %n view %v: f64[%n] = %b, offset=%o rebind %a = %v }",
        "%v is not aligned to 32 bytes, as %a is",
    ),
    (TWO, "@loop { rebind %a = %b }", "%b is neither rebound nor a view of memory from outside"),
    (
        "alloc %a: f64[%n]",
        "@loop { alloc %b: f64[%n] view %v: f64[%n] = %b, offset=0 rebind %a = %v }",
        "%v is neither rebound nor a view of memory from outside",
    ),
    (TWO, "@loop { rebind %a = %b, %b = %b }", "a buffer is rebound once, and takes the place"),
    (TWO, "@loop { rebind %a = %b, %a = %b }", "a buffer is rebound once, and takes the place"),
    (
        TWO,
        "@loop { view %v: f64[%n] = %a, offset=0 rebind %a = %v }",
        "%v is a view of memory that cannot be shared in this way",
    ),
    (
        "alloc %a: f64[%m]",
        "@loop { view %v: f64[%m] = %w, offset=0 rebind %a = %v }",
        "%v is a view of memory that cannot be shared in this way",
    ),
    (
        f"{TWO} view %v: f64[%n] = %a, offset=0",
        f"@loop {{ load %e: f64 = %v[%i] {SWAP} }}",
        "there is no buffer %v here",
    ),
    (
        f"{TWO} view %v: f64[%n] = %a, offset=0",
        f"@loop {{ {SWAP} }} load %e: f64 = %v[0]",
        "there is no buffer %v here",
    ),
    (
        "alloc %a: f64[%n] alloc %b: f64[%n, %n]",
        "@loop { let %o: i64 = mul %i, %n view %v: f64[%n] = %b, offset=%o rebind %a = %v }"
        ' output "y" = %a',
        "result 'y' is not memory that the function allocated",
    ),
]


def parsed(body: str) -> Any:
    body = body.replace("@loop", "for %i in %n, sequential")
    body = body.replace("@outer", "for %j in %n, sequential")
    return parse_loops(f"loops @f({HEAD}) {{ {body} }}")


@pytest.mark.parametrize(("allocations", "rest", "message"), MALFORMED)
def test_what_is_refused(allocations: str, rest: str, message: str) -> None:
    function = parsed(f"{allocations} {rest}")
    with pytest.raises(LoopVerificationError) as caught:
        verify_loops(function)
    assert str(caught.value).startswith(f"@f: {message}")


SWAPPED = """loops @f(%x: f64[%n] strides [%s] input, %k: i64[] input) {
  load %c: i64 = %k[]
  alloc %a: f64[%n]
  alloc %b: f64[%n]
  for %i in %n {
    load %v: f64 = %x[%i]
    store %a[%i] = %v
    store %b[%i] = f64 0.0
  }
  for %j in %c, sequential {
    for %l in %n {
      load %p: f64 = %a[%l]
      let %q: f64 = add %p, %p
      store %b[%l] = %q
    }
    rebind %a = %b, %b = %a
  }
  output "a" = %a
  output "b" = %b
}"""

DEEP = """loops @f(%x: f64[%n] strides [%s] input, %k: i64[] input) {
  site 0 value "four"
  load %c: i64 = %k[]
  alloc %a: f64[%n]
  alloc %b: f64[%n]
  for %i in %n {
    load %v: f64 = %x[%i]
    store %a[%i] = %v
    store %b[%i] = f64 0.0
  }
  for %j in %c, sequential {
    let %e: i64 = mod %j, 2
    let %d: bool = eq %e, 0
    let %g: bool = ne %j, 4
    check %g, site=0
    if %d {
      for %h in 3, sequential {
        for %l in %n {
          load %p: f64 = %a[%l]
          let %q: f64 = add %p, f64 1.0
          store %b[%l] = %q
        }
        rebind %a = %b, %b = %a
      }
    } else {
    }
  }
  output "b" = %b
  output "a" = %a
}"""

ROWS = """loops @f(%x: f64[%n] strides [%s] input, %k: i64[] input) {
  load %c: i64 = %k[]
  alloc %a: f64[%n]
  for %i in %n {
    load %v: f64 = %x[%i]
    store %a[%i] = %v
  }
  alloc %r: f64[%c, %n]
  for %j in %c, sequential {
    let %o: i64 = mul %j, %n
    view %b: f64[%n] = %r, offset=%o
    for %l in %n {
      load %p: f64 = %a[%l]
      let %q: f64 = add %p, %p
      store %b[%l] = %q
    }
    rebind %a = %b
  }
  alloc %z: f64[%n]
  for %m in %n {
    load %u: f64 = %a[%m]
    store %z[%m] = %u
  }
  output "rows" = %r
  output "last" = %z
}"""


def results(text: str, x: Any, count: int) -> list[Any]:
    """What the interpreter gives, which native code must give, too, and all its memory back."""
    function = parse_loops(text)
    verify_loops(function)
    assert parse_loops(format_loops(function)) == function
    arrays = [np.asarray(x), np.asarray(count)]
    outputs, _ = interpret_loops(function, arrays)
    for result, other in zip(compiled(function)(*arrays), outputs, strict=True):
        np.testing.assert_array_equal(result, other)
    return list(outputs)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("size", [0, 3, 100])
def test_results_that_change_places(count: int, size: int) -> None:
    x = np.arange(float(size))
    a, b = results(SWAPPED, x, count)
    np.testing.assert_array_equal(a, 2**count * x)
    np.testing.assert_array_equal(b, 2 ** (count - 1) * x if count else 0 * x)


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_buffers_from_outside_two_loops_and_a_branch(count: int) -> None:
    x = np.arange(20.0)
    times = 3 * ((count + 1) // 2)
    b, a = results(DEEP, x, count)
    np.testing.assert_array_equal(a, x + times)
    np.testing.assert_array_equal(b, x + times - 1 if count else 0 * x)


def test_a_failure_after_some_iterations_leaves_no_memory_behind() -> None:
    with pytest.raises(EntryError):
        compiled(parse_loops(DEEP))(np.arange(20.0), np.asarray(7))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_are_carried(count: int) -> None:
    x = np.arange(20.0)
    rows, last = results(ROWS, x, count)
    expected = np.array([2.0 ** (j + 1) * x for j in range(count)]).reshape(count, 20)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(last, 2.0**count * x)


def test_small_buffers_that_leave_the_function() -> None:
    a, b = results(SWAPPED.replace("f64[%n]\n", "f64[2]\n"), np.array([1.0, 2.0]), 3)
    assert (a.tolist(), b.tolist()) == ([8.0, 16.0], [4.0, 8.0])


def test_memory_of_another_size_is_an_error() -> None:
    text = SWAPPED.replace("alloc %b: f64[%n]", "alloc %b: f64[%c]")
    text = text.replace("    store %b[%i] = f64 0.0\n", "").replace('  output "b" = %b\n', "")
    with pytest.raises(LoopMemoryError, match="is rebound to memory of shape"):
        interpret_loops(parse_loops(text), [np.arange(3.0), np.asarray(4)])


def test_in_a_body_that_is_emitted_in_parts() -> None:
    loop = DEEP[DEEP.index("  for %j in %c") : DEEP.index('  output "b"')]
    names = ("j", "e", "d", "g", "h", "l", "p", "q")
    more = ""
    for number in range(20):
        copy = loop
        for name in names:
            copy = copy.replace(f"%{name} ", f"%{name}.{number} ").replace(
                f"%{name}:", f"%{name}.{number}:"
            )
            copy = copy.replace(f"%{name},", f"%{name}.{number},").replace(
                f"%{name}]", f"%{name}.{number}]"
            )
            copy = copy.replace(f"%{name}\n", f"%{name}.{number}\n")
        more += copy
    x = np.arange(20.0)
    b, a = results(DEEP.replace(loop, more), x, 3)
    np.testing.assert_array_equal(a, x + 120)
    np.testing.assert_array_equal(b, x + 119)
