"""Updates: what takes long can be stopped, what is short is in place, and none is lost."""

import numpy as np
import pytest

from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.memory.inplace import update_in_place
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import EntryError, compiled
from tests.ir.loop_pipeline import scheduled

UPDATE = """program @f(%w: f64[?] shared) {{
  %0: f64[?] = {op} %w
  update %w = %0
}}"""
SIZE = 1 << 17


@pytest.mark.parametrize("op", ["exp", "tanh", "log1p"])
def test_an_update_that_takes_long_can_be_stopped(op: str) -> None:
    run = compiled(scheduled(parse_program(UPDATE.format(op=op))))
    run.pool.stop_at = 1
    state = np.zeros(SIZE)
    with pytest.raises(EntryError):
        run(state)
    assert not state.any()


@pytest.mark.parametrize("op", ["neg"])
def test_an_update_that_is_as_fast_as_memory_is_in_place(op: str) -> None:
    run = compiled(scheduled(parse_program(UPDATE.format(op=op))))
    run.pool.stop_at = 0
    state = np.full(SIZE, -1.0)
    run(state)
    assert (state != 0.0).all()
    assert run.pool.drawn == []


def test_a_loop_that_reads_the_old_value_and_stores_another_is_no_copy() -> None:
    function = parse_loops("""loops @f(%w: f64[%n] shared) {
      alloc %y: f64[%n]
      for %i in %n { load %a: f64 = %w[%i] store %y[%i] = f64 1.0 }
      update %w = %y
    }""")
    _, (found,) = interpret_loops(update_in_place(function), [np.zeros(3)])
    assert found.tolist() == [1.0, 1.0, 1.0]
