"""Loop functions that several tests compile: reductions of a vector in every form."""

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.nodes import (
    Check,
    Let,
    Load,
    LoopFunction,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Schedule,
    Statement,
    Store,
)
from tests.ir.emit.harness import alloc, build, i, packed, strided

__all__ = ["gathering", "reduction"]

AT = i("i")


def reduction(
    kind: str, dtype: DType, *, op: str = "", order: Order = Order.BLOCKED, vector: int = 8
) -> LoopFunction:
    """The reduction of a vector, or of `op` of its elements."""
    x, out = strided("x", dtype, 1), packed("out", i64 if kind.startswith("arg") else dtype)
    a, b, r = Scalar("a", dtype), Scalar("b", dtype), Scalar("r", out.dtype)
    applied: tuple[Statement, ...] = (Let(b, op, (a,)),) if op else ()
    body = (Load(a, x, (AT,)), *applied)
    reduce = Reduce(
        (Reduction(r, kind, b if op else a),), (AT,), (i("x.n0"),), body, order, Schedule(vector, 2)
    )
    return build([x], [alloc(out), reduce, Store(out, (), r)], [out])


def gathering(kind: str, dtype: DType, vector: int) -> LoopFunction:
    """The reduction of x[i, k[i]] - y[i], with k checked."""
    x, k = strided("x", dtype, 2, [i("n"), i("m")]), strided("k", i64, 1, [i("n")])
    y, out = strided("y", dtype, 1, [i("n")]), packed("out", i64 if kind == "argmax" else dtype)
    column, good = Scalar("column", i64), Scalar("good", bool_)
    a, b, c, r = (*(Scalar(name, dtype) for name in "abc"), Scalar("r", out.dtype))
    body = (
        Load(column, k, (AT,)),
        Let(good, "lt", (column, i("m"))),
        Check(good, 0, (column,)),
        Load(a, x, (AT, column)),
        Load(b, y, (AT,)),
        Let(c, "sub", (a, b)),
    )
    reduce = Reduce(
        (Reduction(r, kind, c),), (AT,), (i("n"),), body, Order.BLOCKED, Schedule(vector, 4)
    )
    return build([x, k, y], [alloc(out), reduce, Store(out, (), r)], [out], sites=1)
