"""Every op of the IR is drawn by some strategy."""

from fuzz.strategies.factors import FACTORS
from fuzz.strategies.programs import STEPS
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.table import OPS

ELSEWHERE = {
    "argument": "the parameters of every program",
    "elementwise": "the step that draws any elementwise op",
    "fused": "made by the pass that fuses, which every target but two runs",
    "result": "what is taken of `if`, `loop`, `while` and the factorisations",
}


def test_every_op_is_drawn() -> None:
    steps = {step.__name__.removeprefix("grow_") for step in STEPS}
    drawn = steps | {op.name for op in ELEMENTWISE} | set(FACTORS) | ELSEWHERE.keys()
    assert drawn - {"elementwise"} == OPS.keys()
