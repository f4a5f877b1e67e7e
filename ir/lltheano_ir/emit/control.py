"""Control flow in LLVM IR: counted loops that carry values, and branches that are seldom taken.

Loops are bottom-tested behind one guard, which is the form that code generation wants; values are
carried in phi nodes, so that no memory has to be promoted to registers.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce

from llvmlite import ir

from lltheano_ir.emit.values import INT, integer

__all__ = [
    "Registers",
    "all_positive",
    "call_procedure",
    "counted_loop",
    "likely_branch",
    "loop_until",
    "loop_while",
    "merged",
    "when",
]

Registers = Sequence[ir.Value]


def counted_loop(
    builder: ir.IRBuilder,
    bounds: tuple[ir.Value, ir.Value, int | ir.Value],
    carried: Registers,
    body: Callable[[ir.Value, Registers], Registers],
    *,
    not_empty: bool = False,
) -> list[ir.Value]:
    """Run `body` for start, start + step, ... while less than stop; give the values carried last.

    `bounds` is (start, stop, step). `body` gets the index and the carried values and gives the next
    ones. `not_empty` says that start < stop is known.
    """
    start, stop, step = bounds
    before = builder.block
    loop = builder.append_basic_block("loop")
    done = builder.append_basic_block("done")
    if not_empty:
        builder.branch(loop)
    else:
        builder.cbranch(builder.icmp_signed("<", start, stop), loop, done)
    builder.position_at_end(loop)
    index = builder.phi(INT)
    index.add_incoming(start, before)
    phis = [_phi(builder, value, before) for value in carried]
    results = body(index, phis)
    latch = builder.block
    step = integer(step) if isinstance(step, int) else step
    following = builder.add(index, step, flags=("nuw", "nsw"))
    builder.cbranch(builder.icmp_signed("<", following, stop), loop, done)
    index.add_incoming(following, latch)
    for phi, result in zip(phis, results, strict=True):
        phi.add_incoming(result, latch)
    _move_last(builder, done)
    if not_empty:
        return list(results)
    sources = [(before, carried), (latch, results)]
    return merged(builder, sources)


def loop_until(
    builder: ir.IRBuilder,
    carried: Registers,
    body: Callable[[Registers], tuple[ir.Value, Registers]],
) -> list[ir.Value]:
    """Run `body`, which gives (whether to go on, next values), at least once."""
    before = builder.block
    loop = builder.append_basic_block("again")
    done = builder.append_basic_block("done")
    builder.branch(loop)
    builder.position_at_end(loop)
    phis = [_phi(builder, value, before) for value in carried]
    again, results = body(phis)
    builder.cbranch(again, loop, done)
    for phi, result in zip(phis, results, strict=True):
        phi.add_incoming(result, builder.block)
    _move_last(builder, done)
    return list(results)


def loop_while(
    builder: ir.IRBuilder,
    carried: Registers,
    condition: Callable[[Registers], ir.Value],
    body: Callable[[Registers], Registers],
) -> list[ir.Value]:
    """Run `body`, which gives the next values, as long as `condition` holds for those carried."""
    before = builder.block
    head, inside, done = (builder.append_basic_block(name) for name in ("while", "do", "done"))
    builder.branch(head)
    builder.position_at_end(head)
    phis = [_phi(builder, value, before) for value in carried]
    builder.cbranch(condition(phis), inside, done)
    builder.position_at_end(inside)
    results = body(phis)
    for phi, result in zip(phis, results, strict=True):
        phi.add_incoming(result, builder.block)
    builder.branch(head)
    _move_last(builder, done)
    return phis


def all_positive(builder: ir.IRBuilder, extents: Sequence[ir.Value]) -> ir.Value:
    """Whether a nest of loops of these extents, one at least, has an iteration."""
    first, *others = (builder.icmp_signed(">", extent, integer(0)) for extent in extents)
    return reduce(builder.and_, others, first)


@contextmanager
def when(
    builder: ir.IRBuilder, condition: ir.Value, *, likely: bool | None = None
) -> Iterator[None]:
    """Run what is emitted inside only if `condition` holds, which may be known to be rare."""
    inside = builder.append_basic_block("then")
    done = builder.append_basic_block("done")
    branch = builder.cbranch(condition, inside, done)
    if likely is not None:
        branch.set_weights([2000, 1] if likely else [1, 2000])
    builder.position_at_end(inside)
    yield
    if not builder.block.is_terminated:
        builder.branch(done)
    _move_last(builder, done)


def merged(builder: ir.IRBuilder, sources: Sequence[tuple[ir.Block, Registers]]) -> list[ir.Value]:
    """Phi nodes at the head of the current block: from each block, the value that it gives."""
    results = []
    for values in zip(*(values for _, values in sources), strict=True):
        phi = builder.phi(values[0].type)
        for (block, _), value in zip(sources, values, strict=True):
            phi.add_incoming(value, block)
        results.append(phi)
    return results


def likely_branch(builder: ir.IRBuilder, condition: ir.Value, otherwise: ir.Block) -> None:
    """Go on if `condition` holds, which is the rule, else go to `otherwise`."""
    onward = builder.append_basic_block("ok")
    branch = builder.cbranch(condition, onward, otherwise)
    branch.set_weights([2000, 1])
    _move_last(builder, onward)


KEEPS_REGISTERS = "preserve_mostcc"
"""The convention of a function which keeps the general registers, in which loops hold where they
are.

Not `preserve_allcc`, which is to keep vector registers too: LLVM 22 has it keep the lower 256 bits
of each, and takes them all for kept on a processor with 512.
"""


def call_procedure(
    builder: ir.IRBuilder,
    name: str,
    args: Registers,
    body: Callable[[ir.IRBuilder, ir.IRBuilder, Registers], None],
) -> None:
    """Call the module's private function `name`, which gives no result, defining it on first use.

    `body` gets a builder for stack memory, one for instructions, and the parameters. The function
    is never inlined: it is what many calls share.
    """
    module = builder.module
    function = module.globals.get(name)
    if function is None:
        signature = ir.FunctionType(ir.VoidType(), [arg.type for arg in args])
        function = ir.Function(module, signature, name)
        function.linkage = "internal"
        function.calling_convention = KEEPS_REGISTERS
        for attribute in ("noinline", "nounwind"):
            function.attributes.add(attribute)
        start = ir.IRBuilder(function.append_basic_block("entry"))
        inside = ir.IRBuilder(function.append_basic_block("body"))
        body(start, inside, function.args)
        start.branch(function.blocks[1])
        inside.ret_void()
    builder.call(function, args, cconv=KEEPS_REGISTERS)


def _phi(builder: ir.IRBuilder, value: ir.Value, block: ir.Block) -> ir.Value:
    phi = builder.phi(value.type)
    phi.add_incoming(value, block)
    return phi


def _move_last(builder: ir.IRBuilder, block: ir.Block) -> None:
    """Continue in `block`, putting it behind the blocks made meanwhile: IR then reads top-down."""
    blocks = block.function.blocks
    # Seen from the end, where it is: a search from the start would take as long as the function.
    place = next(place for place in range(len(blocks) - 1, -1, -1) if blocks[place] is block)
    del blocks[place]
    blocks.append(block)
    builder.position_at_end(block)
