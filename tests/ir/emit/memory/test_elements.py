"""Which elements are read and written, and as what: gathered rows, truth values of any byte, and
elements that several lanes write.
"""

import numpy as np
import pytest

from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.parser import parse_loops
from tests.ir.emit.harness import compiled


@pytest.mark.parametrize("schedule", ["", ", vector=4"])
def test_any_byte_but_0_is_true(schedule: str) -> None:
    text = f"""loops @f(%x: bool[%n] strides [%s] input) {{
      alloc %y: f64[%n]
      for %i in %n{schedule} {{
        load %b: bool = %x[%i]
        let %v: f64 = select %b, f64 1.0, f64 0.0
        store %y[%i] = %v
      }}
      output "y" = %y
    }}"""
    bytes_ = np.array([0, 1, 2, 255, 128, 0, 3, 1, 64], np.uint8)
    (found,) = compiled(parse_loops(text))(bytes_.view(bool))
    assert found.tolist() == (bytes_ != 0).tolist()


@pytest.mark.parametrize("schedule", ["", ", vector=4"])
def test_gathered_rows_are_a_row_apart(schedule: str) -> None:
    text = f"""loops @f(%x: f64[%m, %l] shared, %k: i64[%n] shared) {{
      alloc %y: f64[%n]
      for %i in %n{schedule} {{
        load %j: i64 = %k[%i]
        load %v: f64 = %x[%j, 1]
        store %y[%i] = %v
      }}
      output "y" = %y
    }}"""
    x = np.arange(15.0).reshape(5, 3)
    rows = np.array([4, 0, 2, 2, 1, 3, 4, 0, 1])
    (found,) = compiled(parse_loops(text))(x, rows)
    assert found.tolist() == x[rows, 1].tolist()


@pytest.mark.parametrize("schedule", ["", ", vector=4"])
@pytest.mark.parametrize(
    "store",
    [
        "if %t { store %y[0] = %v } else { }",
        "load %j: i64 = %k[0] store %y[%j] = %v",
        "load %j: i64 = %k[%i] store %y[%j] = %v",
    ],
    ids=["in a branch", "an index for all", "an index for each"],
)
def test_of_iterations_that_write_one_element_the_last_wins(store: str, schedule: str) -> None:
    text = f"""loops @f(%x: f64[%n] shared, %k: i64[%n] shared) {{
      alloc %y: f64[2]
      for %i in 2 {{ store %y[%i] = f64 0.0 }}
      let %t: bool = gt %n, 0
      for %i in %n{schedule} {{
        load %v: f64 = %x[%i]
        {store}
      }}
      output "y" = %y
    }}"""
    x, places = np.arange(1.0, 10.0), np.array([0, 1, 1, 1, 0, 1, 0, 0, 0])
    for count in (4, 8, 9):
        given = parse_loops(text), x[:count], places[:count]
        (expected,), _ = interpret_loops(given[0], given[1:])
        (found,) = compiled(given[0])(*given[1:])
        assert found.tolist() == expected.tolist()
        assert x[count - 1] in found
