"""Applies rules to a program, operands before users, until none fires.

Every value is settled once: its operands are settled, then rules are tried at it; what a rule gives
is settled in its turn and stands for the value from then on. Work is proportional to the number of
values and of firings; nothing recurses on the depth of the program, only on that of regions, which
are settled with the value that holds them.

Rules that undo each other, or that grow what they match, are stopped by a budget of firings or,
sooner, when a value is found to need itself; the error names the rules.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from lltheano_ir.nodes import Region, Value, make, operands_first, rebuilt
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.rewrite.rules import RuleContext, RuleSet

__all__ = ["RewriteBudgetError", "rewrite"]

_FIRINGS_PER_VALUE = 50
_FIRINGS = 1000


class RewriteBudgetError(RuntimeError):
    """The rules of a set do not come to an end; `fired` counts the firings of each."""

    def __init__(self, program: str, fired: Counter[str]) -> None:
        most = ", ".join(f"{name} ({count})" for name, count in fired.most_common(4))
        super().__init__(f"rewriting {program} does not end; the rules that fired most: {most}")
        self.fired = fired


def rewrite(
    program: Program,
    rules: RuleSet,
    *,
    budget: int | None = None,
    fired: Counter[str] | None = None,
    decide: Callable[[Value, bool, str], None] = lambda value, taken, reason: None,
) -> Program:
    """Return the program in which no rule fires any more.

    Parameters
    ----------
    program
        A well-formed program. Its locations are carried from replaced values to new ones.
    rules
        Tried in order at each value.
    budget
        The most firings allowed; by default a thousand, and fifty for each value, those in regions
        included.
    fired
        Counts the firings of each rule, if given.
    decide
        Called with what rules decide about values: whether something was done, and why.

    Raises
    ------
    RewriteBudgetError
        The rules loop.

    """
    values = list(program.values())
    if not any(rules.for_op(value.op.name) or value.regions for value in values):
        return program
    if budget is None:
        budget = _FIRINGS + _FIRINGS_PER_VALUE * _count(values)
    counter = fired if fired is not None else Counter[str]()
    run = _Rewriting(program, rules, budget, counter, decide)
    roots = run.settled(program.roots)
    return program if roots == program.roots else program.with_roots(roots, run.locations)


def _count(values: Iterable[Value]) -> int:
    """How many values there are, with those in regions, of which each counts once."""
    seen: set[Region] = set()
    pending = [values]
    total = 0
    while pending:
        for value in pending.pop():
            total += 1
            fresh = [region for region in value.regions if region not in seen]
            seen.update(fresh)
            pending.extend(operands_first(region.results) for region in fresh)
    return total


class _Rewriting:
    """What one rewriting of a program shares between its scopes."""

    def __init__(
        self,
        program: Program,
        rules: RuleSet,
        budget: int,
        fired: Counter[str],
        decide: Callable[[Value, bool, str], None],
    ) -> None:
        self.rules = rules
        self.decide = decide
        self.locations: dict[Value, Location] = dict(program.locations)
        self._program = program
        self._budget = budget
        self._fired = fired
        self._regions: dict[Region, Region] = {}

    def settled(self, roots: Iterable[Value]) -> tuple[Value, ...]:
        """The values that stand for `roots` of one scope in the end."""
        scope = _Scope(self)
        return tuple(scope.settle(root) for root in roots)

    def region(self, region: Region) -> Region:
        """The region with its results settled."""
        rewritten = self._regions.get(region)
        if rewritten is None:
            results = self.settled(region.results)
            rewritten = region if results == region.results else Region(region.parameters, results)
            self._regions[region] = self._regions[rewritten] = rewritten
        return rewritten

    def count(self, name: str) -> None:
        """Note a firing; RewriteBudgetError when it is one too many."""
        self._fired[name] += 1
        self._budget -= 1
        if self._budget < 0:
            raise self.stuck()

    def stuck(self) -> RewriteBudgetError:
        """The error that names the rules that fired most."""
        return RewriteBudgetError(self._program.name, self._fired)

    def note(self, value: Value, replaced: Value) -> None:
        """Carry the location of `replaced` to what is made in its place."""
        place = self.locations.get(replaced)
        if place is not None:
            self.locations.setdefault(value, place)


class _Scope:
    """The values of the program or of one region."""

    def __init__(self, run: _Rewriting) -> None:
        self._run = run
        self._context = RuleContext(note=run.note, decide=run.decide)
        self._final: dict[Value, Value] = {}
        # What a value was rewritten to, while that is not settled itself.
        self._forward: dict[Value, Value] = {}

    def settle(self, root: Value) -> Value:
        """The value that stands for `root` in the end."""
        final, forward = self._final, self._forward
        stack = [root]
        while stack:
            value = stack[-1]
            if value in final:
                stack.pop()
            elif value in forward:
                target = forward[value]
                if target in final:
                    final[value] = final[target]
                    del forward[value]
                    stack.pop()
                else:
                    self._push(stack, (target,))
            else:
                pending = [operand for operand in value.operands if operand not in final]
                if pending:
                    self._push(stack, pending)
                else:
                    self._step(value)
        return final[root]

    def _push(self, stack: list[Value], pending: Iterable[Value]) -> None:
        """Settle `pending` first. One that is waiting for another already would wait for itself."""
        for value in pending:
            if value in self._forward:
                raise self._run.stuck()
            self._run.note(value, stack[-1])
            stack.append(value)

    def _step(self, value: Value) -> None:
        """Settle a value whose operands are, or find what it is rewritten to."""
        new = self._with_final_parts(value)
        if new is value:
            new = self._rewritten(value)
        if new is value:
            self._final[value] = value
        else:
            self._run.note(new, value)
            self._forward[value] = new

    def _with_final_parts(self, value: Value) -> Value:
        final = self._final
        operands = tuple(final[operand] for operand in value.operands)
        if not value.regions:
            return rebuilt(value, operands)
        regions = tuple(self._run.region(region) for region in value.regions)
        if operands == value.operands and regions == value.regions:
            return value
        return make(value.op.name, operands, value.attributes, regions)

    def _rewritten(self, value: Value) -> Value:
        for rule in self._run.rules.for_op(value.op.name):
            new = rule.apply(value, self._context)
            if new is value:
                break
            if new is not None:
                assert new.types == value.types, f"{rule.name} gives {new!r} for {value!r}"
                self._run.count(rule.name)
                return new
        return value
