"""Private helper functions of a module, made on first use.

Each kernel becomes one internal function for each (name, type) of a module, marked
``alwaysinline``, and each use is a call. The text that LLVM parses stays small however often a
kernel is used, the IR reads as the program does, and after inlining the optimiser sees the whole
loop, so that constants are hoisted and nothing is spilled round a call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir


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
    return builder.call(function, args)
