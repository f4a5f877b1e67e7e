"""`function`: from symbolic inputs, outputs and updates to something that can be called.

Everything that can be wrong with a request is found here, before anything is compiled: first what
the arguments are (`requests`, `inputs`, `modes`), then what they mean together (`gather`,
`conform`), then whether the graph is complete (`lltheano.lowering`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.function.assemble import arrange, make_converter
from lltheano.function.callables.arrangement import GeneralFunction
from lltheano.function.callables.callable import Description, Function
from lltheano.function.callables.watchers import announce
from lltheano.function.modes.mode import Mode, get_mode
from lltheano.function.requests.inputs import In, Out
from lltheano.function.requests.reading import Request, read_inputs, read_outputs, read_pairs
from lltheano.function.requests.signature import ABSENT, Parameter, Signature
from lltheano.graph import CompoundType, Type, Variable
from lltheano.graph.boundary import boundary
from lltheano.graph.provenance import caller
from lltheano.interfaces.layers import profiling
from lltheano.shared import CONTAINERS, SharedVariable, shared_class
from lltheano.tensor.variables.variable import TensorType, TensorVariable

if TYPE_CHECKING:
    from lltheano.function.profiling.stats import ProfileStats

__all__ = ["assemble", "function"]

Outputs = Variable | Out | Sequence[Variable | Out] | Mapping[str, Variable | Out] | None
Pairs = Mapping[Any, Any] | Sequence[Sequence[Any]] | None


class _Options(TypedDict, total=False):
    """The parameters of `function` that come after `givens`, which nobody passes by position."""

    no_default_updates: bool | Sequence[SharedVariable]
    accept_inplace: bool
    name: str | None
    rebuild_strict: bool
    allow_input_downcast: bool | None
    profile: "bool | str | ProfileStats | None"
    on_unused_input: str | None


@overload
def function(
    inputs: Sequence[Variable | In],
    outputs: TensorVariable,
    mode: str | Mode | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    **options: Unpack[_Options],
) -> Function[NDArray[Any]]: ...
@overload
def function(
    inputs: Sequence[Variable | In],
    outputs: Sequence[TensorVariable],
    mode: str | Mode | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    **options: Unpack[_Options],
) -> Function[list[NDArray[Any]]]: ...
@overload
def function(
    inputs: Sequence[Variable | In],
    outputs: Sequence[Variable | Out] | None = None,
    mode: str | Mode | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    **options: Unpack[_Options],
) -> Function[list[Any]]: ...
@overload
def function(
    inputs: Sequence[Variable | In],
    outputs: Mapping[str, Variable | Out],
    mode: str | Mode | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    **options: Unpack[_Options],
) -> Function[dict[str, Any]]: ...
@overload
def function(
    inputs: Sequence[Variable | In],
    outputs: Variable | Out,
    mode: str | Mode | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    **options: Unpack[_Options],
) -> Function[Any]: ...
@boundary
def function(  # noqa: PLR0913, PLR0917 - Theano's signature
    inputs: Sequence[Variable | In],
    outputs: Outputs = None,
    mode: str | Mode | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    no_default_updates: bool | Sequence[SharedVariable] = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: "bool | str | ProfileStats | None" = None,
    on_unused_input: str | None = None,
) -> Function:
    """Compile a function of `inputs` that returns `outputs` and updates shared variables.

    Raises TypeError and ValueError for arguments that are not of these forms; MissingInputError
    for a variable of the graph that has no value; UnusedInputError; CyclicGraphError for givens
    that lead back to themselves.

    Parameters
    ----------
    inputs
        Variables, or `In`s that say more. Shared variables are not listed: a function uses those
        that its graph contains.
    outputs
        What a call returns. A variable gives an array, a list or tuple a list, a dict with string
        keys a dict, None an empty list.
    mode
        A `Mode`, which says what passes the compiler runs, or the name of one, such as "FAST_RUN";
        None is what `config.mode` says.
    updates
        Pairs (shared variable, new value), or a dict of them. All new values are computed from the
        old ones, and take effect together at the end of the call. A new value has the shared
        variable's own type; a number or array becomes a constant.
    givens
        Pairs (variable, replacement), or a dict of them. Any variable of the graph may be replaced,
        shared or not, computed or not, by one of its type, a number or an array. Keys inside
        replacements are replaced too, except that a key inside its own replacement is the variable
        itself: {w: w + step} looks ahead.
    no_default_updates
        True, or the shared variables, to leave `default_update`s out.
    accept_inplace
        Taken for Theano's sake; what is done in place is the compiler's decision.
    name
        What messages call the function; by default the line that made it.
    rebuild_strict
        False lets replacements have other types than what they replace.
    allow_input_downcast
        For inputs that do not say: True converts arguments whatever the cost in precision, False
        never loses any, None also takes a Python float for `floatX`.
    profile
        True has calls counted and timed, in `f.profile`, which is printed when the process ends
        unless it was looked at before; a string is its name. Several functions count together in a
        `ProfileStats` that is passed to all. None is `config.profile`. A function without a profile
        is not slower for it.
    on_unused_input
        "raise", "warn" or "ignore" an input that nothing depends on; None is
        `config.on_unused_input`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.shared import shared
    >>> state, inc = shared(0), T.iscalar("inc")
    >>> accumulator = function([inc], state, updates=[(state, state + inc)])
    >>> accumulator(10), accumulator(1)
    (array(0), array(10))
    """
    chosen = get_mode(mode)
    specs = tuple(read_inputs(inputs, _downcast(allow_input_downcast)))
    request = Request(
        name=_check_name(name),
        location=caller(),
        inputs=specs,
        outputs=read_outputs(outputs),
        updates=tuple(read_pairs(updates, "updates")),
        givens=tuple(read_pairs(givens, "givens")),
        kept={i: _storage(spec) for i, spec in enumerate(specs) if _keeps_value(spec)},
        no_default_updates=_check_excluded(no_default_updates),
        rebuild_strict=bool(rebuild_strict),
        on_unused_input=_check_unused_rule(on_unused_input),
        mode=chosen,
        profile=profiling.profile_for(profile) if profile or config.profile else None,
    )
    return assemble(request)


def assemble(request: Request) -> Function:
    """Return the function that a request asks for."""
    result = _assembled(request)
    announce(result)
    return result


def _assembled(request: Request) -> Function:
    description = _describe(request)
    needed = frozenset(i for i in request.kept if description.signature.parameters[i].required)
    arrangement = arrange(request, needed)
    form = request.outputs
    if form.keys is None and not request.kept and arrangement.is_native(len(request.inputs)):
        return Function(description, arrangement.program)
    return GeneralFunction(
        description,
        {needed: arrangement},
        lambda passed: arrange(request, passed),
        single=form.single,
        keys=form.keys,
    )


def _describe(request: Request) -> Description:
    parameters = [
        Parameter(spec.name, required=spec.value is None, hidden=spec.implicit)
        for spec in request.inputs
    ]
    return Description(
        request=request,
        signature=Signature(request.label, parameters),
        defaults=tuple(_default(request, position) for position in range(len(parameters))),
        remake=assemble,
    )


def _default(request: Request, position: int) -> Any:
    spec = request.inputs[position]
    if spec.value is None or spec.implicit or position in request.kept:
        return ABSENT
    return make_converter(request, position).default()


def _keeps_value(spec: In) -> bool:
    if isinstance(spec.value, SharedVariable):
        return False
    return spec.update is not None or spec.value is not None


def _storage(spec: In) -> SharedVariable:
    """The storage of an input: its `value`, or nothing yet."""
    variable, type_ = spec.variable, spec.variable.type
    if isinstance(spec.value, CONTAINERS):
        return _over(spec, spec.value)
    kind = shared_class(type_)
    value = spec.value
    if value is None:
        value = _nothing_yet(type_)
    try:
        storage: SharedVariable = kind(spec.name, type_, value, spec.strict, spec.allow_downcast)
    except TypeError as error:
        raise TypeError(f"In({variable}, value=...): {error}") from error
    storage.source = variable.source
    return storage


def _nothing_yet(type_: Type) -> Any:
    """What the storage of an input holds before the first value."""
    if isinstance(type_, CompoundType):
        return type_.zeros()
    if not isinstance(type_, TensorType):
        return None
    sizes = [int(is_broadcastable) for is_broadcastable in type_.broadcastable]
    return np.zeros(sizes, type_.numpy_dtype)


def _over(spec: In, container: Any) -> SharedVariable:
    """A variable over the storage that another function keeps."""
    variable = spec.variable
    if container.type != variable.type and isinstance(variable.type, TensorType | CompoundType):
        raise TypeError(
            f"In({variable}, value=...): the container holds a {container.type!r}, and the input is"
            f" {variable.describe()}"
        )
    kind = shared_class(variable.type)
    storage: SharedVariable = kind(spec.name, variable.type, None, container=container)
    storage.source = variable.source
    return storage


def _check_name(name: object) -> str | None:
    if name is not None and not isinstance(name, str):
        raise TypeError(f"the name of a function must be a string; got {type(name).__name__}")
    return name


def _downcast(allow: bool | None) -> bool | None:
    """`allow_input_downcast` as given, or else from the configuration."""
    if allow is not None:
        return bool(allow)
    return {"None": None, "True": True, "False": False}[config.allow_input_downcast]


def _check_unused_rule(rule: object) -> str:
    if rule is None:
        return str(config.on_unused_input)
    if rule not in ("raise", "warn", "ignore"):
        raise ValueError(f"on_unused_input must be 'raise', 'warn' or 'ignore'; got {rule!r}")
    return str(rule)


def _check_excluded(excluded: object) -> bool | Sequence[SharedVariable]:
    if isinstance(excluded, bool):
        return excluded
    if not isinstance(excluded, list | tuple | set | frozenset):
        raise TypeError(
            "no_default_updates must be True, False or a list of shared variables; got"
            f" {type(excluded).__name__}"
        )
    for one in excluded:
        if not isinstance(one, SharedVariable):
            raise TypeError(f"no_default_updates lists {one!r}, which is no shared variable")
    return tuple(excluded)
