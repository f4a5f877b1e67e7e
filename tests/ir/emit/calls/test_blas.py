"""Plain products through BLAS: all ranks, layouts and sizes, and sizes beyond 32-bit integers."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from lltheano_ir.dtypes import DType, c64, c128, f16, f32, f64
from lltheano_ir.emit.calls import blas, products
from lltheano_ir.loops.nodes import Buffer, Call, Constant, For, Let, LoopFunction, Statement, View
from lltheano_ir.lowering.linalg.products import library_product
from lltheano_ir.ops.definition import Literal
from tests.ir.emit.harness import Array, alloc, build, compiled, i, n, packed, strided

DTYPES = (f32, f64, c64, c128)
RANKS = ((1, 1), (1, 2), (2, 1), (2, 2))


def dot(dtype: DType, ranks: tuple[int, int]) -> LoopFunction:
    rows, inner, columns = i("rows"), i("inner"), i("columns")
    x = strided("x", dtype, ranks[0], [rows, inner][2 - ranks[0] :])
    y = strided("y", dtype, ranks[1], [inner, columns][: ranks[1]])
    sizes = [*([rows] if ranks[0] == 2 else []), *([columns] if ranks[1] == 2 else [])]
    out = packed("out", dtype, *sizes)
    return build([x, y], [alloc(out), library_product(x, y, out)], [out])


def sample(dtype: DType, *shape: int) -> Array:
    rng = np.random.default_rng(sum(shape))
    values = rng.normal(size=shape) + (1j * rng.normal(size=shape) if dtype.is_complex else 0)
    return values.astype(dtype.numpy)


def layouts(x: Array) -> Iterator[Array]:
    yield x
    yield x[::-1]
    yield np.repeat(x, 2, axis=-1)[..., ::2]
    if x.ndim == 2:
        yield np.asfortranarray(x)
        yield np.repeat(x, 3, axis=0)[::3]
        yield x[:, ::-1]
        yield np.repeat(np.repeat(x, 2, 0), 2, 1)[::2, ::2]
        yield np.pad(x, ((0, 0), (0, 3)))[:, : x.shape[1]]


def close(got: Array, want: Array) -> None:
    assert (got.shape, got.dtype) == (np.shape(want), want.dtype)
    tolerance = 1e-4 if want.dtype in ("f4", "c8") else 1e-11
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("piece", [1 << 30, 4])
def test_layouts_and_sizes(
    dtype: DType, ranks: tuple[int, int], piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (blas, products):
        monkeypatch.setattr(module, "PIECE", piece)
    run = compiled(dot(dtype, ranks))
    sizes = ((0, 1, 9) if ranks[0] == 2 else (1,), (0, 1, 17), (0, 1, 5) if ranks[1] == 2 else (1,))
    for rows, inner, columns in product(*sizes):
        x = sample(dtype, *(rows, inner)[2 - ranks[0] :])
        y = sample(dtype, *(inner, columns)[: ranks[1]])
        for left, right in product(layouts(x), layouts(y)):
            close(run(left, right)[0], np.asarray(left @ right))


@pytest.mark.parametrize("ranks", RANKS)
def test_repeated_elements(ranks: tuple[int, int]) -> None:
    """Stride 0, which BLAS does not know."""
    run = compiled(dot(f64, ranks))
    x = np.broadcast_to(np.float64(2.0), (3, 4)[2 - ranks[0] :])
    y = np.broadcast_to(np.float64(3.0), (4, 5)[: ranks[1]])
    close(run(x, y)[0], np.asarray(x @ y))


def test_memory_of_the_result_may_hold_anything() -> None:
    """The pool hands out what was freed: NaN in it must not reach the product."""
    for ranks in RANKS:
        run = compiled(dot(f64, ranks))
        left = sample(f64, *(3, 4)[2 - ranks[0] :])
        right = sample(f64, *(4, 5)[: ranks[1]])
        for byte in (0xFF, 0x7F):
            run.pool.fill = byte
            close(run(left, right)[0], np.asarray(left @ right))


def test_a_product_for_each_of_a_batch() -> None:
    batch, rows, inner, columns = (i(name) for name in ("batch", "rows", "inner", "columns"))
    x = strided("x", f64, 3, [batch, rows, inner])
    y = strided("y", f64, 3, [batch, inner, columns])
    out = packed("out", f64, batch, rows, columns)
    index = i("b")
    body: list[Statement] = []
    parts: list[Buffer] = []
    for buffer in (x, y, out):
        strides = None if buffer.strides is None else buffer.strides[1:]
        parts.append(Buffer(f"{buffer.name}.part", f64, buffer.sizes[1:], strides))
        step = i(f"{buffer.name}.step")
        offset = i(f"{buffer.name}.offset")
        if buffer.strides is None:
            body.append(Let(step, "mul", (rows, columns)))
        first = step if buffer.strides is None else buffer.strides[0]
        body += [Let(offset, "mul", (index, first)), View(parts[-1], buffer, offset)]
    call = Call("gemm", (parts[2],), (parts[0], parts[1]))
    run = compiled(build([x, y], [alloc(out), For(index, batch, (*body, call))], [out]))
    left, right = sample(f64, 5, 3, 4), sample(f64, 5, 4, 2)
    for one in (left, left[::-1], left[:, ::-1]):
        close(run(one, right)[0], one @ right)
    assert run.pool.live == {}


def test_there_is_no_product_of_halves() -> None:
    with pytest.raises(ValueError, match="dot does not compute in f16"):
        compiled(dot(f16, (1, 1)))


def test_unknown_routines_are_named() -> None:
    out = packed("out", f64, n(3))
    with pytest.raises(ValueError, match="there is no routine qr"):
        compiled(build([], [alloc(out), Call("qr", (out,), (out,))], [out]))


def test_products_with_constants_of_several_sizes() -> None:
    """Calls of one routine share it, however long the constants are that they pass."""
    statements: list[Statement] = []
    outs = []
    for number, size in enumerate((2, 3, 5)):
        x, w, out = (packed(f"{name}{number}", f64, n(size), n(size)) for name in "xwo")
        ones, twos = np.ones((size, size)), np.full((size, size), 2.0)
        statements += [
            Constant(x, Literal.of(ones)),
            Constant(w, Literal.of(twos)),
            alloc(out),
            library_product(x, w, out),
        ]
        outs.append(out)
    found = compiled(build([], statements, outs))()
    for size, got in zip((2, 3, 5), found, strict=True):
        np.testing.assert_array_equal(got, np.full((size, size), 2.0 * size))
