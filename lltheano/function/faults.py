"""What compiled code reports when a check fails, made into an exception in the user's terms.

The compiler leaves a table of sites: for each check its kind, a message with places for the numbers
that the code reports, and the user's line. The exception adds the shapes that the call saw, since
one of them is usually the cause.
"""

import linecache
from collections.abc import Iterable, Sequence
from typing import Final

from numpy.linalg import LinAlgError

from lltheano.runtime.errors import ExecutionFailed
from lltheano_ir.loops.nodes import Site
from lltheano_ir.provenance import Location

__all__ = ["EXCEPTIONS", "explain_failure", "quote"]

EXCEPTIONS: Final[dict[str, type[Exception]]] = {
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
    graph: str = "",
) -> Exception:
    """Return the exception to raise for a failed check.

    Args:
        failure: what the entry reported.
        sites: the compiler's table.
        function: what messages call the function.
        seen: one description for each input and shared variable of the call.
        graph: the text of the function's graph, to be shown; or nothing.

    Returns a ValueError for sizes that disagree and values without meaning, an IndexError for an
    index out of range, NumPy's LinAlgError for a matrix without the inverse or factors that were
    asked for, an AssertionError for the user's own assertions.
    """
    site = sites[failure.site]
    lines = [f"{function}: {site.message.format(*failure.values)}"]
    if site.location is not None:
        lines.append(f"  in {quote(site.location)}")
    lines += [f"  with {one}" for one in seen]
    lines += [f"  {one}" for one in graph.splitlines()]
    return EXCEPTIONS[site.kind]("\n".join(lines))


def quote(location: Location) -> str:
    """A place in the user's program, with the line itself where its file can be read."""
    text = linecache.getline(location.file, location.line).strip()
    return f"{location}: {text}" if text else str(location)
