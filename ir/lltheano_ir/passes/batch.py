"""Batch: what a loop multiplies row by row is multiplied as a whole, ahead of the loop or after it.

The rules are in `rules.sequences`. They come late, since a product that moved into a branch is only
made where the branch is taken, and must stay there.
"""

from collections import Counter

from lltheano_ir.decisions import Decision
from lltheano_ir.nodes import Value
from lltheano_ir.passes.dce import remove_dead
from lltheano_ir.passes.rules.sequences import SEQUENCE_RULES
from lltheano_ir.passes.sizes import simplify_sizes
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleSet

__all__ = ["BATCH_RULES", "batch"]

BATCH_RULES = RuleSet(SEQUENCE_RULES)
"""Every rule of the pass, in the order in which they are tried at a value."""


def batch(program: Program, decisions: list[Decision] | None = None) -> Program:
    """The program with products of whole sequences.

    Each choice is appended to `decisions`, if given.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[?,?], %h: f64[?]) {
    ...   %n: i64[] = dim %x, axis=0
    ...   %w: f64[?,?] = dimshuffle %x, order=[1, 0]
    ...   %0: f64[?] = loop %n, %h, %x, %w, carried=1
    ...     body(%i: i64[], %h: f64[?], %x: f64[?,?], %w: f64[?,?]) {
    ...       %0: f64[?] = index %x, %i, axis=0
    ...       %1: f64[?] = dot %0, %w
    ...       %2: f64[?] = mul %h, %1
    ...       yield %2
    ...     }
    ...   output "y" = %0
    ... }''')
    >>> print(format_program(batch(program)), end="")
    program @f(%x: f64[?,?], %h: f64[?]) {
      %0: i64[] = dim %x, axis=0
      %1: f64[?,?] = dimshuffle %x, order=[1, 0]
      %2: f64[?,?] = dot %x, %1
      %3: f64[?] = loop %0, %h, %2, carried=1
        body(%a0: i64[], %a1: f64[?], %a2: f64[?,?]) {
          %0: f64[?] = index %a2, %a0, axis=0
          %1: f64[?] = mul %a1, %0
          yield %1
        }
      output "y" = %3
    }
    """
    noted: list[Decision] = [] if decisions is None else decisions
    fired = Counter[str]()

    def decide(value: Value, taken: bool, reason: str) -> None:
        subject = " ".join((value.op.name, *map(str, value.types)))
        noted.append(Decision("batch", subject, taken, reason, program.locations.get(value)))

    rewritten = rewrite(program, BATCH_RULES, fired=fired, decide=decide)
    return remove_dead(simplify_sizes(rewritten)) if fired else program
