"""Compiled functions: what `function` returns and a person calls.

A call that needs nothing but native code is native code from end to end: the entry makes every
check itself. What it does not take (a name, a default, an argument to be converted) comes back as a
report, and is bound, converted and tried again; so both ways give the same answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic

from lltheano.function.callables.function_maker import FunctionMaker
from lltheano.function.callables.pickling import pickled, restored
from lltheano.function.callables.state import ContainerAccess, Finder, Unkept, ValueAccess
from lltheano.function.programs.inspection import Entry, Stages, calls_back
from lltheano.function.programs.program import CompiledProgram
from lltheano.function.requests.copies import copied, restricted
from lltheano.function.requests.gather import Gathered
from lltheano.function.requests.inputs import In, Out
from lltheano.function.requests.reading import Request
from lltheano.function.requests.signature import ABSENT, Signature
from lltheano.graph import Apply, Variable
from lltheano.graph.boundary import put_in_users_terms
from lltheano.interfaces.layers import profiling
from lltheano.runtime import pool
from lltheano.runtime.calls.callable import NativelyCalled, Way, native_function
from lltheano.runtime.calls.executable import Report
from lltheano.runtime.receipt import Receipt
from lltheano.shared import SharedVariable
from lltheano_ir.abi import Status
from lltheano_ir.decisions import Decision
from lltheano_ir.records import record

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from lltheano.function.profiling.stats import ProfileStats
    from lltheano_ir.compile import Compiled
    from lltheano_ir.profiling.memory import MemoryPlan

    Result = TypeVar("Result", default=Any)
else:
    from typing import TypeVar

    # Only a type checker needs the default, by which `Function` alone is `Function[Any]`.
    Result = TypeVar("Result")

__all__ = ["Description", "Function"]


@record(frozen=True, slots=True)
class Description:
    """What a function is, apart from its code.

    Attributes
    ----------
    request
        What was asked for.
    signature
        The parameters that callers pass.
    defaults
        For each parameter the converted default, or `ABSENT`.
    remake
        Makes a function from a request.
    """

    request: Request
    signature: Signature
    defaults: tuple[Any, ...]
    remake: "Callable[[Request], Function]"


_NOTHING: Mapping[str, Any] = {}


class Function(NativelyCalled, Generic[Result]):
    """A compiled function. `lltheano.function` makes it.

    Calling it computes the outputs from the arguments and the shared variables, then gives the
    shared variables their new values: one atomic step over all of them. A call that raises has
    changed nothing. To a type checker `Function[Result]` is one whose calls give a `Result`.

    A call may ask for some of the outputs, by number or by key, as the list `output_subset`: it
    computes no others, and updates the shared variables as ever. The code for each such list is
    compiled when it is first asked for.

    Raises, when called: TypeError for arguments that are too many, too few, unknown or not of
    their parameters' types; ValueError for sizes that disagree, IndexError for an index out of
    range, AssertionError for an assertion in the graph, each naming the user's line and the shapes
    seen; what an op that computes in Python raises; MemoryError; DeadlockError when this thread
    leases a shared variable that it updates.

    Attributes
    ----------
    trust_input
        Taken for Theano's sake: a program may set it. Arguments are checked all the same, by native
        code, in less time than it would take to see that they need not be.
    profile
        What calls are counted in, where `function` was asked for a profile; else None.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x, y = T.dscalars("x", "y")
    >>> f = function([x, y], x - y, name="f")
    >>> f(3, 1), f(y=1, x=3)
    (array(2.), array(2.))
    >>> f.maker.fgraph.toposort()
    [sub(x, y)]
    """

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> Result:
            """Compute the outputs and update the shared variables."""
            ...

    def __init__(self, description: Description, program: CompiledProgram) -> None:
        self._description = description
        self._program = program
        self.profile = description.request.profile
        self.trust_input = False
        capsule = program.executable.capsule
        parameters = description.signature.parameters
        names = [None if one.hidden else one.name for one in parameters]
        way = self._way() if self.profile is None else Way.PYTHON
        called = native_function(capsule, self._in_users_terms, way, names)
        setattr(self, "__call__", called)  # noqa: B010 - the slot of that name

    def _way(self) -> Way:
        """What a call tries first."""
        return self._program.way

    def _in_users_terms(
        self,
        receipt: Receipt,
        report: Report | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None,
    ) -> Any:
        """Carry on with a call that native code does not take as it is, or has not been asked."""
        try:
            if kwargs and "output_subset" in kwargs:
                some = self._restricted(kwargs.pop("output_subset"))
                return receipt.enter(partial(some, **kwargs), args)
            if self.profile is None:
                return self._carry_on(receipt, report, args, kwargs or _NOTHING)
            with self.profile.call():
                return self._carry_on(receipt, report, args, kwargs or _NOTHING)
        except Exception as error:
            put_in_users_terms(error)
            raise

    def _carry_on(
        self,
        receipt: Receipt,
        report: Report | None,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """Wait, or bind and convert the arguments, and call again; or raise."""
        arguments: Sequence[Any] = args
        if report is None:
            if kwargs or len(args) < len(self._description.defaults):
                arguments = self._bind(args, kwargs)
            outcome = self._program.enter(arguments, receipt)
            if type(outcome) is not tuple:
                return outcome
            report = outcome
        if report[0] == Status.UNPREPARED:
            return self._program.call(self._bind(arguments, {}), receipt)
        return self._program.resume(report, arguments, receipt)

    def _restricted(self, subset: Sequence[int | str] | None) -> "Function":
        """The function of some of the outputs; None is all of them."""
        if subset is None:
            return self
        key = tuple(subset)
        result: dict[tuple[int | str, ...], Function] = vars(self).setdefault("_subsets", {})
        if key not in result:
            about = self._description
            result[key] = about.remake(restricted(about.request, key))
        return result[key]

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """One value for each parameter, the default where none was passed."""
        values = self._description.signature.bind(args, kwargs)
        return [
            default if value is ABSENT else value
            for value, default in zip(values, self._description.defaults, strict=True)
        ]

    @property
    def name(self) -> str:
        """The name that it was given, or else where it was made."""
        request = self._description.request
        return request.name if request.name is not None else str(request.location)

    @property
    def inputs(self) -> tuple[In, ...]:
        """The inputs as they were asked for."""
        return self._description.request.inputs

    @property
    def outputs(self) -> tuple[Out, ...]:
        """The outputs as they were asked for."""
        return self._description.request.outputs.specs

    @property
    def entry(self) -> Entry:
        """The native entry: its address, its declaration in C, its buffers."""
        return self._program.entry

    @property
    def stages(self) -> Stages:
        """The text of each stage of the compiler by its name, from "graph" to "asm"."""
        return self._program.stages

    @property
    def compiled(self) -> "Compiled":
        """The compiler's own record: the program at each of its stages."""
        return self._program.compiled

    @property
    def decisions(self) -> Sequence[Decision]:
        """What the compiler fused, did in place and gave the same memory, or did not, and why; and
        where compiled code calls Python.
        """
        return (*self.compiled.decisions, *calls_back(self.compiled.source.host))

    @cached_property
    def finder(self) -> Finder:
        """The container of each input, by its position, variable and name."""
        return Finder(self._description.request, self._description.signature.function)

    @property
    def inv_finder(self) -> dict[Any, In]:
        """The input of each container."""
        return self.finder.inverse

    @property
    def container(self) -> ContainerAccess:
        """What holds the values that the function keeps for its inputs: `f.container[x]`, for
        another function's `In(value=...)`; `.value` and `.storage[0]` of it are the value.
        """
        return ContainerAccess(self.finder)

    @property
    def value(self) -> ValueAccess:
        """The values that the function keeps: `f.value[x]` is `f[x]`."""
        return ValueAccess(self.finder)

    @property
    def input_storage(self) -> list[Any]:
        """The containers of the inputs, in order, then those of the shared variables."""
        own = [self.finder[index] for index in range(len(self.inputs))]
        return own + [
            shared_variable.container
            for shared_variable in self.get_shared()
            if shared_variable.container not in own
        ]

    @property
    def output_storage(self) -> list[Unkept]:
        """What stands for each output; no output is kept after a call."""
        return [Unkept(output.variable.name, output.variable.type) for output in self.outputs]

    @property
    def defaults(self) -> list[tuple[bool, bool, Any]]:
        """For each input whether a call must pass it, whether a default is put back after a call,
        which never is, and the value that is kept.
        """
        values = (self.value[index] for index in range(len(self.inputs)))
        parameters = self._description.signature.parameters
        return [
            (parameter.required, False, value)
            for parameter, value in zip(parameters, values, strict=True)
        ]

    @property
    def indices(self) -> list[tuple[In, list[int], list[In]]]:
        """The inputs with their positions, as Theano's programs know them."""
        return [(spec, [index], [spec]) for index, spec in enumerate(self.inputs)]

    @property
    def unpack_single(self) -> bool:
        """Whether a call returns the only output itself."""
        return self._description.request.outputs.single

    @property
    def nodes_with_inner_function(self) -> list[Apply]:
        """The applications of ops that hold a compiled function, as an attribute `fn`."""
        return [one for one in self.maker.fgraph.toposort() if hasattr(one.op, "fn")]

    def sync_shared(self) -> None:
        """Return at once: values live where functions compute, and are never behind."""

    def __contains__(self, key: object) -> bool:
        return key in self.finder

    def __iter__(self) -> Any:
        raise TypeError(f"{self._description.signature.function} is called, not iterated over")

    def __getitem__(self, key: Variable | str | int) -> Any:
        """Return the value that the function keeps for an input, given by variable or name; None
        for one that each call passes.
        """
        return self.value[key]

    def __setitem__(self, key: Variable | str | int, value: Any) -> None:
        """Replace the value that the function keeps for an input, which stays until another is
        assigned or an update changes it.
        """
        self.value[key] = value

    @property
    def graph(self) -> Gathered:
        """The graph as it was written: the outputs, and the new values of shared variables."""
        return self._program.graph.as_written

    def get_shared(self) -> list[SharedVariable]:
        """Return the shared variables that the function reads or writes."""
        return self.graph.users_shared

    @cached_property
    def maker(self) -> FunctionMaker:
        """What the function was made of: its mode, and the graph that it computes."""
        return FunctionMaker(self._description.request, self.graph)

    @property
    def fn(self) -> "Function":
        """The function itself: what Theano's programs call to leave out checks of arguments."""
        return self

    def copy(
        self,
        share_memory: bool = False,
        swap: Mapping[SharedVariable, SharedVariable] | None = None,
        delete_updates: bool = False,
        name: str | None = None,
        profile: "bool | str | ProfileStats | None" = None,
    ) -> "Function":
        """Return another function of the same graph, which may use other shared variables.

        The inputs whose values the function keeps start from the present values, and go on by
        themselves. What the user's graph says is not changed.

        Raises ValueError when `swap` names a variable that the function does not use, TypeError
        when the types differ.

        Parameters
        ----------
        share_memory
            Taken for Theano's sake: temporaries belong to a call here, and no function has memory
            to share.
        swap
            The shared variables to use in the place of others; each has the type of the one that it
            replaces. All other shared variables are those of the original.
        delete_updates
            Leave every update out, those of kept inputs too.
        name
            The name of the copy; None is the original's.
        profile
            As in `function`; None is to count in the original's profile, if it has one.

        Examples
        --------
        >>> import lltheano.tensor as T
        >>> from lltheano import function, shared
        >>> state, inc = shared(0), T.iscalar("inc")
        >>> accumulator = function([inc], state, updates=[(state, state + inc)])
        >>> other = accumulator.copy(swap={state: (mine := shared(100))})
        >>> _ = accumulator(1), other(5)
        >>> int(state.get_value()), int(mine.get_value())
        (1, 105)
        >>> int(accumulator.copy(delete_updates=True)(9000)), int(state.get_value())
        (1, 1)
        """
        about = self._description
        request = copied(
            about.request, self.get_shared(), swap, name, delete_updates=delete_updates
        )
        if profile is not None:
            request = replace(request, profile=profiling.profile_for(profile))
        return about.remake(request)

    def __copy__(self) -> "Function":
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return (
            restored,
            (
                pickled(self._description.request, self._description.defaults),
                self._description.remake,
            ),
            {"trust_input": self.trust_input},
        )

    def memory_plan(self, *args: Any, **kwargs: Any) -> "MemoryPlan":
        """What memory a call takes, without making it.

        Parameters
        ----------
        args, kwargs
            The arguments of the call, or for each its shape: a tuple of sizes. Shared variables
            count with the shapes that they have.

        Returns
        -------
        The blocks of the pool that are drawn, each with its kind, shape and bytes, and the most
        bytes at a time. `print` shows it as a table.

        Raises
        ------
        TypeError
            Too many, too few or unknown arguments; or a function with sparse inputs or objects.
        ValueError
            An argument has another number of axes than its parameter.

        >>> import lltheano.tensor as T
        >>> from lltheano import function
        >>> x = T.dmatrix("x")
        >>> f = function([x], T.exp(x).sum(axis=1) - x.max(axis=1))
        >>> print(f.memory_plan((1000, 50)))
        copy       b0    f64[1000, 50]  400,000
        temporary  b1    f64[1000]        8,000
        temporary  b2    f64[1000]        8,000
        output     out0  f64[1000]        8,000
        at most 24,000 bytes at a time
        """
        return self._program.memory_plan(self._bind(args, kwargs))

    def free(self) -> None:
        """Give memory that the pool keeps for later calls, of any function, back to the system.

        A function keeps no memory of its own between calls.
        """
        pool.trim()

    def __repr__(self) -> str:
        about, request = self._description, self._description.request
        name = f" {request.name}" if request.name is not None else ""
        listed = ", ".join(str(one) for one in self._program.updated)
        updates = f" updating {listed}" if listed else ""
        location = f", made at {request.location}" if request.location is not None else ""
        return f"<Function{name}{about.signature}{updates}{location}>"
