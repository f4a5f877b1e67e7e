"""What the layers below `lltheano.function`, and parts of its own, need of it.

An expression can be evaluated while the graph is built: by `Variable.eval`, by test values, by the
comparison of gradients with differences.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lltheano.function.debugging.debug_mode import CheckedProgram, DebugMode
    from lltheano.function.debugging.nan_guard import NanGuardMode
    from lltheano.function.profiling.stats import ProfileStats
    from lltheano.graph.core import Apply, Variable
    from lltheano_ir.host import HostFunction

__all__ = ["Compilation", "Debugging", "Evaluation", "NanGuards", "Profiling", "TestValues"]


class Compilation(Protocol):
    """Compiling expressions."""

    def function(
        self,
        inputs: "Sequence[Variable]",
        outputs: Any = ...,
        mode: Any = ...,
        updates: Any = ...,
        *,
        on_unused_input: str | None = ...,
    ) -> Callable[..., Any]: ...


class Evaluation(Protocol):
    """The value of one expression."""

    def evaluate(self, variable: "Variable", inputs_to_values: Mapping[Any, Any] | None) -> Any: ...


class Profiling(Protocol):
    """Where the time of functions goes."""

    def profile_for(self, profile: object) -> "ProfileStats | None": ...


class TestValues(Protocol):
    """What variables are while the graph is built."""

    def get_test_value(self, v: Any) -> Any: ...

    def compute_test_values(self, node: "Apply", *, required: bool = ...) -> None: ...


class Debugging(Protocol):
    """Programs whose calls are checked."""

    @property
    def CheckedProgram(self) -> "type[CheckedProgram]": ...  # noqa: N802 - a class

    @property
    def DebugMode(self) -> "type[DebugMode]": ...  # noqa: N802 - a class

    def watched_calls(
        self, host: "Sequence[HostFunction]", roots: "Sequence[Variable]"
    ) -> "tuple[HostFunction, ...]": ...


class NanGuards(Protocol):
    """Programs that stop where a value is not a number."""

    @property
    def NanGuardMode(self) -> "type[NanGuardMode]": ...  # noqa: N802 - a class
