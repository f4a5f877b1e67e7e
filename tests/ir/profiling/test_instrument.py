"""Programs with clocks compute what they do without, and count what they do."""

import ctypes
import re

import numpy as np

from lltheano_ir.abi import COUNTERS, Counter
from lltheano_ir.emit.module import emit_module
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopModule, Tally
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.nodes import Value
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.profiling.instrument import instrument
from lltheano_ir.profiling.regions import Region, RegionKind
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location, Origin
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import Compiled
from tests.ir.targets import AVX2

LAYER = """program @layer(%x: f64[?,?], %w: f64[?,?], %b: f64[1,?]) {
  %0: f64[?,?] = dot %x, %w
  %1: f64[?,?] = add %0, %b
  %2: f64[?,?] = tanh %1
  output "y" = %2
}"""

SCAN = """program @scan(%w: f64[?,?], %h: f64[?]) {
  %0: i64[] = constant 5
  %1: f64[?] = loop %0, %h, %w, carried=1
    body(%i: i64[], %a: f64[?], %m: f64[?,?]) {
      %0: f64[?] = dot %m, %a
      %1: f64[?] = tanh %0
      yield %1
    }
  output "y" = %1
}"""

ROWS = """program @rows(%x: f64[?,?], %w: f64[?] shared) {
  %0: f64[?] = reduce %x, kind=add, axes=[1]
  %1: f64[?] = exp %0
  %2: f64[?] = sub %w, %1
  output "y" = %2
}"""


def located(program: Program) -> Program:
    """The program, each value from a line of its own."""
    lines: dict[Value, Location] = {
        value: Location("net.py", number) for number, value in enumerate(program.values(), 1)
    }
    return program.with_roots(program.roots, lines)


def profiled(text: str) -> tuple[LoopModule, LoopModule, tuple[Region, ...]]:
    """The loop IR without clocks and with, and the regions."""
    origins: dict[str, Origin] = {}
    program = optimise(located(parse_program(text)))
    plain = to_loops(program, AVX2, origins=origins)
    return plain, *instrument(plain, origins)


def counted(compiled: Compiled, regions: tuple[Region, ...]) -> np.ndarray:
    rows = ctypes.c_int64 * len(Counter) * len(regions)
    return np.array(rows.from_address(compiled.code.address(COUNTERS)))


def test_a_layer_counts_its_calls_bytes_and_flops(rng: np.random.Generator) -> None:
    plain, module, regions = profiled(LAYER)
    x, w, b = rng.normal(size=(6, 5)), rng.normal(size=(5, 4)), rng.normal(size=(1, 4))
    compiled = Compiled(module, emit_module(module, AVX2))
    for _ in range(2):
        compiled(x, w, b)
    (found,) = compiled(x, w, b)
    assert found.tobytes() == Compiled(plain, emit_module(plain, AVX2))(x, w, b)[0].tobytes()
    rows = counted(compiled, regions)
    kinds = [one.kind for one in regions]
    assert kinds[:2] == [RegionKind.PROGRAM, RegionKind.SETUP]
    assert rows[:, Counter.CALLS].tolist() == [3] * len(regions)
    times = rows[:, Counter.NANOSECONDS]
    assert (times > 0).all()
    assert times[0] == times[1:].sum()
    gemm, fused = kinds.index(RegionKind.CALL), kinds.index(RegionKind.LOOPS)
    assert rows[gemm, Counter.BYTES :].tolist() == [3 * 8 * (30 + 20 + 24), 3 * 2 * 120, 3 * 8 * 24]
    assert rows[fused, Counter.BYTES :].tolist() == [3 * 8 * (24 + 4 + 24), 3 * 24 * 21, 3 * 8 * 24]
    assert [(one.op, one.location and one.location.line) for one in regions[fused].shares] == [
        ("add", 5),
        ("tanh", 6),
    ]
    assert sum(one.part for one in regions[fused].shares) == 1


def test_a_loop_of_the_program_is_taken_apart(rng: np.random.Generator) -> None:
    plain, module, regions = profiled(SCAN)
    w, h = rng.normal(size=(3, 3)), rng.normal(size=3)
    expected = interpret_loops(plain, [w, h])[0][0]
    assert interpret_loops(module, [w, h])[0][0].tobytes() == expected.tobytes()
    compiled = Compiled(module, emit_module(module, AVX2))
    np.testing.assert_allclose(compiled(w, h)[0], expected)
    rows = counted(compiled, regions)
    scan = next(row for row, one in enumerate(regions) if one.kind is RegionKind.SCAN)
    inside = {one.title: row for row, one in enumerate(regions) if one.parent == scan}
    assert set(inside) == {"gemv", "tanh"}
    assert rows[inside["tanh"]].tolist()[0] == 5
    assert rows[inside["gemv"], Counter.FLOPS] == 5 * 18
    assert rows[scan, Counter.NANOSECONDS] >= rows[[*inside.values()], Counter.NANOSECONDS].sum()


def test_its_text_is_read_back_and_without_clocks_it_is_the_program_that_it_was() -> None:
    plain, module, regions = profiled(SCAN)
    text = format_loops(module)
    assert parse_module(text) == module
    body = module.entry.body
    rows = [one.row for top in body for one in statements_in(top) if isinstance(one, Tally)]
    assert set(rows) == set(range(len(regions)))
    first = re.search(r"clock %t0\n", text)
    assert first is not None
    kept = "".join(
        line
        for line in text.splitlines(keepends=True)
        if line.lstrip().split(" ")[0] not in {"clock", "tally"}
    )
    # What is left beside the statements of before is arithmetic for the counters.
    assert [one for one in kept.splitlines() if not re.match(r" *let .*: i64", one)] == [
        one for one in format_loops(plain).splitlines() if not re.match(r" *let .*: i64", one)
    ]


def test_what_a_fused_loop_takes_from_another_does_not_hide_its_lines() -> None:
    _, _, regions = profiled(ROWS)
    shares = [share for one in regions for share in one.shares]
    lines = {share.op: share.location and share.location.line for share in shares}
    program = parse_program(ROWS)
    made = {value.op.name: line for line, value in enumerate(program.values(), 1)}
    assert {op: lines[op] for op in ("exp", "sub")} == {op: made[op] for op in ("exp", "sub")}
