"""Shape simplification on its own: sizes, and the checks that cannot fail.

`canonicalise` has these rules among others; alone they show what the shape rules know.
"""

from lltheano_ir.passes.rules.folding import FOLDING_RULES
from lltheano_ir.passes.rules.integers import SIZE_RULES
from lltheano_ir.passes.rules.logic import LOGIC_RULES
from lltheano_ir.passes.rules.movement import MOVEMENT_RULES
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleSet

__all__ = ["SHAPE_RULES", "simplify_sizes"]

SHAPE_RULES = RuleSet((*FOLDING_RULES, *SIZE_RULES, *LOGIC_RULES, *MOVEMENT_RULES))


def simplify_sizes(program: Program) -> Program:
    """The program with sizes in terms of its arguments, and no check that always holds.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[?]) {
    ...   %0: f64[?] = exp %x
    ...   %1: i64[] = dim %0, axis=0
    ...   %2: f64[?] = reshape %x, %1, pattern=[?]
    ...   output "y" = %2
    ... }''')
    >>> print(format_program(simplify_sizes(program)), end="")
    program @f(%x: f64[?]) {
      output "y" = %x
    }
    """
    return rewrite(program, SHAPE_RULES)
