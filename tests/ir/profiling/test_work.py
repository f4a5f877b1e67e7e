"""Figures of statements, and whose work they are."""

from collections.abc import Mapping

from lltheano_ir.loops.builder import LoopBuilder
from lltheano_ir.loops.nodes import Let, Number, Operand
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.profiling.work import Figure, work_of

NEST = """loops @f(%x: f64[%n, %m] strides [%s, %t] input, %i: i64[%n] strides [%u] input) {
  contiguous %a: f64[%n, %m] = %x
  alloc %y: f64[%n], slot=1
  alloc %z: f64[%m], slot=1
  for %p in %n {
    load %w: i64 = %i[%p]
    load %f: f64 = %a[%p, 0]
    load %again: f64 = %a[%p, 0]
    reduce %r: f64 = add %e over %q in %m, blocked {
      load %v: f64 = %a[%w, %q]
      let %e: f64 = exp %v
    }
    let %g: f64 = add %r, %f
    store %y[%p] = %g
  }
  output "y" = %y
}"""


def worth(figure: Figure, sizes: Mapping[str, int]) -> int:
    """What the statements for a figure compute."""
    builder = LoopBuilder()
    values: dict[Operand, int] = {}

    def value(operand: Operand) -> int:
        if isinstance(operand, Number):
            return int(operand.literal.array())
        return values[operand] if operand in values else sizes[operand.name]

    result = figure.emit(builder)
    for one in builder.blocks[0]:
        assert isinstance(one, Let)
        x, y = map(value, one.operands)
        values[one.target] = x * y if one.op == "mul" else x + y
    return value(result)


def test_figures_follow_from_sizes() -> None:
    work = work_of(parse_loops(NEST).body)
    n, m = 5, 7
    found = [worth(one, {"n": n, "m": m}) for one in (work.bytes, work.flops, work.allocated)]
    assert found == [8 * (3 * n + n * m), n * m * 20 + n * m + n, 8 * n]


def test_what_only_the_run_tells_is_unknown() -> None:
    ragged = NEST.replace("over %q in %m", "over %q in %w")
    work = work_of(parse_loops(ragged).body)
    assert work.bytes.terms is work.flops.terms is None
    assert worth(work.bytes, {}) == 0
    assert work.allocated.terms is not None
