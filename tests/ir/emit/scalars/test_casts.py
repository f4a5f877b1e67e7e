"""Every cast and select against the op table's reference, in one lane and in many."""

from functools import cache

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, f16, f32, f64
from lltheano_ir.loops.nodes import Let, Load, Scalar, Statement, Store
from lltheano_ir.ops.elementwise import cast_array
from tests.ir.emit.harness import (
    Array,
    alloc,
    build,
    compiled,
    i,
    loop,
    packed,
    same_bits,
    strided,
)
from tests.ir.emit.samples import special_values

CASTS = [
    (source, target)
    for source in ALL_DTYPES
    for target in ALL_DTYPES
    if target.is_complex or not source.is_complex
]


def values(dtype: DType) -> Array:
    """Special values and, for floats, those round the ends of integer ranges and between halves."""
    special = special_values(dtype)
    if not dtype.is_float:
        return special
    ends = [2.0**power + step for power in (7, 8, 15, 16, 31, 32, 63, 64) for step in (-1, 0, 1)]
    between = [1.0 + k * 2.0**-11 for k in range(4)] + [65519.9, 65520.0, 1.0 + 2.0**-11 + 2.0**-40]
    with np.errstate(over="ignore"):
        more = np.array([*ends, *between, 3e-8, 2.0**-25, 2.0**-25 * 1.0001, 0.99], dtype.numpy)
    return np.concatenate([special, more, -more])


@cache
def casts(source: DType, vector: int) -> dict[DType, Array]:
    targets = [target for one, target in CASTS if one is source]
    x, v = strided("x", source, 1, [i("n")]), Scalar("v", source)
    outputs = [packed(target.name, target, i("n")) for target in targets]
    body: list[Statement] = [Load(v, x, (i("i"),))]
    for target, output in zip(targets, outputs, strict=True):
        result = Scalar(f"r.{target}", target)
        body += [Let(result, "cast", (v,)), Store(output, (i("i"),), result)]
    function = build([x], [*map(alloc, outputs), loop("i", i("n"), *body, vector=vector)], outputs)
    return dict(zip(targets, compiled(function)(values(source)), strict=True))


@pytest.mark.parametrize(("source", "target"), CASTS, ids=str)
def test_cast(source: DType, target: DType) -> None:
    with np.errstate(all="ignore"):
        want = cast_array(values(source), target)
    for vector in (1, 8):
        same_bits(casts(source, vector)[target], want)


@pytest.mark.parametrize("source", [f32, f64])
def test_narrowing_to_half_rounds_once(source: DType) -> None:
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 1 << 16, 4000, dtype=np.uint16)
    halves = bits.view(np.float16).astype(source.numpy)
    halves = halves[np.isfinite(halves)]
    middles = (halves[1:] + halves[:-1]) / 2
    near = np.concatenate([middles, np.nextafter(middles, 0), np.nextafter(middles, np.inf)])
    x, o = strided("x", source, 1, [i("n")]), packed("o", f16, i("n"))
    v, r = Scalar("v", source), Scalar("r", f16)
    place = (i("i"),)
    body: list[Statement] = [Load(v, x, place), Let(r, "cast", (v,)), Store(o, place, r)]
    function = build([x], [alloc(o), loop("i", i("n"), *body, vector=8)], [o])
    with np.errstate(all="ignore"):
        same_bits(compiled(function)(near)[0], near.astype(np.float16))


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
@pytest.mark.parametrize("vector", [1, 8])
def test_select(dtype: DType, vector: int) -> None:
    x, y = (strided(name, dtype, 1, [i("n")]) for name in "xy")
    c = strided("c", bool_, 1, [i("n")])
    out = packed("out", dtype, i("n"))
    u, v, w = (Scalar(name, dtype) for name in "uvw")
    condition = Scalar("b", bool_)
    place = (i("i"),)
    body: list[Statement] = [
        Load(u, x, place),
        Load(v, y, place),
        Load(condition, c, place),
        Let(w, "select", (condition, u, v)),
        Store(out, place, w),
    ]
    function = build([c, x, y], [alloc(out), loop("i", i("n"), *body, vector=vector)], [out])
    some = special_values(dtype)
    condition_values = np.arange(some.size) % 3 == 0
    got = compiled(function)(condition_values, some, some[::-1])[0]
    same_bits(got, np.where(condition_values, some, some[::-1]))
