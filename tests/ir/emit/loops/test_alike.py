"""Loops that are the same but for their names share machine code, and no others do."""

import re

import numpy as np
import pytest

from lltheano_ir.emit import emit_module
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from tests.ir.emit.harness import compiled
from tests.ir.targets import AVX2

ONE = """
  for %i in %n, parallel=4 {{
    load %v: f64 = %x[%i]
    let %w: f64 = {op} %v, {operand}
    store %{target}[%i] = %w
  }}"""


def functions(*loops: str) -> tuple[int, str]:
    """How many functions of iterations there are in a module with these loops, and its text."""
    renamed = []
    for number, loop in enumerate(loops):
        renamed.append(re.sub(r"%([ivw])\b", rf"%\g<1>{number}", loop))
    text = f"""loops @f(%x: f64[%n] strides [1] input, %c: f64[] input) {{
      load %a: f64 = %c[]
      alloc %y: f64[%n]
      alloc %z: f64[%n] {"".join(renamed)}
      output "y" = %y
      output "z" = %z
    }}"""
    function = parse_loops(text)
    verify_loops(function)
    emitted = emit_module(function, AVX2)
    return len(re.findall(r"define internal i32 @\"lltheano\.iterations", emitted)), text


@pytest.mark.parametrize("operand", ["f64 2.0", "%a", "%v"])
def test_loops_alike_share_a_function(operand: str, rng: np.random.Generator) -> None:
    loops = [ONE.format(op="mul", operand=operand, target=target) for target in "yz"]
    count, text = functions(*loops)
    assert count == 1
    x = rng.normal(size=1000)
    y, z = compiled(parse_loops(text))(x, np.asarray(3.0))
    factors = {"f64 2.0": np.asarray(2.0), "%a": np.asarray(3.0), "%v": x}
    wanted = x * factors[operand]
    assert y.tobytes() == wanted.tobytes()
    assert z.tobytes() == wanted.tobytes()


@pytest.mark.parametrize(
    ("op", "operand"), [("add", "f64 2.0"), ("mul", "f64 3.0"), ("mul", "%v"), ("mul", "%a")]
)
def test_others_do_not(op: str, operand: str) -> None:
    first = ONE.format(op="mul", operand="f64 2.0", target="y")
    assert functions(first, ONE.format(op=op, operand=operand, target="z"))[0] == 2


def test_what_lies_at_other_strides_is_not_alike() -> None:
    first = ONE.format(op="mul", operand="f64 2.0", target="y")
    other = """
      view %u: f64[%n] strides [0] = %x, offset=0""" + ONE.format(
        op="mul", operand="f64 2.0", target="z"
    ).replace("%x", "%u")
    assert functions(first, other)[0] == 2


def test_two_reads_of_one_memory_are_not_alike_to_reads_of_two() -> None:
    loop = """
      for %i in %n, parallel=4 {{
        load %v: f64 = %x[%i]
        load %w: f64 = %{other}[%i]
        store %{target}[%i] = %w
      }}"""
    one, two = loop.format(other="x", target="y"), loop.format(other="y", target="z")
    assert functions(one, two)[0] == 2
