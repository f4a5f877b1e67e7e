"""Stabilise: forms that round less, or do not overflow, in place of those that people write.

This is the one pass that changes results; `rules.stability` says how. It is left out by the option
that forbids it, and the rules can be listed by name.
"""

from lltheano_ir.passes.rules.stability import STABILITY_RULES
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleSet

__all__ = ["STABLE_RULES", "stabilise"]

STABLE_RULES = RuleSet(STABILITY_RULES)
"""Every rule of the pass, in the order in which they are tried at a value."""


def stabilise(program: Program) -> Program:
    """The program in forms that keep more digits.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[]) {
    ...   %0: f64[] = constant 1.0
    ...   %1: f64[] = exp %x
    ...   %2: f64[] = add %1, %0
    ...   %3: f64[] = log %2
    ...   output "y" = %3
    ... }''')
    >>> print(format_program(stabilise(program)), end="")
    program @f(%x: f64[]) {
      %0: f64[] = softplus %x
      output "y" = %0
    }
    """
    return rewrite(program, STABLE_RULES)
