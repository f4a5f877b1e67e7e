"""The verifier of the loop IR.

Each function of a well-formed module satisfies:

1.  a scalar or buffer is defined once, before it is used, in a body that encloses the use;
2.  an op of `let` is elementwise, and its type rule takes the operands' dtypes and gives the
    target's;
3.  indices, sizes, strides, offsets and extents are i64; a buffer is indexed once for each axis;
4.  a load, a store and a constant have the dtype of their buffer;
5.  a condition is bool;
6.  a reduction's kind is known and takes its value's dtype; `blocked` order has one index; its body
    computes only: it holds let, load and reduce;
7.  vector widths are powers of two up to 64, unrolling, which is of vectors, goes up to 16, and a
    sequential loop has neither and is not parallel;
8.  a constant buffer, and an input, is never written, nor is a view of one;
9.  a buffer of an alloc, contiguous or callback has no strides; a slot is not negative; the source
    of a view or contiguous has its dtype; what a callback measures is a size of what it gives;
10. a check names a site, and gives at least the values that the site's message names, and at most
    as many as can be reported; a site's kind is one of those of assert; a routine is known and gets
    the buffers and attributes it wants;
11. after `commit`, which stands at the top level once at most, nothing can fail (no check,
    allocation, routine or callback); a shared parameter is written only after it;
12. an output is a buffer of the top level that was allocated there, and of no other result; an
    update is such a buffer or the shared parameter itself, and has its dtype and rank;
13. `rebind` stands last in the body of a sequential loop; it rebinds allocations from outside that
    body that share no slot, and from there on no loop's iterations may run in any order; the source
    of each is another of them, from the same loop's body, each once, or a view that the body makes
    of memory that none of them is, from the same loop's body or further out; the dtypes and the
    numbers of axes agree, and the alignments; nothing has strides; views of a rebound buffer from
    before the loop are not used in it or after it, and memory that may be a view's is no result;
14. a loop that is not sequential carries no dependence from one iteration to another, as far as
    that can be seen (`lltheano_ir.loops.analysis.carried`);
15. a loop with a vector width may run in vectors (`lltheano_ir.loops.analysis.vectors`);
16. a function that is called is of the module, and takes the buffers that are passed; what it may
    write is memory that no other argument names; no function calls itself, if only through others;
    only the entry has shared parameters, results and a commit point, and only others have `inout`
    parameters, which are row-major, and parameters with a size in common;
17. an alignment is a power of two, and no more than the definition of the buffer promises
    (`lltheano_ir.loops.analysis.alignment`); what a call gets is aligned to its elements;
18. `last` stands in the body of a sequential loop, in no branch inside it, and once at most;
19. what `parallel` names is an i64, a number of 1 or more where it is known; the iterations of such
    a loop write apart and can do no more than run out of memory
    (`lltheano_ir.loops.analysis.threads`), and it stands in no other;
20. a time is an i64; rows of counters are of the entry, numbered from 0, and have so many counters
    (`lltheano_ir.abi.Counter`), of i64.

What is known where a statement stands is a `Scope`. The rules of each kind of statement are in the
modules beside it, by what they are about: `elements`, `memory`, `control`, `rebinding`, `calls`,
`counting`.
"""

from lltheano_ir.loops.calls import require_acyclic
from lltheano_ir.loops.nodes import LoopFunction, LoopModule, as_module
from lltheano_ir.loops.verify.functions import verify_function
from lltheano_ir.loops.verify.scope import LoopVerificationError

__all__ = ["LoopVerificationError", "verify_loops"]


def verify_loops(functions: LoopFunction | LoopModule) -> None:
    """Raise LoopVerificationError unless the rules at the module's head hold."""
    module = as_module(functions)
    table: dict[str, LoopFunction] = {}
    for function in module.functions:
        if table.setdefault(function.name, function) is not function:
            raise LoopVerificationError(f"@{function.name}: two functions have this name")
    for function in module.functions:
        verify_function(function, table, is_entry=function is module.entry)
    try:
        require_acyclic(module)
    except ValueError as error:
        raise LoopVerificationError(f"@{module.name}: {error}") from None
