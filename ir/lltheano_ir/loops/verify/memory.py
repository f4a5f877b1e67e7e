"""Rules of what makes buffers: `alloc`, `constant`, `view`, `contiguous`."""

from lltheano_ir.loops.nodes import Alloc, Constant, Contiguous, Scalar, View
from lltheano_ir.loops.verify.scope import Scope

__all__ = ["alloc", "constant", "contiguous", "view"]


def alloc(scope: Scope, one: Alloc) -> None:
    """Memory of its own."""
    scope.may_fail("an allocation")
    if one.buffer.strides is not None:
        scope.fail("allocated memory is row-major, without strides")
    if one.slot is not None and one.slot < 0:
        scope.fail("slots are numbered from 0")
    scope.declare(one.buffer)
    if not scope.depth:
        scope.allocated.add(one.buffer)
    scope.levels[one.buffer] = len(scope.loops)
    if one.slot is None:
        scope.unshared[one.buffer] = len(scope.loops)


def constant(scope: Scope, one: Constant) -> None:
    """Known contents."""
    scope.declare(one.buffer)
    if one.buffer.strides is not None or one.literal.dtype != one.buffer.dtype.numpy.name:
        scope.fail(f"%{one.buffer.name} does not fit its elements")
    sizes = [s.literal.array() if not isinstance(s, Scalar) else None for s in one.buffer.sizes]
    if [None if s is None else int(s) for s in sizes] != list(one.literal.shape):
        scope.fail(f"%{one.buffer.name} does not have the sizes {list(one.literal.shape)}")
    scope.read_only.add(one.buffer)


def view(scope: Scope, one: View) -> None:
    """Another look at the memory of a buffer."""
    scope.known(one.base)
    scope.index(one.offset)
    scope.same_dtype(one.buffer, one.base)
    scope.declare(one.buffer)
    scope.bases[one.buffer] = scope.base(one.base)
    for group in (scope.read_only, scope.shared):
        if one.base in group:
            group.add(one.buffer)


def contiguous(scope: Scope, one: Contiguous) -> None:
    """A buffer that is row-major, copied or not."""
    scope.may_fail("a copy")
    scope.known(one.source)
    scope.same_dtype(one.buffer, one.source)
    if one.buffer.strides is not None or one.buffer.sizes != one.source.sizes:
        scope.fail("a contiguous buffer has the sizes of its source, and no strides")
    scope.declare(one.buffer)
    scope.bases[one.buffer] = scope.base(one.source)
    scope.read_only.add(one.buffer)
