"""Constant folding on its own; `canonicalise` folds as it goes."""

from lltheano_ir.passes.rules.folding import FOLDING_RULES
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleSet

__all__ = ["FOLD_RULES", "fold"]

FOLD_RULES = RuleSet(FOLDING_RULES)


def fold(program: Program) -> Program:
    """The program with every op on constants replaced by what it gives, if that is small.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f() {
    ...   %0: f32[] = constant 2.0
    ...   %1: f32[] = sqrt %0
    ...   output "y" = %1
    ... }''')
    >>> print(format_program(fold(program)), end="")
    program @f() {
      %0: f32[] = constant 1.4142135
      output "y" = %0
    }
    """
    return rewrite(program, FOLD_RULES)
