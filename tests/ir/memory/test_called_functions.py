"""Programs of several functions mean the same after every loop pass, alone and all together.

A called function may read what its `inout` parameters hold before it writes them, and what it
leaves there may be read by nobody or by another call: passes that move or remove what is written
must count both. What is found is compared with the interpreter's run of the module as it was.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.pipeline import LOOP_PASSES, apply_loop_pass
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import Array, compiled
from tests.ir.targets import AVX2

CALLEES = """
loops @exchange(%a: f64[%n] inout, %b: f64[%n] inout) {
  for %i in %n {
    load %x: f64 = %a[%i]
    load %y: f64 = %b[%i]
    store %a[%i] = %y
    store %b[%i] = %x
  }
}
loops @add(%to: f64[%n] inout, %from: f64[%n] strides [%s] input) {
  alloc %space: f64[%n]
  for %i in %n {
    load %x: f64 = %from[%i]
    load %y: f64 = %to[%i]
    let %z: f64 = add %x, %y
    store %space[%i] = %z
  }
  for %j in %n {
    load %w: f64 = %space[%j]
    store %to[%j] = %w
  }
}
loops @twice(%to: f64[%n] inout, %from: f64[%n] input) {
  call @add(%to) from (%from)
  call @add(%to) from (%from)
}
"""

FILL = """
  alloc %p: f64[%n]
  for %i in %n { load %v: f64 = %x[%i] let %s: f64 = mul %v, %v store %p[%i] = %s }
  alloc %q: f64[%n]
  for %j in %n { load %w: f64 = %x[%j] let %t: f64 = neg %w store %q[%j] = %t }
"""

BODIES = {
    "what is stored before a call and read by nobody else": f"""{FILL}
      call @exchange(%p, %q) from ()
      output "y" = %p
    """,
    "added to in place, and read between two calls": f"""{FILL}
      call @add(%p) from (%q)
      alloc %y: f64[%n]
      for %k in %n {{ load %a: f64 = %p[%k] store %y[%k] = %a }}
      call @add(%p) from (%y)
      call @exchange(%y, %q) from ()
      output "y" = %y
      output "p" = %p
    """,
    "a view is passed": f"""{FILL}
      view %back: f64[%n] strides [-1] = %q, offset=%last
      call @twice(%p) from (%q)
      call @add(%p) from (%back)
      output "p" = %p
    """,
    "temporaries of one size": f"""{FILL}
      call @add(%q) from (%p)
      alloc %r: f64[%n]
      for %k in %n {{ load %a: f64 = %q[%k] store %r[%k] = %a }}
      call @twice(%r) from (%q)
      alloc %y: f64[%n]
      for %l in %n {{ load %b: f64 = %r[%l] store %y[%l] = %b }}
      output "y" = %y
    """,
    "memory of an iteration": f"""{FILL}
      for %k in 3, sequential {{
        alloc %r: f64[%n]
        for %l in %n {{ load %a: f64 = %p[%l] store %r[%l] = %a }}
        call @exchange(%r, %q) from ()
        call @add(%p) from (%q)
      }}
      output "p" = %p
    """,
}


def module_of(body: str) -> LoopModule:
    head = "loops @f(%x: f64[%n] strides [%s0] input) {\n  let %last: i64 = sub %n, 1\n"
    module = parse_module(f"{head}{body}}}\n{CALLEES}")
    verify_loops(module)
    return module


def variants(module: LoopModule) -> list[tuple[str, LoopModule]]:
    """A module after each pass alone, and after as many as there are from the first on."""
    found = []
    together = module
    for name in LOOP_PASSES:
        found.append((f"{name} alone", apply_loop_pass(name, module, AVX2, [])))
        together = apply_loop_pass(name, together, AVX2, [])
        found.append((f"up to {name}", together))
    for _, one in found:
        verify_loops(one)
    return found


def require_same(found: Sequence[Array], expected: Sequence[Array], what: str) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=what)


@pytest.mark.parametrize("name", BODIES)
def test_calls_mean_the_same_after_every_pass(name: str, rng: np.random.Generator) -> None:
    module = module_of(BODIES[name])
    x = rng.standard_normal(5)
    expected, _ = interpret_loops(module, [x])
    for what, after in variants(module):
        require_same(interpret_loops(after, [x])[0], expected, what)
    (_, every_pass) = variants(module)[-1]
    for one in (module, every_pass):
        require_same(compiled(one)(x), expected, "native")


TRANSFORMS = {
    "forward": "%0: (f64[?,?], f64[?,?]) = fft %x, %y",
    "inverse": "%0: (f64[?,?], f64[?,?]) = fft %y, %x",
    "there and back": "%1: (f64[?,?], f64[?,?]) = fft %x, %y"
    " %0: (f64[?,?], f64[?,?]) = fft %1#1, %1#0",
    "of a sum and a product": "%1: f64[?,?] = add %x, %y %2: f64[?,?] = mul %x, %y"
    " %0: (f64[?,?], f64[?,?]) = fft %1, %2",
    "of its own results": "%1: (f64[?,?], f64[?,?]) = fft %x, %y %2: f64[?,?] = sub %1#0, %1#1"
    " %0: (f64[?,?], f64[?,?]) = fft %2, %1#0",
}
RESULTS = {
    "both": 'output "re" = %0#0 output "im" = %0#1',
    "real": 'output "re" = %0#0',
    "imaginary": 'output "im" = %0#1',
}


@pytest.mark.parametrize("results", RESULTS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_mean_the_same_after_every_pass(
    name: str, results: str, rng: np.random.Generator
) -> None:
    head = "program @f(%x: f64[?,?], %y: f64[?,?])"
    program = parse_program(f"{head} {{ {TRANSFORMS[name]} {RESULTS[results]} }}")
    module = lower(program)
    for length in (4, 7):
        x, y = rng.standard_normal((2, 2, length))
        expected, _ = interpret_loops(module, [x, y])
        for found, wanted in zip(expected, interpret(program, [x, y])[0], strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)
        for what, after in variants(module):
            require_same(interpret_loops(after, [x, y])[0], expected, what)
