"""Requests made from other requests: for copies of a function."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from lltheano.function.requests.reading import Outputs, Request
from lltheano.graph import Variable
from lltheano.shared import SharedVariable, fresh_storage

__all__ = ["copied", "restricted"]


def copied(
    request: Request,
    used: Collection[SharedVariable],
    swap: Mapping[SharedVariable, SharedVariable] | None,
    name: str | None,
    *,
    delete_updates: bool,
) -> Request:
    """Return the request for a copy of a function; see `Function.copy`.

    `used` are the shared variables of the function.
    """
    for old, new in (swap or {}).items():
        _check_pair(old, new, used)
    return replace(
        request,
        name=request.name if name is None else name,
        kept={position: fresh_storage(one) for position, one in request.kept.items()},
        swapped=(*request.swapped, dict(swap)) if swap else request.swapped,
        updating=request.updating and not delete_updates,
        # What only updates needed is still passed, as by the callers of the original.
        on_unused_input="ignore" if delete_updates else request.on_unused_input,
    )


def restricted(request: Request, subset: Iterable[int | str]) -> Request:
    """Return the request for a function of some of the outputs, by number or by key.

    It has the same state: inputs whose value is kept share their storage. Raises ValueError for
    what is no output.
    """
    outputs = request.outputs
    known: list[int | str] = list(outputs.keys or range(len(outputs.specs)))
    indices = []
    for one in subset:
        if one not in known:
            raise ValueError(
                f"output_subset of {request.label}: there is no output {one!r}; there are"
                f" {', '.join(map(repr, known)) or 'none'}"
            )
        indices.append(known.index(one))
    chosen = Outputs(
        tuple(outputs.specs[index] for index in indices),
        keys=None if outputs.keys is None else tuple(outputs.keys[index] for index in indices),
    )
    return replace(request, outputs=chosen, on_unused_input="ignore")


def _check_pair(old: object, new: object, used: Collection[SharedVariable]) -> None:
    if not any(old is one for one in used):
        shown = old.describe() if isinstance(old, Variable) else repr(old)
        listed = ", ".join(map(str, used)) or "none"
        raise ValueError(f"swap: the function does not use {shown}; it uses {listed}")
    assert isinstance(old, SharedVariable)
    if not isinstance(new, SharedVariable):
        raise TypeError(
            f"swap: what takes the place of {old.describe()} must be a shared variable; got"
            f" {type(new).__name__}"
        )
    if new.type != old.type:
        raise TypeError(
            f"swap: {new.describe()} cannot take the place of {old.describe()}: the types differ"
        )
