"""Cancel: factors that are both above and below the line of a quotient, whatever they are.

NumPy gives NaN for ``x * y / y`` where y is 0; programs that relied on Theano want x. The pass is
not among those of `optimise`: it runs where it is asked for.
"""

from lltheano_ir.passes.canonicalise import canonicalise
from lltheano_ir.passes.rules.factors import CANCELLING_RULES
from lltheano_ir.passes.rules.stability import reciprocal, square
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleSet

__all__ = ["cancel"]

_RULES = RuleSet((square, reciprocal, *CANCELLING_RULES))


def cancel(program: Program) -> Program:
    """The program without factors that cancel.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[], %y: f64[]) {
    ...   %0: f64[] = mul %x, %y
    ...   %1: f64[] = div %0, %y
    ...   output "z" = %1
    ... }''')
    >>> print(format_program(cancel(program)), end="")
    program @f(%x: f64[], %y: f64[]) {
      output "z" = %x
    }
    """
    return rewrite(canonicalise(program), _RULES)
