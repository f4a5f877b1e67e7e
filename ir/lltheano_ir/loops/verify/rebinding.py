"""Rules of `rebind`: which memory changes places at the end of an iteration."""

from lltheano_ir.loops.analysis.alignment import element_alignment
from lltheano_ir.loops.nodes import Buffer, Rebind
from lltheano_ir.loops.verify.scope import Scope
from lltheano_ir.loops.walk import names_made_by

__all__ = ["rebind"]


def rebind(scope: Scope, one: Rebind) -> None:
    """Memory that changes places."""
    if not scope.loops or scope.loops[-1].body[-1] is not one or not scope.loops[-1].sequential:
        scope.fail("rebind stands last in the body of a sequential loop")
    if len({*one.targets}) != len(one.targets) or len({*one.sources}) != len(one.sources):
        scope.fail("a buffer is rebound once, and takes the place of one other")
    for target in one.targets:
        scope.known(target)
        if scope.unshared.get(target, len(scope.loops)) >= len(scope.loops):
            scope.fail(f"%{target.name} is no allocation of its own from outside the loop")
        if not all(loop.sequential for loop in scope.loops[scope.unshared[target] :]):
            scope.fail(f"%{target.name} is rebound in a loop that may run in any order")
    for target, source in zip(one.targets, one.sources, strict=True):
        scope.known(source)
        scope.same_dtype(target, source)
        if len(target.sizes) != len(source.sizes) or source.strides is not None:
            scope.fail(f"%{source.name} does not lie in memory as %{target.name} does")
        if source not in one.targets:
            _row(scope, one, target, source)
            scope.allocated.discard(target)
        elif scope.levels[source] != scope.levels[target]:
            scope.fail(f"%{source.name} does not live as long as %{target.name}")
        elif scope.alignments[source.name] != scope.alignments[target.name]:
            scope.fail(f"%{source.name} is not aligned as %{target.name} is")


def _row(scope: Scope, one: Rebind, target: Buffer, source: Buffer) -> None:
    """A source that is not rebound itself must be a view that outlives the iteration."""
    base = scope.base(source)
    inside = set(names_made_by(scope.loops[-1]))
    if source.name not in inside or base is source or base.name in inside:
        scope.fail(f"%{source.name} is neither rebound nor a view of memory from outside")
    if scope.levels.get(base, 0) > scope.levels[target]:
        scope.fail(f"%{base.name} does not live as long as %{target.name}")
    if base in one.targets or base in scope.shared or base in scope.read_only:
        scope.fail(f"%{source.name} is a view of memory that cannot be shared in this way")
    needed = target.alignment or element_alignment(target.dtype)
    if scope.alignments[source.name] < needed:
        scope.fail(f"%{source.name} is not aligned to {needed} bytes, as %{target.name} is")
