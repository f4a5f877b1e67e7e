"""What a step returns: outputs, updates of shared variables, and when to end."""

from collections.abc import Mapping
from typing import Any

from lltheano.graph.core import Variable
from lltheano.loops.until import until
from lltheano.shared import SharedVariable
from lltheano.shared.updates import OrderedUpdates
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

__all__ = ["Returned", "read_returned"]


@record(frozen=True, eq=False)
class Returned:
    """What a step gives.

    Attributes
    ----------
    outputs
        One by one.
    updates
        New values of shared variables.
    condition
        Ends the loop where it holds; None where all steps are run.
    """

    outputs: list[Any]
    updates: OrderedUpdates
    condition: TensorVariable | None


def read_returned(given: Any) -> Returned:
    """Tell apart what a step returned, in any of the forms that Theano knows.

    They are outputs, updates, outputs and updates (in either order), each of them alone or with
    `until` as the last. ValueError for anything else.
    """
    condition = None
    parts = list(given) if isinstance(given, list | tuple) else [given]
    if parts and isinstance(parts[-1], until):
        condition = parts.pop().condition
        if len(parts) == 1 and isinstance(parts[0], list | tuple | Mapping):
            (inner,) = parts
            parts = list(inner) if isinstance(inner, list | tuple) else [inner]
    outputs, updates = _outputs_and_updates(parts)
    return Returned([_output(one) for one in outputs], updates, condition)


def _outputs_and_updates(parts: list[Any]) -> tuple[list[Any], OrderedUpdates]:
    if _is_updates(parts) and parts:
        return [], OrderedUpdates(parts)
    if len(parts) == 1 and _is_updates(parts[0]):
        return [], OrderedUpdates(parts[0])
    if len(parts) == 2 and _is_updates(parts[1]) and not _is_single(parts[1]):
        return _flat(parts[0]), OrderedUpdates(parts[1] or {})
    if len(parts) == 2 and _is_updates(parts[0]) and not _is_single(parts[0]):
        return _flat(parts[1]), OrderedUpdates(parts[0] or {})
    return [one for one in parts if one is not None], OrderedUpdates()


def _is_single(part: Any) -> bool:
    return part is None or isinstance(part, Variable)


def _flat(outputs: Any) -> list[Any]:
    if outputs is None:
        return []
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def _is_updates(part: Any) -> bool:
    """Whether it is a mapping, or a list of pairs, from shared variables to new values."""
    if isinstance(part, Mapping):
        return True
    return isinstance(part, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], SharedVariable)
        for pair in part
    )


def _output(given: Any) -> Any:
    if isinstance(given, Variable):
        return given
    if isinstance(given, until):
        raise ValueError("scan: a step returns `until` as the last of what it returns")
    if isinstance(given, Mapping | list | tuple) and not _is_array(given):
        raise ValueError(
            "scan: a step returns outputs, (outputs, updates), or either with until(...) as the"
            f" last; got {given!r:.80} among the outputs"
        )
    return as_tensor_variable(given)


def _is_array(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(one, int | float | Variable) for one in given)
