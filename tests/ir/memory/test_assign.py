"""Which buffers share memory: lives that do not meet, of one size, and of memory that stays put."""

import pytest

from lltheano_ir.loops.nodes import Alloc
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.memory.assign import assign_buffers

LIFE = """alloc %{name}: {dtype}[%n]
  for %i{name} in %n {{ store %{name}[%i{name}] = {dtype} 1.0 }}
  load %v{name}: {dtype} = %{name}[0]
"""
SWAPPED = """alloc %a: f64[%n]
  alloc %b: f64[%n]
  store %a[0] = f64 1.0
  for %i in %n, sequential {
    load %s: f64 = %a[%i]
    store %b[%i] = %s
    rebind %a = %b, %b = %a
  }
  load %t: f64 = %a[0]
"""


def life(name: str, dtype: str = "f64") -> str:
    """A buffer that is written, read, and dead from there on."""
    return LIFE.format(name=name, dtype=dtype)


BODIES = {
    "one after another": (life("a") + life("b") + life("c"), [{"a", "b", "c"}]),
    "other elements": (life("a") + life("b", "f32") + life("c"), [{"a", "c"}]),
    "what changes places": (SWAPPED + life("c") + life("d"), [{"c", "d"}]),
    "before it": (life("c") + SWAPPED + life("d"), [{"c", "d"}]),
    "read again at the end": (
        life("a") + life("b") + life("c") + "load %again: f64 = %a[1]\n",
        [{"b", "c"}],
    ),
    "needed while a third begins": (
        life("a") + life("b") + life("c") + "load %again: f64 = %b[1]\n",
        [{"a", "b"}],
    ),
    "a result": (life("a") + life("b") + life("c") + 'output "b" = %b', [{"a", "c"}]),
}


@pytest.mark.parametrize("name", BODIES)
def test_who_shares_memory(name: str) -> None:
    body, expected = BODIES[name]
    function = assign_buffers(parse_loops(f"loops @f(%x: f64[%n] input) {{ {body} }}"))
    verify_loops(function)
    slots: dict[int, set[str]] = {}
    for one in function.body:
        if isinstance(one, Alloc) and one.slot is not None:
            slots.setdefault(one.slot, set()).add(one.buffer.name)
    assert list(slots.values()) == expected
