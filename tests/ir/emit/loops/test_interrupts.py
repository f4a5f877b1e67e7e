"""Loops ask whether to stop, seldom, and leave with nothing kept; after the commit point never."""

import numpy as np
import pytest

from lltheano_ir.abi import Status
from lltheano_ir.dtypes import f64
from lltheano_ir.emit.loops.interrupts import CHUNK
from lltheano_ir.loops.nodes import Commit, Let, Load, LoopFunction, Scalar, Statement, Store
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


def doubling(*before: Statement) -> LoopFunction:
    """out = x + x."""
    x, out = strided("x", f64, 1), packed("out", f64, i("x.n0"))
    place = (i("i"),)
    a, b = Scalar("a", f64), Scalar("b", f64)
    body = (Load(a, x, place), Let(b, "add", (a, a)), Store(out, place, b))
    return build([x], [alloc(out), *before, loop("i", i("x.n0"), *body, vector=4)], [out])


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


def test_nothing_asks_after_the_commit_point() -> None:
    code = compiled(doubling(Commit()))
    code(np.ones(20 * CHUNK))
    assert code.pool.polls == 0
