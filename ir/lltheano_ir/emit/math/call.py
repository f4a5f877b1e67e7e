"""Private helper functions of a module, made on first use.

Each kernel becomes one internal function for each (name, type) of a module, marked
``alwaysinline``, and each use is a call. The text that LLVM parses stays small however often a
kernel is used, the IR reads as the program does, and after inlining the optimiser sees the whole
loop, so that constants are hoisted and nothing is spilled round a call. A kernel that is used at
very many places is called there. What can only be computed
one lane after another is a helper of its own that loops over the lanes, and is not inlined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.emit.math.lanes import mangled

APART = ("noinline", "nounwind", "readnone")
INDEX = ir.IntType(32)
MOST_INLINED = 16
"""The places where a kernel is inlined. Beyond them LLVM would take seconds for long programs, and
what calls cost there was measured as 1 to 10 %.
"""


def call_helper(
    builder: ir.IRBuilder,
    name: str,
    result: ir.Type,
    args: Sequence[ir.Value],
    body: Callable[[ir.IRBuilder, tuple[ir.Value, ...]], ir.Value],
    attributes: Sequence[str] = ("alwaysinline", "nounwind", "readnone"),
) -> ir.Value:
    """Call the module's function `name`, defining it by `body` when it is not there yet.

    `body` gets a builder at the start of the function and its parameters, and gives the value to
    return; it may add blocks, but must leave the builder where the function returns.
    """
    module = builder.module
    function = module.globals.get(name)
    if function is None:
        function = ir.Function(module, ir.FunctionType(result, [a.type for a in args]), name)
        function.linkage = "internal"
        for attribute in attributes:
            function.attributes.add(attribute)
        inside = ir.IRBuilder(function.append_basic_block("entry"))
        inside.ret(body(inside, function.args))
    _note_use(function)
    return builder.call(function, args)


def _note_use(function: ir.Function) -> None:
    """Count the places that call a helper; from some number on none of them is inlined."""
    uses = getattr(function, "uses", 0) + 1
    function.uses = uses
    if uses > MOST_INLINED and "alwaysinline" in function.attributes:
        function.attributes.discard("alwaysinline")
        function.attributes.add("noinline")


def call_each_lane(
    builder: ir.IRBuilder,
    name: str,
    args: Sequence[ir.Value],
    one_lane: Callable[[ir.IRBuilder, Sequence[ir.Value]], ir.Value],
) -> ir.Value:
    """Compute `one_lane` of each lane of `args`, which are all of one type, as is the result."""
    kind = args[0].type
    if not isinstance(kind, ir.VectorType):
        return one_lane(builder, args)
    return call_helper(
        builder,
        f"{name}.{mangled(kind)}",
        kind,
        args,
        lambda inside, own: _over_lanes(inside, own, one_lane),
        APART,
    )


def _over_lanes(
    builder: ir.IRBuilder,
    args: Sequence[ir.Value],
    one_lane: Callable[[ir.IRBuilder, Sequence[ir.Value]], ir.Value],
) -> ir.Value:
    kind = args[0].type
    before = builder.block
    loop, done = (builder.append_basic_block(part) for part in ("lane", "done"))
    builder.branch(loop)
    builder.position_at_end(loop)
    index, result = builder.phi(INDEX, "index"), builder.phi(kind, "result")
    lane = one_lane(builder, [builder.extract_element(one, index) for one in args])
    following = builder.insert_element(result, lane, index)
    further = builder.add(index, INDEX(1))
    index.add_incoming(INDEX(0), before)
    index.add_incoming(further, builder.block)
    result.add_incoming(ir.Constant(kind, ir.Undefined), before)
    result.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_unsigned("<", further, INDEX(kind.count)), loop, done)
    builder.position_at_end(done)
    return following
