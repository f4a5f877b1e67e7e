"""What a program is given as indices, counts or sizes cannot lead it out of its memory.

Arrays that a caller passes may be written to by another thread during the call. Every way to reach
memory by the elements of an input is walked here, and the loop IR that is compiled is looked at:
see `tests.ir.lowering.steadiness`.
"""

from collections.abc import Callable
from typing import Any

import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_loops
from tests.ir.lowering.steadiness import loads_of, unsteady_reads

Build = Callable[..., Any]

x, y, z = T.dvector("x"), T.dmatrix("y"), T.dtensor3("z")
i, j, m = T.lvector("i"), T.lvector("j"), T.bvector("m")
ii, jj = T.lmatrix("ii"), T.imatrix("jj")
n, k, h = T.lscalar("n"), T.lscalar("k"), T.iscalar("h")
c, cc = T.TensorType("bool", (False,))("c"), T.TensorType("bool", (False, False))("cc")
one = T.TensorType("int64", (True,))("one")

CASES: dict[str, Build] = {
    "take an element": lambda: x[n],
    "take an element by int32": lambda: x[h] + x[h + 1],
    "take two elements": lambda: x[n] + x[n] * x[k],
    "take a row": lambda: y[n].sum() + y[n, k],
    "element of an index vector": lambda: x[i[0]],
    "elements of an index vector": lambda: x[i[0]] + x[i[1]] + y[i[0], i[1]],
    "element of an index vector, twice": lambda: x[i[0]] + y[i[0], 0] + x[i[-1]],
    "index of one element": lambda: x[one],
    "sum of indices": lambda: x[i.sum()],
    "greatest index": lambda: x[i.max()] + x[i.argmax()],
    "slice": lambda: x[n:k],
    "slice with a step": lambda: x[n : k : i[0]],
    "slice from a vector": lambda: x[i[0] : i[1]].sum() + x[i[0]],
    "slice update": lambda: T.set_subtensor(x[n:k], 1.0),
    "slice increase": lambda: T.inc_subtensor(y[n:k, i[0] :], 1.0),
    "element update": lambda: T.set_subtensor(x[n], 1.0),
    "gather": lambda: x[i],
    "gather by int32": lambda: x[jj],
    "gather twice": lambda: x[i] + x[i + 1] * x[-i],
    "gather of a gather": lambda: x[i[j]],
    "gather of a gather by an element": lambda: x[i[j[n]]],
    "gather of arithmetic": lambda: x[i * 2 + n],
    "gather of a clipped index": lambda: x[T.clip(i, 0, x.shape[0] - 1)],
    "gather of a sorted index": lambda: x[T.sort(i)],
    "gather of an order": lambda: x[T.argsort(i)],
    "gather of a sum": lambda: x[T.cumsum(i)],
    "gather of a matrix": lambda: y[ii],
    "gather of a transposed index": lambda: x[ii.T],
    "gather of a reversed index": lambda: x[i[::-1]],
    "gather of a reshaped index": lambda: x[ii.reshape((-1,))],
    "gather of joined indices": lambda: x[T.concatenate([i, j])],
    "gather of cast floats": lambda: x[T.cast(x, "int64")],
    "gather of a branch": lambda: x[T.switch(c, i, j)],
    "two index vectors": lambda: y[i, j],
    "an index vector and an element": lambda: y[i, n],
    "an index vector and a slice": lambda: y[i, n:k],
    "an index vector on the second axis": lambda: z[:, i] + z[:, i, :],
    "take": lambda: T.take(y, i, axis=1),
    "take, wrapped": lambda: T.take(x, i, mode="wrap"),
    "take, clipped": lambda: T.take(x, i, mode="clip"),
    "scatter": lambda: T.set_subtensor(x[i], 1.0),
    "scatter increase": lambda: T.inc_subtensor(x[i], x[j]),
    "scatter on two axes": lambda: T.inc_subtensor(y[i, j], 1.0),
    "scatter of rows": lambda: T.set_subtensor(y[i], y[j]),
    "choose": lambda: T.choose(i, [x, x + 1]),
    "choose, wrapped": lambda: T.choose(i, [x, x + 1], mode="wrap"),
    "mask": lambda: x[c],
    "mask by comparison": lambda: x[x > 0] + x[T.gt(x, 0)],
    "mask of a matrix": lambda: y[cc],
    "mask of rows": lambda: y[c],
    "mask update": lambda: T.set_subtensor(x[c], 0.0),
    "nonzero": lambda: T.nonzero(i)[0],
    "nonzero of a matrix": lambda: T.nonzero(ii)[0] + T.nonzero(ii)[1],
    "flat nonzero": lambda: T.flatnonzero(y),
    "nonzero values": lambda: T.nonzero_values(x),
    "bincount": lambda: T.bincount(i),
    "weighted bincount": lambda: T.bincount(i, weights=x, minlength=5),
    "searchsorted": lambda: T.searchsorted(x, y),
    "searchsorted with a sorter": lambda: T.searchsorted(x, y, sorter=i),
    "gather of searchsorted": lambda: x[T.searchsorted(x, x)],
    "sort": lambda: T.sort(x),
    "sort of a matrix": lambda: T.sort(y, axis=0),
    "argsort": lambda: T.argsort(x),
    "unique": lambda: T.Unique()(i),
    "repeat": lambda: T.repeat(x, n),
    "repeat by counts": lambda: T.repeat(x, i),
    "repeat of rows by counts": lambda: T.repeat(y, i, axis=0),
    "tile": lambda: T.tile(x, (n, k), ndim=2),
    "alloc": lambda: T.alloc(x[0], n, k),
    "alloc of a vector's size": lambda: T.alloc(0.0, i[0], i[1]) + T.alloc(1.0, i[0], i[1]),
    "zeros": lambda: T.zeros((n, k)),
    "arange": lambda: T.arange(n),
    "arange of a vector": lambda: T.arange(i[0], i[1], i[2]),
    "arange as an index": lambda: x[T.arange(n)],
    "eye": lambda: T.eye(n, k, h),
    "reshape": lambda: x.reshape((n, k)),
    "reshape by a vector": lambda: x.reshape(i, ndim=2),
    "reshape of one vector, twice": lambda: x.reshape(i, ndim=2).sum() + x.reshape(i, ndim=2)[0, 0],
    "roll": lambda: T.roll(x, n),
    "cross-entropy with classes": lambda: T.nnet.categorical_crossentropy(y, i),
    "gradient of a gather": lambda: T.grad(x[i].sum(), x),
    "gradient of a take": lambda: T.grad((y[i, j] ** 2).sum(), y),
    "gradient of a scatter": lambda: T.grad(T.inc_subtensor(x[i], x[j] ** 2).sum(), x),
    "one hot": lambda: T.to_one_hot(i, 5),
    "fill diagonal": lambda: T.fill_diagonal_offset(y, 1.0, n),
    "split": lambda: T.split(x, i, 2),
    "diagonal": lambda: T.diag(x)[n],
    "max and argmax": lambda: y[T.arange(y.shape[0]), T.argmax(y, axis=1)],
}

INPUTS = (x, y, z, i, j, m, ii, jj, n, k, h, c, cc, one)


def loops_of(built: Any, **options: Any) -> LoopFunction:
    made = function(INPUTS, built, on_unused_input="ignore", **options)
    return parse_loops(made.stages["loops"])


@pytest.mark.parametrize("name", CASES)
def test_what_reaches_memory_is_read_once(name: str) -> None:
    assert unsteady_reads(loops_of(CASES[name]())) == []


@pytest.mark.parametrize("name", CASES)
def test_an_input_of_rank_0_is_loaded_once(name: str) -> None:
    loops = loops_of(CASES[name]())
    for scalar in ("n", "k", "h"):
        assert loads_of(loops, scalar) <= 1, scalar
