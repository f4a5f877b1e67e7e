"""What compiled code reports when a check fails, made into an exception in the user's terms.

The compiler leaves a table of sites: for each check its kind, a message with places for the numbers
that the code reports, and the user's line. The exception adds the shapes that the call saw, since
one of them is usually the cause.
"""

import linecache
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Final

from numpy.linalg import LinAlgError

import lltheano.tensor as T
from lltheano.runtime.errors import ExecutionFailed
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.loops.nodes import Site
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.table import OPS
from lltheano_ir.provenance import Location

__all__ = ["EXCEPTIONS", "explain_failure", "quote"]

EXCEPTIONS: Final[dict[str, type[Exception]]] = {
    "broadcast": ValueError,
    "sizes": ValueError,
    "value": ValueError,
    "index": IndexError,
    "assert": AssertionError,
    "linalg": LinAlgError,
}


def explain_failure(
    failure: ExecutionFailed,
    sites: Sequence[Site],
    function: str,
    seen: Iterable[str],
    stretchable: Iterable[str] = (),
    graph: str = "",
) -> Exception:
    """Return the exception to raise for a failed check.

    Returns a ValueError for sizes that disagree and values without meaning, an IndexError for an
    index out of range, NumPy's LinAlgError for a matrix without the inverse or factors that were
    asked for, an AssertionError for the user's own assertions.

    Parameters
    ----------
    failure
        What the entry reported.
    sites
        The compiler's table.
    function
        What messages call the function.
    seen
        One description for each input and shared variable of the call.
    stretchable
        What to say of each of them that has a size of 1 which is not repeated.
    graph
        The text of the function's graph, to be shown; or nothing.
    """
    site = sites[failure.site]
    lines = [f"{function}: {_in_users_terms(site).format(*failure.values)}"]
    if site.location is not None:
        lines.append(f"  in {quote(site.location)}")
    lines += [f"  with {one}" for one in seen]
    if site.kind == "broadcast" and 1 in failure.values[:2]:
        lines += [f"  {one}" for one in [*stretchable] or [_NOT_REPEATED]]
    lines += [f"  {line}" for line in graph.splitlines()]
    return EXCEPTIONS[site.kind]("\n".join(lines))


_NOT_REPEATED = (
    "a size of 1 is repeated only where a type says so: use T.addbroadcast(expression, axis) on the"
    " operand that has it"
)


_OPS = {*OPS, *(op.name for op in ELEMENTWISE)}


def _in_users_terms(site: Site) -> str:
    """The message of a check, with the function that the user called for the compiler's op; where
    that is not known, with the op if the tensor language has one of its name.
    """
    op, colon, rest = site.message.partition(": ")
    if not colon or op not in _OPS:
        return site.message
    called = None if site.location is None else site.location.function
    name = called or (op if _is_public(op) else "")
    return f"{name.replace('{', '{{').replace('}', '}}')}: {rest}" if name else rest


def _is_public(op: str) -> bool:
    """Whether the tensor language has something of this name."""
    modules = (T, T.linalg, T.nlinalg, T.slinalg)
    named = (getattr(module, op, None) for module in modules)
    return any(one is not None and not isinstance(one, ModuleType) for one in named)


def explain_size_of_one(name: str, kind: TensorType, shape: Sequence[int], shared: bool) -> str:
    """Why the size 1 of an argument or a shared variable is not repeated; nothing if there is none.

    >>> import lltheano.tensor as T
    >>> explain_size_of_one("x", T.dmatrix, (4, 1), shared=False)[:50]
    'x has size 1 on axis 1, and is not repeated there,'
    """
    axes = [
        axis
        for axis, (size, is_broadcastable) in enumerate(zip(shape, kind.broadcastable, strict=True))
        if size == 1 and not is_broadcastable
    ]
    if not axes:
        return ""
    pattern = tuple(
        is_broadcastable or axis in axes for axis, is_broadcastable in enumerate(kind.broadcastable)
    )
    listed = ", ".join(map(str, axes))
    declared = f"T.TensorType({kind.dtype!r}, {pattern})({name!r})"
    if pattern in _DECLARATIONS:
        declared = f'T.{_DECLARATIONS[pattern]}("{name}")'
    if shared:
        declared = f"shared(value, broadcastable={pattern})"
    where = f"ax{'es' if len(axes) > 1 else 'is'} {listed}"
    return (
        f"{name} has size 1 on {where}, and is not repeated there, because it is declared without a"
        f" broadcastable axis: declare it as {declared}, or use T.addbroadcast({name}, {listed})"
    )


_DECLARATIONS: dict[tuple[bool, ...], str] = {(False, True): "col", (True, False): "row"}


def quote(location: Location) -> str:
    """A place in the user's program, with the line itself where its file can be read."""
    text = linecache.getline(location.file, location.line).strip()
    return f"{location}: {text}" if text else str(location)
