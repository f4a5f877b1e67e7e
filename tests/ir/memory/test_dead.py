"""What nothing reads is not stored: only what is read makes a store one that has to be done."""

import pytest

from lltheano_ir.loops.nodes import Store
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.memory.dead import remove_dead_stores

HEAD = "%x: f64[2, 2] input, %w: f64[2] input, %k: f64[2] shared"
FILL = "alloc %a: f64[2, 2] store %a[0, 0] = f64 1.0"
READS = {
    # what reads some memory, and whether a store into it before is still needed
    "": False,
    "alloc %z: f64[] load %v: f64 = %a[0, 0] store %z[] = %v": True,
    "alloc %z: f64[] load %v: f64 = %a[0, 0] store %z[] = f64 1.0": False,
    "view %u: f64[2] = %a, offset=0 alloc %z: f64[] load %v: f64 = %u[0] store %z[] = %v": True,
    "view %u: f64[2] = %a, offset=0 store %u[0] = f64 2.0 alloc %z: f64[] store %z[] = f64 1.0":
        False,
    "alloc %z: f64[2] call gemv(%z) from (%a, %w)": True,
    # a routine that only writes into it, for the sake of another result
    "alloc %z: f64[2, 2] call qr(%z, %a) from (%x)": False,
    "alloc %z: f64[2, 2] call qr(%a, %z) from (%x)": False,
}  # fmt: skip


@pytest.mark.parametrize("reads", READS)
def test_a_store_is_kept_where_something_needed_reads_it(reads: str) -> None:
    result = 'output "z" = %z' if "%z" in reads else ""
    function = parse_loops(f"loops @f({HEAD}) {{ {FILL} {reads} {result} }}")
    swept = [inner for one in remove_dead_stores(function).body for inner in statements_in(one)]
    kept = any(isinstance(one, Store) and one.buffer.name == "a" for one in swept)
    assert kept is READS[reads]
