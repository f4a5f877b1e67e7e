"""Canonicalise: exact algebra, so that equal computations become identical values.

No rule changes a result, not even in its last bit or the sign of a zero. Constants are folded on
the way, since one simplification makes room for the next.
"""

from lltheano_ir.passes.rules.arithmetic import ARITHMETIC_RULES
from lltheano_ir.passes.rules.casts import CAST_RULES
from lltheano_ir.passes.rules.complexes import COMPLEX_RULES
from lltheano_ir.passes.rules.folding import FOLDING_RULES
from lltheano_ir.passes.rules.integers import SIZE_RULES
from lltheano_ir.passes.rules.logic import LOGIC_RULES
from lltheano_ir.passes.rules.loops import LOOP_RULES
from lltheano_ir.passes.rules.movement import MOVEMENT_RULES
from lltheano_ir.passes.rules.reductions import REDUCTION_RULES
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleSet

__all__ = ["CANONICAL_RULES", "canonicalise"]

CANONICAL_RULES = RuleSet(
    (
        *FOLDING_RULES,
        *SIZE_RULES,
        *LOGIC_RULES,
        *ARITHMETIC_RULES,
        *CAST_RULES,
        *COMPLEX_RULES,
        *MOVEMENT_RULES,
        *LOOP_RULES,
        *REDUCTION_RULES,
    )
)
"""Every rule of the pass, in the order in which they are tried at a value."""


def canonicalise(program: Program) -> Program:
    """The program in its simplest equal form.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[?]) {
    ...   %0: f64[1] = constant [1.0]
    ...   %1: f64[?] = mul %0, %x
    ...   output "y" = %1
    ... }''')
    >>> print(format_program(canonicalise(program)), end="")
    program @f(%x: f64[?]) {
      output "y" = %x
    }
    """
    return rewrite(program, CANONICAL_RULES)
