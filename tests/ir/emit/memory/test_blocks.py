"""How large the blocks are that buffers lie in, of sizes that are known at run time only."""

import numpy as np
import pytest

from lltheano_ir.loops.parser import parse_loops
from tests.ir.emit.harness import EntryError, compiled

SHARED = """loops @f(%x: f64[%n] shared, %y: f64[%m] shared) {
  alloc %a: f64[%n], slot=0
  for %i in %n { load %v: f64 = %x[%i] store %a[%i] = %v }
  reduce %r: f64 = max %u over %j in %n, rows { load %u: f64 = %a[%j] }
  alloc %b: f64[%m], slot=0
  for %k in %m { load %w: f64 = %y[%k] store %b[%k] = %w }
  reduce %q: f64 = max %p over %l in %m, rows { load %p: f64 = %b[%l] }
  alloc %z: f64[2]
  store %z[0] = %r
  store %z[1] = %q
  output "z" = %z
}"""


@pytest.mark.parametrize(("n", "m"), [(1, 8), (8, 1), (40, 41), (3, 3)])
def test_a_shared_block_is_large_enough_for_all_of_its_buffers(n: int, m: int) -> None:
    """The blocks of the harness have zones around them that must stay as they are."""
    run = compiled(parse_loops(SHARED))
    (found,) = run(np.arange(1.0, n + 1), np.arange(1.0, m + 1))
    assert found.tolist() == [n, m]


APART = """loops @f(%x: f64[%n] shared, %y: f64[%m] shared) {{
  alloc %a: f64[%n]{first}
  alloc %b: f64[%m]{second}
  for %i in %n {{
    load %v: f64 = %x[%i]
    let %w: f64 = neg %v
    store %a[%i] = %v
    store %b[%i] = %w
  }}
  alloc %z: f64[%n]
  for %k in %n {{
    load %p: f64 = %a[%k]
    load %q: f64 = %b[%k]
    let %r: f64 = sub %p, %q
    store %z[%k] = %r
  }}
  output "z" = %z
}}"""


@pytest.mark.parametrize(
    ("first", "second"),
    [("", ""), ("", ", slot=0"), (", slot=0", ""), (", slot=0", ", slot=1")],
)
def test_buffers_without_a_slot_in_common_have_blocks_of_their_own(first: str, second: str) -> None:
    x = np.arange(100.0)
    run = compiled(parse_loops(APART.format(first=first, second=second)))
    assert run(x, np.zeros(300))[0].tolist() == (2 * x).tolist()
    assert sorted(run.pool.drawn) == [800, 800, 2400]
    assert not run.pool.live


@pytest.mark.parametrize("sizes", [(1 << 33, 1 << 33), (1 << 62, 4), (1 << 61, 1), (3, 1 << 63)])
def test_numbers_of_bytes_do_not_wrap_around(sizes: tuple[int, int]) -> None:
    text = """loops @f(%n: i64[] shared, %m: i64[] shared) {
      load %rows: i64 = %n[]
      load %columns: i64 = %m[]
      alloc %a: f64[%rows, %columns]
      store %a[0, 0] = f64 1.0
      alloc %z: f64[]
      load %v: f64 = %a[0, 0]
      store %z[] = %v
      output "z" = %z
    }"""
    run = compiled(parse_loops(text))
    with pytest.raises(EntryError) as failure:
        run(*(np.asarray(size).astype(np.int64) for size in sizes))
    assert failure.value.status == 2
    assert not run.pool.live
