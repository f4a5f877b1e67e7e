"""Loops ask whether to stop, seldom, and leave with nothing kept; after the commit point never."""

import numpy as np
import pytest

from lltheano_ir.abi import Status
from lltheano_ir.dtypes import f64
from lltheano_ir.emit.loops.interrupts import CHUNK
from lltheano_ir.loops.nodes import Let, Load, LoopFunction, Scalar, Store
from lltheano_ir.loops.parser import parse_loops
from tests.ir.emit.harness import (
    EntryError,
    alloc,
    build,
    compiled,
    i,
    loop,
    packed,
    strided,
)


def doubling() -> LoopFunction:
    """out = x + x."""
    x, out = strided("x", f64, 1), packed("out", f64, i("x.n0"))
    place = (i("i"),)
    a, b = Scalar("a", f64), Scalar("b", f64)
    body = (Load(a, x, place), Let(b, "add", (a, a)), Store(out, place, b))
    return build([x], [alloc(out), loop("i", i("x.n0"), *body, vector=4)], [out])


def test_a_short_loop_does_not_ask() -> None:
    code = compiled(doubling())
    code(np.ones(CHUNK))
    assert code.pool.polls == 0


@pytest.mark.parametrize("chunks", [2, 5, 20])
def test_a_long_loop_asks_once_in_some_chunks(chunks: int) -> None:
    code = compiled(doubling())
    (result,) = code(np.ones(chunks * CHUNK + 3))
    assert chunks // 2 - 1 <= code.pool.polls <= chunks
    assert (result == 2).all()


@pytest.mark.parametrize("at", [0, 1, 4])
def test_a_loop_that_is_told_to_stop_leaves_and_gives_its_blocks_back(at: int) -> None:
    code = compiled(doubling())
    code.pool.stop_at = at
    with pytest.raises(EntryError) as error:  # which has looked for blocks that are still out
        code(np.ones(20 * CHUNK))
    assert error.value.status == Status.INTERRUPTED
    assert code.pool.polls == at + 1


LOOPS = {
    "elements": "for %i in %n { load %v: f64 = %x[%i] store %y[%i] = %v }",
    "vectors": "for %i in %n, vector=4 { load %v: f64 = %x[%i] store %y[%i] = %v }",
    "one after another": "for %i in %n, sequential { load %v: f64 = %x[%i] store %y[0] = %v }",
    "until one is the last": """for %i in %n, sequential {
      load %v: f64 = %x[%i]
      store %y[%i] = %v
      let %end: bool = lt %v, f64 0.0
      last %end
    }""",
    "a sum": """reduce %s: f64 = add %v over %i in %n, blocked, vector=4 { load %v: f64 = %x[%i] }
    store %y[0] = %s""",
    "a maximum's place": """reduce %s: i64 = argmax %v over %i in %n, blocked {
      load %v: f64 = %x[%i]
    }
    store %y[%s] = f64 0.0""",
}
"""Every way to go through many elements."""


def going_through(way: str, before: str) -> LoopFunction:
    return parse_loops(f"""loops @f(%x: f64[%n] input) {{
      alloc %y: f64[%n]
      {before}
      {LOOPS[way]}
      output "y" = %y
    }}""")


@pytest.mark.parametrize("way", LOOPS)
def test_all_loops_ask_before_the_commit_point_and_none_after_it(way: str) -> None:
    x = np.ones(20 * CHUNK)
    code = compiled(going_through(way, ""))
    code.pool.stop_at = 1
    with pytest.raises(EntryError) as error:
        code(x)
    assert error.value.status == Status.INTERRUPTED
    code = compiled(going_through(way, "commit"))
    code.pool.stop_at = 0
    code(x)
    assert code.pool.polls == 0
