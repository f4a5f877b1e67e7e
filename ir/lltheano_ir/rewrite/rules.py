"""Rules as data: a name, before -> after in words, the ops at which it may fire, and a function.

Laws for rules. A rule gives a value of the same type, or None for another rule to be tried, or the
value itself: then it is in its final form, and no other rule is tried. What it gives is equal
wherever the old value had a result, bit for bit (NaNs count as equal), unless the rule says
`changes_results`: those are switched off together. It may drop the failure of a computation that
nobody needs any more; it never makes a failure, nor a wrong answer of one. It never makes more
work: no op more, except in place of a dearer one. There is no blanket commutativity: constants
stand on the right.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field

from lltheano_ir.nodes import Value
from lltheano_ir.records import record
from lltheano_ir.rewrite.sizes import SizeAlgebra

__all__ = ["Rule", "RuleContext", "RuleSet", "rule"]


@record(frozen=True, slots=True)
class RuleContext:
    """What a rule may ask, and what it may say.

    Attributes
    ----------
    sizes
        Knows the sizes of the values of the scope, and their ranges.
    note
        Carries the location of a value to one that is made in its place in a region. That of the
        value at which a rule fires is carried anyway.
    decide
        Records, for `--explain`, whether something was done about a value, and why.
    """

    sizes: SizeAlgebra = field(default_factory=SizeAlgebra)
    note: Callable[[Value, Value], None] = lambda new, old: None
    decide: Callable[[Value, bool, str], None] = lambda value, taken, reason: None


Rewriter = Callable[[Value, RuleContext], Value | None]


@record(frozen=True, slots=True)
class Rule:
    """A rewriting, tried at every value whose op is one of `ops`."""

    name: str
    summary: str
    ops: tuple[str, ...]
    apply: Rewriter
    changes_results: bool = False


def rule(
    name: str, summary: str, *ops: str, changes_results: bool = False
) -> Callable[[Rewriter], Rule]:
    """Make a Rule of a function.

    >>> @rule("neg-neg", "-(-x) -> x", "neg")
    ... def neg_neg(value, context):
    ...     (inner,) = value.operands
    ...     return inner.operands[0] if inner.op.name == "neg" else None
    >>> neg_neg.name, neg_neg.ops
    ('neg-neg', ('neg',))
    """
    return lambda function: Rule(name, summary, ops, function, changes_results)


class RuleSet:
    """Rules in the order in which they are tried, found by op name.

    Iterate over it to list the rules; `without_changes` leaves out those that change results.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        by_op: dict[str, list[Rule]] = {}
        for one in self.rules:
            for name in one.ops:
                by_op.setdefault(name, []).append(one)
        self._by_op = {name: tuple(rules_of_op) for name, rules_of_op in by_op.items()}

    def for_op(self, name: str) -> tuple[Rule, ...]:
        """The rules to try at a value of this op."""
        return self._by_op.get(name, ())

    def without_changes(self) -> "RuleSet":
        """The rules that leave results as they are."""
        return RuleSet(one for one in self.rules if not one.changes_results)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)
